"""Policies: every policy file on a line, with what stays in force where one is refused."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from textual import events, on
from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget

from policyconsole.dashboard import (
    Dashboard,
    Order,
    PolicyRow,
    RowStatus,
    SortBy,
    age,
    milliseconds,
    ordered,
    row_matches,
)
from policyconsole.tui.drawing import Line, Span, Tone, fit, fit_right, wrap
from policyconsole.tui.line_list import LineList
from policyconsole.tui.line_view import LineView
from policyconsole.tui.panes.filter import Filter
from policyconsole.tui.panes.pane import Pane, Tab

STATUS_TONES = {
    RowStatus.LIVE: Tone.GOOD,
    RowStatus.WARNINGS: Tone.WARNING,
    RowStatus.REFUSED: Tone.BAD,
    RowStatus.FAILED: Tone.BAD,
}
"""How each status looks; the sign and the word say it too."""

_SHORT_ENVIRONMENTS = {"production": "prod", "staging": "stag", "development": "dev"}
_STATUS, _REVISION, _FINDINGS, _AGE, _LATENCY = 10, 4, 3, 4, 5
_LATENCY_WIDTH = 50
"""From this width on the time from save to in force stands at the end."""
_FOLDER_WIDTH = 90
"""From this width on the path stands beside the name."""


@dataclass(frozen=True, slots=True)
class EmptyHint:
    """What an empty list means, and what to do."""

    headline: str = ""
    advice: str = ""


class PolicyList(LineList[str]):
    """The files by their paths; a refused one takes a second line."""

    def __init__(self, now: Callable[[], datetime], *, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self._now = now
        self._rows: Mapping[str, PolicyRow] = {}
        self._query = ""
        self._refused: AbstractSet[str] = frozenset()
        self.order = Order()
        self._shown_order = self.order
        self._policy_id: str | None = None
        self.hint = EmptyHint()
        self.chosen = False
        """Whether somebody has chosen a file; until then the newest refused one is shown."""

    @property
    def query_text(self) -> str:
        """What the list is filtered by; empty for everything."""
        return self._query

    def show(self, rows: Mapping[str, PolicyRow], refused: AbstractSet[str], query: str) -> None:
        """Show these rows, in the chosen order, as far as they match the query.

        ``refused`` has the paths of those with a second line.
        """
        before, known, known_refused = self.cursor_item, self._rows, self._refused
        same = (query, self.order, refused, rows.keys())
        stays = same == (self._query, self._shown_order, known_refused, known.keys())
        self._rows, self._refused = dict(rows), frozenset(refused)
        self._query, self._shown_order = query, self.order
        if stays and not query and self.order.by is SortBy.FILE:
            self.refresh_changed()  # every line has its place and its height already
            return
        matching = (row for row in rows.values() if not query or row_matches(row, query))
        self.replace_items(row.path for row in ordered(matching, self.order))
        if before is not None and before not in rows:
            self._go_after(self._policy_id)
        if not self.chosen:
            self._go_to_newly_refused(self._refused - known_refused)
        chosen = self.cursor_item
        self._policy_id = rows[chosen].policy_id if chosen is not None else None

    def move_cursor(self, index: int, *, scroll: bool = True) -> None:
        """Move the cursor because somebody wants it, and remember whose file it stands on."""
        self.chosen = True
        self._go_to(index, scroll=scroll)

    def action_choose(self) -> None:
        """Choose the file under the cursor."""
        self.chosen = True
        super().action_choose()

    def _go_to(self, index: int, *, scroll: bool = True) -> None:
        super().move_cursor(index, scroll=scroll)
        chosen = self.cursor_item
        self._policy_id = self._rows[chosen].policy_id if chosen is not None else None

    def _go_after(self, policy_id: str | None) -> None:
        """Where the file that the cursor was on is gone, go to the one its policy has moved to."""
        for index, path in enumerate(self.items if policy_id is not None else ()):
            if self._rows[path].policy_id == policy_id:
                self._go_to(index)
                return

    def _go_to_newly_refused(self, newly: AbstractSet[str]) -> None:
        """Go to the file that became refused last, if one did."""
        if not newly:
            return
        refused = [
            (self._rows[path].since, -index)
            for index, path in enumerate(self.items)
            if path in newly
        ]
        if refused:
            self._go_to(-max(refused)[1])

    def height_of(self, item: str) -> int:
        """Give two lines to a file of which another content than the newest is in force."""
        return 2 if self._rows[item].note else 1

    def draw(self, item: str, part: int, width: int) -> Line:
        """Draw a file's line, or the note below it."""
        row = self._rows[item]
        if part:
            return [(" " * (_STATUS + 1) + f"└ {row.note}", Tone.MUTED)]
        tone = STATUS_TONES[row.status]
        name, path, environment, latency = _flexible(width)
        status = fit(f"{row.status.sign} {row.status}", _STATUS)
        spans: list[Span] = [(status, tone), (" " + fit(row.name, name), Tone.TEXT)]
        if path:
            spans.append((" " + fit(row.path, path), Tone.MUTED))
        revision = "-" if row.revision is None else f"r{row.revision}"
        spans.append((" " + fit_right(revision, _REVISION), Tone.MUTED))
        spans.append(
            (" " + fit(_environment(row.environment, environment), environment), Tone.MUTED)
        )
        findings = fit_right(str(row.findings) if row.findings else "·", _FINDINGS)
        spans.append((findings, tone if row.findings else Tone.MUTED))
        spans.append((" " + fit_right(age(row.since, self._now()), _AGE), Tone.MUTED))
        spans.append((fit_right(milliseconds(row.total_ms), latency), Tone.MUTED))
        return spans

    def go_to_next_finding(self) -> bool:
        """Move to the next refused file or, where none is refused, to the next with findings."""
        count, start = (
            len(self.items),
            self.items.index(self.cursor_item or "") if self.items else 0,
        )
        turn = [(start + step) % count for step in range(1, count + 1)]
        for wanted in (_is_refused, _has_findings):
            for index in turn:
                if wanted(self._rows[self.items[index]]):
                    self.move_cursor(index)
                    return True
        return False

    def placeholder(self, width: int) -> Sequence[Line]:
        """Say why the list is empty."""
        headline: list[Line] = [[(text, Tone.TEXT)] for text in wrap(self.hint.headline, width)]
        return [(), *headline, *([(text, Tone.MUTED)] for text in wrap(self.hint.advice, width))]


