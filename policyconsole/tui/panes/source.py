"""Source: the chosen file as it is on disk, highlighted, with what was found on each line."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.content import Content
from textual.widget import Widget
from textual.widgets import TextArea
from textual.widgets.text_area import TextAreaTheme

from policyconsole.dashboard import FINDING_SIGNS
from policyconsole.diagnostics import Diagnostic
from policyconsole.escaping import printable
from policyconsole.excerpt import TAB, excerpt
from policyconsole.masking import mask_lines
from policyconsole.tui.drawing import ELLIPSIS, crop
from policyconsole.tui.panes.diagnostics import KIND_TONES
from policyconsole.tui.panes.subject import Subject

_NOTHING_CHOSEN = "The source of a file stands here."
_NO_TEXT = "The file could not be read as text, so there is no source to show."
_CHANGED = "The file has changed since this picture: its source comes with the newer findings."

MOST_LINES = 5_000
"""How many lines of a file are shown; the limit keeps a 10 MiB file from stopping the picture."""

LONGEST_LINE = 2_000
"""How many characters of a line are shown."""

_LANGUAGES = {".toml": "toml", ".yaml": "yaml", ".yml": "yaml", ".json": "json"}
_SYNTAX = {
    "comment": "comment",
    "string": "string",
    "json.label": "key",
    "yaml.field": "key",
    "toml.type": "key",
    "number": "number",
    "float": "number",
    "boolean": "number",
    "constant.builtin": "number",
    "json.null": "number",
    "toml.datetime": "number",
    "punctuation.bracket": "punctuation",
    "punctuation.delimiter": "punctuation",
    "punctuation.special": "punctuation",
    "operator": "punctuation",
}
"""Tree-sitter's names for the parts of the three languages, and ours."""

SYNTAX_CLASSES = {f"syntax--{part}" for part in _SYNTAX.values()}
"""The component classes of the parts of a source, which the screen must declare."""


class _LiveStyles(dict[str, Style]):
    """Looks a part's style up in the theme of the moment, each time it is asked."""

    def __init__(self, view: "SourceView") -> None:
        super().__init__()
        self._view = view

    def get(self, name: str, default: Style | None = None) -> Style | None:  # type: ignore[override]  # narrower than dict's overloads, which nobody calls
        part = _SYNTAX.get(name)
        if part is None:
            return default
        full = self._view.screen.get_component_rich_style(f"syntax--{part}")
        return Style(color=full.color, italic=full.italic or None, bold=full.bold or None)


class _Looks(TextAreaTheme):
    """The line of the cursor keeps the colours of its text."""

    def apply_css(self, text_area: TextArea) -> None:
        super().apply_css(text_area)
        if self.cursor_line_style is not None:
            self.cursor_line_style = Style(bgcolor=self.cursor_line_style.bgcolor)


