import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyconsole.escaping import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("", ""),
        ("本番 é \U0001f600", "本番 é \U0001f600"),
        ("[bold]not markup[/bold]", "[bold]not markup[/bold]"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("\x9b31m\x7f", "\\x9b31m\\x7f"),
        ("a\u202egpj.exe\u2066", "a\\u202egpj.exe\\u2066"),
        ("a\u2028b\u2029c\x85d", "a\\u2028b\\u2029c\\x85d"),
        ("zero\u200bwidth\ufeff\u00ad", "zero\\u200bwidth\\ufeff\\xad"),
        ("caf\udce9", "caf\\udce9"),
        ("\ue000\U000e0041", "\\ue000\\U000e0041"),
    ],
)
def test_what_is_not_plainly_visible_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_no_character_of_unicode_can_drive_a_terminal() -> None:
    for number in range(sys.maxunicode + 1):
        for character in printable(chr(number)):
            assert unicodedata.category(character)[0] != "C"
            assert unicodedata.category(character) not in {"Zl", "Zp"}


@given(st.text(st.characters()))
def test_the_result_is_safe_to_write_and_stays_the_same(text: str) -> None:
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    assert shown.encode().decode() == shown
    assert printable(shown) == shown


def test_visible_ascii_is_not_even_copied() -> None:
    text = "security.toml"
    assert printable(text) is text
