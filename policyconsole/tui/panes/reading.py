"""Reading: what a tab shows is worked out beside the app's loop, and the newest answer wins."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from policyconsole.tui.drawing import Line, Tone, wrap
from policyconsole.tui.line_list import LineList
from policyconsole.tui.line_view import LineView
from policyconsole.tui.panes.subject import Subject

Answer = TypeVar("Answer")
Item = TypeVar("Item", bound=Hashable)


class Heading(LineView):
    """A line or two above a list: what it is of."""

    DEFAULT_CSS = "Heading { height: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self._heading: tuple[Line, ...] = ()

    def show(self, *lines: Line) -> None:
        """Show these lines; none take no room."""
        if lines == self._heading:
            return
        if len(lines) != len(self._heading):
            self.refresh(layout=True)
        self._heading = lines
        self.update_lines()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:  # noqa: ARG002 - textual's signature
        """Take as many lines as there are."""
        return len(self._heading)

    def compose_lines(self, width: int, height: int) -> Sequence[Line]:  # noqa: ARG002 - what does not fit is cut
        """Give them as they are."""
        return self._heading


class HintedList(LineList[Item]):
    """A list that says why it is empty."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self._hint = ""

    def set_hint(self, hint: str) -> None:
        """Say this while there are no items; the hint is made safe here."""
        if hint != self._hint:
            self._hint = hint
            self.refresh_changed()

    def placeholder(self, width: int) -> Sequence[Line]:
        """Say why there is nothing."""
        return [(), *([("  " + text, Tone.MUTED)] for text in wrap(self._hint, width - 2))]


class ReadingView(Vertical, Generic[Answer, Item]):
    """A heading over a list, made from an answer that takes a while.

    A subclass says what the answer depends on (:meth:`question`), how it is worked out, on
    another thread (:meth:`answer`), and how it looks (:meth:`show_answer`).
    """

    NOTHING_CHOSEN = ""
    """What stands there while no policy is chosen."""

    def __init__(self, items: HintedList[Item], *, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self.heading = Heading()
        self.list = items
        self._subject: Subject | None = None
        self._asked: object = None
        self._path: str | None = None
        self._wanted: Subject | None = None
        self._works = False

    def compose(self) -> ComposeResult:
        """Heading, list."""
        yield self.heading
        yield self.list

    @property
    def target(self) -> Widget:
        """The list takes the keys."""
        return self.list

    # What a subclass says

    def question(self, subject: Subject) -> Hashable:
        """Give what the answer depends on: while it is the same, nothing is worked out anew."""
        raise NotImplementedError

    def answer(self, subject: Subject) -> Callable[[], Answer]:
        """Give the work, to be done on another thread: it knows all that it needs."""
        raise NotImplementedError

    def show_answer(self, subject: Subject, answer: Answer) -> None:
        """Show what came out."""
        raise NotImplementedError

    def why_not(self, subject: Subject) -> str:  # noqa: ARG002 - for those who override it
        """Say why there can be no answer; empty where there can."""
        return ""

    # Asking

    def show_subject(self, subject: Subject | None) -> None:
        """Show this policy: what is at hand at once, the rest when it is worked out."""
        self._subject = subject
        if subject is None:
            self._clear(self.NOTHING_CHOSEN)
            return
        if why := self.why_not(subject):
            self._clear(why)
            return
        asked = (subject.row.path, self.question(subject))
        if asked == self._asked:
            return
        self._asked = asked
        if subject.row.path != self._path:
            self._path = subject.row.path
            self.heading.show()
            self.list.replace_items([])
            self.list.set_hint("Reading …")
        self._wanted = subject
        if not self._works:
            self._works = True
            self.run_worker(self._work(), name=f"{self.id}-answer")

    def ask_again(self) -> None:
        """Work it out anew, for something that the question names has changed."""
        if self._subject is not None:
            self.show_subject(self._subject)

    async def _work(self) -> None:
        """Work one answer out after the other; what was asked meanwhile comes next, the newest only."""
        try:
            while (subject := self._wanted) is not None:
                self._wanted = None
                try:
                    answer = await asyncio.to_thread(self.answer(subject))
                except Exception as problem:  # noqa: BLE001 - a mistake of ours ends no watching
                    self._clear(
                        f"This cannot be shown: {type(problem).__name__} in policy-console."
                    )
                    continue
                if subject.row.path == self._path:
                    self.show_answer(subject, answer)
        finally:
            self._works = False

    def _clear(self, hint: str) -> None:
        self._asked = self._path = self._wanted = None
        self.heading.show()
        self.list.replace_items([])
        self.list.set_hint(hint)