class SourceView(TextArea):
    """A read-only text with marks; secrets masked, control characters escaped."""

    DEFAULT_CSS = """
    SourceView, SourceView:focus {
        border: none; padding: 0; background: transparent;
        scrollbar-size-vertical: 1; overflow-x: hidden;
    }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(
            id=id,
            read_only=True,
            show_line_numbers=True,
            soft_wrap=True,
            highlight_cursor_line=True,
        )
        self.cursor_blink = False
        self.match_cursor_bracket = False
        self.indent_width = TAB
        self._shown: tuple[str | None, str | None, Sequence[Diagnostic]] = (None, None, ())
        self._marks: dict[int, list[tuple[Diagnostic, int, int]]] = {}
        self.register_theme(_Looks("policy-console", syntax_styles=_LiveStyles(self)))
        self.theme = "policy-console"

    @property
    def target(self) -> Widget:
        """The text takes the keys."""
        return self

    def show_subject(self, subject: Subject | None) -> None:
        """Show this file's source, or why there is none."""
        if subject is None:
            self.show(None, None, (), _NOTHING_CHOSEN)
            return
        row, status, source = subject.row, subject.status, subject.source
        changed = status is not None and status.source is not None and source is None
        if changed and self.holds(row.path, row.diagnostics):
            return  # it shows the source that these findings are about
        self.show(row.path, source, row.diagnostics, _CHANGED if changed else _NO_TEXT)

    def show(
        self, path: str | None, source: str | None, diagnostics: Sequence[Diagnostic], hint: str
    ) -> None:
        """Show this source; ``hint`` stands where there is none.

        The place that one looks at stays while the same file changes; another file is
        shown from the line of its first diagnostic.
        """
        if (path, source, diagnostics) == self._shown:
            self.placeholder = Content(printable(hint)) if source is None else ""
            return
        before, text, _ = self._shown
        self._shown = (path, source, diagnostics)
        lines = safe_lines(source) if source is not None else []
        self._marks = _marks(diagnostics, source or "", lines)
        self.placeholder = Content(printable(hint)) if source is None else ""
        if before == path and text == source:
            self.notify_style_update()
            self.refresh()
            return
        cursor, offset = self.cursor_location, self.scroll_offset.y
        language = _LANGUAGES.get(PurePosixPath(path or "").suffix.lower())
        if language != self.language:
            self.language = language
        self.load_text("\n".join(lines))
        if before == path:
            self.move_cursor((min(cursor[0], len(lines) - 1), 0) if lines else (0, 0))
            self.scroll_to(y=offset, animate=False, immediate=True, force=True)
        elif self._marks:
            blocking = (
                row for row, marks in self._marks.items() if any(m[0].blocks for m in marks)
            )
            self.go_to(next(blocking, min(self._marks)) + 1)

    def holds(self, path: str, diagnostics: Sequence[Diagnostic]) -> bool:
        """Whether the source that these findings of this file are about is shown."""
        return (
            self._shown[0] == path
            and self._shown[1] is not None
            and (self._shown[2] == diagnostics)
        )

    def go_to(self, line: int) -> None:
        """Put the cursor on a line (from 1) and bring it into view."""
        row = min(max(1, line), self.document.line_count) - 1
        start = next((start for _, start, _ in self._marks.get(row, [])), 0)
        self.move_cursor((row, start), center=True)

    def get_line(self, line_index: int) -> Text:
        """Give a line with its findings underlined and told at its end, where there is room."""
        line = super().get_line(line_index)
        for found, start, end in self._marks.get(line_index, ()):
            tone = self.screen.get_component_rich_style(f"tone--{KIND_TONES[found.kind]}")
            line.stylize(Style(underline=True, color=tone.color), start, end)
        for found, _, _ in self._marks.get(line_index, ())[:1]:
            room = self.wrap_width - cell_len(line.plain) - 3
            note = crop(f"{FINDING_SIGNS[found.kind]} {found.code} {found.message}", room)
            if room > len(found.code) + 6:
                tone = self.screen.get_component_rich_style(f"tone--{KIND_TONES[found.kind]}")
                line.append("  " + note, Style(color=tone.color, italic=True))
        return line


def safe_lines(source: str) -> list[str]:
    """Give the lines of a source as they may be shown, at most ``MOST_LINES`` of them."""
    lines = [line.removesuffix("\r") for line in source.split("\n")]
    shown = [_safe(line) for line in mask_lines(lines[:MOST_LINES])]
    if len(lines) > MOST_LINES:
        shown.append(f"… {len(lines) - MOST_LINES:,} more lines are not shown")
    return shown


def _safe(line: str) -> str:
    safe = printable(line[:LONGEST_LINE].expandtabs(TAB))
    return safe + ELLIPSIS if len(line) > LONGEST_LINE else safe


def _marks(
    diagnostics: Sequence[Diagnostic], source: str, lines: Sequence[str]
) -> dict[int, list[tuple[Diagnostic, int, int]]]:
    """Find for each line (from 0) what was found on it, and in which characters."""
    marks: dict[int, list[tuple[Diagnostic, int, int]]] = {}
    for found in diagnostics:
        shown = excerpt(source, found.place) if found.place is not None else None
        if shown is None or shown.line > len(lines):
            continue
        line = lines[shown.line - 1]
        start, end = 0, len(line)
        if shown.text == line.rstrip():
            before, marked, _ = shown.parts
            start, end = len(before), len(before) + len(marked)
        marks.setdefault(shown.line - 1, []).append((found, start, end))
    return marks
