"""Differences: two states of one policy beside each other, field by field and line by line."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from enum import StrEnum

from policyconsole.application.changes import changed_fields
from policyconsole.application.policy_set import ActivePolicy
from policyconsole.escaping import printable
from policyconsole.events import Change
from policyconsole.excerpt import TAB
from policyconsole.fixing.difference import difference
from policyconsole.history.records import RefusedContent, Revision
from policyconsole.loading.formats import Format, format_of
from policyconsole.loading.loader import PolicyLoadError, parse
from policyconsole.masking import mask_lines
from policyconsole.policy import PolicyConfig
from policyconsole.snapshot import FileStatus

NO_TEXT = "its text is not at hand"
"""Why there are no lines: what is in force came from a text that nobody has kept."""

LONGEST_TEXT = 1_000_000
"""Characters of a text up to which lines are compared: beyond, it would take seconds."""

LONGEST_LIST = 2_000
"""Items of a list up to which they are compared one by one."""


class Mark(StrEnum):
    """What a line of a difference is; the value stands before it."""

    REMOVED = "-"
    ADDED = "+"
    KEPT = " "
    PLACE = "@"


@dataclass(frozen=True, slots=True)
class Side:
    """One state of a policy: what it is called, its values, and its text.

    ``config`` is None where the text cannot be loaded, ``problem`` says why; ``text`` is
    None where it is not at hand.
    """

    title: str
    config: PolicyConfig | None = None
    text: str | None = field(default=None, repr=False)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a difference, safe to show and without secrets."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field that differs: its old value and its new one, of lists what left and what came."""

    field: str
    lines: tuple[DiffLine, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs between two sides; ``no_fields`` and ``no_lines`` say why there are none."""

    old: str
    new: str
    fields: tuple[FieldDifference, ...] = ()
    lines: tuple[DiffLine, ...] = ()
    no_fields: str = ""
    no_lines: str = ""


def in_force(active: ActivePolicy, text: str | None) -> Side:
    """Give what is in force; ``text`` is what it came from, where that is at hand."""
    return Side(f"revision {active.revision}, in force", active.config, text)


def on_disk(status: FileStatus) -> Side:
    """Give a file as it was last read."""
    return _side("on disk", status.path, status.source)


def kept(revision: Revision, *, in_force: bool) -> Side:
    """Give a revision of the history."""
    note = ", in force" if in_force else ""
    text = revision.content.decode(errors="replace")
    return _side(f"revision {revision.revision}{note}", revision.path, text)


def refused(content: RefusedContent, when: str) -> Side:
    """Give a content that was refused; ``when`` says when."""
    text = None if content.content is None else content.content.decode(errors="replace")
    return _side(f"refused {when}", content.path, text)


def _side(title: str, path: str, text: str | None) -> Side:
    form = format_of(path)
    if text is None or form is None:
        return Side(title, problem="it could not be read as text")
    config, problem = _loaded(text, form)
    return Side(title, config, text, problem)


def _loaded(text: str, form: Format) -> tuple[PolicyConfig | None, str]:
    try:
        return parse(text.encode(errors="surrogateescape"), form).config, ""
    except PolicyLoadError as problem:
        return None, str(problem).partition("\n")[0]


def differences(old: Side, new: Side) -> Differences:
    """Compare two sides of one policy; they may be written in two formats."""
    old, new = (
        replace(side, title=printable(side.title), problem=printable(side.problem))
        for side in (old, new)
    )
    fields, no_fields = _fields(old, new)
    lines, no_lines = _lines(old, new)
    return Differences(old.title, new.title, fields, lines, no_fields, no_lines)


def _fields(old: Side, new: Side) -> tuple[tuple[FieldDifference, ...], str]:
    if old.config is None or new.config is None:
        side = old if old.config is None else new
        return (), f"{side.title}: no values to compare, because {side.problem}."
    found = tuple(map(_field, changed_fields(old.config, new.config)))
    if found:
        return found, ""
    same = old.text is None or new.text is None or old.text == new.text
    how = "" if same else " Only how it is written differs."
    return (), f"No field differs.{how}"


def _field(change: Change) -> FieldDifference:
    shown = change.record()
    before, after = shown["old"], shown["new"]
    if (
        isinstance(before, list)
        and isinstance(after, list)
        and len(before) + len(after) <= LONGEST_LIST
    ):
        lines = tuple(_items(before, after))
    else:
        lines = (DiffLine(Mark.REMOVED, _value(before)), DiffLine(Mark.ADDED, _value(after)))
    return FieldDifference(printable(change.field), lines)


def _items(old: list[object], new: list[object]) -> Iterator[DiffLine]:
    """Give the items of two lists that left, came, or changed places."""
    before, after = [_value(item) for item in old], [_value(item) for item in new]
    for _, start, end, begin, stop in SequenceMatcher(a=before, b=after).get_opcodes():
        if before[start:end] == after[begin:stop]:
            continue
        yield from (DiffLine(Mark.REMOVED, f"[{at}] {before[at]}") for at in range(start, end))
        yield from (DiffLine(Mark.ADDED, f"[{at}] {after[at]}") for at in range(begin, stop))


def _value(value: object) -> str:
    """Say a value as JSON does, for that tells ``"60"`` from 60; nothing is no value."""
    if value is None:
        return "none"
    return printable(json.dumps(value, ensure_ascii=False))


def _lines(old: Side, new: Side) -> tuple[tuple[DiffLine, ...], str]:
    for side in (old, new):
        if side.text is None:
            return (), f"{side.title}: {side.problem or NO_TEXT}."
        if len(side.text) > LONGEST_TEXT:
            return (), f"{side.title}: {len(side.text):,} characters are too many to compare."
    before, after = old.text or "", new.text or ""
    if "\r\n" in before and "\r\n" in after:
        before, after = before.replace("\r\n", "\n"), after.replace("\r\n", "\n")
    drawn = list(difference("", _masked(before), _masked(after)))[2:]
    found = tuple(_line(line) for line in drawn)
    if found:
        return found, ""
    same = old.text == new.text
    return (), "The texts are the same." if same else "Only what is masked differs."


_MARKS: Mapping[str, Mark] = {mark.value: mark for mark in Mark}


def _line(line: str) -> DiffLine:
    mark = _MARKS.get(line[:1], Mark.PLACE)
    text = line if mark is Mark.PLACE else line[1:]
    return DiffLine(mark, printable(text.expandtabs(TAB)))


def _masked(text: str) -> bytes:
    return "\n".join(mask_lines(text.split("\n"))).encode(errors="replace")
