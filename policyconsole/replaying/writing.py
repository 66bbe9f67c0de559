"""Writing a recording: a thread of its own, so that nobody waits for the disk."""

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from policyconsole.application.policy_set import ActivePolicy
from policyconsole.application.tally import RequestCounts
from policyconsole.events import QUEUE_LENGTH, PolicyEvent, json_line
from policyconsole.hosted import HostedEngine
from policyconsole.replaying import lines
from policyconsole.snapshot import FileStatus
from policyconsole.wording import cause

LARGEST = 64 * 1024 * 1024
"""Bytes after which a recording ends, for it is read as a whole."""

LOOK_EVERY = 0.5
"""Seconds between two looks at what the guards have answered."""


@dataclass(frozen=True, slots=True)
class _Told:
    t: float
    event: PolicyEvent
    status: FileStatus | None
    active: ActivePolicy | None


class RecordingWriter:
    """Writes what an engine tells until it is stopped; begin it before the engine.

    Where the file cannot be written any more, or has become too large, the recording ends
    and :attr:`problem` says why; the engine and its other readers go on.
    """

    def __init__(self, engine: HostedEngine, file: BinaryIO) -> None:
        """``file`` is open for writing, and closed at the end."""
        self.problem: str | None = None
        self._engine = engine
        self._file = file
        self._wake = threading.Event()
        self._over = threading.Event()
        self._waiting: deque[_Told] = deque()
        self._missed = False
        self._subscription = engine.subscribe(self._collect)
        self._seq = 0
        self._size = 0
        self._latest = 0.0
        self._counts: Mapping[str, RequestCounts] = {}
        self._begin = time.monotonic()
        self._thread = threading.Thread(target=self._main, name="recording", daemon=True)

    def start(self) -> None:
        """Write the first line, then what happens, on another thread."""
        self._begin = time.monotonic()
        self._write(lines.begun(datetime.now(UTC), self._engine.snapshot()))
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and close the file; call it when the engine has ended."""
        self._over.set()
        self._wake.set()
        self._thread.join()

    def _in_order(self, moment: float) -> float:
        """Give the moment of the next line: what the engine's thread hands over meanwhile is older than now."""
        self._latest = max(self._latest, moment)
        return self._latest

    @property
    def _now(self) -> float:
        return round(time.monotonic() - self._begin, 4)

    def _main(self) -> None:
        try:
            with self._file:
                while not self._over.is_set() and self.problem is None:
                    self._wake.wait(LOOK_EVERY)
                    self._wake.clear()
                    self._take()
                if self.problem is None:
                    self._take()
                self._write(lines.end(self._in_order(self._now), self.problem))
        except OSError as problem:
            self.problem = self.problem or cause(problem)
        finally:
            self._subscription.close()

    def _collect(self) -> None:
        """Take what is told together with what it is about, on the engine's thread: later is too late."""
        for event in self._subscription.drain():
            if len(self._waiting) >= QUEUE_LENGTH:
                self._missed = True
                self._waiting.clear()
            self._waiting.append(self._told(event))
        self._wake.set()

    def _take(self) -> None:
        if self._missed:
            self._missed = False
            state = self._engine.snapshot()
            self._seq = state.seq
            self._write(lines.state(self._in_order(self._now), state))
        while self._waiting:
            told = self._waiting.popleft()
            if told.event.seq > self._seq:
                t = self._in_order(told.t)
                self._write(lines.happened(t, told.event, told.status, told.active))
            if self._size > LARGEST:
                self.problem = f"it has more than {LARGEST // 1024 // 1024} MiB"
                return
        if (counts := self._engine.requests) != self._counts:
            self._counts = counts
            self._write(lines.requests(self._in_order(self._now), counts))
        self._file.flush()

    def _told(self, event: PolicyEvent) -> "_Told":
        """Find what an event is about, unless that is another already."""
        status = self._engine.file(event.path) if event.path is not None else None
        if status is not None and status.digest != event.digest:
            status = None
        active = self._engine.policies.get(event.policy_id) if event.policy_id else None
        if active is not None and active.revision != event.revision:
            active = None
        return _Told(self._now, event, status, active)

    def _write(self, line: Mapping[str, object]) -> None:
        encoded = json_line(line).encode() + b"\n"
        self._size += len(encoded)
        self._file.write(encoded)
