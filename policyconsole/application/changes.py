"""What differs between two policies, field by field and section by section."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import NoneType
from typing import cast

from pydantic import BaseModel

from policyconsole.events import Change
from policyconsole.fields import FieldPath, format_field
from policyconsole.policy import (
    SECTIONS,
    Authentication,
    Encryption,
    InputValidation,
    Metrics,
    PolicyConfig,
    RateLimiting,
    Section,
    Tls,
)

_ABSENT = object()
_SCALARS = frozenset({str, int, float, bool, datetime})
_PLAIN = _SCALARS | {list, tuple, NoneType, object}
_SECTIONS = frozenset({PolicyConfig, *Section.__subclasses__()})
_LEAVES = frozenset({Authentication, Encryption, InputValidation, Metrics, RateLimiting, Tls})


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
    if not changes:
        return ()
    unknown = dict.fromkeys((*_unknown_tables(old), *_unknown_tables(new)))
    fields = [change.field for change in changes]
    return tuple(name for name in (*SECTIONS, *unknown) if _holds_one(name, fields))


def _holds_one(section: str, fields: Sequence[str]) -> bool:
    table = format_field((section,))
    below = table + "."
    return any(field.startswith(below) or field == table for field in fields)


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
        if kind in _SCALARS and kind is type(after):
            if before != after:
                changes.append(Change(format_field((*path, key)), before, after))
        elif kind not in _LEAVES or not _same_leaf(before, after):
            _compare((*path, key), before, after, changes)
    if old_table.keys() != new_table.keys():
        for key, after in new_table.items():
            if key not in old_table:
                _compare((*path, key), _ABSENT, after, changes)


def _same_leaf(old: object, new: object) -> bool:
    """Whether two sections without tables are equal; their types are strict, so == is enough."""
    if type(old) is not type(new) or old.__dict__ != new.__dict__:
        return False
    return not (cast("Section", old).model_extra or cast("Section", new).model_extra)


def _table(value: object) -> Mapping[str, object] | None:
    kind = type(value)
    if kind in _PLAIN:
        return None  # pydantic's isinstance and that of Mapping take longer than all the rest
    if kind in _SECTIONS:
        extra = cast("Section", value).model_extra
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
