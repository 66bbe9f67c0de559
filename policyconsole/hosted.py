"""What a face needs of an engine: EngineThread has it, and so has a scripted one in tests."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

from policyconsole.application.policy_set import PolicySet
from policyconsole.application.tally import RequestCounts
from policyconsole.events import Subscription
from policyconsole.history.records import RefusedContent, Revision
from policyconsole.latency import Statistics
from policyconsole.snapshot import EngineSnapshot, FileStatus, Loading
from policyconsole.validation.levels import ValidationLevel


def _do_nothing() -> None:
    """Stand where nobody wants to be woken."""


class HostedEngine(Protocol):
    """An engine that runs on a thread of its own; every method may be called from any thread."""

    @property
    def folder(self) -> Path:
        """The watched folder."""
        ...

    @property
    def alive(self) -> bool:
        """Whether the engine's thread runs."""
        ...

    @property
    def failure(self) -> str | None:
        """Why the thread died; None while it lives, or where it was stopped."""
        ...

    @property
    def loading(self) -> Loading | None:
        """How far the first load is, once the files are found; None when it is over, and before."""
        ...

    @property
    def requests(self) -> dict[str, RequestCounts]:
        """What the guards have answered so far, by the policy's id."""
        ...

    @property
    def policies(self) -> PolicySet:
        """What is in force."""
        ...

    @property
    def statistics(self) -> Statistics:
        """Events by type and the figures of every stage."""
        ...

    def start(self) -> None:
        """Start the thread and return at once."""

    def stop(self) -> None:
        """End the thread and wait for it; a second call does nothing."""

    def subscribe(self, wake: Callable[[], None] = _do_nothing) -> Subscription:
        """Give a queue of everything that happens from now on."""
        ...

    def snapshot(self) -> EngineSnapshot:
        """Give the whole state at this moment."""
        ...

    def file(self, path: str) -> FileStatus | None:
        """Give the status of one file, None where there is none."""
        ...

    def recent(self, stage: str, count: int) -> list[float]:
        """Give the newest timings of a stage in milliseconds, oldest first."""
        ...

    def histogram(self, stage: str, bounds: Sequence[float]) -> list[int]:
        """Count the timings of a stage up to each bound in milliseconds, the rest at the end."""
        ...

    def configure(self, level: ValidationLevel, environment: str | None) -> None:
        """Change level and environment; every file is judged again."""

    def revalidate(self) -> None:
        """Read and judge every file again."""


class KeptRevisions(Protocol):
    """What a face asks of the history; every method may raise HistoryError."""

    def revisions(self, policy_id: str) -> Sequence[Revision]:
        """List the revisions of a policy, the newest first."""
        ...

    def refusals(
        self, policy_id: str | None = None, path: str | None = None, limit: int | None = None
    ) -> Sequence[RefusedContent]:
        """List what was refused, the newest first: all, or of one policy or one file."""
        ...


class KeepingEngine(HostedEngine, Protocol):
    """A hosted engine that keeps revisions, and can go back to one."""

    @property
    def history(self) -> KeptRevisions | None:
        """The revisions that are kept; None where none are."""
        ...

    def rollback(self, policy_id: str, revision: int, *, force: bool = False) -> Future[int]:
        """Have an earlier revision in force again; gives its new number, or a RollbackError."""
        ...
