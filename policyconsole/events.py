"""What happened, told to everyone who listens: PolicyEvent, EventBus, Subscription.

Nobody waits for a slow reader: each subscription has a bounded queue, and one
that falls behind loses the oldest events and is told so with one ``lagged``.
"""

import asyncio
import json
import logging
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

import orjson

from policyconsole.diagnostics import Diagnostic, DiagnosticRecord
from policyconsole.escaping import safe_json
from policyconsole.masking import mask

_LOG = logging.getLogger(__name__)

QUEUE_LENGTH = 8192
"""How many events a subscription holds before it loses the oldest (architecture, decision 6)."""


class EventType(StrEnum):
    """The kinds of events; the contracts say when each is given."""

    STARTED = "started"
    APPLIED = "applied"
    REJECTED = "rejected"
    APPLY_FAILED = "apply_failed"
    REMOVED = "removed"
    ROLLED_BACK = "rolled_back"
    CONFIGURED = "configured"
    DEGRADED = "degraded"
    RECOVERED = "recovered"
    LAGGED = "lagged"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, repr=False)
class Change:
    """One field whose value differs; None stands for a field that is not there."""

    field: str
    old: object
    new: object

    def __repr__(self) -> str:
        old, new = mask(self.field, self.old), mask(self.field, self.new)
        return f"Change(field={self.field!r}, old={old!r}, new={new!r})"

    def record(self) -> dict[str, object]:
        """Give the change for JSON, secrets masked and times as RFC 3339 text."""
        return {
            "field": self.field,
            "old": _plain(mask(self.field, self.old)),
            "new": _plain(mask(self.field, self.new)),
        }


@dataclass(frozen=True, slots=True)
class Latency:
    """How long each stage took, in milliseconds; None for a stage that did not run.

    ``detect`` runs from the save to the look at the file, ``total`` from the save
    (or, where ``detect`` is unknown, from the look) to the verdict in force.
    """

    detect: float | None = None
    load: float | None = None
    validate: float | None = None
    apply: float | None = None
    total: float | None = None

    def record(self) -> dict[str, float | None]:
        """Give the stages for JSON, rounded to a microsecond."""
        return {stage: _rounded(getattr(self, stage)) for stage in STAGES}


STAGES: tuple[str, ...] = ("detect", "load", "validate", "apply", "total")
"""The names of the stages that are measured, in the order in which they run."""


@dataclass(frozen=True, slots=True)
class PolicyEvent:
    """One thing that happened, in the shape of ``watch --format jsonl``.

    ``path`` is relative to the folder; ``seq`` grows by one with each event of an
    engine and is 0 until the bus has given it out.
    """

    type: EventType
    seq: int = 0
    time: datetime = field(default_factory=lambda: datetime.now(UTC))
    path: str | None = None
    policy_id: str | None = None
    revision: int | None = None
    generation: int = 0
    digest: str | None = None
    sections: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    message: str | None = None
    latency: Latency = Latency()

    def record(self) -> dict[str, object]:
        """Give the event as the JSON object of the contracts, all keys present."""
        diagnostics: list[DiagnosticRecord] = [item.record() for item in self.diagnostics]
        return {
            "version": 1,
            "seq": self.seq,
            "time": format_time(self.time),
            "type": self.type.value,
            "path": self.path,
            "policy_id": self.policy_id,
            "revision": self.revision,
            "generation": self.generation,
            "digest": self.digest,
            "sections": list(self.sections),
            "changes": [change.record() for change in self.changes],
            "diagnostics": diagnostics,
            "message": self.message,
            "latency_ms": self.latency.record(),
        }

    def to_json(self) -> str:
        r"""Give the event as one line of JSON; bytes that are not UTF-8 stay escaped (``\udcNN``)."""
        return json_line(self.record())


def json_line(record: Mapping[str, object]) -> str:
    r"""Give a record as one line of JSON, safe in a terminal; lone surrogates as ``\udcNN``."""
    try:
        return safe_json(orjson.dumps(record).decode())
    except TypeError:  # lone surrogates, and whole numbers of more than 64 bits
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        return safe_json(_escape_surrogates(text))


def format_time(moment: datetime) -> str:
    """Write a moment as RFC 3339 in UTC with microseconds and ``Z``."""
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"


def _escape_surrogates(text: str) -> str:
    if text.isascii():
        return text
    return "".join(
        f"\\u{ord(character):04x}" if "\ud800" <= character <= "\udfff" else character
        for character in text
    )


