"""From offsets in a text to lines and columns.

Only a line feed ends a line, as in the excerpts that faces show, so that one
number means the same line in every format. Columns count Unicode characters.
"""

from collections.abc import Iterable
from typing import TypeAlias

from policyconsole.diagnostics import Place

Stretch: TypeAlias = tuple[int, int]
"""A start and an exclusive end, counted from 0 in what was scanned: characters or UTF-8 bytes."""

_LINE_END = frozenset(("\n", "\r", b"\n", b"\r"))


def positions(source: str | bytes, offsets: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Give line and column, both from 1, of each offset into ``source``.

    One pass, however many offsets: a policy on one long line costs no more than
    one on many. Offsets into bytes are byte offsets, the columns are characters all
    the same.
    """
    found: dict[int, tuple[int, int]] = {}
    line = column = 1
    previous = 0
    for offset in sorted(set(offsets)):
        breaks, characters = _measure(source[previous:offset])
        line += breaks
        column = characters + (1 if breaks else column)
        found[offset] = line, column
        previous = offset
    return found


def place_at(source: str | bytes, start: int, end: int | None = None) -> Place:
    """Give the place of a stretch of ``source``; without ``end``, that of one character."""
    if end is None:
        character = source[start : start + 1]
        end = start if character in _LINE_END else start + len(character)
    found = positions(source, (start, end))
    return Place(*found[start], *found[end])


def offset_of(text: str, line: int, column: int) -> int:
    """Give the offset of a line and column, both from 1; the end of the text if it has no such line."""
    offset = 0
    for _ in range(line - 1):
        offset = text.find("\n", offset) + 1
        if not offset:
            return len(text)
    return min(offset + column - 1, len(text))


def _measure(chunk: str | bytes) -> tuple[int, int]:
    """Count the line ends in ``chunk``, and the characters after the last of them."""
    if isinstance(chunk, str):
        return chunk.count("\n"), len(chunk) - chunk.rfind("\n") - 1
    last_line = chunk[chunk.rfind(b"\n") + 1 :]
    return chunk.count(b"\n"), len(last_line.decode(errors="replace"))
