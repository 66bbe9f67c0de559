"""What a fix is: edits that answer a finding, and how sure it is that they are the answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from policyconsole.diagnostics import Diagnostic
from policyconsole.fields import FieldPath, format_field
from policyconsole.fixing.edits import Edit, RemoveItem, RenameKey


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that answer a finding.

    ``safe`` if there is one answer and it is this; unsafe if somebody has to decide, for
    what the policy means changes.
    """

    edits: tuple[Edit, ...]
    safe: bool

    @property
    def touched(self) -> frozenset[str]:
        """The fields that the edits write, under their names afterwards."""
        return frozenset(map(_field_after, self.edits))


@dataclass(frozen=True, slots=True)
class Subject:
    """A finding and the file that it is about.

    ``path`` leads to the field, ``data`` is the whole file decoded, ``token`` the source
    text that the finding points at (empty where it goes over several lines).
    """

    diagnostic: Diagnostic
    path: FieldPath
    data: Mapping[str, object]
    token: str = ""

    @property
    def value(self) -> object:
        """What the file says at ``path``; None where it says nothing."""
        return self.at(self.path)

    @property
    def siblings(self) -> Mapping[str, object]:
        """The table that holds the field."""
        table = self.at(self.path[:-1])
        return table if isinstance(table, dict) else {}

    def at(self, path: FieldPath) -> object:
        """Give what the file says at another path; None where it says nothing."""
        found: object = self.data
        for step in path:
            if isinstance(found, dict):
                found = found.get(step)
            elif isinstance(found, list) and isinstance(step, int) and step < len(found):
                found = found[step]
            else:
                return None
        return found


Fixer: TypeAlias = Callable[[Subject], Fix | None]
"""The function of a code: the fix for a finding, None where it has none for this one."""


def fix_safely(*edits: Edit) -> Fix:
    """Make a fix that has one answer."""
    return Fix(edits, safe=True)


def fix_if_asked(*edits: Edit) -> Fix:
    """Make a fix that changes what the policy means."""
    return Fix(edits, safe=False)


def _field_after(edit: Edit) -> str:
    match edit:
        case RenameKey(path, name):
            return format_field((*path[:-1], name))
        case RemoveItem(path):
            return format_field(path[:-1])
        case _:
            return format_field(edit.path)


def edits_of(fixes: Sequence[Fix]) -> tuple[Edit, ...]:
    """Give the edits of all fixes, what several of them want alike once."""
    edits: list[Edit] = []
    for fix in fixes:
        edits += [edit for edit in fix.edits if edit not in edits]
    return tuple(edits)
