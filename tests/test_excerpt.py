"""One source line with a marker: what is shown of it, and where the marker goes."""

import unicodedata

import pytest

from policyconsole.diagnostics import Place
from policyconsole.excerpt import LARGEST, LONGEST, Excerpt, excerpt

SOURCE = 'id = "a"\nmin_version = "TLSv1.0"\n'


def on_line(source: str, column: int, end_column: int, line: int = 1) -> Excerpt:
    shown = excerpt(source, Place(line, column, line, end_column))
    assert shown is not None
    return shown


def test_the_marker_is_under_the_marked_part() -> None:
    shown = on_line(SOURCE, 15, 24, line=2)
    assert shown == Excerpt(2, 'min_version = "TLSv1.0"', 14, 9)
    assert shown.marker == "              ^^^^^^^^^"


def test_of_a_source_larger_than_any_policy_no_line_is_shown() -> None:
    source = SOURCE + "#" * (LARGEST - len(SOURCE))
    assert excerpt(source, Place(1, 1, 1, 2)) is not None
    assert excerpt(source + "#", Place(1, 1, 1, 2)) is None


def test_a_line_that_the_source_does_not_have_gives_none() -> None:
    assert excerpt(SOURCE, Place(4, 1, 4, 2)) is None
    assert excerpt(SOURCE, Place(0, 1, 0, 2)) is None


def test_the_end_of_the_file_can_be_marked() -> None:
    assert on_line(SOURCE, 1, 1, line=3) == Excerpt(3, "", 0, 1)


def test_a_place_over_several_lines_is_marked_to_the_end_of_its_first() -> None:
    shown = excerpt("a: [1,  \n  2]", Place(1, 4, 2, 5))
    assert shown == Excerpt(1, "a: [1,", 3, 3)


@pytest.mark.parametrize(("column", "end_column"), [(5, 5), (5, 2), (99, 120), (-3, -1)])
def test_a_place_beyond_the_line_or_without_length_still_marks_one_cell(
    column: int, end_column: int
) -> None:
    shown = on_line("a = 1", column, end_column)
    assert shown.width == 1
    assert 0 <= shown.start <= 5


def test_windows_line_ends_are_no_part_of_the_line() -> None:
    assert on_line("a = 1\r\nb = 2\r\n", 5, 6, line=2) == Excerpt(2, "b = 2", 4, 1)


def test_tabs_are_expanded_and_the_marker_moves_with_them() -> None:
    assert on_line("\ta\t= 1", 5, 6) == Excerpt(1, "    a   = 1", 9, 1)


def test_wide_and_combining_characters_count_as_the_cells_they_take() -> None:
    shown = on_line('名 = "e\u0301x"', 5, 10)
    assert shown == Excerpt(1, '名 = "e\u0301x"', 5, 4)


def test_control_characters_are_escaped_and_the_marker_covers_the_escape() -> None:
    shown = on_line('a = "\x1b[31m\u202e"', 5, 13)
    assert shown.text == 'a = "\\x1b[31m\\u202e"'
    assert (shown.start, shown.width) == (4, len(shown.text) - 4)


def test_a_secret_is_masked_and_marked_as_the_mask() -> None:
    assert on_line('password = "hunter2"', 12, 21) == Excerpt(1, "password = ***", 11, 3)


def test_a_mark_inside_a_secret_covers_the_mask() -> None:
    assert on_line('password = "hunter2" # x', 14, 16) == Excerpt(1, "password = *** # x", 11, 3)


def test_what_comes_after_a_secret_is_marked_where_it_is_shown() -> None:
    source = '{"token": "hunter2", "id": ""}'
    shown = on_line(source, source.index('""') + 1, len(source))
    assert shown.text == '{"token": ***, "id": ""}'
    assert shown.text[shown.start :] == '""}'


def test_a_secret_over_several_lines_is_masked_on_each() -> None:
    shown = on_line('password = """\n  hunter2 \\q\n"""', 11, 13, line=2)
    assert shown == Excerpt(2, "  ***", 2, 3)


@pytest.mark.parametrize("column", [1, 60, 5_000, 9_998])
def test_of_a_long_line_the_part_around_the_mark_is_shown(column: int) -> None:
    line = "".join(str(number % 10) for number in range(10_000))
    shown = on_line(line, column, column + 3)
    assert len(shown.text) <= LONGEST + 2
    assert shown.text[shown.start :].startswith(line[column - 1 : column + 2])
    assert shown.text.startswith("…") == (column > 1)
    assert shown.text.endswith("…") == (column < 9_000)


@pytest.mark.parametrize("filling", ["日", "\t", "\u202e", "e\u0301"])
@pytest.mark.parametrize(("before", "after"), [(0, 200), (200, 0), (200, 200), (30, 30)])
def test_what_is_shown_of_a_long_line_is_counted_in_cells(
    filling: str, before: int, after: int
) -> None:
    line = filling * before + "mark" + filling * after
    column = line.index("mark") + 1
    shown = excerpt(line, Place(1, column, 1, column + 4), 60)
    assert shown is not None
    assert shown.parts[1] == "mark"
    assert shown.start + shown.width <= 61
    wide = unicodedata.east_asian_width
    assert (
        sum(1 + (wide(character) == "W") for character in shown.text if character != "\u0301") <= 62
    )


def test_marks_above_letters_take_room_too() -> None:
    shown = excerpt("e" + "\u0301" * 100_000, Place(1, 1, 1, 2))
    assert shown is not None
    assert len(shown.text) <= LONGEST + 2


def test_the_parts_are_the_text_around_the_mark() -> None:
    assert on_line('名 = "x" # y', 5, 8).parts == ("名 = ", '"x"', " # y")


def test_the_password_of_a_url_is_masked_and_marked_as_the_mask() -> None:
    source = 'store = "db://u:hunter2@host"'
    shown = on_line(source, source.index("hunter2") + 1, source.index("@") + 1)
    assert shown == Excerpt(1, 'store = "db://***@host"', 14, 3)
