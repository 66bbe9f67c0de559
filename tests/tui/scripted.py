"""An engine without a folder: it tells what a test lets it tell, by a clock that a test sets.

Everything it hands out is the real thing (events, statuses, snapshots, timings); only
the folder, the thread and the clock are not.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from policyconsole.application.guard import Guard
from policyconsole.application.policy_set import ActivePolicy, PolicySet
from policyconsole.application.tally import RequestCounts
from policyconsole.diagnostics import Diagnostic, Severity, error
from policyconsole.events import Change, EventBus, EventType, Latency, PolicyEvent, Subscription
from policyconsole.hosted import KeptRevisions
from policyconsole.latency import StageTimings, Statistics
from policyconsole.loading.formats import format_of
from policyconsole.loading.loader import PolicyLoadError, parse
from policyconsole.policy import PolicyConfig
from policyconsole.reading import digest
from policyconsole.snapshot import EngineSnapshot, FileStatus, Loading, Verdict, WatchState
from policyconsole.validation.levels import ValidationLevel

NOON = datetime(2026, 11, 23, 18, 5, 31, 204_000, tzinfo=UTC)


UNMEASURED = Latency()


class Clock:
    """Stands still until somebody moves it."""

    def __init__(self, start: datetime = NOON) -> None:
        self.time = start

    def __call__(self) -> datetime:
        return self.time

    def forward(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class ScriptedEngine:
    """Is a ``KeepingEngine`` for the app."""

    def __init__(
        self,
        script: Callable[["ScriptedEngine"], None] = lambda _: None,
        folder: str = "/srv/policies",
    ) -> None:
        """``script`` says what has happened by the time that ``start`` returns."""
        self.folder = Path(folder)
        self.clock = Clock()
        self._script = script
        self.level = ValidationLevel.STRICT
        self.environment: str | None = "production"
        self.watch = WatchState.STARTING
        self.message: str | None = None
        self.alive = False
        self.failure: str | None = None
        self.policies = PolicySet()
        self.files: dict[str, FileStatus] = {}
        self.loading: Loading | None = None
        self.requests: dict[str, RequestCounts] = {}
        self.revalidations = 0
        self.history: KeptRevisions | None = None
        self.rollbacks: list[tuple[str, int, bool]] = []
        self.answers: list[int | Exception] = []
        self.asked: list[tuple[str, str | None]] = []
        self.is_behind = False
        self._undone: list[tuple[ValidationLevel, str | None]] = []
        self.stops = 0
        self._bus = EventBus()
        self._timings = StageTimings()
        self._counts: Counter[EventType] = Counter()

    # What the app asks

    @property
    def statistics(self) -> Statistics:
        return Statistics(dict(self._counts), self._timings.statistics())

    def start(self) -> None:
        self.alive = True
        self._script(self)

    def stop(self) -> None:
        self.alive = False
        self.stops += 1

    def subscribe(self, wake: Callable[[], None] = lambda: None) -> Subscription:
        subscription = Subscription(wake, on_close=self._bus.detach)
        self._bus.attach(subscription)
        return subscription

    def snapshot(self) -> EngineSnapshot:
        return EngineSnapshot(
            seq=self._bus.seq,
            policies=self.policies,
            files=dict(self.files),
            watch=self.watch,
            message=self.message,
            level=self.level.value,
            environment=self.environment,
            folder=str(self.folder),
        )

    def file(self, path: str) -> FileStatus | None:
        return self.files.get(path)

    def recent(self, stage: str, count: int) -> list[float]:
        return self._timings.recent(stage, count)

    def histogram(self, stage: str, bounds: Sequence[float]) -> list[int]:
        return self._timings.histogram(stage, bounds)

    def configure(self, level: ValidationLevel, environment: str | None) -> None:
        self.asked.append((level.value, environment))
        self._undone.append((level, environment))
        if not self.is_behind:
            self.catch_up()

    def catch_up(self) -> None:
        """Do what was asked while the engine was behind."""
        while self._undone:
            self.do_next()

    def do_next(self) -> None:
        """Do the first of what was asked while the engine was behind."""
        self._configure(*self._undone.pop(0))

    def _configure(self, level: ValidationLevel, environment: str | None) -> None:
        changes = (
            Change("level", self.level.value, level.value),
            Change("environment", self.environment, environment),
        )
        self.level, self.environment = level, environment
        different = tuple(change for change in changes if change.old != change.new)
        if different:
            self.tell(EventType.CONFIGURED, changes=different)

    def revalidate(self) -> None:
        self.revalidations += 1

    def guard(self, policy_id: str) -> Guard:
        return Guard(policy_id, lambda: self.policies, ())

    def rollback(self, policy_id: str, revision: int, *, force: bool = False) -> Future[int]:
        self.rollbacks.append((policy_id, revision, force))
        answer: Future[int] = Future()
        if isinstance(said := self.answers.pop(0), Exception):
            answer.set_exception(said)
        else:
            answer.set_result(said)
        return answer

    # What a test lets happen

    def tell(
        self,
        kind: EventType,
        *,
        path: str | None = None,
        policy_id: str | None = None,
        revision: int | None = None,
        changes: tuple[Change, ...] = (),
        diagnostics: tuple[Diagnostic, ...] = (),
        message: str | None = None,
        latency: Latency = UNMEASURED,
        digest: str | None = None,
    ) -> None:
        """Tell an event of this moment."""
        event = PolicyEvent(
            kind,
            time=self.clock(),
            path=path,
            policy_id=policy_id,
            revision=revision,
            digest=digest,
            generation=self.policies.generation,
            changes=changes,
            diagnostics=diagnostics,
            message=message,
            latency=latency,
        )
        self._counts[kind] += 1
        self._timings.record(latency)
        self._bus.deliver(self._bus.number(event))

    def started(self) -> None:
        """The first content is in force."""
        self.watch = WatchState.WATCHING
        self.tell(EventType.STARTED, message=f"{len(self.policies)} policies in force")

    def degraded(self, message: str) -> None:
        """The watch is lost."""
        self.watch, self.message = WatchState.DEGRADED, message
        self.tell(EventType.DEGRADED, message=message)

    def recovered(self) -> None:
        """The watch is back."""
        self.watch, self.message = WatchState.WATCHING, None
        self.tell(EventType.RECOVERED)

    def died(self, failure: str) -> None:
        """The thread ends though nobody asked it to."""
        self.alive, self.failure = False, failure
        self.tell(EventType.STOPPED, message=f"the engine has ended: {failure}")

    def apply(
        self,
        path: str,
        policy_id: str,
        source: str,
        *,
        diagnostics: tuple[Diagnostic, ...] = (),
        changes: tuple[Change, ...] = (),
        environment: str | None = None,
        latency: Latency = UNMEASURED,
    ) -> None:
        """A file's content comes into force."""
        before = self.policies.get(policy_id)
        revision = before.revision + 1 if before else 1
        content = source.encode(errors="replace")
        config = _config(path, policy_id, content)
        active = ActivePolicy(config, revision, digest(content), path, self.clock())
        self.policies = self.policies.commit({policy_id: active})
        self.files[path] = FileStatus(
            path, policy_id, Verdict.IN_FORCE, diagnostics, self.clock(), active.digest, source,
            policy_id, environment,
        )  # fmt: skip
        self.tell(
            EventType.APPLIED, path=path, policy_id=policy_id, revision=revision,
            diagnostics=diagnostics, changes=changes, latency=latency, digest=active.digest,
        )  # fmt: skip

    def refuse(
        self,
        path: str,
        policy_id: str | None,
        source: str | None,
        diagnostics: tuple[Diagnostic, ...],
        *,
        failed: str | None = None,
        environment: str | None = None,
        latency: Latency = UNMEASURED,
    ) -> None:
        """A file's content is refused (or, with ``failed``, a target would not take it)."""
        known = self.files.get(path)
        status = FileStatus(
            path, policy_id, Verdict.FAILED if failed else Verdict.REFUSED, diagnostics,
            self.clock(), digest((source or "").encode(errors="replace")), source, known.in_force_id if known else None,
            environment or (known.environment if known else None), failed,
        )  # fmt: skip
        self.files[path] = status
        active = self.policies.get(status.in_force_id) if status.in_force_id else None
        self.tell(
            EventType.APPLY_FAILED if failed else EventType.REJECTED,
            path=path, policy_id=policy_id, revision=active.revision if active else None,
            diagnostics=diagnostics, message=failed, latency=latency, digest=status.digest,
        )  # fmt: skip

    def remove(self, path: str) -> None:
        """A file is gone for good."""
        status = self.files.pop(path)
        self.policies = self.policies.commit({}, [status.in_force_id] if status.in_force_id else [])
        self.tell(EventType.REMOVED, path=path, policy_id=status.in_force_id)

    def changed(self, path: str, source: str) -> None:
        """A file's text changes without a change of its verdict."""
        self.files[path] = replace(self.files[path], source=source)


def _config(path: str, policy_id: str, content: bytes) -> PolicyConfig:
    """Give the policy of a content, or any with this id where a test did not write a whole one."""
    form = format_of(path)
    if content and form is not None:
        with suppress(PolicyLoadError):
            return parse(content, form).config
    return PolicyConfig(id=policy_id, name=policy_id, version="1.0.0")


def problem(
    code: str = "SEC003", message: str = "something is wrong", **more: object
) -> Diagnostic:
    """An error, for where it does not matter which."""
    return error(code, Severity.HIGH, message, **more)  # type: ignore[arg-type]  # passed through
