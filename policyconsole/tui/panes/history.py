"""History: what became of the chosen policy over time; the way to compare and to roll back."""

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime

from policyconsole.dashboard import Moment, Result, moment, timeline
from policyconsole.hosted import KeptRevisions
from policyconsole.tui.drawing import Line, Span, Tone, fit
from policyconsole.tui.key_list import shown_key
from policyconsole.tui.panes.kept import NO_HISTORY, Kept, read_kept
from policyconsole.tui.panes.reading import HintedList, ReadingView
from policyconsole.tui.panes.subject import Subject

MARKED = "◆"
"""Stands before the marked one."""

_ONE_LINE = 92
"""From this width on a content and what changed with it stand on one line."""

_TONES = {
    Result.IN_FORCE: Tone.GOOD,
    Result.EARLIER: Tone.TEXT,
    Result.UNCONFIRMED: Tone.WARNING,
    Result.REFUSED: Tone.BAD,
    Result.FAILED: Tone.BAD,
    Result.PROBATION: Tone.BAD,
    Result.OVERWRITTEN: Tone.MUTED,
}


def _said(problem: str) -> str:
    why = " --no-history or the configuration's history says so." if problem == NO_HISTORY else ""
    return f"{problem[:1].upper()}{problem[1:]}.{why}"


class HistoryList(HintedList[Moment]):
    """The contents; Enter on one shows what came with it."""

    def __init__(self, now: Callable[[], datetime], *, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self._now = now
        self._when = 0
        self.marked: Moment | None = None

    def show(self, moments: Sequence[Moment]) -> None:
        """Show these contents."""
        now = self._now()
        self._when = max((len(moment(item.time, now)) for item in moments), default=0) + 2
        self.replace_items(moments)

    def height_of(self, item: Moment) -> int:
        """Take one line where it is wide, two where there is something to say on the second."""
        return 1 if self._width > _ONE_LINE or not item.what else 2

    def draw(self, item: Moment, part: int, width: int) -> Line:
        """Draw a content, or what changed with it."""
        what: Span = (item.what, Tone.MUTED)
        if part == 1:
            return [("          ", Tone.TEXT), what]
        number = "" if item.number is None else f"r{item.number}"
        notes = "".join(f"[{note}] " for note in item.notes)
        mark = MARKED if item == self.marked else " "
        line: list[Span] = [
            (f"{mark} ", Tone.ACCENT),
            (fit(number, 7), Tone.STRONG),
            (fit(moment(item.time, self._now()), self._when), Tone.TEXT),
            (f"{item.result.sign} {item.result.value}  ", _TONES[item.result]),
            (notes, Tone.ACCENT),
        ]
        return [*line, what] if width >= _ONE_LINE else line


class HistoryView(ReadingView[Kept, Moment]):
    """How many contents are kept, over the contents."""

    NOTHING_CHOSEN = "The revisions of a policy stand here."

    def __init__(
        self,
        now: Callable[[], datetime],
        history: Callable[[], KeptRevisions | None],
        *,
        id: str,  # noqa: A002 - textual's word
    ) -> None:
        self.moments = HistoryList(now, id="history-list")
        super().__init__(self.moments, id=id)
        self._history = history
        self._kept = Kept()
        self._shown_path: str | None = None

    @property
    def chosen(self) -> Moment | None:
        """What is under the cursor."""
        return self.moments.cursor_item

    @property
    def pair(self) -> tuple[Moment | None, Moment] | None:
        """What is to be compared: the marked one, else the revision before, with the one under the cursor.

        The older one comes first. For a refusal the other is the revision in force; None as
        the older one says that there is none before. None altogether where the list is empty.
        """
        chosen, marked = self.chosen, self.moments.marked
        if chosen is None:
            return None
        if marked is not None and marked != chosen:
            older, newer = sorted((marked, chosen), key=lambda item: item.time)
            return older, newer
        return self._before(chosen), chosen

    def _before(self, chosen: Moment) -> Moment | None:
        items: Sequence[Moment] = self.moments.items
        if chosen.number is None:
            standing = (item for item in items if item.result is Result.IN_FORCE)
            return next(standing, None)
        earlier = (item for item in items if item.number and item.number < chosen.number)
        return max(earlier, key=lambda item: item.number or 0, default=None)

    def mark(self) -> None:
        """Mark what is under the cursor to compare others with it, or take the mark away."""
        chosen = self.chosen
        self.moments.marked = None if chosen == self.moments.marked else chosen
        self.moments.refresh_changed()
        self._show_heading()

    def question(self, subject: Subject) -> Hashable:
        """Look again when something else is in force, or on disk, or was judged anew."""
        row, status = subject.row, subject.status
        return (row.revision, row.status, row.since, status.digest if status else None)

    def answer(self, subject: Subject) -> Callable[[], Kept]:
        """Read the history."""
        history = self._history()
        return lambda: read_kept(history, subject)

    def show_answer(self, subject: Subject, answer: Kept) -> None:
        """Show the contents, the newest first."""
        if subject.row.path != self._shown_path:
            self._shown_path = subject.row.path
            self.moments.marked = None
        self._kept = answer
        status = subject.status
        digest = status.digest if status is not None else None
        moments = timeline(answer.revisions, answer.refusals, subject.row, digest)
        problem = answer.problem
        self.list.set_hint(_said(problem) if problem else "Nothing of it is kept yet.")
        if problem and not answer.revisions:
            moments = ()
        self.moments.show(moments)
        if self.moments.marked not in moments:
            self.moments.marked = None
        self._show_heading()

    def _show_heading(self) -> None:
        if self._kept.problem:
            self.heading.show()
            return
        revisions, refusals = len(self._kept.revisions), len(self._kept.refusals)
        counts = f" {revisions:,} revision{'s' if revisions != 1 else ''} kept"
        counts += f", {refusals:,} refused" if refusals else ""
        marked = self.moments.marked
        note = ""
        if marked is not None:
            name = "this refusal" if marked.number is None else f"r{marked.number}"
            key = shown_key(self.screen, "mark")
            note = f"  enter compares with {name}, {key} unmarks it"
        self.heading.show([(counts, Tone.TEXT), (note, Tone.ACCENT)])
