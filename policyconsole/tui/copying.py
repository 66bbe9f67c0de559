"""Copying to the clipboard of the terminal (OSC 52), and saying so."""

from textual.app import App

from policyconsole.wording import shortened

_SHOWN = 60
"""How many characters of what was copied are shown."""


def copy(app: App[int], text: str | None) -> None:
    """Copy a text; say what was copied, or that there is nothing (None)."""
    if not text:
        app.notify("There is nothing to copy here.", markup=False, timeout=2)
        return
    app.copy_to_clipboard(text)
    first, *more = text.split("\n")
    lines = f" and {len(more):,} more line{'s' * (len(more) > 1)}" if more else ""
    app.notify(f"Copied: {shortened(first, _SHOWN)}{lines}", markup=False, timeout=2)
