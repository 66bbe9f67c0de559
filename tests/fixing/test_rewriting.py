"""Edits in a text: what they write, and that every other character stays."""

from codecs import BOM_UTF8
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyconsole.fields import FieldPath
from policyconsole.fixing.edits import (
    CannotEditError,
    Edit,
    RemoveItem,
    RenameKey,
    SetValue,
    edited,
)
from policyconsole.fixing.rewriting import rewritten
from policyconsole.loading.comments import comments
from policyconsole.loading.formats import Format, decode, encode
from tests.loading.test_round_trip import VALUES, mappings, policies

TOML, YAML, JSON = Format.TOML, Format.YAML, Format.JSON
VERSION = SetValue(("t", "v"), "TLSv1.2")


def edit(text: str, form: Format, *edits: Edit) -> str:
    return rewritten(text.encode(), form, edits).decode()


# What a line is like before, and after its value was set to "TLSv1.2".
VALUES_IN_PLACE = [
    (TOML, '[t]\nv = "TLSv1.0" # why\n', '[t]\nv = "TLSv1.2" # why\n'),
    (TOML, "[t]\nv = 'TLSv1.0'\t# why", "[t]\nv = 'TLSv1.2'\t# why"),
    (TOML, '[t]\r\n\tv\t=\t"TLSv1.0"\r\n', '[t]\r\n\tv\t=\t"TLSv1.2"\r\n'),
    (TOML, 't.v = """\nTLSv1.0"""\n', 't.v = """TLSv1.2"""\n'),
    (TOML, "t.v = '''TLSv1.0'''\n", "t.v = '''TLSv1.2'''\n"),
    (TOML, 't = {a = "é", v = 1} # é\n', 't = {a = "é", v = "TLSv1.2"} # é\n'),
    (TOML, '"t" . \'v\' = 1\n', '"t" . \'v\' = "TLSv1.2"\n'),
    (TOML, 's = """# no comment\n[t]\n"""\n[t]\nv=1', 's = """# no comment\n[t]\n"""\n[t]\nv="TLSv1.2"'),
    (YAML, "t:\n    v: TLSv1.0   # why\n", "t:\n    v: TLSv1.2   # why\n"),
    (YAML, "t:\r\n  v: 'TLSv1.0'\r\n", "t:\r\n  v: 'TLSv1.2'\r\n"),
    (YAML, 't: {a: [ 1,2 ],  "v": "TLSv1.0"}', 't: {a: [ 1,2 ],  "v": "TLSv1.2"}'),
    (YAML, "t:\n  ? v\n  : TLSv1.0\n", "t:\n  ? v\n  : TLSv1.2\n"),
    (YAML, "t:\n  v: &v TLSv1.0\n", "t:\n  v: &v TLSv1.2\n"),
    (YAML, "o: &v TLSv1.0\nt: {v: *v}\n", "o: &v TLSv1.0\nt: {v: TLSv1.2}\n"),
    (YAML, "t:\n  v: !!str 1 # why\n", 't:\n  v: !!str TLSv1.2 # why\n'),
    (YAML, "t:\n  v: |\n    TLSv1.0\n  w: >-\n    a\n\n    b\n", "t:\n  v: TLSv1.2\n  w: >-\n    a\n\n    b\n"),
    (YAML, "t:\n  v:\n  w: 1\n", "t:\n  v: TLSv1.2\n  w: 1\n"),
    (YAML, "%YAML 1.1\n--- # a\nt:\n  v: 1\n...\n# b\n", "%YAML 1.1\n--- # a\nt:\n  v: TLSv1.2\n...\n# b\n"),
    (YAML, 'l: "a \\\n  b"\nt: {v: 1}\n', 'l: "a \\\n  b"\nt: {v: TLSv1.2}\n'),
    (YAML, "b: &b {v: 1, w: 2}\nt: {<<: *b, v: 3}", "b: &b {v: 1, w: 2}\nt: {<<: *b, v: TLSv1.2}"),
    (JSON, '{"t":{"v":"TLSv1.0"}}', '{"t":{"v":"TLSv1.2"}}'),
    (JSON, '{\n\t"t": {"😀": 1, "v" : 1.0 }\r\n}\n', '{\n\t"t": {"😀": 1, "v" : "TLSv1.2" }\r\n}\n'),
]  # fmt: skip


@pytest.mark.parametrize("mark", [b"", BOM_UTF8], ids=["", "bom"])
@pytest.mark.parametrize(("form", "before", "after"), VALUES_IN_PLACE)
def test_a_value_is_set_where_it_stands(form: Format, before: str, after: str, mark: bytes) -> None:
    assert rewritten(mark + before.encode(), form, [VERSION]) == mark + after.encode()


