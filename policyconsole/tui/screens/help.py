"""Help: every key and every sign on one page."""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from policyconsole.configuration.keys import Area
from policyconsole.dashboard import EVENT_SIGNS, FINDING_SIGNS, RowStatus
from policyconsole.tui.bindings import bindings
from policyconsole.tui.screens.dialog import Dialog

_KEY_WIDTH = 14


class _Page(VerticalScroll):
    """Says in its frame whether there is more below."""

    def on_mount(self) -> None:
        self._say()

    def on_resize(self) -> None:
        self.call_after_refresh(self._say)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._say()

    def _say(self) -> None:
        more = self.scroll_offset.y < self.max_scroll_y
        self.border_subtitle = "↓ more · esc leaves" if more else "esc leaves"


class HelpScreen(Dialog[None]):
    """Shows the keys as they are bound at this moment."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Area.HELP)]

    def __init__(self, sections: Iterable[tuple[str, Sequence[tuple[str, str]]]]) -> None:
        """``sections`` have a title, and pairs of keys as they are shown and what they do."""
        super().__init__()
        self._sections = [(title, lines) for title, lines in sections if lines]

    def compose(self) -> ComposeResult:
        """Keys, then signs."""
        with _Page(classes="dialog help") as box:
            box.border_title = "Help"
            yield Static(Content("\n").join(self._lines()))

    def _lines(self) -> Iterator[Content]:
        for title, keys in self._sections:
            yield Content.styled(title, "bold")
            for key, what in keys:
                yield _pair(key, what)
            yield Content("")
        yield Content.styled("Policies", "bold")
        for status, meaning in _STATUSES:
            yield _pair(f"{status.sign} {status}", meaning)
        yield Content("")
        yield Content.styled("Events", "bold")
        yield from _signs([(sign, kind.value) for kind, sign in EVENT_SIGNS.items()])
        yield Content("")
        yield Content.styled("Findings", "bold")
        yield from _signs([(sign, kind.value) for kind, sign in FINDING_SIGNS.items()])
        yield Content("")
        yield Content.styled(_WHOSE, "dim")


def _signs(signs: Sequence[tuple[str, str]]) -> Iterator[Content]:
    """Name the signs, four a line."""
    for start in range(0, len(signs), 4):
        cells = (f"{sign} {name:<15}" for sign, name in signs[start : start + 4])
        yield Content("  " + "".join(cells).rstrip())


def _pair(head: str, text: str) -> Content:
    return Content.assemble("  ", (f"{head:<{_KEY_WIDTH}}", "$text-accent"), text)


_STATUSES = (
    (RowStatus.LIVE, "in force as it is on disk"),
    (RowStatus.WARNINGS, "in force, with warnings"),
    (RowStatus.REFUSED, "not in force; the revision before it stays"),
    (RowStatus.FAILED, "valid, but a target did not take it; tried again"),
)
_WHOSE = (
    "“In force” means in force in this program's engine; "
    "a service that embeds its own engine has its own."
)
