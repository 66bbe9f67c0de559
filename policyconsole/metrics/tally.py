"""EventTally: what an engine has told so far, in numbers."""

from collections import Counter

from policyconsole.events import STAGES, EventType, PolicyEvent
from policyconsole.latency import Histogram, counted
from policyconsole.snapshot import WatchState

# fmt: off
STAGE_BOUNDS = (
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
    1.0, 2.5, 5.0, 10.0,
)
# fmt: on
"""Seconds: from a stage of a small file, 50 µs, to the longest that a save is waited for."""

_SUCCESSFUL = (EventType.APPLIED, EventType.ROLLED_BACK, EventType.REMOVED)

OUTCOMES = (*_SUCCESSFUL, EventType.REJECTED, EventType.APPLY_FAILED)
"""What may become of a change of a policy file."""

_STATES = {
    EventType.STARTED: WatchState.WATCHING,
    EventType.DEGRADED: WatchState.DEGRADED,
    EventType.RECOVERED: WatchState.WATCHING,
    EventType.STOPPED: WatchState.STOPPED,
}


class EventTally:
    """Counts events; one thread counts, any may read meanwhile, and nobody waits.

    ``reloads`` are the changes of files by outcome, ``last_successful`` whether the last of
    them was put in force, ``last_success`` when one last was, in seconds since the epoch
    (0 before the first), ``stages`` how long each stage took, ``watch`` how the watch stands.
    """

    def __init__(self) -> None:
        self.reloads: Counter[EventType] = Counter()
        self.last_successful = False
        self.last_success = 0.0
        self.stages = {stage: Histogram(STAGE_BOUNDS) for stage in STAGES}
        self.watch = WatchState.STARTING
        self._started = False

    def count(self, event: PolicyEvent) -> None:
        """Count an event."""
        self.watch = _STATES.get(event.type, self.watch)
        if event.type is EventType.STARTED:
            self._started = True
        if event.type not in OUTCOMES:
            return
        self.reloads[event.type] += 1
        self.last_successful = event.type in _SUCCESSFUL
        if self.last_successful:
            self.last_success = event.time.timestamp()
        latency = counted(event, started=self._started)
        for stage, histogram in self.stages.items():
            milliseconds: float | None = getattr(latency, stage)
            if milliseconds is not None:
                histogram.observe(milliseconds / 1000)
