from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyconsole.diagnostics import Diagnostic, Kind, Place
from policyconsole.fields import FieldPath, format_field
from policyconsole.loading.formats import Format, decode, encode
from policyconsole.loading.spans import place
from tests.policies import REPORT

from .sources import marked


def at(text: str, form: Format, field: str, code: str = "SEC003") -> Place | None:
    """The place of a finding about ``field``."""
    (placed,) = place([Diagnostic(code, Kind.WARNING, "…", field=field)], text, form)
    return placed.place


def test_the_place_is_that_of_the_value() -> None:
    text = REPORT.read_text(encoding="utf-8")
    assert at(text, Format.TOML, "security.tls.min_version") == Place(17, 15, 17, 24)


TOML_TEXT = """\
# a comment
id = "本番" # more
"a key" . b.'c' = 1
text = \"\"\"
[not.a.header]
x = 1\"\"\"
inline = { a = 1, b.c = [1, { d = 2 }], "e" = [] }
list = [
  "é", # one
  # none
  [ "ü", 2 ],
]
when = 1979-05-27 07:32:00Z

[ security . tls ]
min_version = "TLSv1.0"

[security."odd \\u00e9 key"]
x = 1

[monitoring]
log_level = 'é' # é

[[custom.rules]]
name = "a"

[[custom.rules]]
name = "b"
[custom.rules.inner]
x = 1
[[custom.rules.more]]
y = 1
"""

YAML_TEXT = """\
# a comment
id: "本番" # more
"a key": {b: {'c': 1}}
text: |
  not: a key

  x: 1

folded: >-
  one
  two
plain: one
  two
list:
  - "é" # one
  # none
  - [ "ü", 2 ]
  - d: 2
    e: 3
# a comment at the end
empty:
base: &base {min_version: "TLSv1.0", enforce: true}
security:
  tls:
    <<: *base
    enforce: false
  alias: *base
"""

JSON_TEXT = """\
{
  "id": "本番", "a key": {"b": {"c": 1}},
  "list": ["é,[", [], ["ü", 2],
    {"d": -2.5e1, "e": {}}],
  "sec\\u0075rity": {"tls": {"min_version": "TLSv1.0"}},
  "empty": null
}
"""


@pytest.mark.parametrize(
    ("form", "field", "expected"),
    [
        (Format.TOML, "id", '"本番"'),
        (Format.TOML, '"a key"', '"a key"'),
        (Format.TOML, '"a key".b', "b"),
        (Format.TOML, '"a key".b.c', "1"),
        (Format.TOML, "text", '"""\n[not.a.header]\nx = 1"""'),
        (Format.TOML, "inline", "inline"),
        (Format.TOML, "inline.b", "b"),
        (Format.TOML, "inline.b.c", "[1, { d = 2 }]"),
        (Format.TOML, "inline.b.c[1]", "{ d = 2 }"),
        (Format.TOML, "inline.b.c[1].d", "2"),
        (Format.TOML, "list[0]", '"é"'),
        (Format.TOML, "list[1]", '[ "ü", 2 ]'),
        (Format.TOML, "list[1][1]", "2"),
        (Format.TOML, "when", "1979-05-27 07:32:00Z"),
        (Format.TOML, "security", "security"),
        (Format.TOML, "security.tls", "security . tls"),
        (Format.TOML, "security.tls.min_version", '"TLSv1.0"'),
        (Format.TOML, 'security."odd é key".x', "1"),
        (Format.TOML, "monitoring.log_level", "'é'"),
        (Format.TOML, "custom.rules", "custom.rules"),
        (Format.TOML, "custom.rules[1].name", '"b"'),
        (Format.TOML, "custom.rules[1].inner", "custom.rules.inner"),
        (Format.TOML, "custom.rules[1].inner.x", "1"),
        (Format.TOML, "custom.rules[1].more[0].y", "1"),
        (Format.YAML, "id", '"本番"'),
        (Format.YAML, '"a key"', '"a key"'),
        (Format.YAML, '"a key".b', "b"),
        (Format.YAML, '"a key".b.c', "1"),
        (Format.YAML, "text", "|\n  not: a key\n\n  x: 1"),
        (Format.YAML, "folded", ">-\n  one\n  two"),
        (Format.YAML, "plain", "one\n  two"),
        (Format.YAML, "list[0]", '"é"'),
        (Format.YAML, "list[1]", '[ "ü", 2 ]'),
        (Format.YAML, "list[1][1]", "2"),
        (Format.YAML, "list[2].e", "3"),
        (Format.YAML, "empty", "empty"),
        (Format.YAML, "security.tls", "tls"),
        (Format.YAML, "security.tls.min_version", '"TLSv1.0"'),
        (Format.YAML, "security.tls.enforce", "false"),
        (Format.YAML, "security.alias", "alias"),
        (Format.JSON, "id", '"本番"'),
        (Format.JSON, '"a key"', '"a key"'),
        (Format.JSON, '"a key".b.c', "1"),
        (Format.JSON, "list[0]", '"é,["'),
        (Format.JSON, "list[1]", "[]"),
        (Format.JSON, "list[2]", '["ü", 2]'),
        (Format.JSON, "list[2][1]", "2"),
        (Format.JSON, "list[3].d", "-2.5e1"),
        (Format.JSON, "list[3].e", '"e"'),
        (Format.JSON, "security.tls", '"tls"'),
        (Format.JSON, "security.tls.min_version", '"TLSv1.0"'),
        (Format.JSON, "empty", "null"),
    ],
)
def test_each_value_is_found(form: Format, field: str, expected: str) -> None:
    text = {Format.TOML: TOML_TEXT, Format.YAML: YAML_TEXT, Format.JSON: JSON_TEXT}[form]
    assert marked(text, at(text, form, field)) == expected


