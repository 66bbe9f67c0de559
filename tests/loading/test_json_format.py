import pytest

from policyconsole.diagnostics import Place
from policyconsole.loading.formats import Format

from .sources import load, marked, only


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ('{"é": "ü" x}', Place(1, 11, 1, 12), "expected a comma"),
        ('{"a": 1,}', None, ""),
        ("{'a': 1}", Place(1, 2, 1, 3), "key in double quotes"),
        ('{"a" 1}', Place(1, 6, 1, 7), "expected a colon"),
        ('{"a": }', Place(1, 7, 1, 8), "expected a value"),
        ("// why\n{}", Place(1, 1, 1, 2), "expected a value"),
        ('{"a": 1}\n{"b": 2}', Place(2, 1, 2, 2), "more after the end"),
        ('{"a": 1} junk', Place(1, 10, 1, 11), "more after the end"),
        ('{"a": "x\ny"}', Place(1, 9, 1, 9), "line break"),
        ('{"a": "x', Place(1, 7, 1, 8), "does not end"),
        ('{"a":\n', None, "ends in the middle"),
        ('{"a": 01}', Place(1, 8, 1, 9), "expected a comma"),
        ('{"a": NaN}', Place(1, 7, 1, 10), "NaN"),
        ('{"b": "NaN",\n"a": [1, -Infinity]}', Place(2, 10, 2, 19), "-Infinity"),
        ('{"a": NaN1.0.0}', Place(1, 7, 1, 15), "NaN"),
        ('{"a": ' + "9" * 50 + "a.b}", Place(1, 7, 1, 60), "too large"),
        ('{"a": 1e999}', Place(1, 7, 1, 12), "too large"),
        ('{"a": -1E999}', Place(1, 7, 1, 13), "too large"),
        ('{"a": ' + "9" * 10_000 + "}", Place(1, 7, 1, 10_007), "too large"),
        ('{"a": ' + str(2**128) + "}", Place(1, 7, 1, 46), "too large"),
        ('{"a": "\\ud800"}', Place(1, 8, 1, 14), "half a character"),
        ('{"\\uDFFF": 1}', Place(1, 3, 1, 9), "half a character"),
        ('{"a": "\\ud83d\\ude00 \\\\ud800 \\ude00"}', Place(1, 29, 1, 35), "half a character"),
        ("\ufeff\ufeff{}", Place(1, 1, 1, 2), "a second byte order mark"),
    ],
)
def test_what_is_not_json_has_its_place(text: str, place: Place | None, words: str) -> None:
    diagnostic = only(text, Format.JSON)
    assert diagnostic.code == "PARSE001"
    assert diagnostic.place is not None
    assert place is None or diagnostic.place == place
    assert words in diagnostic.message


@pytest.mark.parametrize(
    ("text", "field", "key", "line", "first"),
    [
        ('{"a": 1, "b": 2,\n"a": 3}', "a", '"a"', 2, 1),
        ('{"a": {"b": 1,\n"\\u0062": 2}}', "a.b", '"\\u0062"', 2, 1),
        ('{"a": [{"b": 1}, {"b": 1,\n"c": {},\n"b": 2}]}', "a[1].b", '"b"', 3, 1),
        ('{"x": "{\\"a\\": 1}",\n"a": {"a": 1},\n"a": 2}', "a", '"a"', 3, 2),
    ],
)
def test_a_key_that_is_there_twice(text: str, field: str, key: str, line: int, first: int) -> None:
    diagnostic = only(text, Format.JSON)
    assert diagnostic.code == "PARSE002"
    assert diagnostic.field == field
    assert diagnostic.place is not None
    assert diagnostic.place.line == line
    assert marked(text, diagnostic.place) == key
    assert diagnostic.message.endswith(f"first on line {first}")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[" * 100_000, Place(1, 65, 1, 66)),
        ('{"a":' * 100_000, Place(1, 321, 1, 322)),
        ('{"a":\n' + "[" * 70 + "]" * 70 + "}", Place(2, 64, 2, 65)),
        ('{"t": "[[[["' + ',"a":' + "[" * 64 + "]" * 64 + "}", Place(1, 81, 1, 82)),
    ],
)
def test_deep_nesting_has_its_place(text: str, place: Place) -> None:
    diagnostic = only(text, Format.JSON)
    assert diagnostic.code == "PARSE003"
    assert diagnostic.place == place


def test_whole_characters_and_the_largest_numbers_are_read() -> None:
    text = (
        '{"id": "a", "name": "b", "version": "1", "custom": '
        f'{{"x": "\\ud83d\\ude00\\u0000", "n": {2**128 - 1}, "m": {-(2**127)}, "f": 1e300}}}}'
    )
    assert load(text, Format.JSON).config.custom == {
        "x": "\U0001f600\0",
        "n": 2**128 - 1,
        "m": -(2**127),
        "f": 1e300,
    }
