import pytest

from policyconsole.diagnostics import Place
from policyconsole.loading.formats import Format

from .sources import TOML, load, marked, only


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a = \n", Place(1, 5, 1, 5), "string values must be quoted"),
        ('"é" = "ü" x\n', Place(1, 11, 1, 12), "unexpected key or value"),
        ('a = 1\n"本" = "本" 本\n', Place(2, 11, 2, 12), "unexpected key or value"),
        ("a = [1,\n", Place(1, 8, 1, 8), "unclosed array"),
        ("a = 1\r\nb = 2\rc = 3", Place(2, 7, 2, 8), "carriage return"),
        ('a = "x\\q"', Place(1, 8, 1, 9), "missing escaped value"),
        ('a = "\\ud800"', Place(1, 8, 1, 9), "invalid value"),
        (f"a = {'9' * 10_000}", Place(1, 5, 1, 6), "overflowed"),
        ("a = 1e999", Place(1, 5, 1, 6), "overflowed"),
        ("a = 2020-02-30", Place(1, 5, 1, 6), "invalid date"),
        ("a = 2020-01-01T00:00:60Z", Place(1, 5, 1, 6), "second must be in 0..59"),
        ("a = {b = 1}\na.c = 2", Place(2, 1, 2, 2), "cannot extend"),
    ],
)
def test_the_parsers_position_is_kept(text: str, place: Place, words: str) -> None:
    diagnostic = only(text, Format.TOML)
    assert diagnostic.code == "PARSE001"
    assert diagnostic.place == place
    assert words in diagnostic.message
    assert " at line " not in diagnostic.message


@pytest.mark.parametrize(
    ("text", "field", "key", "line", "first"),
    [
        ("a = 1\nb = 2\na = 3", "a", "a", 3, 1),
        ("[a]\nb = 1\n[a]\nc = 2", "a", "a", 3, 1),
        ("a = 1\n[a]\nb = 1", "a", "a", 2, 1),
        ("[x]\n[y]\n[x.z]\n[x.z]\n", "x.z", "z", 4, 3),
        ("[x]\na.b = 1\na.b = 2\n", "x.a.b", "b", 3, 2),
        ('[x]\n"é" = 1\n"\\u00e9" = 2', 'x."é"', '"\\u00e9"', 3, 2),
        ("[[a]]\nb = 1\n[[a]]\nb = 1\nb = 2", "a[1].b", "b", 5, 4),
        ("a = {b = 1,\n b = 2}", "a.b", "b", 2, 1),
        ("a = []\n[[a]]\n", "a", "a", 2, 1),
        ("a = 1\n'a' = [\n1,\n2]\n", "a", "'a'", 2, 1),
        ("[x]\na.b = 1\na . b = {c = [\n1]}\n[[[{a = {", "x.a.b", "b", 3, 2),
        ("a = 1\na = 2\n[[[[{a = {a = {", "a", "a", 2, 1),
    ],
)
def test_a_key_that_is_there_twice(text: str, field: str, key: str, line: int, first: int) -> None:
    diagnostic = only(text, Format.TOML)
    assert diagnostic.code == "PARSE002"
    assert diagnostic.field == field
    assert diagnostic.place is not None
    assert diagnostic.place.line == line
    assert marked(text, diagnostic.place) == key
    assert diagnostic.message.endswith(f"first on line {first}")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = 1\na = " + "[" * 100_000, 2),
        ("x = 1\na = " + "{a = " * 100_000, 2),
        ("x = 1\n" + "a." * 100_000 + "a = 1", 2),
        ("x = 1\n\n[" + "a." * 100 + "a]\ny = 1", 3),
        ("x = 1\na = " + "[" * 70 + "]" * 70, 2),
        ("x = 1\n" + "a." * 70 + "a = 1", 2),
        ('t = "' + "." * 100 + '"\n' + "a." * 100 + "a = 1", 2),
    ],
    ids=["lists", "tables", "key", "header", "lists-parsed", "key-parsed", "dots-in-text"],
)
def test_deep_nesting_has_its_place(text: str, line: int) -> None:
    diagnostic = only(text, Format.TOML)
    assert diagnostic.code == "PARSE003"
    assert diagnostic.place is not None
    assert diagnostic.place.line == line


def test_the_limit_itself_is_allowed() -> None:
    assert load(TOML + "custom.x = " + "[" * 62 + "]" * 62, Format.TOML)
    assert only(TOML + "custom.x = " + "[" * 63 + "]" * 63, Format.TOML).code == "PARSE003"


def test_times_and_what_toml_1_1_adds_are_read() -> None:
    custom = load(
        TOML + 'created_at = 2026-11-23T18:00:00+09:00\n[custom]\nt = 07:32\nx = "\\x41"\n',
        Format.TOML,
    ).config.custom
    assert str(custom["t"]) == "07:32:00"
    assert custom["x"] == "A"
