"""Rolling back: choose a revision, see what would change, confirm; and what refuses it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from policyconsole.configuration.keys import Area
from policyconsole.dashboard import change_line, changes_line, moment, unconfirmed, where
from policyconsole.diagnostics import Diagnostic
from policyconsole.escaping import printable
from policyconsole.events import Change
from policyconsole.history.records import Revision
from policyconsole.tui.bindings import bindings
from policyconsole.tui.key_list import shown_key
from policyconsole.tui.screens.dialog import Dialog

Compare = Callable[[Revision], tuple[Change, ...] | str]
"""Gives what would change with a revision in force, or why nobody can say."""

_PREVIEWED = 5
"""Lines of what would change below the list; the question before it is done shows all."""


class RevisionsScreen(Dialog[Revision]):
    """Gives the revision that was chosen, or None; below the list stands what it would change."""

    def __init__(
        self, policy_id: str, revisions: Sequence[Revision], in_force: int | None,
        compare: Compare, now: datetime,
    ) -> None:  # fmt: skip
        """``revisions`` are from the newest on; ``in_force`` is the number of the one in force."""
        super().__init__()
        self._policy_id = policy_id
        self._revisions = {str(revision.revision): revision for revision in revisions}
        self._in_force = in_force
        self._compare = compare
        self._now = now

    def compose(self) -> ComposeResult:
        """The revisions, the one in force marked, and what the one under the cursor would change."""
        with Vertical(classes="dialog rollback") as box:
            box.border_title = Content(f"Roll back {printable(self._policy_id)}")
            box.border_subtitle = f"enter chooses · {self.leaves}"
            yield OptionList(*map(self._option, self._revisions.values()), id="revisions")
            yield Static(id="preview")

    def on_mount(self) -> None:
        """Stand on the revision before the one in force."""
        numbers = list(self._revisions)
        place = numbers.index(str(self._in_force)) + 1 if str(self._in_force) in numbers else 0
        self.query_one(OptionList).highlighted = min(place, len(numbers) - 1)

    def _option(self, revision: Revision) -> Option:
        sign = "●" if revision.revision == self._in_force else " "
        notes = [*map(printable, revision.tags)]
        notes += [f"back to r{revision.parent}"] if revision.parent is not None else []
        notes += ["forced"] if revision.forced else []
        notes += [unconfirmed(revision)] if not revision.confirmed else []
        head = f"{sign} r{revision.revision:<5}{moment(revision.time, self._now)}  "
        named = "".join(f"[{note}] " for note in notes)
        text = Content.assemble(
            (head, "bold"), (named, "$text-accent"), (changes_line(revision.changes), "dim")
        )
        return Option(text, id=str(revision.revision))

    @on(OptionList.OptionHighlighted)
    def _preview(self, message: OptionList.OptionHighlighted) -> None:
        revision = self._revisions[str(message.option_id)]
        lines = list(would_change(revision, self._in_force, self._compare(revision)))
        if (more := len(lines) - _PREVIEWED) > 0:
            lines[_PREVIEWED:] = [Content.styled(f"  … and {more} more: enter shows all", "dim")]
        self.query_one("#preview", Static).update(Content("\n").join(lines))

    @on(OptionList.OptionSelected)
    def _choose(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(self._revisions[str(message.option_id)])


class _Question(Dialog[bool]):
    """Something to read, and a key that says yes."""

    def __init__(self, title: str, key: str, yes: str, lines: Iterable[Content]) -> None:
        """``key`` is the id of the action that ``yes`` says in words."""
        super().__init__()
        self._key = key
        self._title = title
        self._yes = yes
        self._lines = tuple(lines)

    def compose(self) -> ComposeResult:
        """Everything there is to read; it scrolls."""
        with VerticalScroll(classes="dialog help") as box:
            box.border_title = Content(self._title)
            box.border_subtitle = (
                f"{shown_key(self, self._key)} {self._yes} · {self.leaves} all as it is"
            )
            yield Static(Content("\n").join(self._lines))

    def action_confirm(self) -> None:
        """Say yes."""
        self.dismiss(True)


class ConfirmScreen(_Question):
    """Shows what a rollback would change, field by field; gives True where it is to be done."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Area.CONFIRMING)]

    def __init__(
        self, revision: Revision, path: str, in_force: int | None, changes: tuple[Change, ...] | str
    ) -> None:
        """``path`` is the file that would be written, ``in_force`` the revision of now."""
        lines = [
            Content(f"Writes revision {revision.revision} to {printable(path)}."),
            Content(""),
            *would_change(revision, in_force, changes),
        ]
        title = f"Roll back {printable(revision.policy_id)} to revision {revision.revision}?"
        super().__init__(title, "rollback-confirm", "rolls back", lines)


class RefusedScreen(_Question):
    """Shows what refuses a revision today; gives True where it is to be forced."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Area.FORCING)]

    def __init__(self, message: str, diagnostics: Iterable[Diagnostic]) -> None:
        lines = [Content(printable(message)), Content(""), *map(_finding, diagnostics)]
        super().__init__("Not rolled back", "rollback-force", "forces it", lines)


def would_change(
    revision: Revision, in_force: int | None, changes: tuple[Change, ...] | str
) -> Iterable[Content]:
    """Say field by field what would change with a revision in force; every line is safe to show."""
    if isinstance(changes, str):
        yield Content.styled(printable(changes), "$text-error")
    elif revision.revision == in_force:
        yield Content.styled("This revision is in force.", "dim")
    elif in_force is None:
        yield Content.styled("Nothing of this policy is in force: it would be again.", "dim")
    elif not changes:
        yield Content.styled("No field changes, only how the file is written.", "dim")
    else:
        now = f"revision {in_force}, which is in force"
        yield Content.styled(f"What changes against {now}:", "dim")
        for change in changes:
            yield Content(f"  {change_line(change)}")


def _finding(diagnostic: Diagnostic) -> Content:
    place = where(diagnostic)
    head = " ".join(filter(None, (diagnostic.code, diagnostic.weight, place)))
    return Content.assemble((f"{printable(head)}: ", "bold"), printable(diagnostic.message))
