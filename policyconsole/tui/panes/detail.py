"""Detail: the pane on the right, everything about the chosen policy on one tab each."""

from collections.abc import Callable, Mapping
from datetime import datetime

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from policyconsole.hosted import KeptRevisions
from policyconsole.tui.panes.diagnostics import DiagnosticsView
from policyconsole.tui.panes.diff import DiffView
from policyconsole.tui.panes.effective import EffectiveView
from policyconsole.tui.panes.history import HistoryView
from policyconsole.tui.panes.pane import Pane, Tab
from policyconsole.tui.panes.source import SourceView
from policyconsole.tui.panes.subject import DetailView, Subject

TABS = (
    Tab("diagnostics", 4, "Diagnostics"),
    Tab("source", 5, "Source"),
    Tab("diff", 6, "Diff"),
    Tab("effective", 7, "Effective"),
    Tab("history", 8, "History"),
)
"""What can be seen of the chosen policy."""


class DetailPane(Pane):
    """The tabs about the chosen policy; only the one that is seen is drawn."""

    def __init__(
        self, now: Callable[[], datetime], history: Callable[[], KeptRevisions | None]
    ) -> None:
        super().__init__(*TABS, id="detail")
        self.diagnostics = DiagnosticsView(now, id="diagnostics")
        self.source = SourceView(id="source")
        self.diff = DiffView(now, history, id="diff")
        self.effective = EffectiveView(now, history, id="effective")
        self.history = HistoryView(now, history, id="history")
        self._views: Mapping[str, DetailView] = {
            "diagnostics": self.diagnostics,
            "source": self.source,
            "diff": self.diff,
            "effective": self.effective,
            "history": self.history,
        }
        self._subject_shown: Subject | None = None

    def compose(self) -> ComposeResult:
        """The tabs, one above the other."""
        with ContentSwitcher(initial="diagnostics"):
            yield self.diagnostics
            yield self.source
            yield self.diff
            yield self.effective
            yield self.history

    def target(self, name: str) -> Widget:
        """Give the widget that takes the keys in a tab."""
        return self._views[name].target

    def activate(self, name: str) -> None:
        """Show another tab."""
        super().activate(name)
        self.query_one(ContentSwitcher).current = name
        self._show_active()

    def show(self, subject: Subject | None) -> None:
        """Show this policy; None where there is none."""
        self._subject_shown = subject
        self.set_subject(subject.row.path if subject else "")
        count = subject.row.findings if subject else 0
        self.set_note("" if not count else "1 finding" if count == 1 else f"{count:,} findings")
        self._show_active()

    def _show_active(self) -> None:
        self._views[self.active].show_subject(self._subject_shown)
