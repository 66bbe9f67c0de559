"""Edits: what a fix changes in a policy, said by field and not yet by place in the text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from policyconsole.fields import FieldPath, format_field


class CannotEditError(Exception):
    """An edit cannot be made in this text without touching something else."""


@dataclass(frozen=True, slots=True)
class SetValue:
    """Give the field at ``path`` a value; a field that is not in the file is added to it."""

    path: FieldPath
    value: object


@dataclass(frozen=True, slots=True)
class RenameKey:
    """Give the field at ``path`` another name in the same table."""

    path: FieldPath
    name: str


@dataclass(frozen=True, slots=True)
class RemoveItem:
    """Take the list item at ``path`` out of its list."""

    path: FieldPath


Edit: TypeAlias = SetValue | RenameKey | RemoveItem


def edited(data: Mapping[str, object], edits: Iterable[Edit]) -> dict[str, object]:
    """Give a copy of decoded data with ``edits`` made: what the edited text must decode to.

    Items are removed last to first, so that positions mean those before any edit. Raises
    :class:`CannotEditError` where there is nothing to edit or something in the way.
    """
    copy = {name: _copied(value) for name, value in data.items()}
    for edit in sorted(edits, key=_order):
        match edit:
            case SetValue(path, value):
                _set(copy, path, value)
            case RenameKey(path, name):
                table = _table(copy, path)
                if path[-1] not in table or name in table:
                    raise CannotEditError(f"{format_field(path)} cannot be renamed to {name}")
                table[name] = table.pop(str(path[-1]))
            case RemoveItem(path):
                del _list(copy, path)[int(path[-1])]
    return copy


def _order(edit: Edit) -> tuple[int, int]:
    """Values first, for renamed keys change paths; items from the last to the first."""
    match edit:
        case SetValue():
            return 0, 0
        case RemoveItem(path):
            return 1, -int(path[-1])
        case RenameKey(path):
            return 2, -len(path)


def _copied(value: object) -> object:
    """Copy tables and lists; what YAML's aliases share is shared no more."""
    if isinstance(value, dict):
        return {name: _copied(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value


def _set(data: dict[str, object], path: FieldPath, value: object) -> None:
    step = path[-1]
    if isinstance(step, str):
        _table(data, path, create=True)[step] = value
        return
    items = _list(data, path)
    items[step] = value


def _table(data: dict[str, object], path: FieldPath, *, create: bool = False) -> dict[str, object]:
    table: object = data
    for step in path[:-1]:
        if isinstance(table, list) and isinstance(step, int) and step < len(table):
            table = table[step]
        elif isinstance(table, dict) and (create or step in table):
            table = table.setdefault(step, {})
        else:
            break
    else:
        if isinstance(table, dict):
            return table
    raise CannotEditError(f"{format_field(path)} is in no table")


def _list(data: dict[str, object], path: FieldPath) -> list[object]:
    """Give the list that holds the item at ``path``."""
    holder: object = data
    for step in path[:-1]:
        if isinstance(holder, dict):
            holder = holder.get(step)
        elif isinstance(holder, list) and isinstance(step, int) and step < len(holder):
            holder = holder[step]
    if not isinstance(holder, list) or not isinstance(path[-1], int) or path[-1] >= len(holder):
        raise CannotEditError(f"{format_field(path)} is no item of a list")
    return holder
