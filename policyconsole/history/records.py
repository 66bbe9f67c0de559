"""What the history keeps: revisions, refused contents and retirements, all immutable."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from policyconsole.diagnostics import DiagnosticRecord
from policyconsole.events import Change

LARGEST_REFUSED = 256 * 1024
"""The most bytes of a refused content that are kept; a larger one is noted without its content."""


class Reason(StrEnum):
    """Why a content was refused."""

    REFUSED = "refused"
    """It could not be read or loaded, or the rules would not have it."""
    FAILED = "failed"
    """A target would not take it."""
    PROBATION = "probation"
    """The guards refused too much by it."""
    OVERWRITTEN = "overwritten"
    """It was on disk and in no revision when a rollback took its place."""


@dataclass(frozen=True, slots=True)
class NewRevision:
    """An accepted content that is about to come into force; ``path`` is relative to the folder."""

    policy_id: str
    digest: str
    path: str
    content: bytes = field(repr=False)
    time: datetime
    sections: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """The number that the history gave to a revision.

    ``parent`` is the revision that a rollback went back to, given once, to each process
    that did not know of the rollback; None for an edit. ``forced`` goes with it.
    """

    revision: int
    parent: int | None = None
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Revision:
    """One kept revision of a policy.

    ``time`` is when it came into force (in UTC), ``changes`` what differed then from what
    was in force, secrets masked. ``parent`` is the revision that a rollback went back to,
    None for an edit; ``confirmed`` is False while what a rollback asked for is not yet in
    force, ``forced`` says that the rules of its day refused it.
    """

    policy_id: str
    revision: int
    digest: str
    path: str
    content: bytes = field(repr=False)
    time: datetime
    sections: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    parent: int | None = None
    confirmed: bool = True
    forced: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedContent:
    """A content that did not come into force, with the findings that kept it out.

    ``digest`` and ``content`` are None for a file that could not be read, ``content`` also
    where it is larger than :data:`LARGEST_REFUSED`.
    """

    path: str
    policy_id: str | None
    digest: str | None
    time: datetime
    content: bytes | None = field(repr=False)
    diagnostics: tuple[DiagnosticRecord, ...] = ()
    reason: Reason = Reason.REFUSED


@dataclass(frozen=True, slots=True)
class Retirement:
    """A policy whose file is gone: it is not put in force again at a restart."""

    policy_id: str
    path: str
    time: datetime


@dataclass(frozen=True, slots=True)
class KeptPolicy:
    """One policy that the history knows: its newest revision, and how many of it are kept."""

    policy_id: str
    revision: int
    path: str
    retired: bool
    count: int