def test_a_block_list_ends_with_its_last_item() -> None:
    assert marked(YAML_TEXT, at(YAML_TEXT, Format.YAML, "list")).endswith("e: 3")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Format.TOML, '# c\n[a]\nb = "é"\n'),
        (Format.YAML, "# c\na:\n  b: é\n"),
        (Format.JSON, '{"a":\n{\n"b": "é"}}\n'),
    ],
)
def test_windows_line_ends_count_once(form: Format, text: str, ending: str) -> None:
    found = at(text.replace("\n", ending), form, "a.b")
    assert found is not None
    assert found.line == found.end_line == 3
    assert marked(text, found).strip('"') == "é"


@pytest.mark.parametrize(
    ("form", "field", "expected"),
    [
        (Format.TOML, "security.tls.enforce", "security . tls"),
        (Format.TOML, "security.tls.cipher_suites[3]", "security . tls"),
        (Format.TOML, "security.encryption.key_size", "security"),
        (Format.TOML, "monitoring.metrics.enabled", "monitoring"),
        (Format.TOML, "custom.rules[1].other", "custom.rules"),
        (Format.YAML, "security.tls.cipher_suites", "tls"),
        (Format.YAML, "security.encryption.key_size", "security"),
        (Format.JSON, "security.tls.cipher_suites", '"tls"'),
        (Format.JSON, "security.encryption.key_size", '"sec\\u0075rity"'),
    ],
)
def test_what_is_missing_is_placed_at_the_table_that_should_hold_it(
    form: Format, field: str, expected: str
) -> None:
    text = {Format.TOML: TOML_TEXT, Format.YAML: YAML_TEXT, Format.JSON: JSON_TEXT}[form]
    assert marked(text, at(text, form, field)) == expected


@pytest.mark.parametrize("form", Format)
def test_what_belongs_to_the_top_is_placed_there(form: Format) -> None:
    text = {Format.TOML: TOML_TEXT, Format.YAML: YAML_TEXT, Format.JSON: JSON_TEXT}[form]
    assert at(text, form, "version") == Place(1, 1, 1, 1)
    assert at(text, form, "authentication.method") == Place(1, 1, 1, 1)


