"""From a line and column in a string's value to the place in the file."""

import pytest
import rtoml

from policyconsole.configuration.inside import place_inside
from policyconsole.diagnostics import Diagnostic, Kind
from policyconsole.loading.formats import Format
from policyconsole.loading.spans import place

STRINGS = {
    "basic": '"ab@c"',
    "literal": "'ab@c'",
    "escapes": r'"\t\"\u00fc\U0001F512@"',
    "a line end": r'"a\nb@"',
    "multi-line": '"""\nab\n  c@\n"""',
    "multi-line, on the first line": '"""a@b"""',
    "multi-line literal": "'''\nab\\\n@'''",
    "CRLF": '"""\r\nab\r\n@"""',
    "continued": '"""\na \\\n\n    b@"""',
    "emoji": '"🔒@"',
    "quotes inside": '"""a"b""@"""',
}


@pytest.mark.parametrize("token", STRINGS.values(), ids=STRINGS)
def test_points_at_the_character_of_the_value(token: str) -> None:
    text = f"# é\nx = 1\nrequire = {token}\n"
    value = rtoml.loads(text)["require"].replace("\r\n", "\n")
    before = value[: value.index("@")]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    wrong = Diagnostic("CONF005", Kind.ERROR, "", field="require")
    string = place([wrong], text, Format.TOML)[0].place
    assert string is not None
    found = place_inside(text, string, line, column)
    lines = text.split("\n")
    assert lines[found.line - 1][found.column - 1] == "@"
    assert (found.end_line, found.end_column) == (found.line, found.column + 1)


def test_what_lies_beyond_the_value_is_at_its_end() -> None:
    text = 'require = "ab"\n'
    wrong = Diagnostic("CONF005", Kind.ERROR, "", field="require")
    string = place([wrong], text, Format.TOML)[0].place
    assert string is not None
    assert place_inside(text, string, 9, 9).column == text.index('"\n') + 1
