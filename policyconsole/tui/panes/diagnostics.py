"""Diagnostics: what was found in the chosen file, as a compiler says it, and what is in force."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Size
from textual.widget import Widget

from policyconsole.dashboard import FINDING_SIGNS, PolicyRow, rule_source, standing, where
from policyconsole.diagnostics import Diagnostic, Kind
from policyconsole.excerpt import Excerpt, excerpt
from policyconsole.tui.drawing import ELLIPSIS, Line, Tone, wrap
from policyconsole.tui.line_list import LineList
from policyconsole.tui.line_view import LineView
from policyconsole.tui.panes.policies import STATUS_TONES
from policyconsole.tui.panes.subject import Subject

MOST = 200
"""How many diagnostics of one file are shown; nobody reads further, and a hostile file has thousands."""

_NOTHING_CHOSEN = "What is found in a file stands here."

_ROOMY = 9
"""From this height on the pane has two lines for how the file stands."""

KIND_TONES = {
    Kind.ERROR: Tone.BAD,
    Kind.WARNING: Tone.WARNING,
    Kind.RECOMMENDATION: Tone.ACCENT,
}
"""How each kind looks; the sign and the word say it too."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One diagnostic with its source line; without diagnostic the line that says how many are left out."""

    diagnostic: Diagnostic | None
    excerpt: Excerpt | None = None
    left_out: int = 0


class Standing(LineView):
    """Which file this is, how it stands, and what of it is in force since when."""

    DEFAULT_CSS = "Standing { height: auto; }"

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._now = now
        self._row: PolicyRow | None = None
        self._since: datetime | None = None
        self._trouble = ""

    def show(self, row: PolicyRow | None, since: datetime | None, trouble: str) -> None:
        """Show this file; ``since`` is when what is in force came so, ``trouble`` why a target failed."""
        if (row, since, trouble) == (self._row, self._since, self._trouble):
            return
        if trouble != self._trouble:
            self.refresh(layout=True)
        self._row, self._since, self._trouble = row, since, trouble
        self.update_lines()

    def get_content_height(self, container: Size, viewport: object, width: int) -> int:  # noqa: ARG002 - textual's signature
        """Give two lines, one where the pane is low, and those of the trouble."""
        low = container.height < _ROOMY
        return len(self._in_short(width) if low else self._in_full(width))

    def compose_lines(self, width: int, height: int) -> Sequence[Line]:
        """Say it in two lines (or one) and, where a target failed, why."""
        full = self._in_full(width)
        return full if len(full) <= height else self._in_short(width)

    def _in_short(self, width: int) -> Sequence[Line]:
        """Leave the name to the list of policies, and the path to the frame."""
        row = self._row
        if row is None:
            return ((),)
        tone = STATUS_TONES[row.status]
        said = f"  {standing(row, self._since, self._now())}"
        line: Line = [
            (f" {row.status.sign} {row.status}", tone),
            (said, Tone.MUTED),
            (f"  {row.environment}" if row.environment else "", Tone.MUTED),
        ]
        trouble = wrap(self._trouble, width - 3, most=2) if self._trouble else ()
        return (line, *([("   " + text, tone)] for text in trouble))

    def _in_full(self, width: int) -> Sequence[Line]:
        row = self._row
        if row is None:
            return ((), ())
        tone = STATUS_TONES[row.status]
        first: Line = [
            (f" {row.status.sign} {row.status}  ", tone),
            (row.name[: 2 * width], Tone.STRONG),
            (f"  {row.environment}" if row.environment else "", Tone.MUTED),
        ]
        second: Line = [("   " + standing(row, self._since, self._now()), Tone.MUTED)]
        trouble = wrap(self._trouble, width - 3, most=3) if self._trouble else ()
        return (first, second, *([("   " + text, tone)] for text in trouble))


