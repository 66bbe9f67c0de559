"""How the times are spread."""

from policyconsole.dashboard import BOUNDS, HistogramBin, histogram_bins
from policyconsole.events import Latency
from policyconsole.latency import StageTimings


def counts(*totals: float) -> list[int]:
    timings = StageTimings()
    for total in totals:
        timings.record(Latency(total=total))
    return timings.histogram("total", BOUNDS)


def test_a_duration_falls_into_the_bin_that_ends_at_it() -> None:
    found = counts(2.0, 2.001, 5.0, 0.001, 99_999.0)
    assert len(found) == len(BOUNDS) + 1
    assert found[BOUNDS.index(2)] == 1
    assert found[BOUNDS.index(5)] == 2
    assert (found[0], found[-1], sum(found)) == (1, 1, 5)


def test_it_is_of_the_newest_timings_only() -> None:
    timings = StageTimings()
    for _ in range(10_000):
        timings.record(Latency(total=1.0))
    for _ in range(3):
        timings.record(Latency(total=40.0))
    found = timings.histogram("total", BOUNDS)
    assert (found[BOUNDS.index(1)], found[BOUNDS.index(50)]) == (9_997, 3)


def test_bins_go_from_the_first_that_is_filled_to_the_target() -> None:
    bins = histogram_bins(counts(3.0, 3.0, 12.0), 100.0, 99)
    assert bins == (
        HistogramBin(2, 5, 2), HistogramBin(5, 10, 0), HistogramBin(10, 20, 1),
        HistogramBin(20, 50, 0), HistogramBin(50, 100, 0),
    )  # fmt: skip
    assert [one.high for one in histogram_bins(counts(3.0, 300.0), 100.0, 99)][-1] == 500


def test_where_there_are_too_many_the_shortest_share_one() -> None:
    bins = histogram_bins(counts(0.3, 3.0, 3.0, 30.0), None, 2)
    assert bins == (HistogramBin(None, 20, 3), HistogramBin(20, 50, 1))
    assert histogram_bins(counts(0.3, 30.0), 100.0, 1) == (HistogramBin(None, 100, 2),)


def test_nothing_measured_has_no_bins() -> None:
    assert histogram_bins(counts(), 100.0, 9) == ()


def test_every_bin_says_what_it_holds() -> None:
    words = [one.words for one in histogram_bins(counts(0.001, 0.015, 3.0, 20_000.0), None, 99)]
    assert words[0] == "up to 0.01"
    assert words[1] == "0.01 - 0.02"
    assert "2 - 5" in words
    assert words[-1] == "over 10,000"
