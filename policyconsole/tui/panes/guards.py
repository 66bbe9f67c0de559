"""Guards: what the guards have answered, by policy: allowed, limited, refused."""

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from policyconsole.application.tally import RequestCounts
from policyconsole.dashboard import NO_REQUESTS, GuardRow, guard_rows
from policyconsole.tui.drawing import Line, Tone, fit, fit_right, wrap
from policyconsole.tui.line_list import LineList
from policyconsole.tui.line_view import LineView

_FIGURE = 9
_REASONS_FROM = 72
"""From this width on there is room for the reasons."""


class GuardList(LineList[str]):
    """The policies whose guards were asked, by id; Enter on one chooses the policy."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self._rows: dict[str, GuardRow] = {}
        self._known = False

    class InView(Message):
        """The list has come into view."""

    def on_show(self) -> None:
        """Say that it is seen."""
        self.post_message(self.InView())

    def show(self, requests: Mapping[str, RequestCounts]) -> None:
        """Show these counts; what looks the same is not repainted."""
        self._rows = {row.policy_id: row for row in guard_rows(requests)}
        self._known = True
        self.replace_items(list(self._rows))

    @property
    def rows(self) -> tuple[GuardRow, ...]:
        """What is shown, by the policies' ids."""
        return tuple(self._rows.values())

    @property
    def total(self) -> int:
        """All requests of all policies."""
        return sum(row.total for row in self._rows.values())

    def height_of(self, item: str) -> int:  # noqa: ARG002 - all are alike
        """One line each."""
        return 1

    def draw(self, item: str, part: int, width: int) -> Line:  # noqa: ARG002 - one line
        """Draw the counts of one policy."""
        row = self._rows[item]
        name, reasons = widths(width)
        return [
            (fit(row.name, name), Tone.TEXT),
            (fit_right(f"{row.allowed:,}", _FIGURE), Tone.GOOD if row.allowed else Tone.MUTED),
            (fit_right(f"{row.limited:,}", _FIGURE), Tone.WARNING if row.limited else Tone.MUTED),
            (fit_right(f"{row.refused:,}", _FIGURE), Tone.BAD if row.refused else Tone.MUTED),
            (fit("  " + row.reasons, reasons), Tone.MUTED),
        ]

    def placeholder(self, width: int) -> Sequence[Line]:
        """Say what it means that nobody has asked; nothing while that is not known."""
        if not self._known:
            return ()
        headline, advice = NO_REQUESTS
        return [
            [(headline, Tone.STRONG)],
            *([(text, Tone.MUTED)] for text in wrap(advice, width)),
        ]


def guards_head(width: int) -> Line:
    """Name the columns."""
    name, reasons = widths(width)
    figures = "".join(fit_right(word, _FIGURE) for word in ("allowed", "limited", "refused"))
    return [(" " + fit("policy", name) + figures + fit("  why", reasons), Tone.MUTED)]


def widths(width: int) -> tuple[int, int]:
    """Give the cells of the name and of the reasons, 0 where those have no room."""
    rest = max(8, width - 3 * _FIGURE)
    reasons = rest // 2 if width >= _REASONS_FROM else 0
    return rest - reasons, reasons


def guards_brief(rows: Sequence[GuardRow]) -> Line:
    """Say all counts in one line, with the pane's title: it stands without a frame there."""
    allowed = sum(row.allowed for row in rows)
    limited = sum(row.limited for row in rows)
    refused = sum(row.refused for row in rows)
    return [
        (" 9 Guards ", Tone.MUTED),
        (f" {allowed:,} allowed", Tone.GOOD if allowed else Tone.MUTED),
        (f"  {limited:,} limited", Tone.WARNING if limited else Tone.MUTED),
        (f"  {refused:,} refused", Tone.BAD if refused else Tone.MUTED),
    ]


class GuardsView(Vertical):
    """The names of the columns over the counts; all counts in a line where there is no more room."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self.head = _Head()
        self.list = GuardList(id="guard-list")

    def compose(self) -> ComposeResult:
        """Names, counts."""
        yield self.head
        yield self.list

    def on_resize(self) -> None:
        """Say all in the first line where there is only that."""
        self._write_head()

    def show(self, requests: Mapping[str, RequestCounts]) -> None:
        """Show these counts."""
        self.list.show(requests)
        self._write_head()

    def _write_head(self) -> None:
        self.head.show(self.list.rows if self.size.height == 1 else None)


class _Head(LineView):
    """The names of the columns, or all counts in a line."""

    DEFAULT_CSS = "_Head { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[GuardRow] | None = None

    def show(self, rows: Sequence[GuardRow] | None) -> None:
        """Sum these up; None for the names."""
        self._rows = rows
        self.update_lines()

    def compose_lines(self, width: int, height: int) -> Sequence[Line]:  # noqa: ARG002 - one line
        return (guards_head(width - 2) if self._rows is None else guards_brief(self._rows),)
