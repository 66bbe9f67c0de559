"""Cutting, filling and wrapping text in terminal cells, and making it safe on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from policyconsole.tui.drawing import Tone, crop, crop_start, fit, fit_right, strip_of, wrap


@given(st.text(), st.integers(0, 40))
def test_fit_gives_exactly_the_width(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width
    assert cell_len(fit_right(text, width)) == width


@given(st.text(), st.integers(0, 40))
def test_crop_gives_at_most_the_width(text: str, width: int) -> None:
    assert cell_len(crop(text, width)) <= width
    assert cell_len(crop_start(text, width)) <= width


@given(st.text(), st.integers(2, 40))
def test_wrapped_lines_fit(text: str, width: int) -> None:
    assert all(cell_len(line) <= width for line in wrap(text, width))


@given(st.text(st.characters(categories=["L", "N"]), min_size=1), st.integers(2, 40))
def test_wrapping_loses_nothing(text: str, width: int) -> None:
    assert "".join(wrap(text, width, most=10_000)) == text


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("policy", 6, "policy"),
        ("policy", 5, "poli…"),
        ("policy", 1, "…"),
        ("漢字漢字", 5, "漢字…"),
        ("漢字漢字", 4, "漢…"),
        ("a\x1bb", 10, "a\\x1bb"),
    ],
)
def test_a_cut_is_shown(text: str, width: int, shown: str) -> None:
    assert crop(text, width) == shown


def test_the_end_can_be_what_stays() -> None:
    assert crop_start("security.tls.min_version: a → b", 20) == "….min_version: a → b"
    assert crop_start("short", 20) == "short"


def test_words_stay_whole_where_they_can() -> None:
    assert wrap("one two three", 8) == ["one two", "three"]
    assert wrap("abcdefghij xy", 4) == ["abcd", "efgh", "ij", "xy"]


def test_too_much_text_is_cut() -> None:
    lines = wrap("word " * 100, 10, most=3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")


def test_a_line_is_cut_across_its_parts_and_filled_up() -> None:
    def plain(_: Tone) -> Style:
        return Style()

    line = [("abc", Tone.TEXT), ("", Tone.BAD), ("def", Tone.MUTED)]
    assert strip_of(line, 8, Style(), plain).text == "abcdef  "
    assert strip_of(line, 5, Style(), plain).text == "abcd…"
    assert strip_of([("a\nb", Tone.TEXT)], 6, Style(), plain).text == "a\\nb  "
