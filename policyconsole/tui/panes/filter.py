"""Filter: the line that appears with ``/`` and narrows a pane down while one types."""

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static


class Filter(Horizontal):
    """One line of words that must all be in what is shown.

    Enter keeps the filter and goes back to the list, Escape clears it.
    """

    DEFAULT_CSS = """
    Filter { display: none; height: 1; background: $panel; }
    Filter.-shown { display: block; }
    Filter Static { width: 3; color: $text-accent; }
    Filter Input, Filter Input:focus {
        width: 1fr; height: 1; border: none; padding: 0; background: $panel;
    }
    """

    class Edited(Message):
        """The words have changed."""

        def __init__(self, sender: "Filter") -> None:
            super().__init__()
            self.sender = sender

    class Left(Message):
        """The keys should go back to the list."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.field = Input(placeholder=f"filter {what}", compact=True, select_on_focus=False)
        self.field.cursor_blink = False

    def compose(self) -> ComposeResult:
        """The sign, and the line to type in."""
        yield Static(" /", markup=False)
        yield self.field

    @property
    def query_text(self) -> str:
        """The words; empty for everything."""
        return self.field.value.strip()

    def open(self) -> None:
        """Appear and take the keys."""
        self.add_class("-shown")
        self.field.focus()

    def clear_and_close(self) -> None:
        """Show everything again and disappear."""
        self.field.value = ""
        self.remove_class("-shown")

    @on(Input.Changed)
    def _narrow_down(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Edited(self))

    @on(Input.Submitted)
    def _keep(self, event: Input.Submitted) -> None:
        event.stop()
        if not self.query_text:
            self.clear_and_close()
        self.post_message(self.Left())

    def on_key(self, event: events.Key) -> None:
        """Escape clears, down goes to what was found."""
        if event.key == "escape":
            self.clear_and_close()
        if event.key in {"escape", "down"}:
            event.stop()
            event.prevent_default()
            self.post_message(self.Left())
