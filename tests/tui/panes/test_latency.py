"""The Latency pane: figures beside their targets, in as much room as there is."""

import pytest
from rich.cells import cell_len

from policyconsole.dashboard import BOUNDS, latency_rows
from policyconsole.events import STAGES, Latency
from policyconsole.latency import StageTimings
from policyconsole.tui.drawing import Tone
from policyconsole.tui.panes.histogram import histogram_lines
from policyconsole.tui.panes.latency import LatencyView, bar_chart
from tests.tui.scripted import ScriptedEngine
from tests.tui.showing import NARROW, showing
from tests.tui.stories import empty


def view(*totals: float) -> LatencyView:
    timings = StageTimings()
    for total in totals:
        timings.record(Latency(1.0, 2.0, 3.0, 4.0, total))
    shown = LatencyView(id="x")
    shown._rows, shown._totals = latency_rows(timings.statistics()), list(totals)
    return shown


def text(shown: LatencyView, width: int, height: int) -> list[str]:
    return ["".join(part for part, _ in line) for line in shown.compose_lines(width, height)]


def test_every_stage_stands_beside_its_target() -> None:
    lines = text(view(5.0, 7.0), 70, 13)
    assert [line.split()[0] for line in lines[1:6]] == list(STAGES)
    assert lines[5].split() == [
        "total",
        "5.00",
        "7.00",
        "7.00",
        "7.00",
        "<",
        "100",
        "ms",
        "✓",
        "met",
    ]


def test_a_missed_target_is_told_in_a_word() -> None:
    assert "✖ missed" in text(view(500.0), 70, 13)[5]


@pytest.mark.parametrize("height", range(1, 20))
def test_it_fits_every_height(height: int) -> None:
    lines = text(view(5.0, 7.0), 70, height)
    assert len(lines) <= height
    assert any(" total " in line for line in lines)


def test_one_line_has_the_total_and_its_sparkline() -> None:
    (line,) = text(view(5.0, 7.0, 5.0), 78, 1)
    assert line.startswith(" 3 Latency  total  p50 5.00  p95 7.00  p99 7.00  < 100 ms  ✓ met")
    assert line.endswith("▁█▁")


def test_bars_start_at_zero() -> None:
    assert bar_chart([8.0, 4.0, 16.0], 2) == ["  █", "█▄█"]
    assert bar_chart([0.0, 0.0], 2) == ["  ", "▁▁"]
    assert bar_chart([], 2) == ["", ""]


async def test_figures_are_drawn_when_something_was_measured() -> None:
    async with showing(empty) as shown:
        assert "No change has come into force yet." in shown.screen
        shown.engine.apply("a.toml", "a", "", latency=Latency(1.0, 1.0, 1.0, 1.0, 4.0))
        await shown.settle()
        assert "1 change measured" in shown.screen
        assert "4.00" in shown.text_of(shown.console.latency)


async def test_figures_are_not_worked_out_while_nothing_is_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def recent(_engine: ScriptedEngine, _stage: str, count: int) -> list[float]:
        asked.append(count)
        return []

    monkeypatch.setattr(ScriptedEngine, "recent", recent)
    async with showing(empty, NARROW) as shown:
        before = len(asked)
        shown.engine.apply("a.toml", "a", "")
        await shown.settle()
        assert len(asked) == before


@pytest.mark.parametrize("height", range(1, 20))
def test_a_histogram_fits_every_height(height: int) -> None:
    counts = [1] * (len(BOUNDS) + 1)
    lines = histogram_lines("total", counts, 60, height)
    assert len(lines) <= height
    assert all(sum(cell_len(part) for part, _ in line) <= 60 for line in lines)


def test_a_histogram_has_the_target_between_its_bins() -> None:
    counts = StageTimings()
    for total in (3.0, 3.0, 300.0):
        counts.record(Latency(total=total))
    lines = histogram_lines("total", counts.histogram("total", BOUNDS), 60, 20)
    drawn = ["".join(part for part, _ in line) for line in lines]
    rule = next(n for n, line in enumerate(drawn) if "target 100 ms" in line)
    assert "50 - 100" in drawn[rule - 1]
    assert "100 - 200" in drawn[rule + 1]
    assert drawn[1].split() == ["2", "-", "5", "│" + "█" * 28, "2", "67%"]
    assert drawn[-1].split()[-2:] == ["1", "33%"]
    tones = {part.strip(): tone for line in lines for part, tone in line if "█" in part}
    assert tones["█" * 14] is Tone.BAD, "it missed the target"
    assert tones["█" * 28] is Tone.BAR


async def test_l_shows_one_histogram_after_the_other_and_escape_the_table() -> None:
    async with showing(size=NARROW) as shown:
        pane = shown.console.latency
        await shown.press("L")
        assert shown.console.pane == "latency", "there was no room for it before"
        for stage in ("total", "apply", "validate", "load", "detect"):
            assert f"ms  {stage} " in shown.text_of(pane)
            await shown.press("L")
        assert "p99" in shown.text_of(pane)
        await shown.press("L", "escape")
        assert shown.console.pane == "latency"
        assert "p99" in shown.text_of(pane)


async def test_a_histogram_follows_what_is_measured() -> None:
    async with showing(empty) as shown:
        await shown.press("3", "L")
        assert "total: nothing has been measured yet." in shown.text_of(shown.console.latency)
        shown.engine.apply("a.toml", "a", "", latency=Latency(total=3.0))
        await shown.settle()
        assert "2 - 5" in shown.text_of(shown.console.latency)
