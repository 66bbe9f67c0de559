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
    return logging.getLogger(f"service.{policy_id}")


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
        """Find the logger and its new level; see :class:`Target`."""
        logger = self._logger_for(transition.policy_id)
        return _LevelChange(logger, logger.level, _level(transition.new))


@dataclass(frozen=True, slots=True)
class _LevelChange:
    logger: logging.Logger
    old: int
    new: int

    async def commit(self) -> None:
        # setLevel empties the caches of all loggers there are: only where it changes something.
        if self.logger.level != self.new:
            self.logger.setLevel(self.new)

    async def undo(self) -> None:
        self.logger.setLevel(self.old)


def _level(config: PolicyConfig | None) -> int:
    if config is None or not config.monitoring.enabled:
        return logging.NOTSET
    return LEVELS[config.monitoring.log_level]
