"""Work: what one settling has found so far, and what it comes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policyconsole.application.policy_set import ActivePolicy, PolicySet
from policyconsole.application.target import Transition
from policyconsole.events import Change, PolicyEvent
from policyconsole.files import PolicyFile
from policyconsole.history.records import Recorded
from policyconsole.loading.loader import LoadedPolicy
from policyconsole.snapshot import FileStatus
from policyconsole.watching.tracker import FileChange


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one look came to: the new generation, the statuses that differ, what to tell.

    A status of None is that of a file that is gone. The events have no number yet.
    """

    policies: PolicySet
    statuses: Mapping[str, FileStatus | None]
    events: tuple[PolicyEvent, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A policy that is in force now, and what came with it.

    ``new`` says that it is another content than before, ``recorded`` what the history says
    of it; ``again`` that it is in force as before the restart, though its file is refused now,
    ``back`` that it is in force again because the file's content has failed its probation.
    """

    active: ActivePolicy
    changes: tuple[Change, ...]
    sections: tuple[str, ...]
    apply_ms: float
    new: bool = False
    recorded: Recorded | None = None
    again: bool = False
    back: bool = False


@dataclass(slots=True)
class Work:
    """What one settling has found so far."""

    judged: frozenset[str]
    seen: Mapping[str, FileChange]
    holders: dict[str, str | None]
    entries: dict[str, Entry] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    stayed_out: set[str] = field(default_factory=set)
    leaving: list[PolicyEvent] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entering:
    """A file's policy on its way into force, since ``begin`` (perf_counter)."""

    transition: Transition
    file: PolicyFile
    policy: LoadedPolicy
    changes: tuple[Change, ...]
    begin: float
