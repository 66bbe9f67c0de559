"""Histogram: how many saves took how long, on a logarithmic scale that has the targets on it."""

from collections.abc import Sequence
from dataclasses import dataclass

BOUNDS: tuple[float, ...] = (
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000,
)  # fmt: skip
"""Milliseconds at which one bin ends and the next begins: a third of a decade each."""


@dataclass(frozen=True, slots=True)
class HistogramBin:
    """How many durations are above ``low`` and at most ``high`` milliseconds.

    ``low`` is None for the first bin, ``high`` for the last: they have no other end.
    """

    low: float | None
    high: float | None
    count: int

    @property
    def words(self) -> str:
        """Say which durations these are: ``2 - 5``, ``up to 0.1``, ``over 10,000``."""
        if self.high is None:
            return f"over {_number(self.low or 0)}"
        if self.low is None:
            return f"up to {_number(self.high)}"
        return f"{_number(self.low)} - {_number(self.high)}"


def histogram_bins(
    counts: Sequence[int], target: float | None, most: int
) -> tuple[HistogramBin, ...]:
    """Give the bins from the first that holds something to the last, at most ``most`` of them.

    ``counts`` are those between the :data:`BOUNDS`, one more than there are. The bin below
    ``target`` is always there, so that its line can be drawn; where there are too many, the
    shortest durations share one. None where nothing was measured.
    """
    filled = [place for place, count in enumerate(counts) if count]
    if not filled:
        return ()
    first, last = filled[0], filled[-1]
    if target in BOUNDS:
        first, last = min(first, BOUNDS.index(target)), max(last, BOUNDS.index(target))
    ends = (None, *BOUNDS, None)
    bins = [HistogramBin(ends[at], ends[at + 1], counts[at]) for at in range(first, last + 1)]
    surplus = len(bins) - max(1, most)
    if surplus > 0:
        merged = sum(one.count for one in bins[: surplus + 1])
        bins[: surplus + 1] = [HistogramBin(None, bins[surplus].high, merged)]
    return tuple(bins)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"
