"""How deep and how large a policy may be, the same in every format.

What one format takes every other takes too, so that each policy can be converted;
and what nobody writes by hand costs neither memory nor time.
"""

import re
from collections.abc import Callable
from itertools import islice
from typing import NamedTuple

from policyconsole.diagnostics import Place
from policyconsole.loading.decode_error import TOP, DecodeError, too_much
from policyconsole.loading.positions import place_at

DEPTH_LIMIT = 64
"""The deepest nesting of tables and lists, the top being the first level."""

VALUE_LIMIT = 20_000
"""How many values a policy may hold, tables and lists counted, aliases expanded.

So many are loaded, judged and placed in half a second in the slowest format.
"""

NAME_LIMIT = 200 * VALUE_LIMIT
"""Characters that the names of all values may come to, each written out as its path.

A key of a megabyte that holds thousands of values would otherwise be written out for each.
"""

SMALLEST_INTEGER = -(2**127)
"""What the TOML parser takes; a 128-bit integer."""

LARGEST_INTEGER = 2**128 - 1
"""What the TOML parser takes; an unsigned 128-bit integer."""

LONGEST_INTEGER = 200
"""Characters of a whole number in any notation; 128 bits take 130 in the longest."""

_MARKS = " \t\r\n,.:=[]{}\"'\\"
"""The characters between which a parser finds its tokens."""

_MARK = re.compile(f"[{re.escape(_MARKS)}]")

_SMALL = 5_000
"""Characters of a text that cannot go beyond ``VALUE_LIMIT`` or ``NAME_LIMIT``."""

_MARK_LIMIT = 21 * VALUE_LIMIT
"""Quotes, brackets, a comma, an equals sign, a line end and a deep indentation, to a value."""


def too_deep(place: Place) -> DecodeError:
    """PARSE003: the nesting goes beyond the limit at ``place``."""
    return too_much(f"nested deeper than {DEPTH_LIMIT} levels", place)


def too_many(place: Place = TOP) -> DecodeError:
    """PARSE003: more values than the limit."""
    return too_much(f"holds more than {VALUE_LIMIT:,} values", place)


def names_too_long(place: Place = TOP) -> DecodeError:
    """PARSE003: the names of the values come to more characters than the limit."""
    return too_much(f"the names of its fields come to more than {NAME_LIMIT:,} characters", place)


def require_few_marks(text: str) -> None:
    """Refuse a text of so many tokens that parsing it would take a gigabyte of memory.

    Where memory ends, the TOML parser ends the process. Raises :class:`DecodeError`
    (PARSE003).
    """
    if len(text) > _MARK_LIMIT and sum(map(text.count, _MARKS)) > _MARK_LIMIT:
        last = next(islice(_MARK.finditer(text), _MARK_LIMIT, None))
        raise too_much(
            f"holds more than {_MARK_LIMIT:,} spaces, line ends, quotes and other marks",
            place_at(text, last.start()),
        )


def require_within(data: object, text: str, openers: str, deepest: Callable[[], Place]) -> None:
    """Refuse data that is nested too deep, holds too many values or gives them names too long.

    ``openers`` are the characters without which nothing nests: while ``text`` has few
    of them and is short, nothing is counted. ``deepest`` is asked for the place of the
    nesting that goes too far. Raises :class:`DecodeError` (PARSE003).
    """
    if len(text) <= _SMALL and sum(map(text.count, openers)) < DEPTH_LIMIT:
        return
    extent = measure(data)
    if extent.depth > DEPTH_LIMIT:
        raise too_deep(deepest())
    if extent.values > VALUE_LIMIT:
        raise too_many()
    if extent.names > NAME_LIMIT:
        raise names_too_long()


class Extent(NamedTuple):
    """How far plain data goes: levels of nesting, values, and the characters of their paths."""

    depth: int
    values: int
    names: int


def measure(data: object) -> Extent:
    """Measure plain data, without recursion; a path is counted without its list positions."""
    depth, values, names = 0, 1, 0
    level = [(0, data)]
    while True:
        collections = [(length, item) for length, item in level if isinstance(item, dict | list)]
        if not collections:
            return Extent(depth, values, names)
        depth += 1
        level = []
        for length, collection in collections:
            if isinstance(collection, dict):
                level += [(length + len(key), item) for key, item in collection.items()]
            else:
                level += [(length, item) for item in collection]
        values += len(level)
        names += sum(length for length, _ in level)
