"""Environment: for the policies that name none."""

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from policyconsole.escaping import printable
from policyconsole.tui.screens.dialog import Dialog
from policyconsole.validation.levels import ValidationLevel

KNOWN = ("production", "staging", "development")
"""The environments that the rules know."""

_NONE = "no environment"
_NOT_ASKED = "\nThe rules for environments run at level custom only."


@dataclass(frozen=True, slots=True)
class Environment:
    """A choice; ``name`` is None for no environment."""

    name: str | None


class EnvironmentScreen(Dialog[Environment]):
    """Gives the environment that was chosen, or None."""

    def __init__(self, current: str | None, level: ValidationLevel) -> None:
        super().__init__()
        self._current = current
        self._level = level

    def compose(self) -> ComposeResult:
        """The known ones, none, and a line for any other."""
        current = self._current
        typed = current not in (*KNOWN, None) and printable(current or "") == current
        with Vertical(classes="dialog") as box:
            box.border_title = "Environment"
            box.border_subtitle = f"enter chooses · tab another name · {self.leaves}"
            yield Static(
                "For policies that name none. Every file is judged again."
                + ("" if self._level is ValidationLevel.CUSTOM else _NOT_ASKED),
                classes="explanation",
                markup=False,
            )
            yield OptionList(*(self._option(name) for name in (*KNOWN, None)), id="environments")
            field = Input(
                current if typed else "", placeholder="another name", id="other", compact=True
            )
            field.cursor_blink = False
            yield field

    def on_mount(self) -> None:
        """Stand on the present environment."""
        names = (*KNOWN, None)
        place = names.index(self._current) if self._current in names else 0
        self.query_one(OptionList).highlighted = place

    def _option(self, name: str | None) -> Option:
        sign = "●" if name == self._current else " "
        return Option(Content(f"{sign} {printable(name or _NONE)}"), id=name or _NONE)

    @on(OptionList.OptionSelected)
    def _choose(self, message: OptionList.OptionSelected) -> None:
        name = str(message.option_id)
        self.dismiss(Environment(None if name == _NONE else name))

    @on(Input.Submitted)
    def _take(self, message: Input.Submitted) -> None:
        self.dismiss(Environment(message.value.strip() or None))
