"""The lines of a recording: one JSON object each, with its time in seconds from the beginning.

The first line is a ``begun``. Every other is something that happened (``event``, with the
file and the policy that it is about as they were then), a whole ``state`` where events were
missed, the answers of the guards (``requests``), or the ``end``. Secrets are masked.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from policyconsole.application.policy_set import ActivePolicy
from policyconsole.application.request import Refusal
from policyconsole.application.tally import RequestCounts
from policyconsole.diagnostics import (
    Diagnostic,
    Impact,
    Kind,
    Place,
    Severity,
)
from policyconsole.events import Change, EventType, Latency, PolicyEvent, format_time
from policyconsole.masking import mask, mask_lines
from policyconsole.policy import PolicyConfig
from policyconsole.snapshot import EngineSnapshot, FileStatus, Verdict, WatchState

VERSION = 1
"""The form of the lines; a program that knows only older ones says so."""

LONGEST_SOURCE = 256 * 1024
"""Characters of a file's text that are recorded; a longer one is left out."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class DiagnosticLine(_Model):
    """A finding, in the shape of ``check --format json``."""

    code: str
    kind: Kind
    severity: Severity | None
    impact: Impact | None
    message: str
    field: str | None
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None
    help: str | None

    def diagnostic(self) -> Diagnostic:
        """Give it as faces know it."""
        place = None
        if self.line and self.column and self.end_line and self.end_column:
            place = Place(self.line, self.column, self.end_line, self.end_column)
        return Diagnostic(
            self.code,
            self.kind,
            self.message,
            severity=self.severity,
            impact=self.impact,
            field=self.field,
            place=place,
            help=self.help,
        )


class FileLine(_Model):
    """A file's status."""

    path: str
    policy_id: str | None
    verdict: Verdict
    diagnostics: tuple[DiagnosticLine, ...]
    since: AwareDatetime
    digest: str | None
    source: str | None
    in_force_id: str | None
    environment: str | None
    message: str | None

    def status(self) -> FileStatus:
        """Give it as faces know it."""
        found = tuple(item.diagnostic() for item in self.diagnostics)
        return FileStatus(**{**dict(self), "diagnostics": found})


class ActiveLine(_Model):
    """A policy in force; ``config`` are the values that its file gave."""

    revision: int
    digest: str
    path: str
    since: AwareDatetime
    config: PolicyConfig

    def active(self) -> ActivePolicy:
        """Give it as faces know it."""
        return ActivePolicy(**dict(self))


class _ChangeLine(_Model):
    field: str
    old: object
    new: object


class EventLine(_Model):
    """An event, in the shape of ``watch --format jsonl``."""

    seq: int
    time: AwareDatetime
    type: EventType
    path: str | None
    policy_id: str | None
    revision: int | None
    generation: int
    digest: str | None
    sections: tuple[str, ...]
    changes: tuple[_ChangeLine, ...]
    diagnostics: tuple[DiagnosticLine, ...]
    message: str | None
    latency_ms: Latency

    def event(self) -> PolicyEvent:
        """Give it as faces know it."""
        return PolicyEvent(
            self.type,
            seq=self.seq,
            time=self.time,
            path=self.path,
            policy_id=self.policy_id,
            revision=self.revision,
            generation=self.generation,
            digest=self.digest,
            sections=self.sections,
            changes=tuple(Change(item.field, item.old, item.new) for item in self.changes),
            diagnostics=tuple(item.diagnostic() for item in self.diagnostics),
            message=self.message,
            latency=self.latency_ms,
        )


class Begun(_Model):
    """The first line: where, when and how what follows was recorded."""

    kind: Literal["begun"]
    recording: int
    time: AwareDatetime
    folder: str
    level: str
    environment: str | None


class Happened(_Model):
    """An event, and what it is about as it was then; both None where that was past already."""

    kind: Literal["event"]
    t: float = Field(ge=0)
    event: EventLine
    file: FileLine | None
    active: ActiveLine | None


class State(_Model):
    """Everything as it was, where events were missed."""

    kind: Literal["state"]
    t: float = Field(ge=0)
    seq: int
    generation: int
    watch: WatchState
    message: str | None
    level: str
    environment: str | None
    files: tuple[FileLine, ...]
    policies: tuple[ActiveLine, ...]


class _CountsLine(_Model):
    allowed: int
    refused: Mapping[Refusal, int]


class Requests(_Model):
    """What the guards had answered so far."""

    kind: Literal["requests"]
    t: float = Field(ge=0)
    requests: Mapping[str, _CountsLine]

    def counts(self) -> dict[str, RequestCounts]:
        """Give them as faces know them."""
        return {key: RequestCounts(one.allowed, one.refused) for key, one in self.requests.items()}


class End(_Model):
    """The last line; ``why`` says why the recording ends before what was recorded did."""

    kind: Literal["end"]
    t: float = Field(ge=0)
    why: str | None


Line: TypeAlias = Annotated[Happened | State | Requests | End, Field(discriminator="kind")]
LINE: TypeAdapter[Line] = TypeAdapter(Line)
"""Reads every line but the first."""


def begun(time: datetime, state: EngineSnapshot) -> dict[str, object]:
    """Make the first line."""
    return {
        "kind": "begun",
        "recording": VERSION,
        "time": format_time(time),
        "folder": state.folder,
        "level": state.level,
        "environment": state.environment,
    }


def happened(
    t: float, event: PolicyEvent, status: FileStatus | None, active: ActivePolicy | None
) -> dict[str, object]:
    """Make the line of an event."""
    return {
        "kind": "event",
        "t": t,
        "event": event.record(),
        "file": None if status is None else _file_record(status),
        "active": None if active is None else _active_record(active),
    }


def state(t: float, now: EngineSnapshot) -> dict[str, object]:
    """Make the line of a whole state."""
    return {
        "kind": "state",
        "t": t,
        "seq": now.seq,
        "generation": now.policies.generation,
        "watch": now.watch.value,
        "message": now.message,
        "level": now.level,
        "environment": now.environment,
        "files": [_file_record(status) for status in now.files.values()],
        "policies": [_active_record(active) for active in now.policies.values()],
    }


def requests(t: float, counts: Mapping[str, RequestCounts]) -> dict[str, object]:
    """Make the line of what the guards have answered."""
    said = {
        key: {"allowed": one.allowed, "refused": {code.value: n for code, n in one.refused.items()}}
        for key, one in counts.items()
    }
    return {"kind": "requests", "t": t, "requests": said}


def end(t: float, why: str | None) -> dict[str, object]:
    """Make the last line."""
    return {"kind": "end", "t": t, "why": why}


def _file_record(status: FileStatus) -> dict[str, object]:
    source = status.source
    if source is not None and len(source) > LONGEST_SOURCE:
        source = None
    return {
        "path": status.path,
        "policy_id": status.policy_id,
        "verdict": status.verdict.value,
        "diagnostics": [item.record() for item in status.diagnostics],
        "since": format_time(status.since),
        "digest": status.digest,
        "source": None if source is None else "\n".join(mask_lines(source.split("\n"))),
        "in_force_id": status.in_force_id,
        "environment": status.environment,
        "message": status.message,
    }


def _active_record(active: ActivePolicy) -> dict[str, object]:
    values = active.config.model_dump(mode="json", exclude_unset=True)
    return {
        "revision": active.revision,
        "digest": active.digest,
        "path": active.path,
        "since": format_time(active.since),
        "config": {key: mask(key, value) for key, value in values.items()},
    }
