"""EngineCollector: an engine in figures, for a registry of prometheus-client."""

from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Protocol

from prometheus_client import Metric
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.registry import Collector

from policyconsole.application.monitoring.exposition import add_histogram, answer, label
from policyconsole.application.policy_set import PolicySet
from policyconsole.application.tally import RequestCounts
from policyconsole.events import STAGES, Subscription
from policyconsole.metrics.tally import OUTCOMES, EventTally
from policyconsole.snapshot import Verdict, WatchState


class Counted(Protocol):
    """What of an engine is counted: that on a loop and that on a thread both have it."""

    @property
    def policies(self) -> PolicySet:
        """The policies in force."""

    @property
    def requests(self) -> dict[str, RequestCounts]:
        """What the guards have answered."""

    def files_with(self, verdict: Verdict) -> int:
        """Give how many files have a verdict."""

    def attach(self, subscription: Subscription) -> None:
        """Hand a subscription every event from now on."""

    def detach(self, subscription: Subscription) -> None:
        """Hand it no more."""


class EngineCollector(Collector):
    """Counts what an engine tells from now on, and gives it, with the state of now, when asked.

    Make it before the engine starts, and register it. To collect never makes the engine
    wait: it takes no lock of the engine's, and the engine counts without one.
    """

    def __init__(self, engine: Counted, queues: Mapping[str, Subscription] | None = None) -> None:
        """``queues`` are the subscriptions whose depth is shown, by name."""
        self._engine = engine
        self._queues = dict(queues or {})
        self._tally = EventTally()
        self._events = Subscription(self._count, on_close=engine.detach)
        engine.attach(self._events)

    def close(self) -> None:
        """Count no more."""
        self._events.close()

    def describe(self) -> Iterable[Metric]:
        """Give the families, by which a registry tells that two collectors are alike."""
        return self.collect()

    def collect(self) -> Iterable[Metric]:
        """Give the figures of now."""
        yield from self._reloads()
        yield self._stages()
        yield from self._state()
        yield from self._depths()
        yield self._answers()
        yield _build()

    def _count(self) -> None:
        for event in self._events.drain():
            self._tally.count(event)

    def _reloads(self) -> Iterable[Metric]:
        reloads = CounterMetricFamily(
            "policy_console_reloads",
            "Changes of policy files since the start, the first load too, by what became of them.",
            labels=["outcome"],
        )
        for outcome in OUTCOMES:
            reloads.add_metric([outcome.value], self._tally.reloads[outcome])
        yield reloads
        yield GaugeMetricFamily(
            "policy_console_last_reload_successful",
            "Whether the last change of a policy file was put in force (1) or refused (0).",
            value=self._tally.last_successful,
        )
        yield GaugeMetricFamily(
            "policy_console_last_reload_success_timestamp_seconds",
            "When a change of a policy file was last put in force, in seconds since the epoch.",
            value=self._tally.last_success,
        )

    def _stages(self) -> Metric:
        stages = HistogramMetricFamily(
            "policy_console_stage_duration_seconds",
            "How long each stage took, from the save (detect) to in force (total).",
            labels=["stage"],
        )
        for stage in STAGES:
            add_histogram(stages, [stage], self._tally.stages[stage])
        return stages

    def _state(self) -> Iterable[Metric]:
        yield GaugeMetricFamily(
            "policy_console_policies_in_force",
            "How many policies are in force.",
            value=len(self._engine.policies),
        )
        yield GaugeMetricFamily(
            "policy_console_files_refused",
            "How many files are refused, or not taken by a target, as they are now.",
            value=sum(map(self._engine.files_with, (Verdict.REFUSED, Verdict.FAILED))),
        )
        watch = GaugeMetricFamily(
            "policy_console_watch_state",
            "How the watch stands: 1 for the state that it is in, 0 for the others.",
            labels=["state"],
        )
        now = self._tally.watch
        for state in WatchState:
            watch.add_metric([state.value], state is now)
        yield watch

    def _depths(self) -> Iterable[Metric]:
        waiting = GaugeMetricFamily(
            "policy_console_queue_events",
            "How many events wait for a reader.",
            labels=["queue"],
        )
        missed = CounterMetricFamily(
            "policy_console_queue_missed_events",
            "How many events a reader has missed because it was too slow.",
            labels=["queue"],
        )
        for name, subscription in self._queues.items():
            waiting.add_metric([name], subscription.waiting)
            missed.add_metric([name], subscription.missed)
        return waiting, missed

    def _answers(self) -> Metric:
        answers = CounterMetricFamily(
            "policy_console_guard_answers",
            "What guards have answered, by policy; only those that were asked.",
            labels=["policy", "answer"],
        )
        for policy_id, counts in self._engine.requests.items():
            policy = label(policy_id)
            answers.add_metric([policy, answer(None)], counts.allowed)
            for code, count in counts.refused.items():
                answers.add_metric([policy, answer(code)], count)
        return answers


def _build() -> Metric:
    try:
        ours = version("policy-console")
    except PackageNotFoundError:
        ours = "unknown"
    return InfoMetricFamily(
        "policy_console_build",
        "The versions that run.",
        value={"version": ours, "python_version": python_version()},
    )
