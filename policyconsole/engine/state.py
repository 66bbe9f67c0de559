"""EngineState: what an engine shows of itself, to any thread, and the numbers of its events."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from threading import Lock

from policyconsole.application.alerting import ALARMING, Alerting, alert_all
from policyconsole.application.policy_set import PolicySet
from policyconsole.enforcement import Outcome
from policyconsole.events import EventBus, EventType, PolicyEvent
from policyconsole.latency import StageTimings, Statistics, counted
from policyconsole.snapshot import EngineSnapshot, FileStatus, Loading, Verdict, WatchState
from policyconsole.validation.ruleset import Ruleset


class EngineState:
    """The state under the number of its newest event; one thread changes it, any may read.

    A change is shown before it is told: who hears of it and looks finds it.
    """

    def __init__(self, folder: str, rules: Ruleset, alerting: Iterable[Alerting]) -> None:
        """``alerting`` are told of what is alarming."""
        self.bus = EventBus()
        self.timings = StageTimings()
        self.policies = PolicySet()
        self.statuses: dict[str, FileStatus] = {}
        self.watch = WatchState.STARTING
        self.trouble: str | None = None
        self.loading: Loading | None = None
        self.started = False
        self.rules = rules
        self._folder = folder
        self._alerting = tuple(alerting)
        self._counts: Counter[EventType] = Counter()
        self._verdicts: Counter[Verdict] = Counter()
        self._lock = Lock()

    @property
    def statistics(self) -> Statistics:
        """Events by type, and the figures of every stage."""
        counts = {kind: self._counts[kind] for kind in EventType}
        return Statistics(counts, self.timings.statistics())

    def files_with(self, verdict: Verdict) -> int:
        """Give how many files have a verdict; waits for nothing."""
        return self._verdicts[verdict]

    def snapshot(self) -> EngineSnapshot:
        """Give the whole state with the number of the event that it belongs to."""
        with self._lock:
            return EngineSnapshot(
                seq=self.bus.seq,
                policies=self.policies,
                files=dict(self.statuses),
                watch=self.watch,
                message=self.trouble,
                level=self.rules.level.value,
                environment=self.rules.environment,
                folder=self._folder,
            )

    def configure(self, rules: Ruleset, event: PolicyEvent) -> None:
        """Go by other rules, and tell it."""
        with self._lock:
            self.rules = rules
            told = self._numbered(event)
        self._deliver([told])

    def take(self, outcome: Outcome, events: Sequence[PolicyEvent]) -> None:
        """Show what a settling came to, and tell it."""
        with self._lock:
            self.policies = outcome.policies
            for path, status in outcome.statuses.items():
                if (former := self.statuses.get(path)) is not None:
                    self._verdicts[former.verdict] -= 1
                if status is None:
                    self.statuses.pop(path, None)
                else:
                    self.statuses[path] = status
                    self._verdicts[status.verdict] += 1
            numbered = [self.bus.number(event) for event in events]
        self._deliver(numbered)

    def stand(self, watch: WatchState, event: PolicyEvent) -> None:
        """Show how the watch stands, and tell it; the event's message is its trouble, if there is one."""
        with self._lock:
            self.watch = watch
            self.trouble = event.message if watch is not WatchState.WATCHING else None
            told = self._numbered(event)
        self._deliver([told])

    def _numbered(self, event: PolicyEvent) -> PolicyEvent:
        """Number an event of the engine's own; call it with the state that it tells of locked."""
        return self.bus.number(replace(event, generation=self.policies.generation))

    def _deliver(self, numbered: Iterable[PolicyEvent]) -> None:
        for event in numbered:
            self._counts[event.type] += 1
            self.timings.record(counted(event, started=self.started))
            self.bus.deliver(event)
            if event.type in ALARMING:
                alert_all(self._alerting, event)
