"""Fixes for names: of fields (FIELD001) and of values that are one of a few."""

import re
from collections.abc import Collection, Iterable
from typing import get_args

from policyconsole.fixing.edits import RenameKey, SetValue
from policyconsole.fixing.fix import Fix, Fixer, Subject, fix_if_asked, fix_safely
from policyconsole.loading.type_errors import field_at
from policyconsole.loading.unknown_fields import known_fields
from policyconsole.wording import nearest

_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_SHORT = 5
"""Characters of a word in which two wrong ones are too many to tell what was meant."""

_CONTRARY = {
    "min": {"max", "maximum"},
    "max": {"min", "minimum"},
    "enabled": {"disable", "disabled"},
}
"""By a word of known names: those that look like it and say the contrary."""


def rename_field(subject: Subject) -> Fix | None:
    """Rename an unknown field to the known one that was meant, if that is not there yet.

    Safe for one slip of the pen (two in a longer name) or another way to join the words
    (``minVersion``), where only one known name is so near. Unsafe for what is merely
    alike: ``session_timeout`` may count minutes. Never to a name that says the contrary:
    ``disabled`` is no ``enabled``.
    """
    *above, name = subject.path
    known, siblings = known_fields(tuple(above)), subject.siblings
    if not known or name not in siblings:
        return None
    free = known.difference(siblings)
    meant = _meant(str(name), free, known)
    if meant is None or _is_contrary(str(name), meant):
        return None
    others = [other for other in siblings if other not in known and other != name]
    if any(_meant(other, free, known) == meant for other in others):
        return None  # two fields, one name: which of them counts only their author knows
    fix = fix_safely if _slips(str(name), known) == [meant] else fix_if_asked
    return fix(RenameKey(subject.path, meant))


def known_value(known: Collection[str] | None = None, likeness: float = 0.6) -> Fixer:
    """Make a fixer that sets the one of a few values that was meant.

    Without ``known``, the values are those that the field's type allows. Safe where only
    the case and the white space around it differ, unsafe for the nearest.
    """

    def fixer(subject: Subject) -> Fix | None:
        value = subject.value
        values = known or _choices(subject)
        if not isinstance(value, str) or not values:
            return None
        written = value.strip().lower()
        if written in values:
            return fix_safely(SetValue(subject.path, written))
        meant = nearest(value.strip(), values, likeness)
        return fix_if_asked(SetValue(subject.path, meant)) if meant else None

    return fixer


def _choices(subject: Subject) -> tuple[str, ...]:
    field = field_at(subject.path)
    return tuple(item for item in get_args(field.annotation if field else None) if item)


def _meant(name: str, free: Collection[str], known: Collection[str]) -> str | None:
    slips = _slips(name, known)
    meant = slips[0] if len(slips) == 1 else nearest(name, known) if not slips else None
    return meant if meant in free else None


def _slips(name: str, known: Iterable[str]) -> list[str]:
    """Give the known names that ``name`` is a slip of the pen away from."""
    # No slip makes a name so long, and comparing would take long too; method2 is a second method.
    if len(name) > 64 or any(map(str.isdigit, name)):
        return []
    words = _words(name)
    return [other for other in known if _is_slip(words, other)]


def _words(name: str) -> list[str]:
    """Give the words that a name is joined of, in small letters."""
    return [word.lower() for word in _WORDS.findall(name)] or [name]


def _is_slip(words: list[str], other: str) -> bool:
    """Whether no word is wrong in more letters than its length allows, nor all of them in more than two."""
    plain, known = "_".join(words), other.split("_")
    if len(words) == len(known) and any(
        distance(word, meant) > _slips_in(meant) for word, meant in zip(words, known, strict=True)
    ):
        return False
    return distance(plain, other) <= _slips_in(other)


def _slips_in(word: str) -> int:
    return 1 if len(word) <= _SHORT else 2


def _is_contrary(name: str, meant: str) -> bool:
    said = set(_words(name))
    return any(said & _CONTRARY.get(word, set()) for word in meant.split("_"))


def distance(one: str, other: str) -> int:
    """Count the characters to change, add, drop or swap with their neighbour between two names."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
