"""How deep and how large a policy may be, the same in every format.

What one format takes every other takes too, so that each policy can be converted;
and what nobody writes by hand costs neither memory nor time.
"""

from collections.abc import Callable

from policyconsole.diagnostics import Place
from policyconsole.loading.decode_error import TOP, DecodeError, too_much

DEPTH_LIMIT = 64
"""The deepest nesting of tables and lists, the top being the first level."""

VALUE_LIMIT = 100_000
"""How many values a policy may hold, tables and lists counted, aliases expanded."""

SMALLEST_INTEGER = -(2**127)
"""What the TOML parser takes; a 128-bit integer."""

LARGEST_INTEGER = 2**128 - 1
"""What the TOML parser takes; an unsigned 128-bit integer."""

LONGEST_INTEGER = 200
"""Characters of a whole number in any notation; 128 bits take 130 in the longest."""

_MARKS = " \t\r\n,.:=[]{}\"'"
"""The characters between which a parser finds its tokens."""

_MARK_LIMIT = 16 * VALUE_LIMIT
"""Quotes, brackets, a comma, an equals sign, a line end and the indentation, to a value."""


def too_deep(place: Place) -> DecodeError:
    """PARSE003: the nesting goes beyond the limit at ``place``."""
    return too_much(f"nested deeper than {DEPTH_LIMIT} levels", place)


def too_many(place: Place = TOP) -> DecodeError:
    """PARSE003: more values than the limit."""
    return too_much(f"holds more than {VALUE_LIMIT:,} values", place)


def require_few_marks(text: str) -> None:
    """Refuse a text of so many tokens that parsing it would take a gigabyte of memory.

    Where memory ends, the TOML parser ends the process. Raises :class:`DecodeError`
    (PARSE003).
    """
    if len(text) > _MARK_LIMIT and sum(map(text.count, _MARKS)) > _MARK_LIMIT:
        raise too_many()


def require_within(data: object, text: str, openers: str, deepest: Callable[[], Place]) -> None:
    """Refuse data that is nested too deep or holds too many values.

    ``openers`` are the characters without which nothing nests: while ``text`` has few
    of them and is short, nothing is counted. ``deepest`` is asked for the place of the
    nesting that goes too far. Raises :class:`DecodeError` (PARSE003).
    """
    if len(text) <= VALUE_LIMIT and sum(map(text.count, openers)) < DEPTH_LIMIT:
        return
    depth, values = measure(data)
    if depth > DEPTH_LIMIT:
        raise too_deep(deepest())
    if values > VALUE_LIMIT:
        raise too_many()


def measure(data: object) -> tuple[int, int]:
    """Count the levels of nesting and the values in plain data; without recursion."""
    depth, count = 0, 1
    level = [data]
    while True:
        collections = [item for item in level if isinstance(item, dict | list)]
        if not collections:
            return depth, count
        depth += 1
        level = [
            item
            for collection in collections
            for item in (collection.values() if isinstance(collection, dict) else collection)
        ]
        count += len(level)