def _plain(value: object) -> object:
    """Give ``value`` as something that JSON can say."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime) and value.tzinfo is not None:
        return format_time(value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return str(value)


def _rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 3)


class Subscription:
    """A bounded queue of events between the engine and one reader.

    ``push`` is called by the engine's thread and never waits. What does not fit
    pushes out the oldest; the next ``drain`` then begins with one ``lagged`` event
    whose message is the number of events missed and whose ``seq`` is the last of them.
    """

    def __init__(
        self,
        wake: Callable[[], None] = lambda: None,
        length: int = QUEUE_LENGTH,
        on_close: Callable[["Subscription"], None] = lambda _: None,
    ) -> None:
        self._queue: deque[PolicyEvent] = deque()
        self._length = length
        self._lock = threading.Lock()
        self._wake = wake
        self._on_close = on_close
        self._missed = 0
        self._missed_in_all = 0
        self._last_missed: PolicyEvent | None = None
        self._closed = False
        self._wake_failed = False

    @property
    def closed(self) -> bool:
        """Whether no further event will come; those in the queue can still be drained."""
        return self._closed

    @property
    def waiting(self) -> int:
        """How many events are in the queue."""
        return len(self._queue)

    @property
    def missed(self) -> int:
        """How many events its reader has missed so far."""
        return self._missed_in_all

    def push(self, event: PolicyEvent) -> None:
        """Add an event; once closed, do nothing."""
        with self._lock:
            if self._closed:
                return
            if len(self._queue) >= self._length:
                self._last_missed = self._queue.popleft()
                self._missed += 1
                self._missed_in_all += 1
            self._queue.append(event)
        self._wake_reader()

    def drain(self, limit: int | None = None) -> list[PolicyEvent]:
        """Take what is in the queue without waiting, at most ``limit`` events."""
        with self._lock:
            events: list[PolicyEvent] = []
            if self._missed and self._last_missed is not None:
                events.append(_lagged(self._missed, self._last_missed))
                self._missed, self._last_missed = 0, None
            while self._queue and (limit is None or len(events) < limit):
                events.append(self._queue.popleft())
            return events

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Take no more events, and wake whoever waits for one."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._on_close(self)
        self._wake_reader()

    def _wake_reader(self) -> None:
        try:
            self._wake()
        except (Exception, SystemExit, asyncio.CancelledError):  # noqa: BLE001 - a reader's own code
            # A reader that cannot be woken (its loop is closed, say) must not stop the engine.
            if not self._wake_failed:
                _LOG.exception("a subscription's wake failed; this is said once")
            self._wake_failed = True


def _lagged(missed: int, last: PolicyEvent) -> PolicyEvent:
    return PolicyEvent(
        EventType.LAGGED, seq=last.seq, generation=last.generation, message=str(missed)
    )


class AsyncSubscription(Subscription):
    """A subscription read with ``async for`` on the loop that runs the engine."""

    def __init__(
        self,
        length: int = QUEUE_LENGTH,
        on_close: Callable[[Subscription], None] = lambda _: None,
    ) -> None:
        self._arrived = asyncio.Event()
        super().__init__(self._arrived.set, length, on_close)

    def __aiter__(self) -> AsyncIterator[PolicyEvent]:
        return self

    async def __anext__(self) -> PolicyEvent:
        while True:
            self._arrived.clear()
            closed = self.closed  # before the queue: what comes before the end must not be missed
            for event in self.drain(1):
                return event
            if closed:
                raise StopAsyncIteration
            await self._arrived.wait()


class BlockingSubscription(Subscription):
    """A subscription read with ``for`` on a thread other than the engine's."""

    def __init__(
        self,
        length: int = QUEUE_LENGTH,
        on_close: Callable[[Subscription], None] = lambda _: None,
    ) -> None:
        self._arrived = threading.Event()
        super().__init__(self._arrived.set, length, on_close)

    def __iter__(self) -> Iterator[PolicyEvent]:
        return self

    def __next__(self) -> PolicyEvent:
        event = self.get()
        if event is None:
            raise StopIteration
        return event

    def get(self, timeout: float | None = None) -> PolicyEvent | None:
        """Wait for the next event, at most ``timeout`` seconds; None when time is up or all is over."""
        while True:
            self._arrived.clear()
            closed = self.closed  # before the queue: what comes before the end must not be missed
            for event in self.drain(1):
                return event
            if closed or not self._arrived.wait(timeout):
                return None


class EventBus:
    """Gives each event its number and hands it to every subscription.

    The two are apart so that a state can be shown under the number of its last event
    before anyone hears of it.
    """

    def __init__(self) -> None:
        self._subscriptions: tuple[Subscription, ...] = ()
        self._lock = threading.Lock()
        self._seq = 0
        self._closed = False

    @property
    def seq(self) -> int:
        """The number of the newest event; 0 before the first."""
        return self._seq

    def attach(self, subscription: Subscription) -> None:
        """Hand this subscription every event from now on; close it if there will be none."""
        with self._lock:
            if not self._closed:
                self._subscriptions = (*self._subscriptions, subscription)
                return
        subscription.close()

    def detach(self, subscription: Subscription) -> None:
        """Forget this subscription; one that is not attached is no mistake."""
        with self._lock:
            self._subscriptions = tuple(
                other for other in self._subscriptions if other is not subscription
            )

    def number(self, event: PolicyEvent) -> PolicyEvent:
        """Give the event with the next number; :meth:`deliver` it next."""
        self._seq += 1
        return replace(event, seq=self._seq)

    def deliver(self, event: PolicyEvent) -> None:
        """Hand a numbered event to every subscription."""
        for subscription in self._subscriptions:
            subscription.push(event)

    def close(self) -> None:
        """Close every subscription; each can still drain what it holds."""
        with self._lock:
            self._closed = True
            subscriptions = self._subscriptions
        for subscription in subscriptions:
            subscription.close()
