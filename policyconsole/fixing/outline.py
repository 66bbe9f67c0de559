"""Outline: where in a text the keys, values and brackets of a policy stand, and where more can go.

Like a SourceMap, but exact enough to write by: every occurrence of a key, both ends of
each table in brackets, and the line below which a table takes one more field. Offsets
count characters. A value behind an alias stands where the alias is.
"""

from dataclasses import dataclass, field

from policyconsole.fields import FieldPath
from policyconsole.loading.positions import Stretch


@dataclass(slots=True)
class Brackets:
    """A table or list in brackets: its ends, brackets included, and its entries in order."""

    start: int
    end: int
    entries: list[Stretch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """Where one more field of a table goes on a line of its own.

    It is put in at ``offset`` between ``before`` (a line end and the indentation, or the
    first parts of a dotted key too) and ``after``.
    """

    offset: int
    before: str
    after: str = ""


@dataclass(slots=True)
class Outline:
    """The places of one text, by field path."""

    text: str
    keys: dict[FieldPath, list[Stretch]] = field(default_factory=dict)
    values: dict[FieldPath, Stretch] = field(default_factory=dict)
    brackets: dict[FieldPath, Brackets] = field(default_factory=dict)
    lines: dict[FieldPath, Line] = field(default_factory=dict)
    items: dict[FieldPath, Stretch] = field(default_factory=dict)
    """Items of lists without brackets, with the dash before them."""


def line_end(text: str) -> str:
    """Give the line end that a text uses: that of its first line."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def end_of_line(text: str, offset: int) -> int:
    """Give the end of the line that ``offset`` is on, before its line end."""
    end = text.find("\n", offset)
    if end < 0:
        return len(text)
    return end - 1 if end > offset and text[end - 1] == "\r" else end


def indentation(text: str, offset: int) -> str:
    """Give the white space that the line of ``offset`` begins with."""
    start = text.rfind("\n", 0, offset) + 1
    line = text[start:offset]
    return line[: len(line) - len(line.lstrip(" \t"))]
