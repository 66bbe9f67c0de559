"""FIELD001: fields that the model does not know, each with the name that was probably meant."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from policyconsole.diagnostics import Diagnostic, Kind
from policyconsole.fields import FieldPath, format_field
from policyconsole.policy import PolicyConfig, Section
from policyconsole.wording import nearest, shortened

REPORTED = 100
"""How many findings of one kind a file gives one by one; the rest is counted."""


class _Known(NamedTuple):
    """The fields of a section, and the sections among them."""

    names: frozenset[str]
    sections: dict[str, "_Known"]


def _known(section: type[Section]) -> _Known:
    sections = {
        name: _known(field.annotation)
        for name, field in section.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
    }
    return _Known(frozenset(section.model_fields), sections)


_POLICY = _known(PolicyConfig)


def unknown_fields(data: Mapping[str, object]) -> list[tuple[FieldPath, object]]:
    """Find the fields of decoded data that no section knows, outside ``custom``, with their values."""
    found: list[tuple[FieldPath, object]] = []
    _collect(data, _POLICY, (), found)
    return found


def known_fields(path: FieldPath) -> frozenset[str]:
    """Give the names of the fields of the section at ``path``; none where there is no section."""
    section: _Known | None = _POLICY
    for step in path:
        section = section.sections.get(str(step)) if section else None
    return section.names if section else frozenset()


def unknown_field_warnings(paths: list[FieldPath]) -> Iterator[Diagnostic]:
    """Give the warnings for unknown fields: one each for the first hundred, one for the rest."""
    for path in paths[:REPORTED]:
        field = format_field(path)
        yield Diagnostic(
            "FIELD001",
            Kind.WARNING,
            f"{shortened(field)} is not a known field",
            field=field,
            help=_advice(path),
        )
    if len(paths) > REPORTED:
        more = len(paths) - REPORTED
        yield Diagnostic("FIELD001", Kind.WARNING, f"{more:,} more fields are not known")


def _collect(
    data: Mapping[str, object],
    known: _Known,
    path: FieldPath,
    found: list[tuple[FieldPath, object]],
) -> None:
    if not known.names.issuperset(data):
        found.extend(
            ((*path, name), value) for name, value in data.items() if name not in known.names
        )
    for name, section in known.sections.items():
        table = data.get(name)
        if isinstance(table, dict):
            _collect(table, section, (*path, name), found)


def _advice(path: FieldPath) -> str:
    *above, name = map(str, path)
    section = _POLICY
    for step in above:
        section = section.sections[step]
    elsewhere = [other for other in _fields_below(_POLICY, ()) if other[-1] == name]
    if len(elsewhere) == 1:
        return f"did you mean {format_field(elsewhere[0])}?"
    meant = nearest(name, section.names)
    if meant is not None:
        return f"did you mean {format_field((*above, meant))}?"
    return "correct the name, or move the field below custom if it is your own"


def _fields_below(known: _Known, path: FieldPath) -> Iterator[FieldPath]:
    for name in known.names:
        yield (*path, name)
        if name in known.sections:
            yield from _fields_below(known.sections[name], (*path, name))
