"""What an engine tells, in numbers."""

from datetime import UTC, datetime

import pytest

from policyconsole.events import EventType, Latency, PolicyEvent
from policyconsole.metrics.tally import OUTCOMES, STAGE_BOUNDS, EventTally
from policyconsole.snapshot import WatchState

WHOLE = Latency(detect=0.3, load=0.2, validate=0.1, apply=0.04, total=0.7)


def durations(tally: EventTally, stage: str) -> dict[float, int]:
    """How many durations fell below each bound and over the one before, without the zeros."""
    counts, _ = tally.stages[stage].read()
    bounds = (*STAGE_BOUNDS, float("inf"))
    return {bound: count for bound, count in zip(bounds, counts, strict=True) if count}


def test_changes_are_counted_by_what_became_of_them() -> None:
    tally = EventTally()
    for outcome in OUTCOMES:
        tally.count(PolicyEvent(outcome))
    tally.count(PolicyEvent(EventType.REJECTED))
    tally.count(PolicyEvent(EventType.CONFIGURED))
    tally.count(PolicyEvent(EventType.LAGGED))
    assert tally.reloads == dict.fromkeys(OUTCOMES, 1) | {EventType.REJECTED: 2}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_last_change_says_whether_it_was_put_in_force_and_when(outcome: EventType) -> None:
    tally = EventTally()
    assert (tally.last_successful, tally.last_success) == (False, 0.0)
    first, then = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    tally.count(PolicyEvent(EventType.APPLIED, time=first))
    tally.count(PolicyEvent(outcome, time=then))
    tally.count(PolicyEvent(EventType.DEGRADED, time=datetime(2026, 1, 3, tzinfo=UTC)))
    refused = outcome in {EventType.REJECTED, EventType.APPLY_FAILED}
    assert tally.last_successful is not refused
    assert tally.last_success == (first if refused else then).timestamp()


def test_stages_are_in_seconds_and_tell_nothing_of_files_that_lay_there() -> None:
    tally = EventTally()
    tally.count(PolicyEvent(EventType.APPLIED, latency=WHOLE))
    assert (durations(tally, "detect"), durations(tally, "total")) == ({}, {})
    assert durations(tally, "load") == {0.00025: 1}
    tally.count(PolicyEvent(EventType.STARTED))
    tally.count(PolicyEvent(EventType.APPLIED, latency=WHOLE))
    tally.count(PolicyEvent(EventType.REJECTED, latency=WHOLE))
    assert durations(tally, "detect") == {0.0005: 2}
    assert durations(tally, "load") == {0.00025: 3}
    assert durations(tally, "apply") == {0.00005: 3}
    assert durations(tally, "total") == {0.001: 1}, "what was refused did not come into force"
    assert tally.stages["total"].read()[1] == pytest.approx(0.0007)
    tally.count(PolicyEvent(EventType.ROLLED_BACK, latency=WHOLE))
    assert durations(tally, "total") == {0.001: 2}


def test_the_watch_stands_as_the_last_event_about_it_says() -> None:
    tally = EventTally()
    assert tally.watch is WatchState.STARTING
    for told, state in (
        (EventType.STARTED, WatchState.WATCHING),
        (EventType.DEGRADED, WatchState.DEGRADED),
        (EventType.REJECTED, WatchState.DEGRADED),
        (EventType.RECOVERED, WatchState.WATCHING),
        (EventType.STOPPED, WatchState.STOPPED),
    ):
        tally.count(PolicyEvent(told))
        assert tally.watch is state
