"""Latency: how long each stage takes beside the report's targets, as table, bars and histogram."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from policyconsole.application.tally import RequestCounts
from policyconsole.dashboard import LatencyRow, latency_rows, milliseconds, sparkline
from policyconsole.events import STAGES
from policyconsole.latency import StageStatistics
from policyconsole.tui.drawing import Line, Span, Tone, fit, fit_right
from policyconsole.tui.line_view import LineView
from policyconsole.tui.panes.guards import GuardsView
from policyconsole.tui.panes.histogram import histogram_lines
from policyconsole.tui.panes.pane import Pane, Tab

Histogram: TypeAlias = Callable[[str], Sequence[int]]
"""Gives the counts of a stage's histogram between the bounds of the dashboard."""

NEWEST = 240
"""How many of the newest totals are asked for: as many as the widest sparkline has room for."""

LEAST_HISTOGRAM = 3
"""Lines from which on a histogram has room."""

_STAGE, _FIGURE, _TARGET = 9, 7, 9
_TALLEST = 5
_EIGHTHS = " ▁▂▃▄▅▆▇█"


def bar_chart(values: Sequence[float], rows: int) -> list[str]:
    """Draw values as bars from zero to the highest, ``rows`` characters high; the top row first."""
    scale = 8 * rows / (max(values, default=0.0) or 1.0)
    heights = [max(1, round(value * scale)) for value in values]
    return [
        "".join(_EIGHTHS[min(8, max(0, height - 8 * row))] for height in heights)
        for row in reversed(range(rows))
    ]


class LatencyView(LineView, can_focus=True):
    """A table by stage with a sparkline; on one line where there is little room."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self._rows: tuple[LatencyRow, ...] = ()
        self._totals: list[float] = []
        self._histogram_of: Histogram = lambda _: ()
        self.stage: str | None = None
        """The stage whose histogram is shown; None for the table."""

    def show(
        self, stages: Mapping[str, StageStatistics], totals: list[float], histogram_of: Histogram
    ) -> None:
        """Show these figures; ``totals`` in milliseconds, the oldest first."""
        self._rows, self._totals = latency_rows(stages), totals
        self._histogram_of = histogram_of
        self.update_lines()

    def show_stage(self, stage: str | None) -> None:
        """Show the histogram of this stage, or the table."""
        self.stage = stage
        self.update_lines()

    def compose_lines(self, width: int, height: int) -> Sequence[Line]:
        """Lay out what the height has room for: the whole table, its body, or the total only."""
        if not self._rows:
            return ()
        if self.stage is not None and height >= LEAST_HISTOGRAM:
            return histogram_lines(self.stage, self._histogram_of(self.stage), width, height)
        if height < len(self._rows):
            return [_brief(self._rows[-1], self._totals, width, titled=height <= 1)]
        lines: list[Line] = [_row(row) for row in self._rows]
        if height > len(self._rows):
            lines.insert(0, _HEAD)
        if height >= len(lines) + 2:
            lines.append(())
        if height > len(lines):
            lines += _chart(self._totals, width, min(_TALLEST, height - len(lines)))
        return lines


def _chart(totals: list[float], width: int, rows: int) -> list[Line]:
    """Draw the newest totals as bars from zero, the highest figure beside the highest bar."""
    if not totals:
        return [[(" No change has come into force yet.", Tone.MUTED)]]
    newest = totals[-max(1, width - _STAGE - 4) :]
    if rows < 2:
        last = f" {milliseconds(newest[-1])}"
        return [
            [
                (" " + fit("newest", _STAGE), Tone.MUTED),
                (sparkline(newest[-max(1, width - _STAGE - 12) :]), Tone.BAR),
                (last, Tone.TEXT),
            ]
        ]
    lines: list[Line] = []
    for row, bars in enumerate(bar_chart(newest, rows)):
        label = milliseconds(max(newest)) if row == 0 else "0" if row == rows - 1 else ""
        lines.append(
            [
                (" " + fit_right(label, _STAGE - 2), Tone.MUTED),
                (" ┤" if label else " │", Tone.MUTED),
                (bars, Tone.BAR),
            ]
        )
    return lines


_HEAD: Line = [
    (
        " "
        + fit("stage", _STAGE)
        + "".join(fit_right(name, _FIGURE) for name in ("p50", "p95", "p99", "max"))
        + "   "
        + fit("target", _TARGET),
        Tone.MUTED,
    )
]


def _row(row: LatencyRow) -> Line:
    figures = "".join(fit_right(text, _FIGURE) for text in (row.p50, row.p95, row.p99, row.max))
    weight = Tone.STRONG if row.stage == "total" else Tone.TEXT
    return [
        (" " + fit(row.stage, _STAGE), weight),
        (figures, weight),
        ("   ", Tone.MUTED),
        *_target(row),
    ]


def _target(row: LatencyRow) -> list[Span]:
    if not row.target:
        return []
    target: Span = (fit(f"{row.target} ms", _TARGET), Tone.MUTED)
    if row.on_target is None:
        return [target]
    return [target, (" ✓ met", Tone.GOOD) if row.on_target else (" ✖ missed", Tone.BAD)]


def _brief(row: LatencyRow, totals: list[float], width: int, *, titled: bool) -> Line:
    """Say the total in one line, with the pane's title where it stands without a frame."""
    figures = f" {row.stage}  p50 {row.p50}  p95 {row.p95}  p99 {row.p99}  "
    target = _target(row)
    title = " 3 Latency " if titled else ""
    room = width - len(title) - len(figures) - sum(len(text) for text, _ in target) - 2
    bars = sparkline(totals[-room:]) if room > 4 and totals else ""
    return [
        (title, Tone.MUTED),
        (figures, Tone.TEXT),
        *target,
        ("  " + bars, Tone.ACCENT),
    ]


class LatencyPane(Pane):
    """The figures of the stages, and what the guards have answered."""

    def __init__(self) -> None:
        super().__init__(Tab("latency", 3, "Latency"), Tab("guards", 9, "Guards"), id="latency")
        self.view = LatencyView(id="latency-view")
        self.guards = GuardsView(id="guards")
        self._latency_note = ""

    def compose(self) -> ComposeResult:
        """The tabs, one above the other."""
        with ContentSwitcher(initial="latency-view"):
            yield self.view
            yield self.guards

    def target(self, name: str) -> Widget:
        """Give the widget that takes the keys in a tab."""
        return self.view if name == "latency" else self.guards.list

    def activate(self, name: str) -> None:
        """Show another tab."""
        super().activate(name)
        switcher = self.query_one(ContentSwitcher)
        switcher.current = "latency-view" if name == "latency" else "guards"
        self._write_note()

    def show(
        self, stages: Mapping[str, StageStatistics], totals: list[float], histogram_of: Histogram
    ) -> None:
        """Show these figures."""
        self.view.show(stages, totals, histogram_of)
        count = stages["total"].count
        changes = "1 change" if count == 1 else f"{count:,} changes"
        self._latency_note = f"{changes} measured, in ms" if count else ""
        self._write_note()

    def show_requests(self, requests: Mapping[str, RequestCounts]) -> None:
        """Show what the guards have answered."""
        self.guards.show(requests)
        self._write_note()

    def next_histogram(self) -> None:
        """Show the histogram of the total, then those of the stages, then the table again."""
        order = (None, *reversed(STAGES))
        self.view.show_stage(order[(order.index(self.view.stage) + 1) % len(order)])

    def _write_note(self) -> None:
        if self.active == "latency":
            self.set_note(self._latency_note)
        else:
            total = self.guards.list.total
            self.set_note("1 request" if total == 1 else f"{total:,} requests" if total else "")
