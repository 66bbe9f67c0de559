from datetime import date

import pytest

from policyconsole.diagnostics import Place
from policyconsole.loading.formats import Format

from .sources import YAML, load, marked, only


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a: b: c", Place(1, 5, 1, 6), "mapping values are not allowed"),
        ("é: 'x", Place(1, 4, 1, 5), "a quoted scalar begins here"),
        ("a:\n\t- b", Place(2, 1, 2, 2), "cannot start any token"),
        ("a: @x", Place(1, 4, 1, 5), "cannot start any token"),
        ("a: *x", Place(1, 4, 1, 5), "undefined alias"),
        ("a: &x 1\nb: &x 2", Place(2, 4, 2, 5), "duplicate anchor"),
        ("é: 'ü\x01'", Place(1, 6, 1, 7), "U+0001"),
        ("a: 1\n---\nb: 2", Place(2, 1, 2, 2), "second document"),
        ("a: 1\x85b: 2\u2028c: @", Place(1, 14, 1, 15), "cannot start any token"),
        ("\U0001f600: @", Place(1, 4, 1, 5), "cannot start any token"),
        ('a: "\\ud800"', Place(1, 7, 1, 8), "Unicode"),
        ("a: !!python/object/apply:os.system [ls]", Place(1, 4, 1, 40), "!!python/object"),
        ("a: !!python/name:os.system", Place(1, 4, 1, 27), "!!python/name"),
        ("x: 1\na: !thing x", Place(2, 4, 2, 12), "!thing"),
        ("a: !!set {b}", Place(1, 4, 1, 13), "!!set"),
        ("a: !!binary eA==", Place(1, 4, 1, 17), "!!binary"),
        ("a: !!map [b]", Place(1, 4, 1, 13), "!!map"),
        ("a: !!str {=: b}", Place(1, 4, 1, 16), "!!str"),
        ("a: !!int x", Place(1, 4, 1, 11), "cannot be a number"),
        ("a: !!int ''", Place(1, 4, 1, 12), "cannot be a number"),
        ("a: !!float x", Place(1, 4, 1, 13), "cannot be a number"),
        ("a: !!bool x", Place(1, 4, 1, 12), "cannot be true or false"),
        ("a: !!timestamp x", Place(1, 4, 1, 17), "cannot be a date or time"),
        ("a: 2020-02-30", Place(1, 4, 1, 14), "cannot be a date or time"),
        ("a: 2020-01-01T00:00:00+99:00", Place(1, 4, 1, 29), "cannot be a date or time"),
        ("a: 0x_", Place(1, 4, 1, 7), "cannot be a number"),
        ("a: " + "9" * 10_000, Place(1, 4, 1, 10_004), "too large"),
        ("a: 0x" + "f" * 33, Place(1, 4, 1, 39), "too large"),
        ("a: 1.0e+999", Place(1, 4, 1, 12), "too large"),
        ("%YAML 3.0\n---\na: 1", Place(1, 1, 1, 2), "incompatible"),
        ("a: [1,\n", Place(2, 1, 2, 1), "node content"),
        ("a: [1, 2", Place(1, 4, 1, 5), "a flow sequence begins here"),
    ],
)
def test_what_is_not_yaml_has_its_place(text: str, place: Place, words: str) -> None:
    diagnostic = only(text, Format.YAML)
    assert diagnostic.code == "PARSE001"
    assert diagnostic.place == place
    assert words in diagnostic.message