class FindingList(LineList[Finding]):
    """The diagnostics; Enter on one leads to its line in the source."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self.hint = ""

    def go_to_first_blocking(self) -> None:
        """Stand on what keeps the file out of force or, where nothing does, on the first finding."""
        blocking = (
            index
            for index, item in enumerate(self.items)
            if item.diagnostic is not None and item.diagnostic.blocks
        )
        self.move_cursor(next(blocking, 0))

    def height_of(self, item: Finding) -> int:
        """Count the lines of a finding, the empty one below it included."""
        return len(_lay_out(item, self._width - 1))

    def draw(self, item: Finding, part: int, width: int) -> Line:
        """Draw one line of a finding."""
        lines = _lay_out(item, width)
        return lines[part] if part < len(lines) else ()

    def placeholder(self, width: int) -> Sequence[Line]:
        """Say what no findings mean."""
        return [(), *([("  " + text, Tone.MUTED)] for text in wrap(self.hint, width - 2))]


def _lay_out(item: Finding, width: int) -> list[Line]:
    """Say a finding as a compiler would: title, message, line with marker, what to do, who says so."""
    found = item.diagnostic
    if found is None:
        return [[(f"… and {item.left_out:,} more", Tone.MUTED)], ()]
    tone = KIND_TONES[found.kind]
    title: list[tuple[str, Tone]] = [
        (f"{FINDING_SIGNS[found.kind]} {found.kind} ", tone),
        (found.code, Tone.STRONG),
        (f" {found.weight}" if found.weight else "", tone),
    ]
    if found.place is not None:
        title.append((f"  {where(found)}", Tone.TEXT))
    if found.field:
        title.append((f"  {found.field[:200]}", Tone.MUTED))
    lines: list[Line] = [title]
    lines += ([("  " + text, Tone.TEXT)] for text in wrap(found.message, width - 2, most=6))
    if item.excerpt is not None:
        lines += _source_lines(item.excerpt, tone, width - 2)
    if found.help:
        first, *more = wrap(found.help, width - 4, most=6)
        lines.append([("  = ", Tone.ACCENT), (first, Tone.TEXT)])
        lines += ([("    " + text, Tone.TEXT)] for text in more)
    source = rule_source(found.code)
    if source:
        lines += (
            [("    " + text, Tone.MUTED)] for text in wrap(f"source: {source}", width - 4, most=3)
        )
    lines.append(())
    return lines


def _source_lines(shown: Excerpt, tone: Tone, width: int) -> list[Line]:
    """Draw the source line and the marker below the part that is meant."""
    number = f"  {shown.line} │ "
    margin = " " * (len(number) - 2) + "│ "
    text, start = _window(shown.text, shown.start, shown.width, width - len(number))
    marker = " " * start + "^" * shown.width
    return [
        [(number, Tone.MUTED), (text, Tone.TEXT)],
        [(margin, Tone.MUTED), (marker, tone)],
    ]


def _window(text: str, start: int, width: int, room: int) -> tuple[str, int]:
    """Cut the beginning of a text that is too wide, so that its marked part is in view."""
    surplus = min(start, start + min(width, room) - room + 1)
    if surplus <= 0:
        return text, start
    cells = 0
    for index, character in enumerate(text):
        if cells > surplus:
            return ELLIPSIS + text[index:], start - cells + 1
        cells += cell_len(character)
    return text, start


class DiagnosticsView(Vertical):
    """How the file stands, over its findings."""

    def __init__(self, now: Callable[[], datetime], *, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self.standing = Standing(now)
        self.list = FindingList(id="finding-list")
        self._path: str | None = None

    def compose(self) -> ComposeResult:
        """Standing, findings."""
        yield self.standing
        yield self.list

    @property
    def target(self) -> Widget:
        """The findings take the keys."""
        return self.list

    def show_subject(self, subject: Subject | None) -> None:
        """Show what was found in this file."""
        if subject is None:
            self.show(None, None, None, "", _NOTHING_CHOSEN)
            return
        trouble = (subject.status.message if subject.status else None) or ""
        hint = f"No findings at level {subject.level}."
        self.show(subject.row, subject.source, subject.since, trouble, hint)

    def show(
        self,
        row: PolicyRow | None,
        source: str | None,
        since: datetime | None,
        trouble: str,
        hint: str,
    ) -> None:
        """Show this file; ``source`` is what was judged, ``hint`` is what an empty list means.

        ``since`` and ``trouble`` are those of :meth:`Standing.show`.
        """
        self.standing.display = row is not None
        self.standing.show(row, since, trouble)
        self.list.hint = hint
        self.list.replace_items(_findings(row.diagnostics if row else (), source))
        path = row.path if row else None
        if path != self._path:
            self._path = path
            self.list.go_to_first_blocking()


def _findings(diagnostics: Sequence[Diagnostic], source: str | None) -> list[Finding]:
    findings = [Finding(found, _excerpt(found, source)) for found in diagnostics[:MOST]]
    if len(diagnostics) > MOST:
        findings.append(Finding(None, left_out=len(diagnostics) - MOST))
    return findings


def _excerpt(found: Diagnostic, source: str | None) -> Excerpt | None:
    if source is None or found.place is None:
        return None
    return excerpt(source, found.place)
