"""The whole state of an engine at one moment, for faces and programs that join later."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from policyconsole.application.policy_set import PolicySet
from policyconsole.diagnostics import Diagnostic


class Verdict(StrEnum):
    """What became of a file's content on disk; FAILED where a target would not take it."""

    IN_FORCE = "in_force"
    REFUSED = "refused"
    FAILED = "failed"


class WatchState(StrEnum):
    """How the watch stands."""

    STARTING = "starting"
    WATCHING = "watching"
    DEGRADED = "degraded"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Loading:
    """How far the first load of a folder is: how many of the files that were found are judged."""

    done: int
    found: int


@dataclass(frozen=True, slots=True)
class FileStatus:
    """One policy file: its verdict, what was found in it, and since when.

    ``policy_id`` is the id that the content claims, else the one last in force from
    this path, else None. ``digest`` is that of the content judged, None where it
    could not be read. ``source`` is its text, None where it could not be decoded.
    A refused file may still have a policy in force: the one of ``in_force_id``.
    ``message`` says why a target failed.
    """

    path: str
    policy_id: str | None
    verdict: Verdict
    diagnostics: tuple[Diagnostic, ...]
    since: datetime
    digest: str | None = None
    source: str | None = field(default=None, repr=False)
    in_force_id: str | None = None
    environment: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class EngineSnapshot:
    """The state after the event number ``seq``: policies in force and every file's status."""

    seq: int
    policies: PolicySet
    files: Mapping[str, FileStatus]
    watch: WatchState
    message: str | None
    level: str
    environment: str | None
    folder: str
