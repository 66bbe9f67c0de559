"""RecordedEngine: tells again what was recorded, at any speed, to the faces that know an engine."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from policyconsole.application.policy_set import ActivePolicy, PolicySet
from policyconsole.application.tally import RequestCounts
from policyconsole.events import EventBus, EventType, PolicyEvent, Subscription
from policyconsole.history.records import RefusedContent, Revision
from policyconsole.latency import StageTimings, Statistics, counted
from policyconsole.replaying.lines import ActiveLine, Happened, Line, Requests, State
from policyconsole.replaying.reading import Recording
from policyconsole.rollback.plan import RollbackError
from policyconsole.snapshot import EngineSnapshot, FileStatus, Loading, WatchState
from policyconsole.validation.levels import ValidationLevel

SLOWEST, FASTEST = 0.1, 100.0
"""The ends of the speed."""


class RecordedHistory:
    """What was in force and what was refused so far in a recording."""

    def __init__(self) -> None:
        self._revisions: list[Revision] = []
        self._refusals: list[RefusedContent] = []

    def keep(self, event: PolicyEvent, status: FileStatus | None) -> None:
        """Keep what an event tells, with the text that was recorded."""
        content = (status.source or "").encode(errors="replace") if status is not None else b""
        if event.path is None or event.policy_id is None:
            return
        if event.type in {EventType.APPLIED, EventType.ROLLED_BACK} and event.revision:
            revision = Revision(
                policy_id=event.policy_id,
                revision=event.revision,
                digest=event.digest or "",
                path=event.path,
                content=content,
                time=event.time,
                sections=event.sections,
                changes=event.changes,
            )
            number, known = revision.revision, self._revisions
            if not any((old.policy_id, old.revision) == (event.policy_id, number) for old in known):
                self._revisions = [revision, *known]
        elif event.type in {EventType.REJECTED, EventType.APPLY_FAILED}:
            refusal = RefusedContent(
                path=event.path,
                policy_id=event.policy_id,
                digest=event.digest,
                time=event.time,
                content=content or None,
                diagnostics=tuple(item.record() for item in event.diagnostics if item.blocks),
            )
            self._refusals = [refusal, *self._refusals]

    def revisions(self, policy_id: str) -> list[Revision]:
        """List the revisions of a policy, the newest first."""
        return [revision for revision in self._revisions if revision.policy_id == policy_id]

    def refusals(
        self, policy_id: str | None = None, path: str | None = None, limit: int | None = None
    ) -> list[RefusedContent]:
        """List what was refused, the newest first: all, or of one policy or one file."""
        found = [
            refusal
            for refusal in self._refusals
            if policy_id in {None, refusal.policy_id} and path in {None, refusal.path}
        ]
        return found[:limit]


class RecordedEngine:
    """Is a hosted engine for the faces: nothing can be asked of it but to go on, faster or slower."""

    def __init__(self, recording: Recording, speed: float = 1.0) -> None:
        """``speed`` is how many times as fast as it was."""
        self.folder = Path(recording.begun.folder)
        self.failure: str | None = None
        self.policies = PolicySet()
        self.requests: dict[str, RequestCounts] = {}
        self.history = RecordedHistory()
        self.recording = recording
        self._speed = speed
        self._paused = False
        self._position = 0.0
        self._measured = time.monotonic()
        self._next = 0
        self._over = False
        self._changed = threading.Condition()
        self._lock = threading.Lock()
        self._bus = EventBus()
        self._timings = StageTimings()
        self._counts: Counter[EventType] = Counter()
        self._statuses: dict[str, FileStatus] = {}
        self._watch = WatchState.STARTING
        self._message: str | None = None
        self._level, self._environment = recording.begun.level, recording.begun.environment
        self._thread = threading.Thread(target=self._play, name="replay", daemon=True)
        self.alive = False

    # How it is played

    @property
    def speed(self) -> float:
        """How many times as fast as it was."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Whether it stands still."""
        return self._paused

    @property
    def position(self) -> float:
        """Where it is, in seconds of the recording."""
        if self._paused:
            return self._position
        elapsed = (time.monotonic() - self._measured) * self._speed
        return min(self.recording.seconds, self._position + elapsed)

    @property
    def ended(self) -> bool:
        """Whether all of it was told."""
        return self._next >= len(self.recording.lines)

    def now(self) -> datetime:
        """Give the time that it was then."""
        return self.recording.begun.time + timedelta(seconds=self.position)

    def pause(self) -> None:
        """Stand still, or go on."""
        with self._changed:
            self._move()
            self._paused = not self._paused
            self._changed.notify()

    def play_at(self, speed: float) -> None:
        """Go on this many times as fast as it was, within the ends of the speed."""
        with self._changed:
            self._move()
            self._speed = min(max(speed, SLOWEST), FASTEST)
            self._changed.notify()

    def _move(self) -> None:
        self._position, self._measured = self.position, time.monotonic()

    def _play(self) -> None:
        lines = self.recording.lines
        with self._changed:
            self._measured = time.monotonic()
            while self._next < len(lines) and not self._over:
                missing = lines[self._next].t - self.position
                if self._paused or missing > 0:
                    self._changed.wait(None if self._paused else missing / self._speed)
                    continue
                self._tell(lines[self._next])
                self._next += 1

    # What is told

    def _tell(self, line: Line) -> None:
        match line:
            case Happened():
                self._happen(line)
            case State():
                self._stand(line)
            case Requests():
                self.requests = line.counts()
            case _:
                pass

    def _happen(self, line: Happened) -> None:
        event = line.event.event()
        self._timings.record(counted(event, started=self._watch is not WatchState.STARTING))
        self._counts[event.type] += 1
        with self._lock:
            if line.file is not None and event.type is not EventType.REMOVED:
                self._statuses[line.file.path] = line.file.status()
            if line.active is not None:
                self._enter(line.active, event.generation)
            if event.type is EventType.REMOVED:
                self._leave(event)
            self._note(event)
            status = self._statuses.get(event.path) if event.path is not None else None
            self.history.keep(event, status)
            numbered = self._bus.number(event)
        self._bus.deliver(numbered)

    def _enter(self, line: ActiveLine, generation: int) -> None:
        active: ActivePolicy = line.active()
        entered = self.policies.commit({active.config.id: active})
        self.policies = replace(entered, generation=generation)

    def _leave(self, event: PolicyEvent) -> None:
        if event.path is not None:
            self._statuses.pop(event.path, None)
        if event.policy_id is not None and event.policy_id in self.policies:
            left = self.policies.commit({}, [event.policy_id])
            self.policies = replace(left, generation=event.generation)

    def _note(self, event: PolicyEvent) -> None:
        """Note how the watch stands, and what it is configured for."""
        match event.type:
            case EventType.STARTED | EventType.RECOVERED:
                self._watch, self._message = WatchState.WATCHING, None
            case EventType.DEGRADED:
                self._watch, self._message = WatchState.DEGRADED, event.message
            case EventType.STOPPED:
                self._watch, self._message = WatchState.STOPPED, event.message
            case EventType.CONFIGURED:
                for change in event.changes:
                    if change.field == "level" and isinstance(change.new, str):
                        self._level = change.new
                    if change.field == "environment" and isinstance(change.new, str | None):
                        self._environment = change.new
            case _:
                pass

    def _stand(self, line: State) -> None:
        """Take a whole state over, and tell that events were missed: faces then ask for it."""
        entered = {one.config.id: one.active() for one in line.policies}
        with self._lock:
            self._statuses = {file.path: file.status() for file in line.files}
            self.policies = replace(PolicySet().commit(entered), generation=line.generation)
            self._watch, self._message = line.watch, line.message
            self._level, self._environment = line.level, line.environment
            told = self._bus.number(
                PolicyEvent(
                    EventType.LAGGED, time=self.now(), message="0", generation=line.generation
                )
            )
        self._bus.deliver(told)

    # What a face asks

    @property
    def loading(self) -> Loading | None:
        """Nothing is loaded here."""
        return None

    @property
    def statistics(self) -> Statistics:
        """Events by type, and the figures of every stage, so far."""
        return Statistics(dict(self._counts), self._timings.statistics())

    def start(self) -> None:
        """Begin to play."""
        if not self.alive:
            self.alive = True
            self._thread.start()

    def stop(self) -> None:
        """Play no further; a second call does nothing."""
        with self._changed:
            self._over = True
            self._changed.notify()
        if self.alive:
            self._thread.join()
        self.alive = False
        self._bus.close()

    def subscribe(self, wake: Callable[[], None] = lambda: None) -> Subscription:
        """Give a queue of everything that is told from now on."""
        subscription = Subscription(wake, on_close=self._bus.detach)
        self._bus.attach(subscription)
        return subscription

    def snapshot(self) -> EngineSnapshot:
        """Give the whole state at this moment."""
        with self._lock:
            return EngineSnapshot(
                seq=self._bus.seq,
                policies=self.policies,
                files=dict(self._statuses),
                watch=self._watch,
                message=self._message,
                level=self._level,
                environment=self._environment,
                folder=self.recording.begun.folder,
            )

    def file(self, path: str) -> FileStatus | None:
        """Give the status of one file, None where there is none."""
        return self._statuses.get(path)

    def recent(self, stage: str, count: int) -> list[float]:
        """Give the newest timings of a stage in milliseconds, oldest first."""
        return self._timings.recent(stage, count)

    def histogram(self, stage: str, bounds: Sequence[float]) -> list[int]:
        """Count the timings of a stage up to each bound in milliseconds, the rest at the end."""
        return self._timings.histogram(stage, bounds)

    def configure(self, level: ValidationLevel, environment: str | None) -> None:
        """Do nothing: what was recorded stays as it was."""

    def revalidate(self) -> None:
        """Do nothing: what was recorded stays as it was."""

    def rollback(self, policy_id: str, revision: int, *, force: bool = False) -> Future[int]:  # noqa: ARG002 - the protocol's
        """Say that nothing can be rolled back."""
        answer: Future[int] = Future()
        answer.set_exception(RollbackError("this is a recording"))
        return answer
