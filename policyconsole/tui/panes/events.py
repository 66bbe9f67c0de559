"""Events: what happened, the newest at the end, followed until one looks back."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import islice

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.widget import Widget

from policyconsole.dashboard import (
    EVENT_RING,
    Dashboard,
    EventLine,
    event_line,
    event_matches,
    event_parts,
)
from policyconsole.events import EventType, PolicyEvent
from policyconsole.tui.drawing import Line, Span, Tone, crop, crop_start, fit, wrap
from policyconsole.tui.key_list import shown_key
from policyconsole.tui.line_list import LineList
from policyconsole.tui.panes.filter import Filter
from policyconsole.tui.panes.pane import Pane, Tab

EVENT_TONES = {
    EventType.STARTED: Tone.ACCENT,
    EventType.APPLIED: Tone.GOOD,
    EventType.REJECTED: Tone.BAD,
    EventType.APPLY_FAILED: Tone.BAD,
    EventType.REMOVED: Tone.MUTED,
    EventType.ROLLED_BACK: Tone.ACCENT,
    EventType.CONFIGURED: Tone.ACCENT,
    EventType.DEGRADED: Tone.WARNING,
    EventType.RECOVERED: Tone.GOOD,
    EventType.LAGGED: Tone.WARNING,
    EventType.STOPPED: Tone.BAD,
}
"""How each type looks; the sign and the word say it too."""

_ONE_LINE = 76
"""From this width on an event has room on one line."""

_TIME, _WORD = 12, 9
_LEAST = 12
"""In fewer cells what changed says nothing."""


class Entry:
    """One event in the list; worked out when it is first drawn."""

    def __init__(self, event: PolicyEvent) -> None:
        self.event = event

    @cached_property
    def line(self) -> EventLine:
        """The event in words."""
        return event_line(self.event)

    @cached_property
    def parts(self) -> tuple[str, str]:
        """The short half of the detail, and the rest."""
        return event_parts(self.event)


class EventList(LineList[Entry]):
    """The events as lines; two each where there is little room and much to say."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self.following = True
        self._query = ""
        self._seen = 0
        self._scrolling = False

    def show(self, dashboard: Dashboard, query: str) -> None:
        """Take in what is new; after a change of the query, look at everything again."""
        new = min(dashboard.events_seen - self._seen, len(dashboard.events))
        self._seen = dashboard.events_seen
        self._scrolling = True
        if query != self._query:
            self._query = query
            self.replace_items(_entries(dashboard.events, query))
        elif new:
            newest = islice(reversed(dashboard.events), new)
            self.extend_items(_entries(reversed(list(newest)), query), EVENT_RING)
        if self.following:
            self._go_to_newest()
        self._scrolling = False
        self.refresh_changed()

    def follow(self) -> None:
        """Show the newest event, and each that comes."""
        self.following = True
        self._go_to_newest()

    def _go_to_newest(self) -> None:
        super().move_cursor(len(self.items) - 1)

    def move_cursor(self, index: int, *, scroll: bool = True) -> None:
        """Move the cursor; away from the newest event ends the following, back to it resumes."""
        super().move_cursor(index, scroll=scroll)
        if not self._scrolling:
            self.following = index >= len(self.items) - 1

    def on_mouse_scroll_up(self) -> None:
        """Stop following when somebody scrolls up; a change of size scrolls too, and does not."""
        if self.max_scroll_y:
            self.following = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Stop following when somebody pulls the scrollbar up."""
        super().watch_scroll_y(old_value, new_value)
        if self.vertical_scrollbar.grabbed is not None and new_value < old_value:
            self.following = False

    def _keep_in_view(self) -> None:
        if self.following:
            self._scrolling = True
            self._go_to_newest()
            self._scrolling = False
        else:
            super()._keep_in_view()

    def height_of(self, item: Entry) -> int:
        """Give a second line where what changed has no room on the first."""
        event = item.event
        one_line = self._width >= _ONE_LINE or not (event.policy_id or event.path)
        return 2 if not one_line and (event.changes or event.message) else 1

    def draw(self, item: Entry, part: int, width: int) -> Line:
        """Draw the event, or what else there is to say below it."""
        line, brief = item.line, item.parts[0]
        if part:
            return [
                (" " * (_TIME + 3), Tone.MUTED),
                (_shorten(item, width - _TIME - 3), Tone.MUTED),
            ]
        word = line.word.ljust(_WORD)
        head: list[Span] = [
            (fit(line.time, _TIME) + " ", Tone.MUTED),
            (f"{line.sign} {word} ", EVENT_TONES[item.event.type]),
        ]
        left = width - _TIME - 4 - len(word)
        if not line.subject:
            return [*head, (line.detail, Tone.MUTED)]
        if self._width >= _ONE_LINE:
            brief = f"{crop(brief, left // 2)} " if brief else ""
            name = min(cell_len(line.subject), left - len(brief) - 1)
            subject = max(name, min(32, left * 2 // 5))
            return [
                *head,
                (fit(line.subject, subject) + " ", Tone.TEXT),
                (brief + _rest(item, left - subject - len(brief) - 1), Tone.MUTED),
            ]
        brief = crop(brief, max(6, left // 2))
        subject = left - len(brief) - 1
        return [*head, (fit(line.subject, subject) + " ", Tone.TEXT), (brief, Tone.MUTED)]

    def placeholder(self, width: int) -> Sequence[Line]:
        """Say why the list is empty."""
        text = f"No event matches “{self._query}”." if self._query else "Nothing has happened yet."
        return [[(part, Tone.MUTED)] for part in wrap(text, width)]


def _rest(item: Entry, width: int) -> str:
    """Give the rest of the detail for the end of a line: a message whole or not at all."""
    if item.event.changes:
        return _shorten(item, width) if width >= _LEAST else ""
    return item.parts[1] if cell_len(item.parts[1]) <= width else ""


def _shorten(item: Entry, width: int) -> str:
    """Give the rest of the detail; of a single change its end, for there the values are."""
    changes = item.event.changes
    if len(changes) == 1:
        return crop_start(item.parts[1], width)
    if len(item.parts[1]) > width and changes:
        names = ", ".join(change.field.rpartition(".")[2] for change in changes[:width])
        return crop(f"{len(changes)} fields: {names}", width)
    return crop(item.parts[1], width)


def _entries(events: Iterable[PolicyEvent], query: str) -> list[Entry]:
    return [Entry(event) for event in events if event_matches(event, query)]


class EventsPane(Pane):
    """The list with its filter."""

    def __init__(self) -> None:
        super().__init__(Tab("events", 2, "Events"), id="events")
        self.list = EventList(id="event-list")
        self.filter = Filter("events")

    def compose(self) -> ComposeResult:
        """Filter, list."""
        yield self.filter
        yield self.list

    def target(self, name: str) -> Widget:  # noqa: ARG002 - it has one tab
        """The list takes the keys."""
        return self.list

    def show(self, dashboard: Dashboard, paused: str | None) -> None:
        """Take in what is new; ``paused`` is how many events wait, None while nothing is paused."""
        query = self.filter.query_text
        self.list.show(dashboard, query)
        self.show_note(dashboard, paused)

    def show_note(self, dashboard: Dashboard, paused: str | None) -> None:
        """Say in the frame how many events are shown and whether the newest is followed."""
        count = f"{len(self.list.items):,} of " if self.filter.query_text else ""
        mode = (
            f"‖ paused, {paused} waiting"
            if paused is not None
            else "following"
            if self.list.following
            else f"{shown_key(self.screen, 'follow')} follows again"
        )
        kept = f"{len(dashboard.events):,}"
        if dashboard.events_dropped:
            kept += f", {dashboard.events_dropped:,} dropped"
        self.set_note(f"{count}{kept} · {mode}" if dashboard.events else "")
