import math
import random
import statistics

import pytest

from policyconsole.events import Latency
from policyconsole.latency import WINDOW, Histogram, StageTimings, percentile


def test_percentiles_are_exact_by_nearest_rank() -> None:
    ordered = [float(n) for n in range(1, 101)]
    assert [percentile(ordered, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([7.0], 0.5) == 7.0


def test_figures_are_over_the_last_ten_thousand() -> None:
    timings = StageTimings()
    chance = random.Random(15)
    values = [chance.uniform(0, 100) for _ in range(WINDOW + 500)]
    for value in values:
        timings.record(Latency(load=value))
    figures = timings.statistics()["load"]
    kept = sorted(values[-WINDOW:])
    assert figures.count == WINDOW + 500
    assert figures.mean == pytest.approx(statistics.fmean(kept))
    assert figures.max == kept[-1]
    assert figures.p50 == kept[WINDOW // 2 - 1]
    assert figures.p99 == kept[int(WINDOW * 0.99) - 1]


def test_a_stage_that_did_not_run_counts_nothing() -> None:
    timings = StageTimings()
    timings.record(Latency(load=1.0, total=2.0))
    figures = timings.statistics()
    assert (figures["load"].count, figures["total"].count) == (1, 1)
    assert figures["detect"].count == 0
    assert figures["detect"].p50 is None


def test_the_newest_come_last() -> None:
    timings = StageTimings()
    for value in (1.0, 2.0, 3.0):
        timings.record(Latency(total=value))
    assert timings.recent("total", 2) == [2.0, 3.0]
    assert timings.recent("total", 9) == [1.0, 2.0, 3.0]
    assert timings.recent("apply", 2) == []


def test_new_timings_change_the_figures() -> None:
    timings = StageTimings()
    timings.record(Latency(load=1.0))
    assert timings.statistics()["load"].max == 1.0
    timings.record(Latency(load=5.0))
    assert timings.statistics()["load"].max == 5.0


def test_a_histogram_counts_up_to_and_with_each_bound() -> None:
    histogram = Histogram((0.001, 0.01))
    for seconds in (0.0005, 0.001, 0.0011, 0.01, 0.02, 99.0):
        histogram.observe(seconds)
    counts, total = histogram.read()
    assert counts == [2, 2, 2]
    assert total == sum((0.0005, 0.001, 0.0011, 0.01, 0.02, 99.0))
    histogram.observe(0.5)
    assert counts == [2, 2, 2], "what was read stays as it was"


@pytest.mark.parametrize("between", [1, 7, 999, 1_000, 1_001, 4_000])
def test_the_figures_are_exact_however_many_came_since_the_last_look(between: int) -> None:
    """Also where the oldest are let go, and the same value comes and goes."""
    chance = random.Random(between)
    timings, every = StageTimings(), []
    for number in range(WINDOW + 3_000 if between > 1 else 2_000):
        value = round(chance.lognormvariate(0, 1), 1)
        every.append(value)
        timings.record(Latency(total=value))
        if number % between == 0:
            timings.statistics()
    kept = sorted(every[-WINDOW:])
    figures = timings.statistics()["total"]
    assert figures.count == len(every)
    assert (figures.p50, figures.p95, figures.p99, figures.max) == (
        percentile(kept, 0.5),
        percentile(kept, 0.95),
        percentile(kept, 0.99),
        kept[-1],
    )
    assert figures.mean == pytest.approx(math.fsum(kept) / len(kept))
