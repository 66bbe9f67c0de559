"""Places inside the value of a TOML string: where an expression's own line and column are in the file."""

import re

from policyconsole.diagnostics import Place
from policyconsole.loading.positions import offset_of, place_at

_CONTINUED = re.compile(r"\\[ \t]*\r?\n\s*")
"""A line end that a multi-line string leaves out, with the white space after it."""

_ESCAPE = re.compile(r"\\(?:u.{4}|U.{8}|x..|.)", re.DOTALL)


def place_inside(text: str, string: Place, line: int, column: int) -> Place:
    """Give the place of a character of a string's value.

    ``string`` is where the string stands in ``text``, quotes and all; ``line`` and
    ``column`` count from 1 in its value. What lies beyond the value is at its end.
    """
    at = offset_of(text, string.line, string.column)
    end = offset_of(text, string.end_line, string.end_column)
    quotes = next((mark for mark in ('"""', "'''", '"', "'") if text.startswith(mark, at)), "")
    at, end = at + len(quotes), end - len(quotes)
    if len(quotes) == 3:
        at += len("\r\n") if text.startswith("\r\n", at) else text.startswith("\n", at)
    now = (1, 1)
    while at < end and now < (line, column):
        character, at = _next(text, at, quotes)
        if character == "\n":
            now = now[0] + 1, 1
        elif character:
            now = now[0], now[1] + 1
    return place_at(text, at)


def _next(text: str, at: int, quotes: str) -> tuple[str, int]:
    """Give the next character of the value (empty for what stands for none) and where it ends."""
    if text[at] != "\\" or quotes.startswith("'"):
        return text[at], at + 1
    if len(quotes) == 3 and (continued := _CONTINUED.match(text, at)):
        return "", continued.end()
    escape = _ESCAPE.match(text, at)
    end = escape.end() if escape else at + 1
    return ("\n" if text.startswith("\\n", at) else "x"), end
