"""What is sent to the page: a Dashboard as JSON, made of the words that both faces show.

Every text that comes from outside is made printable here, so that the page only
ever puts visible characters into text nodes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from policyconsole.application.tally import RequestCounts
from policyconsole.dashboard import (
    FINDING_SIGNS,
    EventLine,
    Header,
    LatencyRow,
    PolicyRow,
    clock_time,
    event_line,
    guard_rows,
    header_line,
    milliseconds,
    rule_source,
    source_for,
    standing,
    where,
)
from policyconsole.diagnostics import Diagnostic, Place
from policyconsole.escaping import printable
from policyconsole.events import PolicyEvent
from policyconsole.excerpt import excerpt
from policyconsole.snapshot import FileStatus

EVENTS_SHOWN = 500
"""How many events the page keeps: what a person scrolls through; the engine's log holds all."""

PROBLEM = "problem"
"""The word of an event that no engine told: something went wrong in the console itself."""

GUARDS_SHOWN = 100
"""How many policies the Guards pane lists."""

DIAGNOSTICS_SHOWN = 100
"""How many diagnostics of one file are sent; ``findings`` counts all of them."""


class ExcerptPart(TypedDict):
    """A line of a policy's source, cut in three: the middle is what the diagnostic is about."""

    line: int
    before: str
    marked: str
    after: str


class DiagnosticPart(TypedDict):
    """One diagnostic, as the Diagnostics pane shows it."""

    sign: str
    kind: str
    code: str
    weight: str
    message: str
    field: str
    place: str
    help: str
    source: str
    excerpt: ExcerptPart | None


class RowPart(TypedDict):
    """One policy file, as the Policies pane shows it.

    ``key`` tells files apart and sorts them by path; it is not shown. ``since`` is in
    milliseconds from 1970, ``standing`` says what of the file is in force.
    """

    key: str
    name: str
    path: str
    sign: str
    status: str
    note: str
    standing: str
    revision: str
    environment: str
    findings: int
    since: float
    total: str
    diagnostics: list[DiagnosticPart]


class HeaderPart(TypedDict):
    """The line at the top, in its parts; ``state`` is the watch's state in a word."""

    state: str
    folder: str
    environment: str
    level: str
    watch: str
    message: str
    generation: str
    in_force: str
    refused: str


class EventPart(TypedDict):
    """One event, as the Events pane shows it; ``key`` is that of its file, or empty."""

    key: str
    time: str
    sign: str
    word: str
    subject: str
    detail: str


class LatencyPart(TypedDict):
    """The Latency pane: its lines, and the newest totals as a sparkline."""

    stages: list[dict[str, object]]
    sparkline: str


class GuardPart(TypedDict):
    """One line of the Guards pane, every figure as text."""

    policy: str
    allowed: str
    limited: str
    refused: str
    why: str


class Message(TypedDict):
    """What the page receives.

    ``number`` grows by one with each delta; a snapshot bears the number of the last
    delta that it holds and replaces everything. A delta names what changed; ``rows``
    are whole lines, ``gone`` the keys of those that are no more. ``now`` is the
    kernel's clock in milliseconds from 1970.
    """

    type: Literal["snapshot", "delta"]
    number: int
    now: float
    rows: list[RowPart]
    gone: list[str]
    events: list[EventPart]
    events_seen: int
    header: NotRequired[HeaderPart]
    latency: NotRequired[LatencyPart]
    guards: NotRequired[list[GuardPart]]
    problem: NotRequired[str]
    age_units: NotRequired[Sequence[tuple[str, int]]]


def row_key(path: str) -> str:
    """Give a path's key: plain ASCII, another for every path, in the order of the paths."""
    return path.encode("utf-8", "surrogatepass").hex()


def header_part(header: Header) -> HeaderPart:
    """Give the header for the page."""
    line = header_line(header)
    return {
        "state": header.watch.value,
        "folder": line.folder,
        "environment": line.environment,
        "level": line.level,
        "watch": line.watch,
        "message": line.message,
        "generation": line.generation,
        "in_force": line.in_force,
        "refused": line.refused,
    }


def row_part(
    row: PolicyRow, status: FileStatus | None, in_force_since: datetime | None, now: datetime
) -> RowPart:
    """Give a line of the Policies pane with its diagnostics; ``status`` brings the source text.

    ``in_force_since`` is when the revision in force came, None where that is not known.
    Where ``status`` is already newer than the line, the diagnostics come without the
    source: the next event brings both.
    """
    source = source_for(row, status)
    return {
        "key": row_key(row.path),
        "name": row.name,
        "path": printable(row.path),
        "sign": row.status.sign,
        "status": row.status.value,
        "note": row.note,
        "standing": standing(row, in_force_since, now),
        "revision": "-" if row.revision is None else str(row.revision),
        "environment": printable(row.environment or ""),
        "findings": row.findings,
        "since": row.since.timestamp() * 1000,
        "total": milliseconds(row.total_ms),
        "diagnostics": [
            diagnostic_part(item, source) for item in row.diagnostics[:DIAGNOSTICS_SHOWN]
        ],
    }


def diagnostic_part(diagnostic: Diagnostic, source: str | None) -> DiagnosticPart:
    """Give a diagnostic for the page, with the line it is about where the source is at hand."""
    place = diagnostic.place
    return {
        "sign": FINDING_SIGNS[diagnostic.kind],
        "kind": diagnostic.kind.value,
        "code": diagnostic.code,
        "weight": diagnostic.weight,
        "message": printable(diagnostic.message),
        "field": printable(diagnostic.field or ""),
        "place": where(diagnostic),
        "help": printable(diagnostic.help or ""),
        "source": printable(rule_source(diagnostic.code)),
        "excerpt": _excerpt_part(source, place),
    }


def _excerpt_part(source: str | None, place: Place | None) -> ExcerptPart | None:
    found = excerpt(source, place) if source is not None and place is not None else None
    if found is None:
        return None
    before, marked, after = found.parts
    return {"line": found.line, "before": before, "marked": marked, "after": after}


def event_part(event: PolicyEvent) -> EventPart:
    """Give a line of the Events pane."""
    line: EventLine = event_line(event)
    return {
        "key": "" if event.path is None else row_key(event.path),
        "time": line.time,
        "sign": line.sign,
        "word": line.word,
        "subject": line.subject,
        "detail": line.detail,
    }


def problem_part(problem: str, moment: datetime) -> EventPart:
    """Give a line of the Events pane for what went wrong in the console itself."""
    return {
        "key": "",
        "time": clock_time(moment),
        "sign": "✖",
        "word": PROBLEM,
        "subject": "",
        "detail": printable(problem),
    }


def guards_part(requests: Mapping[str, RequestCounts]) -> list[GuardPart]:
    """Give the Guards pane, at most :data:`GUARDS_SHOWN` lines."""
    return [
        {
            "policy": row.name,
            "allowed": f"{row.allowed:,}",
            "limited": f"{row.limited:,}",
            "refused": f"{row.refused:,}",
            "why": row.reasons,
        }
        for row in guard_rows(requests)[:GUARDS_SHOWN]
    ]


def latency_part(rows: Iterable[LatencyRow], sparkline: str) -> LatencyPart:
    """Give the Latency pane."""
    return {"stages": [asdict(row) for row in rows], "sparkline": sparkline}
