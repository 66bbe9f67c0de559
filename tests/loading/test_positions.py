import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyconsole.diagnostics import Place
from policyconsole.loading.positions import offset_of, place_at, positions

TEXT = st.text(st.sampled_from("a\né本\U0001f600\r"), max_size=30)


@given(TEXT)
def test_bytes_and_characters_give_the_same_positions(text: str) -> None:
    by_character = positions(text, range(len(text) + 1))
    by_byte = positions(text.encode(), [len(text[:end].encode()) for end in range(len(text) + 1)])
    assert list(by_character.values()) == list(by_byte.values())


@given(TEXT)
def test_an_offset_comes_back_from_its_line_and_column(text: str) -> None:
    for offset, (line, column) in positions(text, range(len(text) + 1)).items():
        assert offset_of(text, line, column) == offset


def test_the_order_of_the_offsets_does_not_matter() -> None:
    assert positions("ab\ncd", [4, 0, 4]) == {0: (1, 1), 4: (2, 2)}


def test_only_a_line_feed_ends_a_line() -> None:
    text = "a\u2028b\x85c\rd\r\ne"
    assert positions(text, [len(text) - 1]) == {len(text) - 1: (2, 1)}


def test_a_place_without_an_end_is_one_character() -> None:
    assert place_at("ab\ncd", 3) == Place(2, 1, 2, 2)


@pytest.mark.parametrize("offset", [2, 5], ids=["line-end", "text-end"])
def test_a_place_without_an_end_does_not_leave_its_line(offset: int) -> None:
    place = place_at("ab\ncd", offset)
    assert (place.line, place.column) == (place.end_line, place.end_column)


def test_a_line_that_is_not_there_is_the_end() -> None:
    assert offset_of("ab\ncd", 9, 1) == 5
