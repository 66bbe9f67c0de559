"""What is under the cursor: a place in a file to open, and a text to copy."""

from collections.abc import Sequence

from textual.widget import Widget

from policyconsole.dashboard import PolicyRow
from policyconsole.diagnostics import Diagnostic
from policyconsole.escaping import printable
from policyconsole.tui.line_list import LineList
from policyconsole.tui.panes.diagnostics import Finding, FindingList
from policyconsole.tui.panes.effective import EffectiveList
from policyconsole.tui.panes.events import Entry, EventList
from policyconsole.tui.panes.policies import PolicyList
from policyconsole.tui.panes.source import SourceView

_WIDTH = 400
"""For how many cells a line is drawn that is to be copied."""


def place_under(widget: Widget, row: PolicyRow | None) -> tuple[str, int | None] | None:
    """Give path (from the watched folder) and line of what is under the cursor of ``widget``.

    ``row`` is the chosen policy. The line is that of the finding, of the event's first
    finding, or of the source; else that of what blocks the file first. None where there
    is no file.
    """
    if isinstance(widget, EventList):
        entry = widget.cursor_item
        path = entry.event.path if entry is not None else None
        return (path, _first_line(entry.event.diagnostics)) if entry and path else None
    if row is None:
        return None
    if isinstance(widget, SourceView):
        return row.path, widget.cursor_location[0] + 1
    if isinstance(widget, EffectiveList):
        value = widget.cursor_item
        return row.path, value.value.line if value is not None else None
    line = _first_line(row.diagnostics)
    if isinstance(widget, FindingList) and (found := _finding(widget)) is not None:
        line = found.place.line if found.place is not None else line
    return row.path, line


def text_under(widget: Widget, row: PolicyRow | None) -> str | None:
    """Give the text of what is under the cursor; None where there is nothing.

    That is a policy's id (its path where it has none), a finding as a compiler says it, an
    event as its line of JSON, a line of the source as it is shown, with secrets masked.
    """
    if isinstance(widget, PolicyList):
        return row.name if row is not None else None
    if isinstance(widget, FindingList):
        found = _finding(widget)
        return finding_line(row.path, found) if row is not None and found is not None else None
    if isinstance(widget, EventList):
        return widget.cursor_item.event.to_json() if widget.cursor_item is not None else None
    if isinstance(widget, SourceView):
        return str(widget.document.get_line(widget.cursor_location[0])) or None
    if isinstance(widget, LineList):
        return _as_drawn(widget)
    return row.name if row is not None else None


def finding_line(path: str, found: Diagnostic) -> str:
    """Say a finding in a line, as compilers do and editors read it; safe to paste."""
    place = f":{found.place.line}:{found.place.column}" if found.place is not None else ""
    return printable(f"{path}{place}: {found.code} {found.message}")


def _finding(widget: FindingList) -> Diagnostic | None:
    item: Finding | None = widget.cursor_item
    return item.diagnostic if item is not None else None


def _first_line(diagnostics: Sequence[Diagnostic]) -> int | None:
    placed = [found for found in diagnostics if found.place is not None]
    first = next((found for found in placed if found.blocks), placed[0] if placed else None)
    return first.place.line if first is not None and first.place is not None else None


def _as_drawn(widget: LineList[Entry]) -> str | None:
    item = widget.cursor_item
    if item is None:
        return None
    lines = (widget.draw(item, part, _WIDTH) for part in range(widget.height_of(item)))
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines).strip() or None
