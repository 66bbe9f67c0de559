"""Effective: every value of the chosen policy in force, and where it comes from."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from policyconsole.dashboard import EffectiveValue, effective, standing, text_in_force
from policyconsole.hosted import KeptRevisions
from policyconsole.tui.drawing import Line, Tone, crop, fit_right, wrap
from policyconsole.tui.panes.kept import Kept, read_kept
from policyconsole.tui.panes.reading import HintedList, ReadingView
from policyconsole.tui.panes.subject import Subject

_ORIGIN = 9
_MOST_LINES = 6


@dataclass(frozen=True, slots=True)
class ValueEntry:
    """One value as an item of the list; ``opens`` says that its table's name stands above it."""

    value: EffectiveValue
    opens: bool


class EffectiveList(HintedList[ValueEntry]):
    """The values; Enter on one leads to its line in the source."""

    def height_of(self, item: ValueEntry) -> int:
        """Count the lines of a value, the name of its table included."""
        return len(_lay_out(item, self._width - 1))

    def draw(self, item: ValueEntry, part: int, width: int) -> Line:
        """Draw one line of a value."""
        lines = _lay_out(item, width)
        return lines[part] if part < len(lines) else ()


def _lay_out(item: ValueEntry, width: int) -> list[Line]:
    """Write a value as TOML would, its origin before it."""
    value = item.value
    tone = Tone.TEXT if value.given else Tone.MUTED
    name = crop(value.name, width // 2)
    margin = " " * (_ORIGIN + 2)
    first, *more = wrap(f"{name} = {value.value}", width - len(margin), most=_MOST_LINES)
    shown: Line = [
        (fit_right(value.origin, _ORIGIN) + "  ", Tone.ACCENT if value.given else Tone.MUTED),
        (first, tone),
    ]
    rest: list[Line] = [[(margin, tone), (text, tone)] for text in more]
    opening: list[Line] = [[(f"[{value.table}]", Tone.STRONG)]] if item.opens else []
    return [*opening, shown, *rest]


@dataclass(frozen=True, slots=True)
class Found:
    """The values, and why the places of those that are not on disk are not known."""

    values: tuple[EffectiveValue, ...]
    problem: str


class EffectiveView(ReadingView[Found, ValueEntry]):
    """What is in force since when, over its values."""

    NOTHING_CHOSEN = "The values of a policy in force stand here."

    def __init__(
        self,
        now: Callable[[], datetime],
        history: Callable[[], KeptRevisions | None],
        *,
        id: str,  # noqa: A002 - textual's word
    ) -> None:
        super().__init__(EffectiveList(id="effective-list"), id=id)
        self._now = now
        self._history = history

    def why_not(self, subject: Subject) -> str:
        """Say that nothing is in force."""
        return "" if subject.active is not None else "Nothing of this file is in force."

    def question(self, subject: Subject) -> Hashable:
        """Look again when something else is in force, or on disk."""
        return (subject.active, subject.is_in_force)

    def answer(self, subject: Subject) -> Callable[[], Found]:
        """Find the values and their lines."""
        history = self._history()

        def find() -> Found:
            if subject.active is None:
                return Found((), "")
            known = Kept() if subject.is_in_force else read_kept(history, subject)
            text = text_in_force(subject.active, subject.status, known.revisions)
            return Found(effective(subject.active, text), "" if text else known.problem)

        return find

    def show_answer(self, subject: Subject, answer: Found) -> None:
        """Show the values, each table under its name."""
        says = standing(subject.row, subject.since, self._now())
        left = sum(not value.given for value in answer.values)
        counts = "" if not left else "  1 default" if left == 1 else f"  {left} defaults"
        lines: list[Line] = [[(f" {says}", Tone.TEXT), (counts, Tone.MUTED)]]
        if answer.problem:
            lines.append([(f" lines are not known: {answer.problem}", Tone.WARNING)])
        self.heading.show(*lines)
        self.list.replace_items(list(_entries(answer.values)))


def _entries(values: tuple[EffectiveValue, ...]) -> Iterable[ValueEntry]:
    if values:
        yield ValueEntry(values[0], opens=bool(values[0].table))
    for before, value in pairwise(values):
        yield ValueEntry(value, opens=value.table != before.table)
