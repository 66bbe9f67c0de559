import asyncio
import json
from datetime import UTC, datetime, timedelta, timezone
from threading import Thread

import pytest

from policyconsole.diagnostics import Kind, Place, Severity
from policyconsole.diagnostics import error as an_error
from policyconsole.events import (
    AsyncSubscription,
    BlockingSubscription,
    Change,
    EventBus,
    EventType,
    Latency,
    PolicyEvent,
    Subscription,
)

KEYS = [
    "version",
    "seq",
    "time",
    "type",
    "path",
    "policy_id",
    "revision",
    "generation",
    "digest",
    "sections",
    "changes",
    "diagnostics",
    "message",
    "latency_ms",
]


def publish(bus: EventBus, count: int) -> None:
    for _ in range(count):
        bus.deliver(bus.number(PolicyEvent(EventType.APPLIED)))


def test_the_json_of_an_event_has_every_key_of_the_contract() -> None:
    moment = datetime(2026, 11, 23, 19, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    place = Place(14, 15, 14, 24)
    finding = an_error(
        "SEC003", Severity.HIGH, "too old", field="security.tls.min_version", place=place
    )
    event = PolicyEvent(
        EventType.REJECTED,
        seq=7,
        time=moment,
        path="security.toml",
        policy_id="p",
        revision=2,
        generation=9,
        digest="sha256:0",
        sections=("security",),
        changes=(Change("security.tls.min_version", "TLSv1.2", "TLSv1.3"),),
        diagnostics=(finding,),
        latency=Latency(detect=1.10049, total=1.8),
    )
    record = json.loads(event.to_json())
    assert list(record) == KEYS
    assert record["time"] == "2026-11-23T18:00:00.123456Z"
    assert record["type"] == "rejected"
    assert record["latency_ms"] == {
        "detect": 1.1,
        "load": None,
        "validate": None,
        "apply": None,
        "total": 1.8,
    }
    assert record["diagnostics"] == [
        {
            "code": "SEC003",
            "kind": Kind.ERROR,
            "severity": "high",
            "impact": None,
            "message": "too old",
            "field": "security.tls.min_version",
            "line": 14,
            "column": 15,
            "end_line": 14,
            "end_column": 24,
            "help": None,
        }
    ]
    assert "\n" not in event.to_json()


def test_secrets_are_masked_and_values_become_plain() -> None:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    changes = (
        Change("custom.api_key", "old-secret", "new-secret"),
        Change("custom.service", None, {"password": "hush", "port": 8080}),
        Change("custom.when", None, (moment, [1, True])),
    )
    text = PolicyEvent(EventType.APPLIED, changes=changes).to_json()
    assert "secret" not in text
    assert "hush" not in text
    api_key, service, when = json.loads(text)["changes"]
    assert (api_key["old"], api_key["new"]) == ("***", "***")
    assert service["new"] == {"password": "***", "port": 8080}
    assert when["new"] == ["2026-01-02T00:00:00.000000Z", [1, True]]


def test_what_a_change_shows_of_itself_holds_no_secret() -> None:
    assert repr(Change("custom.api_key", "hunter2", {"a": 1})) == (
        "Change(field='custom.api_key', old='***', new={'a': 1})"
    )
    assert repr(Change("name", "a", None)) == "Change(field='name', old='a', new=None)"


def test_bytes_of_a_path_that_are_not_utf8_stay_escaped() -> None:
    text = PolicyEvent(EventType.APPLIED, path="caf\udce9 ☕.toml").to_json()
    assert text.encode()
    assert "\\udce9" in text
    assert "☕" in text
    assert json.loads(text)["path"] == "caf\udce9 ☕.toml"


def test_numbers_grow_by_one_and_everyone_gets_every_event() -> None:
    bus, first, second = EventBus(), Subscription(), Subscription()
    bus.attach(first)
    publish(bus, 2)
    bus.attach(second)
    publish(bus, 1)
    assert [event.seq for event in first.drain()] == [1, 2, 3]
    assert [event.seq for event in second.drain()] == [3]
    bus.detach(first)
    publish(bus, 1)
    assert first.drain() == []


def test_a_slow_reader_is_told_once_how_much_it_missed() -> None:
    bus, slow = EventBus(), Subscription(length=3)
    bus.attach(slow)
    publish(bus, 10)
    lagged, *rest = slow.drain()
    assert (lagged.type, lagged.message, lagged.seq) == (EventType.LAGGED, "7", 7)
    assert [event.seq for event in rest] == [8, 9, 10]
    publish(bus, 1)
    assert [event.seq for event in slow.drain()] == [11]
    publish(bus, 5)
    assert (slow.waiting, slow.missed) == (3, 9)
    slow.drain()
    assert (slow.waiting, slow.missed) == (0, 9)


def test_a_lagged_event_comes_before_what_is_left_also_when_read_one_by_one() -> None:
    bus, slow = EventBus(), BlockingSubscription(length=2)
    bus.attach(slow)
    publish(bus, 3)
    bus.close()
    assert [event.seq for event in slow] == [1, 2, 3]
    assert slow.closed


async def test_async_subscribers_get_what_comes_and_end_with_the_bus() -> None:
    bus = EventBus()
    subscription = AsyncSubscription(on_close=bus.detach)
    bus.attach(subscription)
    seen: list[int] = []

    async def read() -> None:
        seen.extend([event.seq async for event in subscription])

    reader = asyncio.create_task(read())
    publish(bus, 2)
    await asyncio.sleep(0)
    publish(bus, 1)
    bus.close()
    await reader
    assert seen == [1, 2, 3]


async def test_a_closed_subscription_takes_nothing_and_costs_nothing() -> None:
    bus = EventBus()
    with AsyncSubscription(on_close=bus.detach) as subscription:
        bus.attach(subscription)
    publish(bus, 1)
    assert [event async for event in subscription] == []


def test_a_blocking_subscriber_waits_on_another_thread() -> None:
    bus, subscription = EventBus(), BlockingSubscription()
    bus.attach(subscription)
    seen: list[int] = []
    reader = Thread(target=lambda: seen.extend(event.seq for event in subscription))
    reader.start()
    publish(bus, 3)
    bus.close()
    reader.join(timeout=10)
    assert seen == [1, 2, 3]


def test_waiting_for_the_next_event_has_a_limit() -> None:
    assert BlockingSubscription().get(timeout=0.01) is None


@pytest.mark.parametrize("kind", list(EventType))
def test_every_type_is_written_by_its_name(kind: EventType) -> None:
    assert json.loads(PolicyEvent(kind).to_json())["type"] == kind.value


def test_a_wake_that_fails_stops_neither_the_others_nor_the_engine() -> None:
    def fail() -> None:
        raise RuntimeError("the loop is closed")

    bus, broken, sound = EventBus(), Subscription(fail), Subscription()
    bus.attach(broken)
    bus.attach(sound)
    publish(bus, 1)
    bus.close()
    assert [len(broken.drain()), len(sound.drain())] == [1, 1]


def test_whoever_comes_after_the_end_does_not_wait_for_ever() -> None:
    bus = EventBus()
    bus.close()
    late = BlockingSubscription(on_close=bus.detach)
    bus.attach(late)
    assert list(late) == []


def test_an_event_just_before_the_end_is_not_missed() -> None:
    """It comes after the reader has found the queue empty and before it looks for the end."""
    bus = EventBus()

    class Unlucky(BlockingSubscription):
        def drain(self, limit: int | None = None) -> list[PolicyEvent]:
            events = super().drain(limit)
            if not events and not self.closed:
                publish(bus, 1)
                bus.close()
            return events

    subscription = Unlucky()
    bus.attach(subscription)
    assert [event.seq for event in subscription] == [1]


def test_nothing_in_the_json_of_an_event_drives_a_terminal() -> None:
    name = "\u009b31m\u202ex\x7f"
    line = PolicyEvent(EventType.REJECTED, path=name).to_json()
    assert not {"\u009b", "\u202e", "\x7f"} & set(line)
    assert json.loads(line)["path"] == name
