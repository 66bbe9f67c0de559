"""Detail: the pane on the right, everything about the chosen policy on one tab each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from textual.app import ComposeResult
from textual.widgets import ContentSwitcher

from policyconsole.dashboard import PolicyRow, source_for
from policyconsole.snapshot import FileStatus
from policyconsole.tui.panes.diagnostics import DiagnosticsView
from policyconsole.tui.panes.pane import Pane, Tab
from policyconsole.tui.panes.source import SourceView

_NO_TEXT = "The file could not be read as text, so there is no source to show."
_CHANGED = "The file has changed since this picture: its source comes with the newer findings."


@dataclass(frozen=True, slots=True)
class Subject:
    """The chosen policy at one moment; ``since`` is when what is in force came into force."""

    row: PolicyRow
    status: FileStatus | None
    since: datetime | None


class DetailPane(Pane):
    """Diagnostics and Source of the chosen policy; only the tab that is seen is drawn."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(
            Tab("diagnostics", 4, "Diagnostics"), Tab("source", 5, "Source"), id="detail"
        )
        self.diagnostics = DiagnosticsView(now, id="diagnostics")
        self.source = SourceView(id="source")
        self._subject_shown: Subject | None = None
        self._level = ""
        self._hint = ""

    def compose(self) -> ComposeResult:
        """The tabs, one above the other."""
        with ContentSwitcher(initial="diagnostics"):
            yield self.diagnostics
            yield self.source

    def activate(self, name: str) -> None:
        """Show the other tab."""
        super().activate(name)
        self.query_one(ContentSwitcher).current = name
        self._show_active()

    def show(self, subject: Subject | None, level: str, hint: str) -> None:
        """Show this policy; ``hint`` stands where there is none."""
        self._subject_shown, self._level, self._hint = subject, level, hint
        self.set_subject(subject.row.path if subject else "")
        count = subject.row.findings if subject else 0
        self.set_note("" if not count else "1 finding" if count == 1 else f"{count:,} findings")
        self._show_active()

    def _show_active(self) -> None:
        subject = self._subject_shown
        row = subject.row if subject else None
        status = subject.status if subject else None
        source = source_for(row, status) if row else None
        if self.active == "source":
            changed = status is not None and status.source is not None and source is None
            if row and changed and self.source.holds(row.path, row.diagnostics):
                return  # it shows the source that these findings are about
            diagnostics = row.diagnostics if row else ()
            hint = self._hint if row is None else _CHANGED if changed else _NO_TEXT
            self.source.show(row.path if row else None, source, diagnostics, hint)
        else:
            hint = self._hint if row is None else f"No findings at level {self._level}."
            trouble = (status.message if status else None) or ""
            since = subject.since if subject else None
            self.diagnostics.show(row, source, since, trouble, hint)
