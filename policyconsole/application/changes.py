"""What differs between two policies, field by field and section by section."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from policyconsole.events import Change
from policyconsole.fields import FieldPath, format_field
from policyconsole.policy import SECTIONS, PolicyConfig

_ABSENT = object()
_SCALARS = frozenset({str, int, float, bool})


def changed_fields(old: PolicyConfig, new: PolicyConfig) -> tuple[Change, ...]:
    """List the fields whose values differ, in the order of the policy.

    Tables are compared key by key at any depth, lists as a whole. A field that only
    one of the two has is a change from or to None.
    """
    changes: list[Change] = []
    _compare((), old, new, changes)
    return tuple(changes)


def changed_sections(old: PolicyConfig | None, new: PolicyConfig | None) -> tuple[str, ...]:
    """List the sections that differ, in the order of the policy; all of them if there is no other side.

    A table that policy-console does not know counts as a section too; ``id``,
    ``name`` and the other fields at the top belong to none.
    """
    if old is None or new is None:
        present = new or old
        return (*SECTIONS, *_unknown_tables(present)) if present else SECTIONS
    return sections_of(changed_fields(old, new), old, new)


def sections_of(changes: Sequence[Change], old: PolicyConfig, new: PolicyConfig) -> tuple[str, ...]:
    """List the sections that hold ``changes``, which are those from ``old`` to ``new``."""
    names = (*SECTIONS, *dict.fromkeys((*_unknown_tables(old), *_unknown_tables(new))))
    fields = [change.field for change in changes]
    return tuple(name for name in names if any(_lies_in(name, field) for field in fields))


def _lies_in(section: str, field: str) -> bool:
    table = format_field((section,))
    return field.startswith(table) and (len(field) == len(table) or field[len(table)] == ".")


def _unknown_tables(config: PolicyConfig) -> list[str]:
    extra = config.model_extra
    return [key for key, value in extra.items() if isinstance(value, Mapping)] if extra else []


def _compare(path: FieldPath, old: object, new: object, changes: list[Change]) -> None:
    """Add what differs; a list and no generators, for this is done at each save."""
    old_table, new_table = _table(old), _table(new)
    if old_table is None or new_table is None:
        if not _same(old, new):
            changes.append(Change(format_field(path), _given(old), _given(new)))
        return
    for key, before in old_table.items():
        after = new_table.get(key, _ABSENT)
        if before is after:
            continue
        kind = type(before)
        if kind not in _SCALARS or kind is not type(after):
            _compare((*path, key), before, after, changes)
        elif before != after:
            changes.append(Change(format_field((*path, key)), before, after))
    for key, after in new_table.items():
        if key not in old_table:
            _compare((*path, key), _ABSENT, after, changes)


def _table(value: object) -> Mapping[str, object] | None:
    if isinstance(value, BaseModel):
        extra = value.model_extra
        return {**value.__dict__, **extra} if extra else value.__dict__
    return value if isinstance(value, Mapping) else None


def _same(old: object, new: object) -> bool:
    """Whether two values are equal in type too: 1 and true are not the same, at any depth."""
    if type(old) is not type(new) or old != new:
        return False
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        return all(map(_same, old, new))
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return all(_same(old[key], new[key]) for key in old)
    return True


def _given(value: object) -> object:
    if value is _ABSENT:
        return None
    return value.model_dump() if isinstance(value, BaseModel) else value