# A text, and what it is with the field t.n (and u.m) added.
ADDED = [
    (TOML, '[t] # h\nv = 1 # c\n\n# next\n[z]\n', '[t] # h\nv = 1 # c\nn = true\n\n# next\n[z]\n'),
    (TOML, '[t] # h', '[t] # h\nn = true'),
    (TOML, '[t]\r\n  v = [\r\n 1, # c\r\n ]\r\n', '[t]\r\n  v = [\r\n 1, # c\r\n ]\r\n  n = true\r\n'),
    (TOML, 't = { v = 1 }\n', 't = { v = 1, n = true }\n'),
    (TOML, 't = {}\n', 't = {n = true}\n'),
    (TOML, '[t]\n[t.x]\ny = 1\n', '[t]\nn = true\n[t.x]\ny = 1\n'),
    (TOML, ' t.v = 1\na = 2\n', ' t.v = 1\n t.n = true\na = 2\n'),
    (TOML, '[t.x]\ny = 1\n', '[t.x]\ny = 1\n\n[t]\nn = true\n'),
    (TOML, 'a = 1', 'a = 1\n\n[t]\nn = true'),
    (YAML, "t:\n    v: 1 # c\n\n# next\nz: 1\n", "t:\n    v: 1 # c\n    n: true\n\n# next\nz: 1\n"),
    (YAML, "t:\n  ? v\n  : 1\n", "t:\n  ? v\n  : 1\n  n: true\n"),
    (YAML, "t: {v: 1}", "t: {v: 1, n: true}"),
    (YAML, "t: {}\r\n", "t: {n: true}\r\n"),
    (YAML, "t: {\n  v: 1,\n  w: 2\n}\n", "t: {\n  v: 1,\n  w: 2,\n  n: true\n}\n"),
    (YAML, "a:\n   b: 1\n", "a:\n   b: 1\nt:\n   n: true\n"),
    (YAML, "b: &b {n: false}\nt:\n  <<: *b", "b: &b {n: false}\nt:\n  <<: *b\n  n: true"),
    (YAML, "t:\n- 1\n", None),
    (YAML, "b: &b {v: 1}\nt: *b\n", None),
    (JSON, '{"t": {}}', '{"t": {"n": true}}'),
    (JSON, '{\n  "t": {\n    "v": 1\n  }\n}', '{\n  "t": {\n    "v": 1,\n    "n": true\n  }\n}'),
    (JSON, '{"a": 1, "b": 2}', '{"a": 1, "b": 2, "t": {"n": true}}'),
]  # fmt: skip


@pytest.mark.parametrize(("form", "before", "after"), ADDED)
def test_a_field_is_added_to_its_table(form: Format, before: str, after: str | None) -> None:
    adding = SetValue(("t", "n"), True)
    if after is None:
        with pytest.raises(CannotEditError):
            edit(before, form, adding)
    else:
        assert edit(before, form, adding) == after


RENAMED = [
    (TOML, "# a\nold = 1 # b\nt.x = 2\n", "# a\nnew = 1 # b\nt.x = 2\n"),
    (TOML, "old.a = 1\n[ old.b ]\n[old . 'c']\n", "new.a = 1\n[ new.b ]\n[new . 'c']\n"),
    (TOML, '"old" = 1\n', '"new" = 1\n'),
    (TOML, "[[old]]\na = 1\n[[old]]\n", "[[new]]\na = 1\n[[new]]\n"),
    (YAML, "old: 1 # b\nz: old\n", "new: 1 # b\nz: old\n"),
    (YAML, "'old': 1\n", "'new': 1\n"),
    (YAML, "&k old: {a: 1}\nz: *k\n", None),
    (JSON, '{"old" : 1, "z": {"old": 2}}', '{"new" : 1, "z": {"old": 2}}'),
    (JSON, '{"old": 1, "new": 2}', None),
]


@pytest.mark.parametrize(("form", "before", "after"), RENAMED)
def test_a_key_is_renamed_everywhere_it_stands(
    form: Format, before: str, after: str | None
) -> None:
    renaming = RenameKey(("old",), "new")
    if after is None:
        with pytest.raises(CannotEditError):
            edit(before, form, renaming)
    else:
        assert edit(before, form, renaming) == after


REMOVED = [
    (TOML, 'l = ["a", "b", "c"]', 0, 'l = ["b", "c"]'),
    (TOML, 'l = ["a", "b", "c"]', 2, 'l = ["a", "b"]'),
    (TOML, 'l = ["a"]', 0, "l = []"),
    (TOML, 'l = [\n  "a", # a\n  "b", # b\n]\n', 1, 'l = [\n  "a", # a\n]\n'),
    (TOML, 'l = [\n  "a", # a\n  # above\n  "b"\n]\n', 0, 'l = [\n  # above\n  "b"\n]\n'),
    (YAML, "l:\n- a # a\n- b\nz: 1\n", 0, "l:\n- b\nz: 1\n"),
    (YAML, "l:\n- a\n- b", 1, "l:\n- a"),
    (YAML, "l:\r\n- a\r\n- b", 1, "l:\r\n- a"),
    (YAML, "l: [a,  b]\n", 1, "l: [a]\n"),
    (JSON, '{"l": [\n  "a",\n  "b"\n]}', 1, '{"l": [\n  "a"\n]}'),
    (JSON, '{"l": ["a", "b"]}', 0, '{"l": ["b"]}'),
]


