"""Level: how strictly to validate, and what each level adds."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from policyconsole.tui.screens.dialog import Dialog
from policyconsole.validation.levels import ValidationLevel

ADDS = {
    ValidationLevel.BASIC: "FILE, PARSE, TYPE, SYNTAX: it is complete and readable",
    ValidationLevel.STANDARD: "adds LOGIC: its settings make sense together",
    ValidationLevel.STRICT: "adds SEC: what it sets is secure",
    ValidationLevel.CUSTOM: "adds CUSTOM and ENV: it fits its environment",
}
"""What each level asks for beyond the one before it."""


class LevelScreen(Dialog[ValidationLevel]):
    """Gives the level that was chosen, or None."""

    def __init__(self, current: ValidationLevel) -> None:
        super().__init__()
        self._current = current

    def compose(self) -> ComposeResult:
        """The four levels, the present one marked."""
        with Vertical(classes="dialog") as box:
            box.border_title = "Level"
            box.border_subtitle = f"enter chooses · {self.leaves}"
            yield Static(
                "Every file is judged again. What is in force stays in force.",
                classes="explanation",
                markup=False,
            )
            yield OptionList(*(self._option(level) for level in ValidationLevel), id="levels")

    def on_mount(self) -> None:
        """Stand on the present level."""
        self.query_one(OptionList).highlighted = self._current.rank

    def _option(self, level: ValidationLevel) -> Option:
        sign = "●" if level is self._current else " "
        text = Content.assemble(f"{sign} ", (f"{level:<9}", "bold"), (ADDS[level], "dim"))
        return Option(text, id=level.value)

    @on(OptionList.OptionSelected)
    def _choose(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(ValidationLevel(str(message.option_id)))
