"""The state behind one console: takes events in, says what the page has not seen yet."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import islice

from policyconsole.application.tally import RequestCounts
from policyconsole.dashboard import (
    AGE_UNITS,
    Dashboard,
    Header,
    PolicyRow,
    latency_rows,
    sparkline,
)
from policyconsole.escaping import printable
from policyconsole.events import EventType, PolicyEvent
from policyconsole.hosted import HostedEngine
from policyconsole.notebook.payload import (
    EVENTS_SHOWN,
    EventPart,
    LatencyPart,
    Message,
    RowPart,
    event_part,
    guards_part,
    header_part,
    latency_part,
    problem_part,
    row_key,
    row_part,
)
from policyconsole.snapshot import WatchState

SPARKLINE_LENGTH = 40
"""How many of the newest reloads the sparkline shows."""

_SETTLED = frozenset({EventType.STARTED, EventType.DEGRADED, EventType.STOPPED})
"""The events after which the first load is over, well or not."""


def now() -> datetime:
    """Give the kernel's time."""
    return datetime.now(UTC)


class Feed:
    """One console's Dashboard and what of it has been sent; safe to use from any thread.

    ``next_message`` is what the page has not seen: None where there is nothing, a
    numbered delta, or the whole state where somebody asked for it (:meth:`ask_whole`)
    or the first load has just ended.
    """

    def __init__(
        self, engine: HostedEngine, wake: Callable[[], None], clock: Callable[[], datetime] = now
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._settled = threading.Event()
        self._dashboard = Dashboard(engine.file)
        self._subscription = engine.subscribe(wake)
        snapshot = engine.snapshot()
        self._dashboard.rebuild(snapshot)
        if snapshot.watch is not WatchState.STARTING:
            self._settled.set()
        self._problems: dict[str, str] = {}
        self._lines: deque[EventPart] = deque(maxlen=EVENTS_SHOWN)
        self._lines_seen = 0
        self._number = 0
        self._whole_wanted = False
        self._sent_version = -1
        self._sent_rows: dict[str, PolicyRow] = {}
        self._sent_header: Header | None = None
        self._sent_events = 0
        self._sent_latency: LatencyPart | None = None
        self._sent_problem = ""
        self._requests: Mapping[str, RequestCounts] = {}
        self._sent_requests: Mapping[str, RequestCounts] = {}
        self._timed_events = -1
        self._latency = self._measure()

    @property
    def settings(self) -> tuple[str, str | None]:
        """The level and the environment that the engine last told."""
        with self._lock:
            header = self._dashboard.header
            return header.level, header.environment

    @property
    def problem(self) -> str:
        """What is wrong in the console or its engine, in one line; empty where nothing is."""
        with self._lock:
            return self._problem()

    def report(self, what: str, problem: str) -> None:
        """Show that ``what`` went wrong, and how, until it is reported with an empty ``problem``."""
        with self._lock:
            self._set_problem(what, problem)

    def ask_whole(self) -> None:
        """Make the next message the whole state."""
        with self._lock:
            self._whole_wanted = True

    def wait_settled(self, limit: float) -> bool:
        """Wait until the first load is over and taken in, at most ``limit`` seconds."""
        return self._settled.wait(limit)

    def next_message(self) -> Message | None:
        """Take in what happened; give what the page has not seen yet, and count it as sent."""
        with self._lock:
            self._take_in()
            message = self._whole() if self._whole_wanted else self._delta()
            if message is not None:
                self._mark_sent()
            return message

    def first_message(self) -> Message:
        """Take in what happened and give the whole state to send before everything else."""
        with self._lock:
            self._take_in()
            self._mark_sent()
            return self._whole()

    def state(self) -> Message:
        """Take in what happened and give the whole state; counts as nothing sent."""
        with self._lock:
            self._take_in()
            return self._whole()

    def events(self) -> tuple[PolicyEvent, ...]:
        """Take in what happened and give the events that are known, the oldest first."""
        with self._lock:
            self._take_in()
            return tuple(self._dashboard.events)

    def row_of(self, policy_id: str) -> PolicyRow | None:
        """Take in what happened and give the line of a policy in force, None where there is none."""
        with self._lock:
            self._take_in()
            rows = self._dashboard.rows.values()
            return next((row for row in rows if row.in_force_id == policy_id), None)

    def problem_message(self) -> Message:
        """Give a delta that tells nothing but the problem: for when no other can be made."""
        with self._lock:
            self._number += 1
            message = self._empty_delta()
            message["events"] = self._newest(self._lines_seen - self._sent_events)
            message["problem"] = self._sent_problem = self._problem()
            self._sent_events = self._lines_seen
            return message

    def close(self) -> None:
        """Take no further event; those that wait can still be sent."""
        self._subscription.close()

    def _take_in(self) -> None:
        events = self._subscription.drain()
        self._dashboard.fold(events)
        self._lines.extend(map(event_part, events[-EVENTS_SHOWN:]))
        self._lines_seen += len(events)
        if any(event.type is EventType.LAGGED for event in events):
            self._dashboard.rebuild(self._engine.snapshot())
        self._requests = self._engine.requests
        failure = self._engine.failure
        self._set_problem("the engine ended, nothing is watched any more", failure or "")
        if not self._settled.is_set() and (failure or any(e.type in _SETTLED for e in events)):
            self._whole_wanted = True
            self._settled.set()
        if self._timed_events != self._dashboard.events_seen:
            self._timed_events = self._dashboard.events_seen
            self._latency = self._measure()

    def _set_problem(self, what: str, problem: str) -> None:
        if not problem:
            self._problems.pop(what, None)
            return
        words = printable(f"{what}: {problem}")
        if self._problems.get(what) != words:
            self._problems[what] = words
            self._lines.append(problem_part(words, self._clock()))
            self._lines_seen += 1

    def _newest(self, count: int) -> list[EventPart]:
        """Give the newest ``count`` lines of the Events pane that are still known, oldest first."""
        return list(islice(self._lines, max(0, len(self._lines) - count), None))

    def _problem(self) -> str:
        return "; ".join(self._problems.values())

    def _measure(self) -> LatencyPart:
        recent = self._engine.recent("total", SPARKLINE_LENGTH)
        return latency_part(latency_rows(self._engine.statistics.stages), sparkline(recent))

    def _whole(self) -> Message:
        dashboard = self._dashboard
        return {
            "type": "snapshot",
            "number": self._number,
            "now": self._milliseconds(),
            "rows": self._row_parts(dashboard.rows),
            "gone": [],
            "events": list(self._lines),
            "events_seen": self._lines_seen,
            "header": header_part(dashboard.header),
            "latency": self._latency,
            "guards": guards_part(self._requests),
            "problem": self._problem(),
            "age_units": AGE_UNITS,
        }

    def _delta(self) -> Message | None:
        dashboard = self._dashboard
        header = dashboard.header
        rows, gone = self._changed_rows()
        message: Message = {
            **self._empty_delta(),
            "number": self._number + 1,
            "rows": self._row_parts(rows),
            "gone": [row_key(path) for path in gone],
            "events": self._newest(self._lines_seen - self._sent_events),
        }
        always = len(message)
        if header != self._sent_header:
            message["header"] = header_part(header)
        if self._latency != self._sent_latency:
            message["latency"] = self._latency
        if self._requests != self._sent_requests:
            message["guards"] = guards_part(self._requests)
        if self._problem() != self._sent_problem:
            message["problem"] = self._problem()
        if len(message) == always and not (message["rows"] or message["gone"] or message["events"]):
            return None
        self._number += 1
        return message

    def _changed_rows(self) -> tuple[dict[str, PolicyRow], set[str]]:
        """Give the lines that are new or different, and the paths of those that are no more."""
        if self._dashboard.version == self._sent_version:
            return {}, set()
        rows, sent = self._dashboard.rows, self._sent_rows
        changed = {
            path: row
            for path, row in rows.items()
            if (before := sent.get(path)) is not row and before != row
        }
        return changed, sent.keys() - rows.keys()

    def _empty_delta(self) -> Message:
        return {
            "type": "delta",
            "number": self._number,
            "now": self._milliseconds(),
            "rows": [],
            "gone": [],
            "events": [],
            "events_seen": self._lines_seen,
        }

    def _mark_sent(self) -> None:
        dashboard = self._dashboard
        self._whole_wanted = False
        self._sent_version = dashboard.version
        self._sent_rows = dict(dashboard.rows)
        self._sent_header = dashboard.header
        self._sent_events = self._lines_seen
        self._sent_latency = self._latency
        self._sent_requests = self._requests
        self._sent_problem = self._problem()

    def _row_parts(self, rows: Mapping[str, PolicyRow]) -> list[RowPart]:
        moment, policies = self._clock(), self._engine.policies
        parts = []
        for path in sorted(rows):
            row = rows[path]
            active = policies.get(row.in_force_id) if row.in_force_id is not None else None
            since = active.since if active and active.revision == row.revision else None
            parts.append(row_part(row, self._engine.file(path), since, moment))
        return parts

    def _milliseconds(self) -> float:
        return self._clock().timestamp() * 1000
