"""The console: all panes on one screen, and what the keys do among them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from policyconsole.dashboard import Dashboard, PolicyRow
from policyconsole.escaping import printable
from policyconsole.hosted import KeptRevisions
from policyconsole.latency import Statistics
from policyconsole.tui.bindings import CONSOLE_BINDINGS, ENTER_LEADS_TO, PANE_ORDER
from policyconsole.tui.drawing import TONE_CLASSES
from policyconsole.tui.line_list import LineList
from policyconsole.tui.panes.detail import DetailPane
from policyconsole.tui.panes.diagnostics import Finding, FindingList
from policyconsole.tui.panes.effective import EffectiveList, ValueEntry
from policyconsole.tui.panes.events import Entry, EventList, EventsPane
from policyconsole.tui.panes.filter import Filter
from policyconsole.tui.panes.guards import GuardList
from policyconsole.tui.panes.header import Banner, HeaderBar
from policyconsole.tui.panes.history import HistoryList
from policyconsole.tui.panes.key_bar import KeyBar
from policyconsole.tui.panes.latency import LEAST_HISTOGRAM, Histogram, LatencyPane
from policyconsole.tui.panes.pane import Pane
from policyconsole.tui.panes.policies import EmptyHint, PoliciesPane, PolicyList
from policyconsole.tui.panes.source import SYNTAX_CLASSES
from policyconsole.tui.panes.subject import Subject


class ConsoleScreen(Screen[None]):
    """Policies and Detail over Events and Latency; stacked where the terminal is narrow.

    ``subject_of`` gives what is to be shown of a file by its path, ``history`` what is kept.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*CONSOLE_BINDINGS]
    COMPONENT_CLASSES: ClassVar[set[str]] = TONE_CLASSES | SYNTAX_CLASSES
    AUTO_FOCUS = "#policy-list"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - textual declares no class variable
        (0, "-narrow"),
        (60, "-stacked"),
        (100, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high"), (36, "-tall")]  # noqa: RUF012 - likewise

    def __init__(
        self,
        now: Callable[[], datetime],
        subject_of: Callable[[str], Subject | None],
        history: Callable[[], KeptRevisions | None],
    ) -> None:
        super().__init__()
        self._subject_of = subject_of
        self.header = HeaderBar(id="header")
        self.banner = Banner(id="banner")
        self.policies = PoliciesPane(now)
        self.detail = DetailPane(now, history)
        self.events = EventsPane()
        self.latency = LatencyPane()
        self.keys = KeyBar(id="keys")
        self._dashboard: Dashboard | None = None
        self._paused: str | None = None
        self._hint = EmptyHint()
        self.pane = "policies"
        self._give_way(self.policies)

    def compose(self) -> ComposeResult:
        """Header, panes, keys."""
        yield self.header
        yield from self.above()
        yield self.banner
        with Container(id="body"):
            yield self.policies
            yield self.detail
            yield self.events
            yield self.latency
        yield self.keys

    def above(self) -> ComposeResult:
        """What stands between the header and the panes; nothing here."""
        return iter(())

    def on_mount(self) -> None:
        """Keep the bar of keys right."""
        self.bindings_updated_signal.subscribe(self, lambda _: self._show_keys())

    @property
    def rows(self) -> Iterable[PolicyRow]:
        """Every policy that is known."""
        return self._dashboard.rows.values() if self._dashboard is not None else ()

    # What the app shows

    def show(self, dashboard: Dashboard, paused: str | None, hint: EmptyHint) -> None:
        """Draw a new state; each pane repaints only what looks different."""
        self._dashboard, self._hint = dashboard, hint
        self.policies.show(dashboard, hint)
        self.show_events(paused)
        self.show_subject()

    def show_events(self, paused: str | None) -> None:
        """Draw the events and how many wait."""
        self._paused = paused
        if self._dashboard is not None:
            self.events.show(self._dashboard, paused)
        self._show_keys()

    def show_subject(self) -> None:
        """Draw what there is to say about the chosen policy."""
        path = self.policies.list.cursor_item
        subject = self._subject_of(path) if path is not None else None
        self.detail.show(subject)

    def show_statistics(
        self, statistics: Statistics, totals: list[float], histogram_of: Histogram
    ) -> None:
        """Draw the figures."""
        self.latency.show(statistics.stages, totals, histogram_of)

    @property
    def shows_guards(self) -> bool:
        """Whether the guards' counts are in view."""
        return self.latency.active == "guards" and self.latency.guards.size.height > 0

    def show_ages(self) -> None:
        """Draw the ages anew, where they read differently by now."""
        self.policies.list.refresh_changed()

    def _show_keys(self) -> None:
        if not self.is_mounted:
            return
        if isinstance(self.focused, Input):
            self.keys.show_filter()
            return
        in_events = self.pane == "events"
        self.keys.show(
            ENTER_LEADS_TO.get(self.pane, ""),
            follow="follow" if in_events and not self.events.list.following else "",
            next="next finding" if self.pane == "policies" else "",
            pause="pause" if self._paused is None else "go on",
            zoom="zoom" if not self.has_class("-zoom") else "unzoom",
            mark="mark" if self.pane == "history" else "",
            **{"diff-form": self.detail.diff.other_form if self.pane == "diff" else ""},
        )

    # Where the keys go

    def _frame(self, name: str) -> Pane:
        return next(frame for frame in self.frames if name in frame.tab_names)

    @property
    def frames(self) -> tuple[Pane, ...]:
        """The panes, in the order in which they stand on the screen."""
        return (self.policies, self.detail, self.events, self.latency)

    @property
    def target(self) -> Widget:
        """The widget that takes the keys of the pane that one is in."""
        return self._target(self.pane)

    def _target(self, name: str) -> Widget:
        return self._frame(name).target(name)

    def action_pane(self, name: str) -> None:
        """Give the keys to a pane."""
        frame = self._frame(name)
        if frame.active != name:
            frame.activate(name)
        self._stand_in(name)
        target = self._target(name)
        if target.focusable:
            self.set_focus(target, scroll_visible=False)
        else:  # hidden until the styles of the new place are applied
            self.call_after_refresh(self.set_focus, target, scroll_visible=False)

    def action_next_pane(self, by: int) -> None:
        """Give the keys to the next pane, or the one before."""
        place = PANE_ORDER.index(self.pane)
        self.action_pane(PANE_ORDER[(place + by) % len(PANE_ORDER)])

    def on_resize(self) -> None:
        """Give way anew: textual has said by then how much room there is."""
        self.call_after_refresh(lambda: self._give_way(self._frame(self.pane)))

    def _stand_in(self, name: str) -> None:
        self.pane = name
        frame = self._frame(name)
        if frame is self.detail:  # whoever reads about a file wants to stay with it
            self.policies.list.chosen = True
        self._give_way(frame)
        self._show_keys()

    def _give_way(self, here: Pane) -> None:
        """Where there is little room, let the other panes give way to this one.

        Where there is enough, it makes no difference, and styling all panes anew would take a
        fifth of the time of a key.
        """
        if self.has_class("-wide") and not (self.has_class("-low") or self.has_class("-zoom")):
            return
        for frame in self.frames:
            frame.set_class(frame is not here, "-away")
        self.detail.set_class(here is self.latency, "-brief")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Notice where a click or a screen that closed has put the focus."""
        for frame in self.frames:
            if frame in event.widget.ancestors:
                self._stand_in(frame.active)

    def action_zoom(self) -> None:
        """Give the pane the whole screen, or take it back."""
        self.toggle_class("-zoom")
        self._give_way(self._frame(self.pane))
        self._show_keys()

    def action_back(self) -> None:
        """Undo the nearest thing: the filter of the pane, the zoom, the way to the details."""
        pane_filter = self._filter()
        if pane_filter is not None and pane_filter.query_text:
            pane_filter.clear_and_close()
        elif self.has_class("-zoom"):
            self.action_zoom()
        elif self.pane == "latency" and self.latency.view.stage is not None:
            self.latency.view.show_stage(None)
        elif self.pane == "diff" and self.detail.diff.compare_with_disk():
            self.action_pane("history")
        else:
            self.action_pane("diagnostics" if self.pane == "source" else "policies")

    # Filters

    def _filter(self) -> Filter | None:
        return {"policies": self.policies.filter, "events": self.events.filter}.get(self.pane)

    def action_filter(self) -> None:
        """Open the filter of this pane, or that of the policies."""
        pane_filter = self._filter()
        if pane_filter is None:
            self._stand_in("policies")
            pane_filter = self.policies.filter
        pane_filter.open()

    @on(Filter.Edited)
    def _narrow_down(self, message: Filter.Edited) -> None:
        if self._dashboard is None:
            return
        if message.sender is self.policies.filter:
            self.policies.show(self._dashboard, self._hint)
            self.show_subject()
        else:
            self.show_events(self._paused)

    @on(Filter.Left)
    def _leave_filter(self) -> None:
        self._target(self.pane).focus(scroll_visible=False)

    # Choosing

    @on(LineList.Highlighted)
    def _look_at(self, message: LineList.Highlighted) -> None:
        if isinstance(message.sender, PolicyList):
            self.show_subject()
        elif isinstance(message.sender, EventList) and self._dashboard is not None:
            self.events.show_note(self._dashboard, self._paused)
            self._show_keys()

    @on(LineList.Chosen)
    def _choose(self, message: LineList.Chosen) -> None:
        if isinstance(message.sender, PolicyList):
            self.action_pane("diagnostics")
        elif isinstance(message.sender, FindingList) and isinstance(message.item, Finding):
            self.action_pane("source")
            found = message.item.diagnostic
            if found is not None and found.place is not None:
                self.call_after_refresh(self.detail.source.go_to, found.place.line)
        elif isinstance(message.sender, HistoryList):
            self._compare()
        elif isinstance(message.sender, EffectiveList) and isinstance(message.item, ValueEntry):
            self._go_to_value(message.item)
        elif isinstance(message.sender, GuardList) and isinstance(message.item, str):
            if not self.choose(None, message.item):
                self.notify(f"{printable(message.item)} is not there any more", markup=False)
        elif isinstance(message.item, Entry):
            self._choose_policy(message.item)

    def _compare(self) -> None:
        """Show what differs between the two contents that are chosen in History."""
        pair, path = self.detail.history.pair, self.policies.list.cursor_item
        if pair is not None and path is not None:
            self.detail.diff.compare(path, pair)
            self.action_pane("diff")

    def _go_to_value(self, entry: ValueEntry) -> None:
        """Show the line that gives a value."""
        path = self.policies.list.cursor_item
        subject = self._subject_of(path) if path is not None else None
        line = entry.value.line
        if line is None:
            self.notify(f"{entry.value.name} is not in the file: it is a default.", markup=False)
        elif subject is None or not subject.is_in_force:
            self.notify("On disk is something else than what is in force: see Diff.", markup=False)
        else:
            self.action_pane("source")
            self.call_after_refresh(self.detail.source.go_to, line)

    def _choose_policy(self, entry: Entry) -> None:
        event = entry.event
        if event.path is None and event.policy_id is None:
            return
        if not self.choose(event.path, event.policy_id):
            self.notify(f"{entry.line.subject} is not there any more", markup=False)

    def choose(self, path: str | None, policy_id: str | None = None) -> bool:
        """Choose a policy by its file or, where that is gone, by its id; give whether it is there."""
        rows = self._dashboard.rows if self._dashboard is not None else {}
        if path not in rows:
            holders = (row.path for row in rows.values() if row.policy_id == policy_id)
            path = next(holders, None) if policy_id is not None else None
        if path is None or self._dashboard is None:
            return False
        if path not in self.policies.list.items:
            self.policies.filter.clear_and_close()
            self.policies.show(self._dashboard, self._hint)
        return self.policies.list.move_cursor_to(path)

    def action_sort(self) -> None:
        """Sort the policies by what comes next."""
        self.policies.sort(self.policies.list.order.next())

    def action_sort_reverse(self) -> None:
        """Sort the policies the other way round."""
        self.policies.sort(self.policies.list.order.reversed())

    def action_histogram(self) -> None:
        """Show the histogram of the next stage, in the end the table again."""
        if self.latency.active != "latency" or self.latency.view.size.height < LEAST_HISTOGRAM:
            self.action_pane("latency")
        self.latency.next_histogram()

    def action_mark(self) -> None:
        """Mark a content in History, to compare others with it."""
        if self.pane == "history":
            self.detail.history.mark()
        else:
            self.action_pane("history")

    def action_diff_form(self) -> None:
        """Show Diff field by field or line by line."""
        if self.pane == "diff":
            self.detail.diff.change_form()
            self._show_keys()
        else:
            self.action_pane("diff")

    def action_follow(self) -> None:
        """Follow the newest event again."""
        self.events.list.follow()
        self.show_events(self._paused)

    def action_next_finding(self) -> None:
        """Go to the next file with findings; those that are refused come first."""
        if not self.policies.list.go_to_next_finding():
            self.notify("No file has findings.", markup=False)
