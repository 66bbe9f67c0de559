"""How long each stage takes: the last 10,000 timings of each, with exact percentiles, and histograms."""

import math
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from threading import Lock

from policyconsole.events import STAGES, EventType, Latency, PolicyEvent

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


_REORDERED = 1_000
"""From so many new timings on, all are sorted anew."""


def percentile(ordered: list[float], share: float) -> float:
    """Give the nearest-rank percentile of a sorted list that is not empty; ``share`` from 0 to 1."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


class StageTimings:
    """Timings of every stage; one thread records, any thread may read."""

    def __init__(self) -> None:
        self._timings: dict[str, deque[float]] = {stage: deque(maxlen=WINDOW) for stage in STAGES}
        self._counts = dict.fromkeys(STAGES, 0)
        self._computed: dict[str, StageStatistics] = {}
        self._ordered: dict[str, list[float]] = {stage: [] for stage in STAGES}
        self._came: dict[str, list[float]] = {stage: [] for stage in STAGES}
        self._went: dict[str, list[float]] = {stage: [] for stage in STAGES}
        self._lock = Lock()

    def record(self, latency: Latency) -> None:
        """Add the stages of ``latency`` that ran."""
        with self._lock:
            for stage in STAGES:
                milliseconds: float | None = getattr(latency, stage)
                if milliseconds is not None:
                    timings = self._timings[stage]
                    if len(self._came[stage]) < _REORDERED:
                        if len(timings) == WINDOW:
                            self._went[stage].append(timings[0])
                        self._came[stage].append(milliseconds)
                    timings.append(milliseconds)
                    self._counts[stage] += 1

    def statistics(self) -> dict[str, StageStatistics]:
        """Give the figures of every stage; those that did not change are not worked out again."""
        return {stage: self._stage(stage) for stage in STAGES}

    def recent(self, stage: str, count: int) -> list[float]:
        """Give the newest ``count`` timings of a stage in milliseconds, oldest first."""
        with self._lock:
            timings = self._timings[stage]
            return [timings[i] for i in range(max(0, len(timings) - count), len(timings))]

    def histogram(self, stage: str, bounds: Sequence[float]) -> list[int]:
        """Count the timings of a stage up to each bound (in milliseconds), the rest at the end."""
        with self._lock:
            ordered = self._in_order(stage)
            upto = [bisect_right(ordered, bound) for bound in bounds]
        return [end - start for start, end in pairwise([0, *upto, len(ordered)])]

    def _stage(self, stage: str) -> StageStatistics:
        with self._lock:
            known, count = self._computed.get(stage), self._counts[stage]
            if known is None or known.count != count:
                known = self._computed[stage] = _figures(count, self._in_order(stage))
        return known

    def _in_order(self, stage: str) -> list[float]:
        """Give the timings by their length: the order of last time, with what has changed since.

        With 10,000 of five stages, sorting all of them anew took a face 6 ms of each picture.
        """
        ordered, came, went = self._ordered[stage], self._came[stage], self._went[stage]
        if len(came) < _REORDERED:
            for milliseconds in went:
                del ordered[bisect_left(ordered, milliseconds)]
            ordered += came
            ordered.sort()
        else:
            ordered[:] = sorted(self._timings[stage])
        came.clear()
        went.clear()
        return ordered


def _figures(count: int, ordered: list[float]) -> StageStatistics:
    if not ordered:
        return StageStatistics()
    return StageStatistics(
        count=count,
        mean=sum(ordered) / len(ordered),
        p50=percentile(ordered, 0.50),
        p95=percentile(ordered, 0.95),
        p99=percentile(ordered, 0.99),
        max=ordered[-1],
    )


def counted(event: PolicyEvent, *, started: bool) -> Latency:
    """Give those timings of an event that say something of the engine which told it.

    A file that lay there before the engine had ``started`` was not detected; a save whose
    time is unknown has no total, and one that was refused did not come into force.
    """
    latency = event.latency
    if not started:
        return replace(latency, detect=None, total=None)
    in_force = event.type in {EventType.APPLIED, EventType.ROLLED_BACK}
    if not in_force or latency.detect is None:
        return replace(latency, total=None)
    return latency


class Histogram:
    """Durations by size: how many are at most as long as each bound, and their sum.

    ``bounds`` are in seconds, the smallest first. One thread at a time may :meth:`observe`;
    any may :meth:`read` meanwhile, and nobody waits.
    """

    __slots__ = ("_counts", "_sum", "bounds")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self._counts = [0] * (len(self.bounds) + 1)
        self._sum = 0.0

    def observe(self, seconds: float) -> None:
        """Count a duration."""
        self._sum += seconds
        self._counts[bisect_left(self.bounds, seconds)] += 1

    def read(self) -> tuple[list[int], float]:
        """Give how many fell between each two bounds, those over the last at the end, and the sum.

        The sum may be ahead of the numbers by the one duration that is being counted.
        """
        return self._counts.copy(), self._sum


@dataclass(frozen=True, slots=True)
class Statistics:
    """What an engine has done so far: events by type, and the figures of every stage."""

    events: Mapping[EventType, int]
    stages: Mapping[str, StageStatistics]
