"""The monitor: the service's logger follows ``monitoring.log_level``."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from policyconsole.application.target import Prepared, Transition
from policyconsole.policy import PolicyConfig

LEVELS: Mapping[str, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}
"""The levels that a policy names, as Python's logging knows them."""


def service_logger(policy_id: str) -> logging.Logger:
    """Give the logger that a policy governs unless the service says otherwise: ``service.ID``."""
    return logging.getLogger(_name(policy_id))


def _name(policy_id: str) -> str:
    return f"service.{policy_id}"


class Monitor:
    """Sets the level of a service's logger from the policy that governs it.

    ``logger_for`` gives the logger for a policy's id. A policy that turns monitoring
    off, or is retired, leaves its logger to its parent's level.
    """

    name = "monitor"
    sections = frozenset({"monitoring"})
    immediate = True

    def __init__(self, logger_for: Callable[[str], logging.Logger] = service_logger) -> None:
        self._logger_for = logger_for

    async def prepare(self, transition: Transition) -> Prepared:
        """Ask for the logger and work out its new level; see :class:`Target`."""
        name, loggers = _name(transition.policy_id), logging.root.manager.loggerDict
        known = name in loggers
        logger = self._logger_for(transition.policy_id)
        made_as = None if known or logger.name != name else len(loggers)
        return _LevelChange(logger, _level(transition.new), made_as)


@dataclass(slots=True)
class _LevelChange:
    """A logger on its way to another level.

    ``made_as`` is how many loggers there were once this one was made for the purpose,
    None where it was there before.
    """

    logger: logging.Logger
    new: int
    made_as: int | None
    old: int | None = None

    async def commit(self) -> None:
        self.old = self.logger.level
        if self.old == self.new:
            return
        if self.made_as is not None:
            self.logger.level = self.new
            if not self._is_remembered():
                return
        self.logger.setLevel(self.new)

    async def undo(self) -> None:
        if self.old is not None:
            self.logger.setLevel(self.old)

    def _is_remembered(self) -> bool:
        """Whether a logger may have worked something out from the level before.

        setLevel makes all loggers there are forget: a second and more for 10,000 policies. One
        that was made a moment ago has mostly nothing to forget, and no loggers below it.
        """
        used = vars(self.logger).get("_cache", True)  # what setLevel empties; nothing else tells
        return bool(used) or len(logging.root.manager.loggerDict) != self.made_as


def _level(config: PolicyConfig | None) -> int:
    if config is None or not config.monitoring.enabled:
        return logging.NOTSET
    return LEVELS[config.monitoring.log_level]
