"""Which values are secrets, and how they are shown instead.

A policy should hold no secret; where one does all the same, no face, event or
log repeats it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

MASK = "***"
"""What stands in the place of a secret."""

_WORDS = (
    r"pass(?:word|wd|phrase)s?|secrets?|tokens?|credentials?|"
    r"(?:api|access|private|signing|encryption)[_ -]?keys?"
)
_SECRET_NAME = re.compile(rf"(?:^|[^a-z0-9])(?:{_WORDS})(?:[^a-z0-9]|$)")
_CAMEL_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_KEY_PART = r"""(?:"[^"]*+"|'[^']*+'|[\w-]++)"""
_KEY = re.compile(
    rf"(?:^\s*+(?:[-?#]\s++)*+|[{{,]\s*+)(?P<key>{_KEY_PART}(?:[ .]++{_KEY_PART})*+)\s*+[=:]\s*+"
)
"""A key where one may stand, up to its value; possessive, for lines may be megabytes long."""

_QUOTED = re.compile(
    r"""\"(?:[^"\\]++|\\.)*+(?P<double>")?|'(?:[^']++|'')*+(?P<single>')?""", re.DOTALL
)
_TRIPLE_QUOTES = ('"""', "'''")
_FLOW_END = re.compile(r"[,}\]]")
_TABLE = re.compile(r"\s*\[{1,2}(?P<name>[^\[\]]+)\]{1,2}\s*(?:#.*)?")
_CLOSERS = {"[": "]", "{": "}"}

Spans: TypeAlias = tuple[tuple[int, int], ...]
"""Stretches of a line, each (start, end) in characters from 0, the end exclusive."""


def is_secret(field: str) -> bool:
    """Whether the name of ``field`` (a dotted path) says that it holds a secret."""
    return _SECRET_NAME.search(_CAMEL_BOUNDARY.sub("_", field).lower()) is not None


def mask(field: str, value: object) -> object:
    """Give ``value`` as it may be shown for ``field``.

    Text below a name that looks like a secret becomes ``***``, at any depth of
    lists and mappings. Numbers, booleans and times are no secrets
    (``password_min_length = 12`` stays readable).
    """
    if isinstance(value, Mapping):
        return {key: mask(f"{field}.{key}", item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(field, item) for item in value]
    return MASK if isinstance(value, str) and is_secret(field) else value


def secret_spans(lines: Iterable[str]) -> tuple[Spans, ...]:
    """Find, line by line, the values of secret-looking keys in a source of TOML, YAML or JSON.

    Judged by layout alone, for it must hold in a source that does not parse. A value
    that goes over several lines (a key in PEM, a list of tokens, a table named
    ``secrets``) is found on each of them. In doubt too much counts as secret.
    """
    found: list[Spans] = []
    in_secret_table = False
    value: _OpenValue | None = None
    for line in lines:
        if value is not None and value.takes(line):
            found.append(_whole(line))
            continue
        if table := _TABLE.fullmatch(line):
            in_secret_table = is_secret(table["name"])
        spans, begins = _spans_of(line, every=in_secret_table)
        found.append(spans)
        value = None if begins is None else _OpenValue(line, begins)
    return tuple(found)


def mask_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """Give the lines of a policy's source with the values of secret-looking keys masked."""
    return tuple(
        _cover(line, spans) for line, spans in zip(lines, secret_spans(lines), strict=True)
    )


def mask_line(line: str) -> str:
    """Give one line of a policy's source, taken by itself, with its secrets masked."""
    return mask_lines((line,))[0]


def _cover(line: str, spans: Spans) -> str:
    parts, shown = list[str](), 0
    for start, end in spans:
        parts += (line[shown:start], MASK)
        shown = end
    return "".join((*parts, line[shown:]))


def _spans_of(line: str, *, every: bool) -> tuple[Spans, int | None]:
    """Find the secrets of a line, and where the last begins if it may go on below."""
    spans: list[tuple[int, int]] = []
    begins: int | None = None
    position = 0
    brace = line.find("{")
    while match := _KEY.search(line, position):
        position = match.end()
        begins = None
        if not every and not is_secret(match["key"]):
            continue
        end = _value_end(line, position, in_flow=0 <= brace < position)
        begins = position if end == len(line) else None
        if end > position:
            spans.append((position, end))
        position = end
    return tuple(spans), begins


def _value_end(line: str, start: int, *, in_flow: bool) -> int:
    """Find where a value ends; at the end of the line if nothing says so before."""
    for quotes in _TRIPLE_QUOTES:
        if line.startswith(quotes, start):
            end = line.find(quotes, start + 3)
            return len(line) if end < 0 else end + 3
    if quoted := _QUOTED.match(line, start):
        return quoted.end()
    opens = line[start : start + 1] in {"'", '"', "[", "{"}
    if in_flow and not opens and (end_mark := _FLOW_END.search(line, start)):
        return end_mark.start()
    return len(line)


def _whole(line: str) -> Spans:
    content = line.lstrip()
    return ((len(line) - len(content), len(line)),) if content else ()


class _OpenValue:
    """A secret whose first line is known: which of the following lines belong to it."""

    def __init__(self, line: str, start: int) -> None:
        opening = line[start:].strip()
        self._indentation = _indentation(line)
        self._empty = not opening
        self._quotes = next((q for q in (*_TRIPLE_QUOTES, '"', "'") if opening.startswith(q)), None)
        self._bracket = opening[:1] if opening[:1] in _CLOSERS else None
        self._depth = 0
        self._ended = False
        if self._quotes is not None:
            quoted = _QUOTED.fullmatch(opening)
            self._ended = quoted is not None and quoted.lastgroup is not None
        elif self._bracket is not None:
            self._count(opening)
        else:
            # YAML: a block (| or >), or a value that begins on the next line.
            self._ended = not self._empty and opening[0] not in "|>&!#"

    def takes(self, line: str) -> bool:
        if self._ended:
            return False
        if self._quotes is not None:
            self._ended = self._quotes in line
            return True
        if self._bracket is not None:
            self._count(line)
            return True
        deeper = not line.strip() or _indentation(line) > self._indentation
        item = self._empty and line[self._indentation : self._indentation + 1] == "-"
        self._ended = not (deeper or item)
        return not self._ended

    def _count(self, text: str) -> None:
        bare = _QUOTED.sub("", text)
        opener = self._bracket or ""
        self._depth += bare.count(opener) - bare.count(_CLOSERS[opener])
        self._ended = self._depth <= 0


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