@pytest.mark.parametrize(("form", "before", "position", "after"), REMOVED)
def test_an_item_is_taken_out_of_its_list(
    form: Format, before: str, position: int, after: str
) -> None:
    assert edit(before, form, RemoveItem(("l", position))) == after


def test_an_anchor_whose_other_uses_would_change_too_is_left_alone() -> None:
    with pytest.raises(CannotEditError, match="more than the edit"):
        edit("t:\n  v: &v TLSv1.0\nu: *v\n", YAML, VERSION)


def test_a_comment_inside_a_value_is_not_thrown_away() -> None:
    with pytest.raises(CannotEditError, match="comment"):
        edit("[t]\nv = [ # none\n]\n", TOML, SetValue(("t", "v"), ["a"]))
    with pytest.raises(CannotEditError, match="comment"):
        edit("t:\n  v: | # why\n    a\n", YAML, VERSION)
    with pytest.raises(CannotEditError, match="comment"):
        edit("t:\n  v:\n  - a # why\n  - b\n", YAML, VERSION)
    assert edit("t:\n  v: 'a #b'\n", YAML, VERSION) == "t:\n  v: 'TLSv1.2'\n"
    assert edit('t:\n  v: "a\n    #b"\n', YAML, VERSION) == 't:\n  v: "TLSv1.2"\n'


def test_what_does_not_decode_is_not_edited() -> None:
    for content in (b"\xff", b"t = ", b"t = 1\nt = 2\n"):
        with pytest.raises(CannotEditError):
            rewritten(content, TOML, [SetValue(("t",), 1)])


@pytest.mark.parametrize(
    ("before", "after"), [("1_000", "600_000"), ("1000", "600000"), ("0x1F_F", "600_000")]
)
def test_numbers_keep_their_grouping(before: str, after: str) -> None:
    for form in (TOML, YAML):
        mark = " = " if form is TOML else ": "
        edits = [SetValue(("n",), 600_000)]
        assert rewritten(f"n{mark}{before} # c\n".encode(), form, edits) == (
            f"n{mark}{after} # c\n".encode()
        )


@pytest.mark.parametrize(
    ("text", "written"), [("1.0", '"1.0"'), ("no", '"no"'), ("dev", "dev"), ("a b", '"a b"')]
)
def test_text_that_yaml_would_read_as_something_else_is_quoted(text: str, written: str) -> None:
    assert edit("t:\n  v: x\n", YAML, SetValue(("t", "v"), text)) == f"t:\n  v: {written}\n"


def places(value: object, path: FieldPath = ()) -> Iterator[tuple[FieldPath, object]]:
    """The path and the value of everything in decoded data."""
    yield path, value
    if isinstance(value, dict):
        for name, item in value.items():
            yield from places(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def words(text: str, form: Format) -> list[str]:
    return [comment.text for comment in comments(text, form, "")]


NEW = st.sampled_from(
    [True, 7, 0.5, "TLSv1.2", "1.0", "no", "a: b # c", "'\"\\", "é\n", [], ["a", 1], {}]
)


def decorated(text: str, form: Format, notes: list[int], crlf: bool) -> str:
    """The same data with comments behind lines and other line ends, where that changes nothing."""
    data, lines = decode(text, form), text.split("\n")
    for number in notes if form is not JSON else []:
        at = number % len(lines)
        tried = [*lines[:at], f"{lines[at]} # é note {number}", *lines[at + 1 :]]
        if _reads_as(tried, form, data):
            lines = tried
    return "\r\n".join(lines) if crlf and _reads_as(lines, form, data, "\r\n") else "\n".join(lines)


def _reads_as(lines: list[str], form: Format, data: object, end: str = "\n") -> bool:
    try:
        return decode(end.join(lines), form) == data
    except ValueError:
        return False


def changes(data: dict[str, object]) -> st.SearchStrategy[Edit]:
    """Any value set, any key renamed, a field added to any table."""
    found = list(places(data))
    leaves = [path for path, value in found if not isinstance(value, dict | list)]
    keys = [path for path, _ in found if path and isinstance(path[-1], str)]
    tables = [path for path, value in found if isinstance(value, dict)]
    return st.one_of(
        st.builds(SetValue, st.sampled_from(leaves), NEW),
        st.builds(RenameKey, st.sampled_from(keys), st.just("renamed")),
        st.builds(SetValue, st.sampled_from(tables).map(lambda path: (*path, "an_added")), NEW),
    )


@pytest.mark.parametrize("form", Format)
@given(data=policies(mappings(VALUES)), draw=st.data())
def test_any_edit_is_exact(form: Format, data: dict[str, object], draw: st.DataObject) -> None:
    """Whatever the policy and the edit: the data is the old with the edit made, comments stay."""
    notes = draw.draw(st.lists(st.integers(0, 40), max_size=4))
    text = decorated(encode(data, form), form, notes, draw.draw(st.booleans()))
    decoded = decode(text, form)
    change = draw.draw(changes(decoded))
    new = rewritten(text.encode(), form, [change]).decode()
    assert decode(new, form) == edited(decoded, [change])
    assert words(new, form) == words(text, form)
    assert ("\r\n" in new) == ("\r\n" in text)
