"""Comments as the format tells them: odd places, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyconsole.loading.comments import Comment, comments
from policyconsole.loading.formats import DecodeError, Format, decode

TOML, YAML = Format.TOML, Format.YAML


def found(text: str, form: Format = TOML) -> list[Comment]:
    decode(text, form)  # only what the parser accepts has comments
    return list(comments(text, form, "!"))


def said(text: str, form: Format = TOML) -> list[tuple[str, int, int | None]]:
    """Each comment with its line and the one that it counts for."""
    return [(item.text, item.place.line, item.counts_for) for item in found(text, form)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1 #!x", [("!x", 1, 1)]),
        ("a = 1  #   !x  \n", [("!x", 1, 1)]),
        ("#!x\na = 1\n", [("!x", 1, 2)]),
        ("#!x\n\n# y\n  # z\na = 1\n", [("!x", 1, 5)]),
        ("a = 1\n#!x\n", [("!x", 2, None)]),
        ("a = 1\n#!x", [("!x", 2, None)]),
        ("[a] #!x\n", [("!x", 1, 1)]),
        ("a = '#!no'\n", []),
        ('a = "#!no"\n', []),
        ('a = "\\"#!no"\n', []),
        ('a = "\\\\" #!x\n', [("!x", 1, 1)]),
        ("a = '\\' #!x\n", [("!x", 1, 1)]),
        ('a = """\n#!no\n"""\n', []),
        ("a = '''\n#!no\n'''\n", []),
        ('a = """\n\\"""#!no\n"""\n', []),
        ('a = """x""" #!x\n', [("!x", 1, 1)]),
        ('a = """x"""" #!x\n', [("!x", 1, 1)]),
        ('a = """x""""" #!x\n', [("!x", 1, 1)]),
        ("a = '''x'''' #!x\n", [("!x", 1, 1)]),
        ('a = """x"""" #!x\nb = "#!no"\n', [("!x", 1, 1)]),
        ("a = '''x'''' #!x\nb = '#!no'\n", [("!x", 1, 1)]),
        ('a = """ "" #!no ""\\" """ #!x\n', [("!x", 1, 1)]),
        ("a = \"\" #!x\nb = '' #!y", [("!x", 1, 1), ("!y", 2, 2)]),
        ('a = """""" #!x\n', [("!x", 1, 1)]),
        ("'#!n' = 1\n\"#!no\" = 2 #!x\n", [("!x", 2, 2)]),
        ('["#!no"]\na = 1\n', []),
        (
            "a = [ #!x\n  1, #!y\n  #!z\n  2,\n] #!w\n",
            [("!x", 1, 1), ("!y", 2, 2), ("!z", 3, 4), ("!w", 5, 5)],
        ),
        ("a = 1 # no !x\n", []),
        ("a = 1 # '''\nb = 1 #!x\nc = 2 # '''\n", [("!x", 2, 2)]),
        ("a = 1 #!x\r\n#!y\r\nb = 2\r\n", [("!x", 1, 1), ("!y", 2, 3)]),
        ("a = 1 #!x # !y\n", [("!x # !y", 1, 1)]),
        ("é = 1\n".replace("é", '"é🙂"') + "b = '🙂' #!x\n", [("!x", 2, 2)]),
    ],
)
def test_in_toml(text: str, expected: list[tuple[str, int, int | None]]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1 #!x\n", [("!x", 1, 1)]),
        ("#!x\na: 1\n", [("!x", 1, 2)]),
        ("a: b#!no\n", []),
        ("a: '#!no'\n", []),
        ("a: 'it''s #!no'\n", []),
        ('a: "\\" #!no" #!x\n', [("!x", 1, 1)]),
        ("a: |\n  #!no\n  x #!no\n", []),
        ("a: |\n  x\n #!x\nb: 1\n", [("!x", 3, 4)]),
        ("a: >-\n  x\n\n#!x\nb: 1\n", [("!x", 4, 5)]),
        ("a: | #!x\n  #!no\n", [("!x", 1, 1)]),
        ("a: |+2 #!x\n   y\n", [("!x", 1, 1)]),
        ("a: >\n  | #!no\n", []),
        ("a: x\n  y #!x\n", [("!x", 2, 2)]),
        ("a: 'x\n  #!no\n  y' #!x\n", [("!x", 3, 3)]),
        ("a: {b: 1, #!x\n  c: 2} #!y\n", [("!x", 1, 1), ("!y", 2, 2)]),
        ("a: [1, #!x\n  #!y\n  2] #!z\n", [("!x", 1, 1), ("!y", 2, 3), ("!z", 3, 3)]),
        ("a: [b#!no, c]\n", []),
        ("a: #!x\n  - 1 #!y\n  #!z\n  - 2\n", [("!x", 1, 1), ("!y", 2, 2), ("!z", 3, 4)]),
        ("- #!x\n  1\n".replace("- ", "a: "), [("!x", 1, 1)]),
        ("? a #!x\n: 1 #!y\n", [("!x", 1, 1), ("!y", 2, 2)]),
        ("a: &b 1 #!x\nc: *b #!y\n", [("!x", 1, 1), ("!y", 2, 2)]),
        ("%YAML 1.1\n--- #!x\na: 1\n", [("!x", 2, 2)]),
        ("a: 1\n... #!x\n", [("!x", 2, 2)]),
        ("a: 1\r\n#!x\r\nb: '#!no' #!y\r\n", [("!x", 2, 3), ("!y", 3, 3)]),
        ("'🙂': '🙂' #!x\n", [("!x", 1, 1)]),
        ("a: http://x/#!no\n", []),
    ],
)
def test_in_yaml(text: str, expected: list[tuple[str, int, int | None]]) -> None:
    assert said(text, YAML) == expected


