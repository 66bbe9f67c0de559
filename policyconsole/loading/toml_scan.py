"""Where the keys and values of a TOML text are.

The parser tells the place of a mistake only. This scanner reads what the parser has
read before, or the part up to where it gave up, so it need not judge well-formedness.
"""

import re
from collections.abc import Generator, Iterator

import rtoml

from policyconsole.fields import FieldPath
from policyconsole.loading.limits import DEPTH_LIMIT
from policyconsole.loading.scanned import Found, Kind

_BLANK = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_PART = re.compile(
    r"""[ \t]*+(?P<name>[^\s."'=\[\]{},#]++|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+')[ \t]*+(?P<dot>\.?)"""
)
"""A bare or quoted key, or one part of a dotted one."""

_SCALAR = re.compile(
    r'''"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+"{3,5}'''
    r"""|'''(?:[^']++|'{1,2}(?!'))*+'{3,5}"""
    r"""|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+'"""
    r"""|\d{4}-\d\d-\d\d[ ]\d\d:[^\s,\]}#]++"""  # a space may stand between date and time
    r"""|[^\s,\[\]{}#"'=]++""",
    re.DOTALL,
)


def scan(text: str) -> Iterator[Found]:
    """Give the keys, headers and values of a TOML text in the order in which they stand there.

    What comes after a path of more than ``DEPTH_LIMIT`` steps is not looked at.
    """
    tables: dict[FieldPath, int] = {}
    base: FieldPath = ()
    opened: list[tuple[FieldPath, int | None]] = []
    at = _after_blank(text, 0)
    while at < len(text):
        mark = text[at]
        path, index = opened[-1] if opened else (base, None)
        if opened and mark in "]}":
            opened.pop()
            yield Found(Kind.CLOSE, path, at, at + 1)
            at = _after_blank(text, at + 1)
            continue
        if opened and mark == ",":
            opened[-1] = path, None if index is None else index + 1
            at = _after_blank(text, at + 1)
            continue
        if not opened and mark == "[":
            array = text.startswith("[[", at)
            path, start, end = yield from _key(text, at + 1 + array, (), tables)
            if not path:
                return
            yield Found(Kind.HEADER, path, start, end)
            if array:
                tables[path] = tables.get(path, -1) + 1
                path = (*path, tables[path])
                yield Found(Kind.HEADER, path, start, end)
            base = path
            at = _after_blank(text, end)
            at = _after_blank(text, at + 1 + array)
        else:
            if index is not None:
                path = (*path, index)
            else:
                above = len(path)
                path, _, end = yield from _key(text, at, path, tables)
                at = _after_blank(text, end)
                if len(path) == above or not text.startswith("=", at):
                    return
                at = _after_blank(text, at + 1)
            opener = text[at : at + 1]
            if opener and opener in "[{":
                yield Found(Kind.OPEN, path, at, at + 1)
                opened.append((path, 0 if opener == "[" else None))
                at = _after_blank(text, at + 1)
            else:
                scalar = _SCALAR.match(text, at)
                if scalar is None:
                    return
                yield Found(Kind.SCALAR, path, at, scalar.end())
                at = _after_blank(text, scalar.end())
        if len(path) > DEPTH_LIMIT:
            return


def _after_blank(text: str, at: int) -> int:
    """Give where white space, line ends and comments end that begin at ``at``."""
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _key(
    text: str, at: int, path: FieldPath, tables: dict[FieldPath, int]
) -> Generator[Found, None, tuple[FieldPath, int, int]]:
    """Give the parts of the key at ``at`` below ``path``; return where it leads, its start and end."""
    start = end = None
    while (part := _PART.match(text, at)) is not None:
        if tables and path in tables:
            path = (*path, tables[path])
        path = (*path, _name(part["name"]))
        yield Found(Kind.KEY, path, *part.span("name"))
        start = part.start("name") if start is None else start
        at, end = part.end(), part.end("name")
        if not part["dot"] or len(path) > DEPTH_LIMIT:
            break
    return path, at if start is None else start, at if end is None else end


def _name(token: str) -> str:
    """Give the name that a bare or quoted key stands for."""
    if token[0] == "'":
        return token[1:-1]
    if token[0] == '"':
        return next(iter(rtoml.loads(f"{token} = 0"))) if "\\" in token else token[1:-1]
    return token
