"""TOML, as rtoml reads it; tomli-w writes it."""

import re
from collections.abc import Mapping

import rtoml
import tomli_w

from policyconsole.diagnostics import Place
from policyconsole.fields import FieldPath, format_field
from policyconsole.loading.decode_error import TOP, DecodeError, empty, key_twice, not_well_formed
from policyconsole.loading.limits import DEPTH_LIMIT, require_few_marks, require_within, too_deep
from policyconsole.loading.positions import Stretch, offset_of, place_at
from policyconsole.loading.scanned import Found, Kind
from policyconsole.loading.toml_scan import scan
from policyconsole.wording import shortened

_POSITION = re.compile(r" at line (\d+) column (\d+)$")
_NESTING = ("cannot recurse further", "recursion limit")
_HELP = {
    "string values must be quoted": 'put text in quotes: key = "text"',
    "key with no value": "write key = value; a table's name stands in [ ]",
    "unexpected key or value": "one key = value a line; text stands in quotes",
    "duplicate key": "keep the one that is meant and delete the other",
    "unclosed array": "close the list with ]",
    "invalid basic string": 'close the text with "; write \\\\ for a backslash',
}


def decode_toml(text: str) -> dict[str, object]:
    """Decode a TOML text that is not blank; raises :class:`DecodeError`."""
    require_few_marks(text)
    try:
        data: dict[str, object] = rtoml.loads(text)
    except rtoml.TomlParsingError as problem:
        raise _not_toml(text, str(problem)) from None
    if not data:
        raise empty()
    require_within(data, text, "{[.", lambda: _deepest(text))
    return data


def encode_toml(data: Mapping[str, object]) -> str:
    """Write plain data that holds no None as TOML."""
    return tomli_w.dumps(data)


def _not_toml(text: str, message: str) -> DecodeError:
    match = _POSITION.search(message)
    reason = " ".join(_POSITION.sub("", message).removeprefix("ValueError: ").split())
    if reason.startswith(_NESTING):
        offset = offset_of(text, int(match[1]), int(match[2])) if match else _longest_key(text)
        return too_deep(place_at(text, offset))
    if match is None:
        return not_well_formed(f"not well-formed TOML: {reason}", TOP)
    offset = offset_of(text, int(match[1]), int(match[2]))
    if reason == "duplicate key":
        return _key_twice(text, offset)
    if reason.startswith("cannot extend"):
        return _cannot_extend(text, offset, reason)
    advice = next((help_ for start, help_ in _HELP.items() if reason.startswith(start)), None)
    return not_well_formed(f"not well-formed TOML: {reason}", place_at(text, offset), advice)


def _key_twice(text: str, offset: int) -> DecodeError:
    found = _occurrence(text, offset)
    if found is None:
        return key_twice(None, place_at(text, offset), None)
    key, first = found
    return key_twice(
        format_field(key.path), place_at(text, key.start, key.end), place_at(text, *first)
    )


def _cannot_extend(text: str, offset: int, reason: str) -> DecodeError:
    """Say of a dotted key that goes on below a value where that value is."""
    found = _occurrence(text, offset)
    if found is None:
        return not_well_formed(f"not well-formed TOML: {reason}", place_at(text, offset))
    key, first = found
    line = place_at(text, *first).line
    return not_well_formed(
        f"not well-formed TOML: {reason}: {shortened(format_field(key.path))} has its value on line {line}",
        place_at(text, key.start, key.end),
        "keep the one that is meant and delete the other",
    )


def _occurrence(text: str, offset: int) -> tuple[Found, Stretch] | None:
    """Give the key at ``offset``, and where the same key, or the header of its table, is first."""
    keys: dict[FieldPath, Stretch] = {}
    headers: dict[FieldPath, Stretch] = {}
    for found in scan(text):
        if found.kind is Kind.HEADER:
            headers.setdefault(found.path, (found.start, found.end))
        elif found.kind is Kind.KEY:
            if found.start <= offset < found.end:
                first = headers.get(found.path) or keys.get(found.path)
                return (found, first) if first else None
            keys.setdefault(found.path, (found.start, found.end))
    return None


def _longest_key(text: str) -> int:
    """Find the line whose dotted key goes too deep; the parser does not tell which."""
    offset = fallback = 0
    for line in text.split("\n"):
        if line.count(".") >= DEPTH_LIMIT:
            fallback = fallback or offset
            try:
                rtoml.loads(line)
            except rtoml.TomlParsingError as problem:
                if str(problem).startswith(_NESTING):
                    return offset
        offset += len(line) + 1
    return fallback


def _deepest(text: str) -> Place:
    deepest = max(scan(text), key=lambda found: len(found.path))
    return place_at(text, deepest.start, deepest.end)