@pytest.mark.parametrize(
    ("form", "text", "field", "key"),
    [
        (Format.TOML, "[security.tsl]\nx = 1\n", "security.tsl", "tsl"),
        (Format.TOML, "[securty.tls]\nx = 1\n", "securty", "securty"),
        (
            Format.TOML,
            "[security]\ntls.min_versoin = 1\n",
            "security.tls.min_versoin",
            "min_versoin",
        ),
        (Format.TOML, "[[rules]]\nx = 1\n[[rules]]\n", "rules", "rules"),
        (Format.YAML, "security:\n  tsl: {x: 1}\n", "security.tsl", "tsl"),
        (Format.JSON, '{"security": {"tsl": [1]}}', "security.tsl", '"tsl"'),
    ],
)
def test_an_unknown_field_is_marked_at_its_key(
    form: Format, text: str, field: str, key: str
) -> None:
    assert marked(text, at(text, form, field, "FIELD001")) == key


def test_what_toml_1_1_adds_has_its_place() -> None:
    text = '[custom]\na = 07:32\nb = "\\x41"\nc = { # c\n"\\e" = 1,\n}\n'
    assert marked(text, at(text, Format.TOML, "custom.a")) == "07:32"
    assert marked(text, at(text, Format.TOML, "custom.b")) == '"\\x41"'
    assert marked(text, at(text, Format.TOML, 'custom.c."\\u001b"')) == "1"


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize(
    "text", ["", "[[[", "{", '"', "a: *b", "\0", "a: &a [*a]", '{"\\q": 1}', '"\\q" = 1']
)
def test_a_text_that_does_not_parse_is_no_reason_to_fail(form: Format, text: str) -> None:
    assert at(text, form, "x.y") == Place(1, 1, 1, 1)


def test_a_field_that_is_no_path_is_placed_at_the_top() -> None:
    assert at("a = 1", Format.TOML, "not a path") == Place(1, 1, 1, 1)


def test_a_place_that_is_known_is_kept_and_all_is_sorted() -> None:
    text = "a = 1\nb = 2\nc = 3\n"
    known = Place(2, 1, 2, 2)
    found = place(
        [
            Diagnostic("A", Kind.WARNING, "…", field="c"),
            Diagnostic("B", Kind.WARNING, "…", field="a", place=known),
            Diagnostic("C", Kind.WARNING, "the file as a whole"),
            Diagnostic("D", Kind.WARNING, "…", field="a"),
        ],
        text,
        Format.TOML,
    )
    assert [item.code for item in found] == ["C", "D", "B", "A"]
    assert [item.place for item in found] == [None, Place(1, 5, 1, 6), known, Place(3, 5, 3, 6)]


KEYS = st.text(st.characters(codec="utf-8"), max_size=6)
SCALARS = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=12)
    | st.datetimes()
    | st.dates()
)
DATA = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS,
        lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3),
        max_leaves=8,
    ),
    min_size=1,
    max_size=4,
)


def scalars(value: object, path: FieldPath = ()) -> list[tuple[FieldPath, object]]:
    match value:
        case dict():
            found = [scalars(item, (*path, key)) for key, item in value.items()]
        case list():
            found = [scalars(item, (*path, index)) for index, item in enumerate(value)]
        case _:
            return [(path, value)]
    return [item for items in found for item in items]


@pytest.mark.parametrize("form", Format)
@given(DATA)
def test_what_a_place_covers_reads_as_the_value(form: Format, data: dict[str, object]) -> None:
    text = encode(data, form)
    paths = scalars(decode(text, form))
    fields = {format_field(path): value for path, value in paths}
    placed = place(
        [Diagnostic("X", Kind.WARNING, "…", field=field) for field in fields], text, form
    )
    read = {
        Format.TOML: "x = {}",
        Format.YAML: "x: {}",
        Format.JSON: '{{"x": {}}}',
    }[form]
    for item in placed:
        assert item.field is not None
        covered = marked(text, item.place)
        assert decode(read.format(covered), form) == {"x": fields[item.field]}


def test_local_times_have_a_place_too() -> None:
    text = encode({"a": time(7, 32), "b": date(2026, 11, 23)}, Format.TOML)
    assert marked(text, at(text, Format.TOML, "b")) == "2026-11-23"
    assert marked(text, at(text, Format.TOML, "a")) == "07:32:00"
