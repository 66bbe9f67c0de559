"""A unified diff of two contents, exact to the byte, so that ``patch`` takes it."""

from collections.abc import Iterator
from difflib import unified_diff


def difference(path: str, old: bytes, new: bytes) -> Iterator[str]:
    """Give the lines of a unified diff without their line feeds; a carriage return stays.

    Both contents are UTF-8; a byte order mark is part of the first line.
    """
    diff = unified_diff(_lines(old), _lines(new), path, path, lineterm="")
    for number, line in enumerate(diff):
        if line.endswith("\n"):
            yield line[:-1]
        else:
            yield line
            if number >= _HEADER and not line.startswith("@@"):
                yield "\\ No newline at end of file"


_HEADER = 2
"""Lines before the first hunk."""


def _lines(content: bytes) -> list[str]:
    """Split at line feeds only, as ``patch`` does."""
    *lines, last = content.decode().split("\n")
    return [line + "\n" for line in lines] + ([last] if last else [])
