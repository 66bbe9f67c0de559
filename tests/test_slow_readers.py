"""Readers that are slow, gone, cancelled or never there: nobody waits, nothing is lost unsaid."""

import asyncio
import threading
import tracemalloc
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from policyconsole.dashboard import Dashboard, PolicyRow
from policyconsole.events import (
    QUEUE_LENGTH,
    AsyncSubscription,
    BlockingSubscription,
    EventBus,
    EventType,
    PolicyEvent,
    Subscription,
)
from tests.policies import NOT_WELL_FORMED, toml
from tests.story import watching
from tests.waiting import eventually

MANY = 50_000


def publish(bus: EventBus, count: int) -> None:
    for _ in range(count):
        bus.deliver(bus.number(PolicyEvent(EventType.APPLIED, path="a.toml")))


def test_who_never_reads_holds_a_bounded_queue_and_is_told_once_what_was_missed() -> None:
    bus, asleep = EventBus(), Subscription()
    bus.attach(asleep)
    publish(bus, QUEUE_LENGTH)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    publish(bus, MANY - QUEUE_LENGTH)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert asleep.waiting == QUEUE_LENGTH
    # The queue is full of traced events in place of untraced ones: some 500 bytes each.
    assert after - before < QUEUE_LENGTH * 1500
    lagged, *rest = asleep.drain()
    missed = MANY - QUEUE_LENGTH
    assert (lagged.type, lagged.message, lagged.seq) == (EventType.LAGGED, str(missed), missed)
    assert [event.seq for event in rest] == list(range(missed + 1, MANY + 1))
    publish(bus, 2)
    assert [event.seq for event in asleep.drain()] == [MANY + 1, MANY + 2]


def test_a_reader_that_falls_behind_again_and_again_can_account_for_every_event() -> None:
    bus, slow = EventBus(), BlockingSubscription(length=16)
    bus.attach(slow)
    heard: list[PolicyEvent] = []
    reader = threading.Thread(target=lambda: heard.extend(slow))
    reader.start()
    publish(bus, MANY)
    bus.close()
    reader.join(timeout=30)
    expected = 1
    for event in heard:
        if event.type is EventType.LAGGED:
            expected += int(event.message or "")
            assert event.seq == expected - 1
        else:
            assert event.seq == expected
            expected += 1
    assert expected == MANY + 1


def test_one_that_closes_in_the_middle_of_a_delivery_hears_no_more_and_the_others_do() -> None:
    bus = EventBus()
    leaving: list[Subscription] = []
    first = Subscription(lambda: leaving[0].close(), on_close=bus.detach)
    leaving.append(Subscription(on_close=bus.detach))
    itself = Subscription(lambda: itself.close(), on_close=bus.detach)
    last = Subscription()
    for subscription in (first, leaving[0], itself, last):
        bus.attach(subscription)
    publish(bus, 2)
    assert [len(each.drain()) for each in (first, leaving[0], itself, last)] == [2, 0, 1, 2]


async def test_a_reader_that_is_cancelled_while_it_waits_misses_nothing() -> None:
    bus = EventBus()
    subscription = AsyncSubscription(on_close=bus.detach)
    bus.attach(subscription)
    heard: list[int] = []

    async def read() -> None:
        async for event in subscription:
            heard.append(event.seq)  # noqa: PERF401 - what came before the cancellation counts

    for number in range(100):
        reader = asyncio.create_task(read())
        for _ in range(number % 4):
            await asyncio.sleep(0)
        publish(bus, number % 3)
        if number % 2:
            await asyncio.sleep(0)
        reader.cancel()
        with suppress(asyncio.CancelledError):
            await reader
    bus.close()
    await read()
    assert heard == list(range(1, bus.seq + 1))


def rows(dashboard: Dashboard) -> dict[str, PolicyRow]:
    """What a dashboard shows; the time that a change took is only in its event."""
    return {path: replace(row, total_ms=None) for path, row in dashboard.rows.items()}


async def test_a_dashboard_made_anew_after_a_lag_shows_what_one_shows_that_saw_everything(
    folder: Path,
) -> None:
    async with watching(folder) as story:
        engine = story.engine
        whole, lagging = Dashboard(engine.file), Dashboard(engine.file)
        short = Subscription(length=5)
        engine.attach(short)
        for dashboard in (whole, lagging):
            dashboard.rebuild(engine.snapshot())
        for number in range(40):
            path = folder / f"{number % 7}.toml"
            if number % 5 == 4:
                path.write_text(NOT_WELL_FORMED)
            elif number % 11 == 10:
                path.unlink(missing_ok=True)
            else:
                path.write_text(toml(f"p{number % 6}", requests_per_minute=number + 1))
            await asyncio.sleep(0)
        (folder / "last.toml").write_text(toml("last"))
        await eventually(lambda: "last" in engine.policies)
        (folder / "0.toml").unlink(missing_ok=True)
        await eventually(lambda: engine.file("0.toml") is None)
        whole.fold(story.events)
        events = short.drain()
        assert events[0].type is EventType.LAGGED
        lagging.fold(events)
        lagging.rebuild(engine.snapshot())
        assert rows(lagging) == rows(whole)
        assert lagging.header == whole.header
