"""By what a finding is known again in a later run: not by its line, for lines move."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence

from policyconsole.diagnostics import Diagnostic, Place
from policyconsole.excerpt import LARGEST, source_lines
from policyconsole.masking import MASK, Spans

_BEFORE_A_VALUE = ("=", ":", ",", "-", "[")
"""What one of stands before a value on its line, but not before a key there."""

_ITEM = re.compile(r"\[[0-9]+\]$")
"""The end of the field of a list's item: nothing need stand before it on its line."""


def fingerprints(
    path: str, source: str | None, diagnostics: Sequence[Diagnostic]
) -> tuple[str, ...]:
    """Give each of a file's diagnostics, in their order, 32 hexadecimal digits to know it by.

    A finding is the same as long as its file, code and field are, and the value that is
    marked if that is a single one on a single line; where no field is named, the text of
    the line. So it stays the same when lines move or other findings come and go, and is
    new when the value gets worse. Two alike in one file differ by which of them it is.
    ``path`` has ``/`` and counts from wherever the caller counts from; ``source`` is the
    text that the places count in. A secret is not in it, not even hashed.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    given = []
    for diagnostic in diagnostics:
        what = diagnostic.code, diagnostic.field or "", _content(diagnostic, source)
        given.append(_hash(path, *what, seen[what]))
        seen[what] += 1
    return tuple(given)


def _hash(*parts: str | int) -> str:
    # JSON writes what is no UTF-8 in a path as an escape, and keeps the parts apart.
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _content(diagnostic: Diagnostic, source: str | None) -> str:
    """Give the text that belongs to a finding; empty where none is sure to."""
    place = diagnostic.place
    if place is None or source is None or len(source) > LARGEST:
        return ""
    lines, secrets = source_lines(source)
    if not 1 <= place.line <= len(lines):
        return ""
    line, spans = lines[place.line - 1], secrets[place.line - 1]
    if diagnostic.field is not None:
        is_item = _ITEM.search(diagnostic.field) is not None
        return _value(line, place, spans, is_item=is_item)
    for start, end in reversed(spans):
        line = line[:start] + MASK + line[end:]
    return " ".join(line.split())


def _value(line: str, place: Place, secrets: Spans, *, is_item: bool) -> str:
    """Give the value that a place marks; empty for a key, a table, a list, a secret, several lines."""
    start, end = place.column - 1, place.end_column - 1
    value = line[start:end]
    single = place.line == place.end_line and value[:1] not in {"{", "["}
    hidden = any(first < end and last > start for first, last in secrets)
    before = line[:start].strip()
    # Nothing but brackets before it: the header of a table, or an item on a line of its own.
    follows = is_item or (before.strip("[") != "" and before.endswith(_BEFORE_A_VALUE))
    if not single or hidden or not follows:
        return ""
    return value.strip("\"'")
