"""TOML, as rtoml reads it; tomli-w writes it."""

import re
from collections.abc import Iterator, Mapping

import rtoml
import tomli_w

from policyconsole.diagnostics import Place
from policyconsole.fields import format_field
from policyconsole.loading.decode_error import TOP, DecodeError, empty, key_twice, not_well_formed
from policyconsole.loading.limits import DEPTH_LIMIT, require_few_marks, require_within, too_deep
from policyconsole.loading.positions import offset_of, place_at

_POSITION = re.compile(r" at line (\d+) column (\d+)$")
_KEY = re.compile(r"""(?:[^\s."'=\[\]{},#]++|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+'|[ \t.]++)++=""")
"""A key, dotted or not, up to its value."""
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
    advice = next((help_ for start, help_ in _HELP.items() if reason.startswith(start)), None)
    return not_well_formed(f"not well-formed TOML: {reason}", place_at(text, offset), advice)


def _key_twice(text: str, offset: int) -> DecodeError:
    from policyconsole.loading.spans_toml import occurrence  # noqa: PLC0415 - loads a grammar

    at = len(text[:offset].encode())
    for part in _up_to_key(text, offset):
        source, found = occurrence(part, at)
        if found is not None:
            path, stretch, first = found
            return key_twice(
                format_field(path),
                place_at(source, *stretch),
                None if first == stretch else place_at(source, *first),
            )
    return key_twice(None, place_at(text, offset), None)


def _up_to_key(text: str, offset: int) -> Iterator[str]:
    """Give the text without what comes after the key at ``offset``, in ways that may be TOML.

    What comes after need not be, and takes the grammar minutes to make sense of.
    """
    key = _KEY.match(text, offset)
    if key is not None:
        yield text[: key.end()] + "0"
    end = text.find("\n", offset)
    yield text if end < 0 else text[:end]  # a header, or a table on one line


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
    from policyconsole.loading.spans_toml import map_toml  # noqa: PLC0415 - loads a grammar

    found = map_toml(text)
    deepest = max(found.values, key=len, default=())
    return place_at(found.source, *found.values[deepest]) if deepest else TOP
