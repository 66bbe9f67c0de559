"""Diff: what is in force against what is on disk, or any two contents of the history."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from policyconsole.dashboard import (
    Differences,
    DiffLine,
    FieldDifference,
    Mark,
    Moment,
    Side,
    differences,
    moment,
    text_in_force,
)
from policyconsole.dashboard.differences import in_force, kept, on_disk, refused
from policyconsole.hosted import KeptRevisions
from policyconsole.tui.drawing import Line, Tone, wrap
from policyconsole.tui.panes.kept import Kept, read_kept
from policyconsole.tui.panes.reading import HintedList, ReadingView
from policyconsole.tui.panes.subject import Subject

MOST_LINES = 5_000
"""How many lines of a difference are shown."""

_MOST_LINES_OF_A_VALUE = 6

_TONES = {
    Mark.REMOVED: Tone.BAD,
    Mark.ADDED: Tone.GOOD,
    Mark.KEPT: Tone.TEXT,
    Mark.PLACE: Tone.MUTED,
}

Pair: TypeAlias = tuple[Moment | None, Moment]
"""Two contents of the history; without the older one, the newer one is the first that is kept."""


@dataclass(frozen=True, slots=True)
class NumberedLine:
    """One line of two texts as an item of the list: there are equal ones."""

    number: int
    line: DiffLine


DiffItem: TypeAlias = FieldDifference | NumberedLine


class DiffList(HintedList[DiffItem]):
    """Fields with their values, or lines."""

    def height_of(self, item: DiffItem) -> int:
        """Take a line for the field and those of its values, or the one line."""
        return 1 if isinstance(item, NumberedLine) else len(_lay_out(item, self._width - 1))

    def draw(self, item: DiffItem, part: int, width: int) -> Line:
        """Draw one line."""
        if isinstance(item, NumberedLine):
            return [_drawn(item.line, item.line.text)]
        lines = _lay_out(item, width)
        return lines[part] if part < len(lines) else ()


def _lay_out(item: FieldDifference, width: int) -> list[Line]:
    lines: list[Line] = [[(item.field, Tone.STRONG)]]
    for line in item.lines:
        first, *more = wrap(line.text, width - 4, most=_MOST_LINES_OF_A_VALUE)
        tone = _TONES[line.mark]
        lines.append([(f"  {line.mark.value} {first}", tone)])
        lines += ([(f"    {text}", tone)] for text in more)
    return lines


def _drawn(line: DiffLine, text: str) -> tuple[str, Tone]:
    return (text if line.mark is Mark.PLACE else f"{line.mark.value} {text}", _TONES[line.mark])


class DiffView(ReadingView[Differences, DiffItem]):
    """Which two are compared, over what differs between them."""

    NOTHING_CHOSEN = "What differs between the policy in force and its file stands here."

    def __init__(
        self,
        now: Callable[[], datetime],
        history: Callable[[], KeptRevisions | None],
        *,
        id: str,  # noqa: A002 - textual's word
    ) -> None:
        super().__init__(DiffList(id="diff-list"), id=id)
        self._now = now
        self._history = history
        self._pair: tuple[str, Pair] | None = None
        self._by_line = False
        self._differences: Differences | None = None

    def compare(self, path: str, pair: Pair) -> None:
        """Compare two contents of this file's policy until :meth:`compare_with_disk`, or another is chosen."""
        self._pair = path, pair
        self.ask_again()

    def compare_with_disk(self) -> bool:
        """Compare what is in force with what is on disk again; False where that is so already."""
        if self._pair is None:
            return False
        self._pair = None
        self.ask_again()
        return True

    @property
    def other_form(self) -> str:
        """What :meth:`change_form` would show."""
        return "fields" if self._by_line else "lines"

    def change_form(self) -> None:
        """Show lines of text instead of fields, or fields again."""
        self._by_line = not self._by_line
        if self._differences is not None:
            self._show(self._differences)

    def show_subject(self, subject: Subject | None) -> None:
        """Show this policy; what was compared of another one is over."""
        if self._pair is not None and (subject is None or subject.row.path != self._pair[0]):
            self._pair = None
        super().show_subject(subject)

    def why_not(self, subject: Subject) -> str:
        """Say that there is nothing to compare."""
        if self._pair is not None or subject.active is not None:
            return ""
        return "Nothing of this file is in force: there is nothing to compare it with."

    def question(self, subject: Subject) -> Hashable:
        """Compare again when something else is in force, or on disk, or wanted."""
        status = subject.status
        return (self._pair, subject.active, status.digest if status else None)

    def answer(self, subject: Subject) -> Callable[[], Differences]:
        """Compare the two."""
        history, now = self._history(), self._now()
        pair = self._pair[1] if self._pair is not None else None

        def compare() -> Differences:
            if pair is not None:
                return _compared(subject, pair, now)
            first = subject.is_in_force and subject.row.revision == 1
            known = Kept() if first else read_kept(history, subject)
            return _with_disk(subject, known)

        return compare

    def show_answer(self, subject: Subject, answer: Differences) -> None:  # noqa: ARG002 - of the base
        """Show what differs."""
        self._differences = answer
        self._show(answer)

    def _show(self, found: Differences) -> None:
        old: Line = [(f" - {found.old}", Tone.BAD)] if found.old else []
        new: Line = [(f" + {found.new}", Tone.GOOD)]
        self.heading.show(*filter(None, (old, new)))
        if self._by_line:
            lines = found.lines[:MOST_LINES]
            left = len(found.lines) - len(lines)
            more = (DiffLine(Mark.PLACE, f"… {left:,} more lines are not shown"),) if left else ()
            items: list[DiffItem] = [
                NumberedLine(number, line) for number, line in enumerate((*lines, *more))
            ]
            self.list.set_hint(found.no_lines)
        else:
            items = list(found.fields)
            self.list.set_hint(found.no_fields)
        self.list.replace_items(items)


def _with_disk(subject: Subject, known: Kept) -> Differences:
    """Compare what is in force with the file or, where they are the same, with what was before."""
    active, status = subject.active, subject.status
    if active is None:
        return Differences("", "")
    now = in_force(active, text_in_force(active, status, known.revisions))
    if status is not None and not subject.is_in_force:
        return differences(now, on_disk(status))
    before = next((item for item in known.revisions if item.revision < active.revision), None)
    if before is None:
        why = "What is on disk is in force, and nothing that was before it is kept."
        return Differences("", now.title, no_fields=why, no_lines=why)
    return differences(kept(before, in_force=False), now)


def _compared(subject: Subject, pair: Pair, now: datetime) -> Differences:
    older, newer = pair
    if older is None:
        why = "It is the first that is kept: there is nothing before it."
        return Differences("", _side(subject, newer, now).title, no_fields=why, no_lines=why)
    return differences(_side(subject, older, now), _side(subject, newer, now))


def _side(subject: Subject, item: Moment, now: datetime) -> Side:
    if item.revision is not None:
        standing = subject.active is not None and subject.active.revision == item.number
        return kept(item.revision, in_force=standing)
    if item.content is not None:
        return refused(item.content, moment(item.time, now))
    return on_disk(subject.status) if subject.status is not None else Side("on disk")
