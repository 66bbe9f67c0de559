"""Places for diagnostics: from a field's path to its line and column, worked out only when asked."""

import re
from collections.abc import Iterable
from dataclasses import replace

from policyconsole.diagnostics import Diagnostic, Place, in_order
from policyconsole.fields import parse_field
from policyconsole.loading.decode_error import TOP
from policyconsole.loading.formats import Format
from policyconsole.loading.json_scan import scan as scan_json
from policyconsole.loading.positions import Stretch, positions
from policyconsole.loading.scanned import map_found
from policyconsole.loading.source_map import SourceMap
from policyconsole.loading.toml_scan import scan as scan_toml

_BLOCK_LIST = re.compile(r"(?:[&!]\S*\s+)*-\s")
"""How a list in YAML's block style begins, anchor and tag before it."""

_AT_THE_KEY = frozenset({"FIELD001", "CONF002", "CONF004"})
"""Codes that speak of the key, not of its value."""


def place(
    diagnostics: Iterable[Diagnostic],
    text: str,
    format: Format,  # noqa: A002 - the word of the contracts
) -> tuple[Diagnostic, ...]:
    """Give each diagnostic its place in ``text``, and sort them.

    A field's place is its value, for a table or mapping the key or header that opens
    it. A field that is not in the text is placed at the nearest table above it, at the
    top at line 1, column 1. What has a place keeps it; what names no field has none.
    """
    found = list(diagnostics)
    wanted = [item for item in found if item.place is None and item.field is not None]
    if not wanted:
        return in_order(found)
    source = source_map(text, format)
    stretches = [_stretch(item, source) for item in wanted]
    at = positions(
        source.source, (offset for stretch in stretches if stretch for offset in stretch)
    )
    places = {
        item: Place(*at[stretch[0]], *at[stretch[1]]) if stretch else TOP
        for item, stretch in zip(wanted, stretches, strict=True)
    }
    return in_order(replace(item, place=places[item]) if item in places else item for item in found)


def long_values(
    text: str,
    format: Format,  # noqa: A002 - the word of the contracts
) -> tuple[tuple[int, int, bool], ...]:
    """Give the first and the last line of each value that takes more than one, its key included.

    Tables and mappings are no such values: their keys have lines of their own. The
    third part says whether the value ends with its last line; what stands there of a list
    in YAML's block style is its last item.
    """
    source = source_map(text, format)
    wanted: list[tuple[Stretch, bool]] = []
    for path, (start, end) in source.values.items():
        key = source.keys.get(path)
        if key is None:  # an item of a list
            continue
        if format is Format.TOML and _lines(source, key[1], start):  # a table that is opened again
            continue
        if _lines(source, key[0], end):
            block = format is Format.YAML and _BLOCK_LIST.match(text, start)
            wanted.append(((key[0], end), not block))
    at = positions(source.source, (offset for stretch, _ in wanted for offset in stretch))
    return tuple((at[start][0], at[end][0], closed) for (start, end), closed in wanted)


def _lines(source: SourceMap, start: int, end: int) -> bool:
    """Whether a line ends between two offsets."""
    return "\n" in source.source[start:end]


def _stretch(diagnostic: Diagnostic, source: SourceMap) -> Stretch | None:
    try:
        path = parse_field(diagnostic.field or "")
    except ValueError:  # from a rule of the user's own
        return None
    return source.key_of(path) if diagnostic.code in _AT_THE_KEY else source.value_of(path)


def source_map(
    text: str,
    format: Format,  # noqa: A002 - the word of the contracts
) -> SourceMap:
    """Find where the keys and values of a text stand; nothing where it cannot be decoded."""
    try:
        match format:
            case Format.TOML:
                return map_found(text, scan_toml(text))
            case Format.YAML:
                # PyYAML takes 15 ms to import: only when there is YAML to place something in.
                from policyconsole.loading.spans_yaml import map_yaml  # noqa: PLC0415

                return map_yaml(text)
            case Format.JSON:
                return map_found(text, scan_json(text))
    except ValueError:  # a text that could not be decoded either
        return SourceMap(text)