def _is_refused(row: PolicyRow) -> bool:
    return bool(row.note)


def _has_findings(row: PolicyRow) -> bool:
    return row.findings > 0


class Columns(LineView):
    """The names of the columns, above the list; a click on one sorts by it."""

    DEFAULT_CSS = "Columns { height: 1; }"

    class Sorted(Message):
        """Somebody wants the policies in this order."""

        def __init__(self, order: Order) -> None:
            super().__init__()
            self.order = order

    def __init__(self) -> None:
        super().__init__()
        self._order = Order()

    def show(self, order: Order) -> None:
        """Show by what the list is sorted."""
        self._order = order
        self.update_lines()

    def compose_lines(self, width: int, height: int) -> Sequence[Line]:  # noqa: ARG002 - one line
        """Name each column where it stands; the sign of the order is with the one it goes by."""
        text = " "
        for by, title, room, right in _columns(width - 2):
            chosen = by is self._order.by
            named = (title[: max(0, room - 1)] + self._order.sign) if chosen else title
            text += (fit_right if right else fit)(named, room)
        return ([(text, Tone.MUTED)],)

    def on_click(self, event: events.Click) -> None:
        """Sort by the column that was clicked, the other way round if it is sorted by already."""
        at = event.x - 1
        for by, _, room, _ in _columns(self.size.width - 2):
            if 0 <= at < room:
                turned = self._order.reversed() if by is self._order.by else Order(by)
                self.post_message(self.Sorted(turned))
                return
            at -= room


def _columns(width: int) -> list[tuple[SortBy, str, int, bool]]:
    """List the columns in this width: what each sorts by, its name, its cells, whether to the right."""
    name, path, environment, latency = _flexible(width)
    columns = [
        (SortBy.STATUS, "status", _STATUS + 1, False),
        (SortBy.POLICY, "policy", name + 1, False),
        (SortBy.FILE, "file", path + 1 if path else 0, False),
        (SortBy.REVISION, "rev", _REVISION, True),
        (SortBy.ENVIRONMENT, " env", environment + 1, False),
        (SortBy.FINDINGS, "⚑", _FINDINGS, True),
        (SortBy.AGE, "age", _AGE + 1, True),
        (SortBy.LATENCY, "ms", latency, True),
    ]
    return [column for column in columns if column[2]]


def _flexible(width: int) -> tuple[int, int, int, int]:
    """Give the widths of name, path (0 where it has no room), environment and latency (likewise)."""
    environment = 11 if width >= _FOLDER_WIDTH else 4
    latency = _LATENCY if width >= _LATENCY_WIDTH else 0
    rest = width - _STATUS - _REVISION - _FINDINGS - _AGE - environment - latency - 4
    if width < _FOLDER_WIDTH:
        return max(1, rest), 0, environment, latency
    path = (rest - 1) * 2 // 5
    return rest - 1 - path, path, environment, latency


def _environment(environment: str | None, width: int) -> str:
    if not environment:
        return "·"
    short = _SHORT_ENVIRONMENTS.get(environment, environment)
    return environment if len(environment) <= width else short


class PoliciesPane(Pane):
    """The list with its column names and its filter."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(Tab("policies", 1, "Policies"), id="policies")
        self._dashboard: Dashboard | None = None
        self._hint = EmptyHint()
        self.list = PolicyList(now, id="policy-list")
        self.columns = Columns()
        self.filter = Filter("policies")

    def compose(self) -> ComposeResult:
        """Filter, names, list."""
        yield self.filter
        yield self.columns
        yield self.list

    def target(self, name: str) -> Widget:  # noqa: ARG002 - it has one tab
        """The list takes the keys."""
        return self.list

    def show(self, dashboard: Dashboard, hint: EmptyHint) -> None:
        """Show every policy; ``hint`` is what an empty folder means at this moment."""
        query = self.filter.query_text
        self._dashboard, self._hint = dashboard, hint
        self.list.hint = EmptyHint(f"No policy matches “{query}”.") if query else hint
        self.list.show(dashboard.rows, dashboard.refused, query)
        self._say()

    def sort(self, order: Order) -> None:
        """Show the same rows in another order."""
        self.list.order = order
        self.columns.show(order)
        if self._dashboard is not None:
            self.show(self._dashboard, self._hint)

    @on(Columns.Sorted)
    def _sort_by_column(self, message: Columns.Sorted) -> None:
        self.sort(message.order)

    def _say(self) -> None:
        """Say in the frame how many files are shown, and in what order where it is not the usual one."""
        shown = len(self.list.items)
        files = len(self._dashboard.rows) if self._dashboard is not None else 0
        count = f"{shown:,} of {files:,} files" if self.list.query_text else _count(files)
        order = self.list.order
        by = f"by {order.by} {order.sign}" if order != Order() else ""
        self.set_note(" · ".join(filter(None, (count, by))))


def _count(files: int) -> str:
    return "" if files == 0 else "1 file" if files == 1 else f"{files:,} files"
