"""A state of the console that never changes: as HTML for readers without a kernel, and as text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from policyconsole.dashboard import age
from policyconsole.markup import html_table, marked_line
from policyconsole.notebook.payload import (
    DIAGNOSTICS_SHOWN,
    DiagnosticPart,
    HeaderPart,
    Message,
    RowPart,
)
from policyconsole.snapshot import EngineSnapshot

EVENTS_IN_PICTURE = 20
"""How many of the newest events a static picture holds."""

ROWS_IN_PICTURE = 200
"""How many policies a static picture holds: it is stored in the notebook."""

_POLICY_COLUMNS = ("policy", "status", "rev", "env", "findings", "age")
_EVENT_COLUMNS = ("time", "event", "policy", "")
_LATENCY_COLUMNS = ("stage", "p50", "p95", "p99", "max", "target")
_GUARD_COLUMNS = ("policy", "allowed", "limited", "refused", "why")
_NUMBERS = frozenset({"rev", "findings", "age", *_LATENCY_COLUMNS[1:], *_GUARD_COLUMNS[1:4]})


@dataclass(frozen=True, slots=True, repr=False)
class ConsoleSnapshot:
    """What a console showed at one moment; the last line of a cell shows it again, for good.

    ``message`` is the picture as the page received it, ``engine`` the engine's whole state.
    """

    message: Message
    engine: EngineSnapshot

    def html(self) -> str:
        """Give the picture as HTML that needs neither script nor kernel; all text is escaped."""
        return "".join(_html(self.message))

    def _repr_html_(self) -> str:
        return self.html()

    def __repr__(self) -> str:
        return "\n".join(_text(self.message))


def _moment(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _head(header: HeaderPart) -> list[str]:
    watch = f"{header['watch']}: {header['message']}" if header["message"] else header["watch"]
    parts = (
        header["folder"],
        header["environment"],
        header["level"],
        watch,
        header["generation"],
        header["in_force"],
        header["refused"],
    )
    return [part for part in parts if part]


def _policy_cells(row: RowPart, now: datetime) -> tuple[str, ...]:
    status = f"{row['sign']} {row['status']}"
    return (
        row["name"],
        f"{status}, {row['note']}" if row["note"] else status,
        row["revision"],
        row["environment"],
        str(row["findings"]),
        age(_moment(row["since"]), now),
    )


def _title(diagnostic: DiagnosticPart, path: str) -> str:
    place = ", ".join(part for part in (path, diagnostic["place"]) if part)
    said = (diagnostic["kind"], diagnostic["code"], diagnostic["weight"])
    return f"{' '.join(part for part in said if part)} ({place})"


def _event_cells(message: Message) -> list[tuple[str, ...]]:
    newest = message["events"][-EVENTS_IN_PICTURE:]
    return [
        (event["time"], f"{event['sign']} {event['word']}", event["subject"], event["detail"])
        for event in newest
    ]


def _latency_cells(message: Message) -> list[tuple[str, ...]]:
    stages = message["latency"]["stages"]
    return [tuple(str(stage[column]) for column in _LATENCY_COLUMNS) for stage in stages]


def _guard_cells(message: Message) -> list[tuple[str, ...]]:
    return [
        (guard["policy"], guard["allowed"], guard["limited"], guard["refused"], guard["why"])
        for guard in message["guards"]
    ]


def _html(message: Message) -> Iterator[str]:
    now = _moment(message["now"])
    yield '<div class="policy-console-picture">'
    yield f"<p><strong>{escape(' · '.join(_head(message['header'])))}</strong></p>"
    if message["problem"]:
        yield f"<p><strong>{escape(message['problem'])}</strong></p>"
    rows = message["rows"]
    shown = rows[:ROWS_IN_PICTURE]
    yield _html_table(_POLICY_COLUMNS, [_policy_cells(row, now) for row in shown])
    if len(rows) > len(shown):
        yield f"<p>and {len(rows) - len(shown)} more</p>"
    found = [(row, item) for row in shown for item in row["diagnostics"]]
    if found:
        yield f"<details open><summary>Diagnostics ({len(found)})</summary><ul>"
        for row, diagnostic in found[:DIAGNOSTICS_SHOWN]:
            yield "".join(_html_diagnostic(row, diagnostic))
        yield "</ul></details>"
    yield "<details><summary>Events</summary>"
    yield _html_table(_EVENT_COLUMNS, _event_cells(message)) + "</details>"
    yield "<details><summary>Latency, in milliseconds</summary>"
    yield _html_table(_LATENCY_COLUMNS, _latency_cells(message)) + "</details>"
    if message["guards"]:
        yield "<details><summary>Guards</summary>"
        yield _html_table(_GUARD_COLUMNS, _guard_cells(message)) + "</details>"
    yield "</div>"


def _html_diagnostic(row: RowPart, diagnostic: DiagnosticPart) -> Iterator[str]:
    title = escape(_title(diagnostic, row["path"]))
    yield f"<li><strong>{title}</strong>: {escape(diagnostic['message'])}"
    line = diagnostic["excerpt"]
    if line is not None:
        yield marked_line(line["line"], line["before"], line["marked"], line["after"])
    if diagnostic["help"]:
        yield f"<div>→ {escape(diagnostic['help'])}</div>"
    if diagnostic["source"]:
        yield f"<div><small>source: {escape(diagnostic['source'])}</small></div>"
    yield "</li>"


def _html_table(columns: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> str:
    return html_table(columns, lines, [column in _NUMBERS for column in columns])


def _text(message: Message) -> Iterator[str]:
    now = _moment(message["now"])
    yield "   ".join(_head(message["header"]))
    if message["problem"]:
        yield message["problem"]
    yield ""
    rows = message["rows"]
    shown = rows[:ROWS_IN_PICTURE]
    yield from _text_table(_POLICY_COLUMNS, [_policy_cells(row, now) for row in shown])
    if len(rows) > len(shown):
        yield f"and {len(rows) - len(shown)} more"
    for row in shown:
        for diagnostic in row["diagnostics"]:
            yield f"\n{_title(diagnostic, row['path'])}: {diagnostic['message']}"
            if diagnostic["help"]:
                yield f"   = {diagnostic['help']}"
            if diagnostic["source"]:
                yield f"     source: {diagnostic['source']}"


def _text_table(columns: tuple[str, ...], lines: list[tuple[str, ...]]) -> Iterator[str]:
    everything = [columns, *lines]
    widths = [max(len(line[column]) for line in everything) for column in range(len(columns))]
    for line in everything:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield "  ".join(cells).rstrip()
