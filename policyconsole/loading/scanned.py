"""What the scanners of TOML and JSON find in a text, and the places that follow from it."""

from collections.abc import Iterable
from enum import Enum, auto
from typing import NamedTuple

from policyconsole.fields import FieldPath
from policyconsole.loading.positions import Stretch
from policyconsole.loading.source_map import SourceMap


class Kind(Enum):
    """What a scanner came by."""

    KEY = auto()
    HEADER = auto()
    SCALAR = auto()
    OPEN = auto()
    CLOSE = auto()


class Found(NamedTuple):
    """One part of a key, a header, a scalar, or one end of a list or table.

    The path that it leads to, and its characters in the text.
    """

    kind: Kind
    path: FieldPath
    start: int
    end: int


def map_found(text: str, found: Iterable[Found]) -> SourceMap:
    """Give the places, in characters, of what a scanner found in ``text``.

    A table's place is the header or else the key that opens it; in a list it is the
    whole table.
    """
    places = SourceMap(text)
    keys, values = places.keys, places.values
    headers: dict[FieldPath, Stretch] = {}
    opened: dict[FieldPath, int] = {}
    for kind, path, start, end in found:
        if kind is Kind.KEY:
            values.setdefault(path, keys.setdefault(path, (start, end)))
        elif kind is Kind.SCALAR:
            values[path] = start, end
        elif kind is Kind.HEADER:
            headers.setdefault(path, (start, end))
        elif kind is Kind.OPEN:
            opened[path] = start
        elif text[start] == "}" and path in keys:
            values[path] = keys[path]
        else:
            values[path] = opened[path], end
    values.update(headers)
    return places
