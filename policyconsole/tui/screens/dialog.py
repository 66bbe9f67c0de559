"""Dialog: what the small screens over the console share."""

from typing import ClassVar, Generic, TypeVar

from textual.binding import BindingType
from textual.screen import ModalScreen

from policyconsole.configuration.keys import Area
from policyconsole.tui.bindings import bindings
from policyconsole.tui.key_list import shown_key

Result = TypeVar("Result")


class Dialog(ModalScreen[Result | None], Generic[Result]):
    """A box in the middle; Escape leaves everything as it was."""

    VERTICAL_BREAKPOINTS = [(0, "-low"), (14, "-high")]  # noqa: RUF012 - textual declares no class variable
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Area.DIALOG)]

    @property
    def leaves(self) -> str:
        """Which key leaves: ``esc leaves``."""
        return f"{shown_key(self, 'dialog-leave')} leaves"

    def action_leave(self) -> None:
        """Close without a result."""
        self.dismiss(None)