@pytest.mark.parametrize(
    ("text", "field", "key", "line", "first"),
    [
        ("a: 1\nb: 2\na: 3", "a", "a", 3, 1),
        ("a: 1\n'a': 2", "a", "'a'", 2, 1),
        ("x:\n  - b: 1\n    c: 2\n    b: 3", "x[0].b", "b", 4, 2),
        ("x: {b: 1, b: 2}", "x.b", "b", 1, 1),
        ("x: &x {a: 1}\ny:\n  <<: *x\n  <<: *x\n", 'y."<<"', "<<", 4, 3),
    ],
)
def test_a_key_that_is_there_twice(text: str, field: str, key: str, line: int, first: int) -> None:
    diagnostic = only(text, Format.YAML)
    assert diagnostic.code == "PARSE002"
    assert diagnostic.field == field
    assert diagnostic.place is not None
    assert diagnostic.place.line == line
    assert marked(text, diagnostic.place) == key
    assert diagnostic.message.endswith(f"first on line {first}")


@pytest.mark.parametrize(
    "key", ["1", "1.0", "on", "No", "~", "2020-01-01", "[a]", "{a: b}", "null"]
)
def test_a_key_must_be_text(key: str) -> None:
    text = f"x: 1\n? {key}\n: 2\n"
    diagnostic = only(text, Format.YAML)
    assert diagnostic.code == "TYPE001"
    assert marked(text, diagnostic.place) == key
    assert "must be text" in diagnostic.message


def test_an_empty_key_is_no_text() -> None:
    assert only("x: 1\n?\n: 2\n", Format.YAML).code == "TYPE001"


def test_a_quoted_key_is_text() -> None:
    assert load(YAML + "custom: {'on': 1, \"1\": 2, =: 3}", Format.YAML).config.custom == {
        "on": 1,
        "1": 2,
        "=": 3,
    }


@pytest.mark.parametrize(
    ("value", "field"),
    [("010", "a.b"), ("-0777", "a.b"), ("1:30", "a.b"), ("190:20:30", "a.b"), ("1:30.5", "a.b")],
)
def test_a_number_that_yaml_turns_around_is_refused(value: str, field: str) -> None:
    text = f"a:\n  b: {value}"
    diagnostic = only(text, Format.YAML)
    assert diagnostic.code == "TYPE001"
    assert diagnostic.field == field
    assert marked(text, diagnostic.place) == value
    assert "quotes" in (diagnostic.help or "")


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("0", 0),
        ("07", 7),
        ("1_000", 1000),
        ("0x1F", 31),
        ("0b101", 5),
        ("-5", -5),
        ("1.5", 1.5),
        ("1e3", "1e3"),
        ("089", "089"),
        ("=", "="),
        ("yes", True),
        ("2020-01-01", date(2020, 1, 1)),
        ("!!str 1", "1"),
        ("!!float 1", 1.0),
        ("'1:30'", "1:30"),
        ("!!null x", None),
    ],
)
def test_what_yaml_reads_otherwise_is_kept(value: str, read: object) -> None:
    found = load(YAML + f"custom:\n  x: {value}\n", Format.YAML).config.custom["x"]
    assert found == read
    assert type(found) is type(read)


def test_merge_keys_work_and_own_keys_win() -> None:
    text = YAML + (
        "custom:\n"
        "  one: &one {a: 1, b: 1}\n"
        "  two: &two {b: 2, c: 2}\n"
        "  both: {<<: [*one, *two], d: 3}\n"
        "  own: {a: 9, <<: *one}\n"
        "  nested: {<<: {<<: *two, e: 4}}\n"
    )
    custom = load(text, Format.YAML).config.custom
    assert custom["both"] == {"a": 1, "b": 1, "c": 2, "d": 3}
    assert custom["own"] == {"a": 9, "b": 1}
    assert custom["nested"] == {"b": 2, "c": 2, "e": 4}


@pytest.mark.parametrize("value", ["1", "[1]", "text", "~"])
def test_only_mappings_can_be_merged(value: str) -> None:
    diagnostic = only(f"a:\n  <<: {value}\n", Format.YAML)
    assert diagnostic.code == "TYPE001"
    assert diagnostic.place is not None


def test_an_alias_shares_its_anchors_value() -> None:
    custom = load(YAML + "custom: {a: &a [1], b: *a}", Format.YAML).config.custom
    assert custom == {"a": [1], "b": [1]}