def test_json_has_none() -> None:
    assert said('{"a": "#!no"}', Format.JSON) == []


@pytest.mark.parametrize(
    ("text", "form", "on_top"),
    [
        ("#!x\na = 1\n", TOML, True),
        ("\n# licence\n\n#!x\na = 1\n", TOML, True),
        ("a = 1\n#!x\n", TOML, False),
        ("a = 1 #!x\n", TOML, False),
        ("[a]\n#!x\n", TOML, False),
        ("%YAML 1.1\n---\n#!x\na: 1\n", YAML, True),
        ("---\n# y\n#!x\na: 1\n", YAML, True),
        ("--- #!x\na: 1\n", YAML, False),
        ("a:\n  #!x\n  b: 1\n", YAML, False),
    ],
)
def test_what_is_on_top(text: str, form: Format, on_top: bool) -> None:
    (comment,) = found(text, form)
    assert comment.on_top is on_top


def test_the_place_is_that_of_the_comment() -> None:
    (comment,) = found("a = '🙂' #!x y \n")
    place = comment.place
    assert (place.line, place.column, place.end_line, place.end_column) == (1, 9, 1, 14)


PIECES = st.sampled_from(["#!x", " #!x", "'", '"', "''", '""', "\\", " ", "\n  ", "|", ": ", "🙂"])
SOME = st.lists(PIECES, max_size=5).map("".join)
VALUES = {
    TOML: st.sampled_from(
        ["'{}'", '"{}"', "'''{}'''", '"""{}"""', "['{}', #!x\n \"{}\"]", "1 #{}"]
    ),
    YAML: st.sampled_from(
        ["'{}'", '"{}"', "|\n  {}", "> #!x\n  {}", "[x, #!x\n '{}']", "x{}", "1 #{}"]
    ),
}


@st.composite
def texts(draw: st.DrawFn, form: Format) -> str:
    """Keys and values of every kind, with comments and what looks like some."""
    sign = " = " if form is TOML else ": "
    values = draw(st.lists(VALUES[form], min_size=1, max_size=3))
    return "".join(
        f"a{number}{sign}{value.replace('{}', draw(SOME))}{draw(st.sampled_from(['', ' #!x']))}\n"
        for number, value in enumerate(values)
    )


@pytest.mark.parametrize("form", [TOML, YAML])
@given(data=st.data())
def test_without_its_comments_a_text_says_the_same(form: Format, data: st.DataObject) -> None:
    text = data.draw(texts(form))
    try:
        before = decode(text, form)
    except DecodeError:
        return
    lines = text.split("\n")
    for item in reversed(list(comments(text, form, ""))):
        place = item.place
        line = lines[place.line - 1]
        assert line[place.column - 1] == "#"
        end = place.end_column - 1 if place.end_line == place.line else None
        lines[place.line - 1] = line[: place.column - 1] + (line[end:] if end else "")
    assert "#!x" in str(before) or "#!x" not in "\n".join(lines)
    assert decode("\n".join(lines), form) == before
