"""The monitor: the service's logger follows ``monitoring.log_level``."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from policyconsole.application.target import Transition
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

    def __init__(self, logger_for: Callable[[str], logging.Logger] = service_logger) -> None:
        self._logger_for = logger_for

    async def prepare(self, transition: Transition) -> "_LevelChange":
        """Work out the new level; see :class:`Target`."""
        return _LevelChange(self._logger_for, transition.policy_id, _level(transition.new))


@dataclass(slots=True)
class _LevelChange:
    logger_for: Callable[[str], logging.Logger]
    policy_id: str
    new: int
    logger: logging.Logger | None = None
    old: int = logging.NOTSET

    async def commit(self) -> None:
        name = _name(self.policy_id)
        asked_before = name in logging.root.manager.loggerDict
        logger = self.logger_for(self.policy_id)
        self.logger, self.old = logger, logger.level
        if logger.level == self.new:
            return
        if asked_before or logger.name != name:
            logger.setLevel(self.new)
        else:
            # setLevel empties the caches of all loggers there are: a second and more for 10,000
            # policies. One that was made just now has no cache and no loggers below it.
            logger.level = self.new

    async def undo(self) -> None:
        if self.logger is not None:
            self.logger.setLevel(self.old)


def _level(config: PolicyConfig | None) -> int:
    if config is None or not config.monitoring.enabled:
        return logging.NOTSET
    return LEVELS[config.monitoring.log_level]
