"""Effective: every value of a policy in force, and where it comes from."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from policyconsole.application.policy_set import ActivePolicy
from policyconsole.escaping import printable
from policyconsole.fields import FieldPath, format_field
from policyconsole.loading.formats import format_of
from policyconsole.loading.positions import positions
from policyconsole.loading.source_map import SourceMap
from policyconsole.loading.spans import source_map
from policyconsole.masking import mask
from policyconsole.policy import Section

LONGEST_VALUE = 4_000
"""Characters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class EffectiveValue:
    """One value in force, safe to show, a secret's masked.

    ``table`` is the section that it stands in, empty at the top, and ``name`` its name
    there. ``given`` says whether the file names it, for else it is a default; ``line`` is
    the line where it does, None where the text is not at hand.
    """

    table: str
    name: str
    value: str
    given: bool
    line: int | None = None

    @property
    def origin(self) -> str:
        """Say where the value comes from."""
        if not self.given:
            return "default"
        return "file" if self.line is None else f"line {self.line}"


def effective(active: ActivePolicy, text: str | None) -> tuple[EffectiveValue, ...]:
    """List the values of a policy in force, in the order of the policy; what stands in no table first.

    ``text`` is the source that they came from, None where it is not at hand.
    """
    form = format_of(active.path)
    source = source_map(text, form) if text is not None and form is not None else SourceMap("")
    found = list(_values((), active.config))
    starts = [source.values[path][0] for path, _, _ in found if path in source.values]
    lines = positions(source.source, starts)
    values = [
        EffectiveValue(
            table=printable(format_field(path[:-1])),
            name=printable(format_field(path[-1:])),
            value=_shown(path, value),
            given=given,
            line=lines[source.values[path][0]][0] if path in source.values else None,
        )
        for path, value, given in found
    ]
    return tuple(sorted(values, key=lambda value: bool(value.table)))


def _values(
    path: FieldPath, table: Section | Mapping[str, object]
) -> Iterator[tuple[FieldPath, object, bool]]:
    """Give path, value, and whether the file names it, of all that is no table; an empty one too."""
    for name, value in _items(table):
        given = not isinstance(table, Section) or name in table.model_fields_set
        if isinstance(value, Section) or (isinstance(value, Mapping) and value):
            yield from _values((*path, name), value)
        else:
            yield (*path, name), value, given


def _items(table: Section | Mapping[str, object]) -> Iterator[tuple[str, object]]:
    if isinstance(table, Section):
        yield from table.__dict__.items()
        yield from (table.model_extra or {}).items()
    else:
        yield from table.items()


def _shown(path: FieldPath, value: object) -> str:
    masked = mask(format_field(path), value)
    if masked is None:
        return "none"
    return printable(json.dumps(masked, ensure_ascii=False, default=_plain)[:LONGEST_VALUE])


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)
