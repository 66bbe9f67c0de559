"""The monitor: a service's log level, metrics, alerts and reports follow ``monitoring``."""

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policyconsole.application.monitoring.meter import RequestMeter
from policyconsole.application.monitoring.reporter import Reporter
from policyconsole.application.monitoring.wording import alert_line, report_line
from policyconsole.application.request import Decision, Request
from policyconsole.application.target import Prepared, Transition
from policyconsole.events import EventType, PolicyEvent
from policyconsole.policy import Monitoring, PolicyConfig

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

LEVELS: Mapping[str, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}
"""The levels that a policy names, as Python's logging knows them."""


_SERVICES = "service"


def service_logger(policy_id: str) -> logging.Logger:
    """Give the logger that a policy governs unless the service says otherwise: ``service.ID``."""
    return logging.getLogger(_name(policy_id))


def _name(policy_id: str) -> str:
    return f"{_SERVICES}.{policy_id}"


class Monitor:
    """Monitors a service as the policy that governs it says.

    ``logger_for`` gives the service's logger for a policy's id. It has the policy's
    ``log_level``; a policy that turns monitoring off, or is retired, leaves it to its
    parent's level.

    Where ``metrics.enabled``, what guards answer is counted, and the share ``sampling_rate``
    of it timed; with a ``registry`` of prometheus-client, it is there to be scraped. Every
    ``interval_seconds`` in which a guard was asked the service's logger has a report at
    INFO; ``metrics.buffer_size`` durations are kept for it.

    Where ``alerts_enabled``, ``alert`` is called with each event that says that a file is
    refused or a target has failed, with each ``degraded``, and with a ``stopped`` that nobody
    asked for; so are those of files whose policy is not in force, for no policy turns them off. Without ``alert`` they are logged
    as warnings and errors where logging is set up. Alerts and reports are given on a
    thread of the monitor's own.
    """

    name = "monitor"
    sections = frozenset({"monitoring"})
    immediate = True

    def __init__(
        self,
        logger_for: Callable[[str], logging.Logger] = service_logger,
        *,
        registry: "CollectorRegistry | None" = None,
        alert: Callable[[PolicyEvent], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``clock`` gives seconds, for the time of the reports.

        Raises ImportError where there is a ``registry`` without prometheus-client, and
        ValueError where another monitor has it.
        """
        self._logger_for = logger_for
        self._alert = alert
        self._clock = clock
        self._followed: dict[str, Monitoring] = {}
        self._meters: dict[str, RequestMeter] = {}
        self._reporter = Reporter(self._give_alert, self._give_report, clock)
        if registry is not None:
            from policyconsole.application.monitoring.exposition import (  # noqa: PLC0415 - 50 ms
                ServiceCollector,
            )

            registry.register(ServiceCollector(self._measured))

    async def prepare(self, transition: Transition) -> Prepared:
        """Ask for the logger and work out its new level; see :class:`Target`."""
        name, loggers = _name(transition.policy_id), logging.root.manager.loggerDict
        known = name in loggers
        logger = self._logger_for(transition.policy_id)
        made_as = None if known or logger.name != name else len(loggers)
        level = _LevelChange(logger, _level(transition.new), made_as)
        return _Change(level, self, transition)

    def observe(
        self,
        policy_id: str,
        revision: int,
        request: Request,  # noqa: ARG002 - the protocol's
        decision: Decision,
        seconds: float,
    ) -> None:
        """Count an answer; see :class:`~policyconsole.application.request.Observing`."""
        followed = self._followed.get(policy_id)
        if followed is None or not revision or not _measures(followed):
            return
        metrics = followed.metrics
        meter = self._meters.get(policy_id)
        if meter is None:  # whoever comes first, if several threads do
            meter = self._meters.setdefault(policy_id, RequestMeter(metrics.buffer_size))
        sampled = seconds if random.random() < metrics.sampling_rate else None  # noqa: S311
        due = self._clock() + followed.interval_seconds
        if meter.observe(decision.code, sampled, due):
            self._reporter.remind(policy_id, due)

    def alert(self, event: PolicyEvent) -> None:
        """Have an alert given, if it is wanted; see :class:`~policyconsole.application.alerting.Alerting`."""
        over = event.type is EventType.STOPPED
        asked_for = over and event.message is None
        if (not asked_for and self._is_wanted(event)) and (
            self._alert is not None or self._logger(event.policy_id).hasHandlers()
        ):
            self._reporter.alert(event)
        if over:
            self._reporter.end()

    def follow(self, policy_id: str, settings: Monitoring | None) -> "_Followed":
        """Go by other settings, None for a policy that is retired; gives what was before."""
        before = _Followed(self._followed.get(policy_id), self._meters.get(policy_id))
        if settings is None:
            self._followed.pop(policy_id, None)
            self._meters.pop(policy_id, None)
            return before
        self._followed[policy_id] = settings
        if before.meter is not None and before.settings is not None:
            before.meter.keep(settings.metrics.buffer_size)
            if settings.interval_seconds != before.settings.interval_seconds:
                due = self._clock() + settings.interval_seconds
                if before.meter.put_off(due):
                    self._reporter.remind(policy_id, due)
        return before

    def follow_again(self, policy_id: str, before: "_Followed") -> None:
        """Put back what :meth:`follow` gave."""
        if before.meter is not None:
            self._meters[policy_id] = before.meter
        self.follow(policy_id, before.settings)

    def _is_wanted(self, event: PolicyEvent) -> bool:
        """Whether any policy that the event concerns has its alerts on, or none says anything."""
        if event.policy_id is None:
            told = self._followed.values()
            return not told or any(map(_alerts, told))
        followed = self._followed.get(event.policy_id)
        return followed is None or _alerts(followed)

    def _logger(self, policy_id: str | None) -> logging.Logger:
        """Give a service's logger; the one above all services' where no policy in force is meant."""
        if policy_id is None or policy_id not in self._followed:
            return logging.getLogger(_SERVICES)
        return self._logger_for(policy_id)

    def _measured(self) -> dict[str, RequestMeter]:
        """Give what is to be scraped."""
        return {
            policy_id: meter
            for policy_id, meter in sorted(self._meters.copy().items())
            if (followed := self._followed.get(policy_id)) is not None and _measures(followed)
        }

    def _give_alert(self, event: PolicyEvent) -> None:
        if self._alert is not None:
            self._alert(event)
            return
        level = logging.WARNING if event.type is EventType.REJECTED else logging.ERROR
        self._logger(event.policy_id).log(level, "%s", alert_line(event))

    def _give_report(self, policy_id: str, due: float) -> None:
        followed, meter = self._followed.get(policy_id), self._meters.get(policy_id)
        if followed is None or meter is None or (report := meter.report(due)) is None:
            return
        if _measures(followed):
            self._logger(policy_id).info("%s", report_line(policy_id, report))


@dataclass(frozen=True, slots=True)
class _Followed:
    """What the monitor goes by for one policy, and what it has measured."""

    settings: Monitoring | None
    meter: RequestMeter | None


@dataclass(slots=True)
class _Change:
    """The monitor on its way to what a policy says now."""

    level: "_LevelChange"
    monitor: Monitor
    transition: Transition
    before: _Followed | None = None

    async def commit(self) -> None:
        await self.level.commit()
        new = self.transition.new
        self.before = self.monitor.follow(
            self.transition.policy_id, None if new is None else new.monitoring
        )

    async def undo(self) -> None:
        if self.before is not None:
            self.monitor.follow_again(self.transition.policy_id, self.before)
        await self.level.undo()


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


def _measures(settings: Monitoring) -> bool:
    return settings.enabled and settings.metrics.enabled


def _alerts(settings: Monitoring) -> bool:
    return settings.enabled and settings.alerts_enabled
