"""JSON, read strictly: each key once, no NaN, no text that cannot be written again."""

import json
import math
import re
from collections.abc import Callable, Mapping

from policyconsole.diagnostics import Place
from policyconsole.fields import FieldPath, format_field
from policyconsole.loading.decode_error import TOP, DecodeError, key_twice, not_well_formed
from policyconsole.loading.json_scan import scan
from policyconsole.loading.limits import (
    DEPTH_LIMIT,
    LARGEST_INTEGER,
    LONGEST_INTEGER,
    SMALLEST_INTEGER,
    require_few_marks,
    require_within,
    too_deep,
)
from policyconsole.loading.positions import place_at
from policyconsole.loading.scanned import Found, Kind

_NUMBER = re.compile(
    r"(?P<constant>NaN|-?Infinity)|-?\d+(?P<fraction>(?:\.\d+)?(?:[eE][-+]?\d+)?)", re.ASCII
)
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}"
    r"|(?P<half>\\u[dD][89a-fA-F][\da-fA-F]{2})|\\."
)
"""A pair of surrogates, half of one, or any other escape."""

_SAID: dict[str, tuple[str, str | None]] = {
    "Expecting property name enclosed in double quotes": (
        "expected a key in double quotes",
        "JSON has no comments, and no comma after the last entry",
    ),
    "Illegal trailing comma before end of object": (
        "a comma after the last entry",
        "take the comma away",
    ),
    "Illegal trailing comma before end of array": (
        "a comma after the last item",
        "take the comma away",
    ),
    "Expecting value": (
        "expected a value",
        "JSON knows text in double quotes, numbers, true, false, null, [ ] and { }",
    ),
    "Expecting ',' delimiter": ("expected a comma", "a comma stands between two entries"),
    "Expecting ':' delimiter": ("expected a colon", "a colon stands between key and value"),
    "Extra data": (
        "there is more after the end",
        "a policy file holds one object: remove what comes after it",
    ),
    "Unterminated string starting at": ("a text begins here that does not end", 'close it with "'),
    "Invalid control character at": (
        "a line break, tab or control character in a text",
        r"write a line break as \n and a tab as \t",
    ),
}
"""How Python's parser puts it, and how it is put here: what is wrong, and what to do."""


class _RefusedError(Exception):
    """Something that JSON or a policy does not allow; where it is, only a scan can tell."""


def decode_json(text: str) -> object:
    """Decode a JSON text that is not blank; raises :class:`DecodeError`."""
    require_few_marks(text)
    try:
        data: object = _DECODER.decode(text)
    except json.JSONDecodeError as problem:
        raise _not_json(text, problem) from None
    except _RefusedError:
        raise _first_refused(text) from None
    except RecursionError:
        raise too_deep(_deepest(text)) from None
    require_within(data, text, "{[", lambda: _deepest(text))
    if "\\u" in text:
        _require_whole_characters(text)
    return data


def encode_json(data: Mapping[str, object]) -> str:
    """Write plain data as JSON with a line to each value."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise _RefusedError
    return data


def _integer(text: str) -> int:
    if len(text) > LONGEST_INTEGER:
        raise _RefusedError
    value = int(text)
    if not SMALLEST_INTEGER <= value <= LARGEST_INTEGER:
        raise _RefusedError
    return value


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _RefusedError
    return value


def _constant(_: str) -> object:
    raise _RefusedError


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_float,
    parse_constant=_constant,
)


def _not_json(text: str, problem: json.JSONDecodeError) -> DecodeError:
    said, advice = _SAID.get(problem.msg, (problem.msg.lower(), None))
    if problem.pos >= len(text.rstrip()):
        said, advice = "the text ends in the middle", "close what is open, or save the file again"
    return not_well_formed(f"not well-formed JSON: {said}", place_at(text, problem.pos), advice)


def _first_refused(text: str) -> DecodeError:
    """Find what the decoder's hooks refused: the first in the order of the text."""
    keys: dict[FieldPath, Found] = {}
    for found in scan(text):
        if found.kind is Kind.KEY:
            first = keys.setdefault(found.path, found)
            if first is not found:
                return key_twice(
                    format_field(found.path),
                    place_at(text, found.start, found.end),
                    place_at(text, first.start, first.end),
                )
        elif found.kind is Kind.SCALAR:
            message = _refusal(text[found.start : found.end])
            if message:
                return not_well_formed(message, place_at(text, found.start, found.end))
        elif found.kind is Kind.OPEN and len(found.path) >= DEPTH_LIMIT:
            # Deeper paths are not looked at: hundreds of names for each key take gigabytes.
            return too_deep(place_at(text, found.start, found.end))
    return not_well_formed("not well-formed JSON", TOP)


def _refusal(token: str) -> str | None:
    """Say why a hook refused what ``token`` begins with; None if none did."""
    match = _NUMBER.match(token)
    if match is None:
        return None
    if match["constant"]:
        return f"not well-formed JSON: {match[0]} is no number"
    check: Callable[[str], object] = _float if match["fraction"] else _integer
    try:
        check(match[0])
    except _RefusedError:
        return "the number is too large"
    return None


def _deepest(text: str) -> Place:
    """Give the place of the first bracket beyond the limit."""
    opened = (found for found in scan(text) if found.kind is Kind.OPEN)
    found = next((found for found in opened if len(found.path) >= DEPTH_LIMIT), None)
    return place_at(text, found.start, found.end) if found else TOP


def _require_whole_characters(text: str) -> None:
    for match in _ESCAPE.finditer(text):
        if match["half"]:
            raise not_well_formed(
                "not well-formed JSON: half a character, a surrogate without its partner",
                place_at(text, match.start(), match.end()),
                r"write both halves, such as \ud83d\ude00, or the character itself",
            )
