"""What differs between two policies, field by field and section by section."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from policyconsole.events import Change
from policyconsole.fields import FieldPath, format_field
from policyconsole.policy import SECTIONS, PolicyConfig

_ABSENT = object()


def changed_fields(old: PolicyConfig, new: PolicyConfig) -> tuple[Change, ...]:
    """List the fields whose values differ, in the order of the policy.

    Tables are compared key by key at any depth, lists as a whole. A field that only
    one of the two has is a change from or to None.
    """
    return tuple(_compare((), old, new))


def changed_sections(old: PolicyConfig | None, new: PolicyConfig | None) -> tuple[str, ...]:
    """List the sections that differ, in the order of the policy; all of them if there is no other side.

    A table that policy-console does not know counts as a section too; ``id``,
    ``name`` and the other fields at the top belong to none.
    """
    if old is None or new is None:
        present = new or old
        return (*SECTIONS, *_unknown_tables(present)) if present else SECTIONS
    names = (*SECTIONS, *dict.fromkeys((*_unknown_tables(old), *_unknown_tables(new))))
    return tuple(
        name
        for name in names
        if any(_compare((name,), getattr(old, name, _ABSENT), getattr(new, name, _ABSENT)))
    )


def _unknown_tables(config: PolicyConfig) -> list[str]:
    extra = config.model_extra or {}
    return [key for key, value in extra.items() if isinstance(value, Mapping)]


def _compare(path: FieldPath, old: object, new: object) -> Iterator[Change]:
    if old is new:
        return
    old_table, new_table = _table(old), _table(new)
    if old_table is None or new_table is None:
        if not _same(old, new):
            yield Change(format_field(path), _given(old), _given(new))
        return
    for key in dict.fromkeys((*old_table, *new_table)):
        yield from _compare((*path, key), old_table.get(key, _ABSENT), new_table.get(key, _ABSENT))


def _table(value: object) -> Mapping[str, object] | None:
    if isinstance(value, BaseModel):
        return {**value.__dict__, **(value.model_extra or {})}
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
