"""Tables and plots: as text, as HTML, as SVG, as frames."""

import builtins
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from policyconsole.exploring.figures import (
    LatencyFigures,
    event_table,
    guard_table,
    history_table,
)
from policyconsole.exploring.plot import histogram, timeline
from policyconsole.exploring.table import MOST_ROWS, OPEN_ROWS, Table, said
from policyconsole.history.records import RefusedContent
from tests.tui.keeping import REVISIONS
from tests.tui.panes.test_guards import COUNTS
from tests.tui.scripted import NOON, ScriptedEngine
from tests.tui.stories import usual

TABLE = Table("Two\x1b", ("name", "count"), (("<b>漢", 1_200), ("x", None)), "a note")


def test_text_stands_in_columns() -> None:
    assert repr(TABLE).splitlines() == [
        "Two\\x1b",
        "name   count",
        "<b>漢  1,200",
        "x",
        "a note",
    ]


def test_html_is_escaped_and_numbers_stand_at_the_right() -> None:
    html = TABLE.html()
    assert "<summary>Two\\x1b</summary>" in html
    assert '<td style="text-align: left; padding: 2px 8px">&lt;b&gt;漢</td>' in html
    assert '<td style="text-align: right; padding: 2px 8px">1,200</td>' in html
    assert "<p>a note</p>" in html


def test_a_long_table_is_closed_and_cut() -> None:
    table = Table("many", ("n",), tuple((n,) for n in range(MOST_ROWS + 5)))
    assert table.html().startswith("<details><summary>")
    assert "and 5 more" in table.html()
    assert "and 5 more" in repr(table)
    assert Table("few", ("n",), ((1,),) * OPEN_ROWS).html().startswith("<details open>")
    assert len(table.to_frame()) == MOST_ROWS + 5


def test_a_frame_has_the_values_as_they_are() -> None:
    frame = TABLE.to_frame()
    assert list(frame.columns) == ["name", "count"]
    assert frame["count"][0] == 1_200
    assert isinstance(frame, pd.DataFrame)


def test_without_pandas_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: object) -> object:
        if name == "pandas":
            raise ModuleNotFoundError("No module named 'pandas'", name="pandas")
        return real(name, *rest)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ImportError, match="pip install pandas"):
        TABLE.to_frame()


@pytest.mark.parametrize(
    ("cell", "words"),
    [(None, ""), (True, "yes"), (False, "no"), (3.14159, "3.14"), (31.4159, "31.4"), (3141.5, "3,142"),
     (10_000, "10,000"), ("\u202e", "\\u202e")],
)  # fmt: skip
def test_cells_in_words(cell: object, words: str) -> None:
    assert said(cell) == words  # type: ignore[arg-type]  # each is a cell


def test_times_are_local() -> None:
    moment = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    assert said(moment) == moment.astimezone().strftime("%Y-%m-%d %H:%M:%S") + ".000"


@pytest.fixture
def engine() -> ScriptedEngine:
    engine = ScriptedEngine(usual)
    with engine.subscribe() as events:
        engine.start()
        engine.told = events.drain()  # type: ignore[attr-defined]  # for these tests
    return engine


def test_latency_has_every_stage_and_plots_of_each(engine: ScriptedEngine) -> None:
    figures = LatencyFigures.of(engine)
    assert [row[0] for row in figures.table()] == ["detect", "load", "validate", "apply", "total"]
    total = figures.table().rows[-1]
    assert total[1:3] == (11, 2.0)
    assert total[-2:] == ("< 100", True)
    for plot in (figures.histogram(), figures.timeline(), figures.histogram("load")):
        root = ET.fromstring(plot._repr_svg_())
        assert root.tag.endswith("svg")
        assert len(root.findall("{*}rect")) >= 1
    assert sum(figures.histogram().to_frame()["runs"]) == 11
    assert list(figures.timeline().to_frame()["ms"])[4] == 9.7
    assert "p99" in repr(figures)
    with pytest.raises(KeyError):
        figures.histogram("thinking")


def test_a_missed_target_has_another_colour() -> None:
    missed = timeline("t", [1.0, 500.0], 100.0).svg
    assert missed.count("#d0544a") == 1
    counts = [0] * 20
    counts[-1] = 3
    assert "#d0544a" in histogram("<t>", counts, 100.0).svg
    assert "<t>" not in histogram("<t>", counts, 100.0).svg
    assert "rect" not in histogram("none", [0] * 20, None).svg


def test_events_are_said_in_the_words_of_both_faces(engine: ScriptedEngine) -> None:
    table = event_table(engine.told)  # type: ignore[attr-defined]  # see the fixture
    assert table.rows[-1][2:5] == ("✖ rejected", "staging-security-policy", 1)
    assert len(table.to_frame()) == len(engine.told)  # type: ignore[attr-defined]  # likewise


def test_guards_and_history_as_rows() -> None:
    rows = {row[0]: row[1:] for row in guard_table(COUNTS)}
    assert rows["payments-gateway"] == (1_200, 30, 5, "1 too large, 4 bad input")
    refusal = RefusedContent("a.toml", "a", None, NOON, None, ({"code": "SEC003"},))  # type: ignore[typeddict-item]  # as much as is looked at
    table = history_table("a", REVISIONS, (refusal,))
    assert [row[2] for row in table] == ["refused", "accepted", "accepted", "accepted"]
    assert table.rows[0][3] == "SEC003"
    assert "known-good" in repr(table)
