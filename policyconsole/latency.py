"""How long each stage takes: the last 10,000 timings of each, with exact percentiles."""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from policyconsole.events import STAGES, EventType, Latency

WINDOW = 10_000
"""How many timings of each stage are kept; percentiles are exact over these."""


@dataclass(frozen=True, slots=True)
class StageStatistics:
    """One stage in figures, all in milliseconds.

    ``count`` is how often the stage ran since the start; the others are over the
    last 10,000 runs and None before the first.
    """

    count: int = 0
    mean: float | None = None
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    max: float | None = None


def percentile(ordered: list[float], share: float) -> float:
    """Give the nearest-rank percentile of a sorted list that is not empty; ``share`` from 0 to 1."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


class StageTimings:
    """Timings of every stage; one thread records, any thread may read."""

    def __init__(self) -> None:
        self._timings: dict[str, deque[float]] = {stage: deque(maxlen=WINDOW) for stage in STAGES}
        self._counts = dict.fromkeys(STAGES, 0)
        self._computed: dict[str, StageStatistics] = {}
        self._lock = Lock()

    def record(self, latency: Latency) -> None:
        """Add the stages of ``latency`` that ran."""
        with self._lock:
            for stage in STAGES:
                milliseconds: float | None = getattr(latency, stage)
                if milliseconds is not None:
                    self._timings[stage].append(milliseconds)
                    self._counts[stage] += 1

    def statistics(self) -> dict[str, StageStatistics]:
        """Give the figures of every stage; those that did not change are not worked out again."""
        return {stage: self._stage(stage) for stage in STAGES}

    def recent(self, stage: str, count: int) -> list[float]:
        """Give the newest ``count`` timings of a stage in milliseconds, oldest first."""
        with self._lock:
            timings = self._timings[stage]
            return [timings[i] for i in range(max(0, len(timings) - count), len(timings))]

    def _stage(self, stage: str) -> StageStatistics:
        with self._lock:
            known = self._computed.get(stage)
            count = self._counts[stage]
            if known is not None and known.count == count:
                return known
            ordered = sorted(self._timings[stage])
        statistics = (
            StageStatistics()
            if not ordered
            else StageStatistics(
                count=count,
                mean=math.fsum(ordered) / len(ordered),
                p50=percentile(ordered, 0.50),
                p95=percentile(ordered, 0.95),
                p99=percentile(ordered, 0.99),
                max=ordered[-1],
            )
        )
        self._computed[stage] = statistics
        return statistics


@dataclass(frozen=True, slots=True)
class Statistics:
    """What an engine has done so far: events by type, and the figures of every stage."""

    events: Mapping[EventType, int]
    stages: Mapping[str, StageStatistics]
