"""Help: every key and every sign on one page."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from policyconsole.configuration.keys import Area
from policyconsole.dashboard import EVENT_SIGNS, FINDING_SIGNS, RowStatus
from policyconsole.tui.bindings import bindings
from policyconsole.tui.drawing import wrap
from policyconsole.tui.screens.dialog import Dialog

_KEY_WIDTH = 14
_SIGN_WIDTH = 17


class _Page(VerticalScroll):
    """Says in its frame whether there is more below, and how to leave."""

    def __init__(self, leaves: str) -> None:
        super().__init__(classes="dialog help")
        self._leaves = leaves

    def on_mount(self) -> None:
        self._say()

    def on_resize(self) -> None:
        self.call_after_refresh(self._say)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._say()

    def _say(self) -> None:
        more = self.scroll_offset.y < self.max_scroll_y
        self.border_subtitle = f"↓ more · {self._leaves}" if more else self._leaves


class _Words(Widget):
    """Lines that are laid out for the width that there is."""

    DEFAULT_CSS = "_Words { height: auto; }"

    def __init__(self, lines: Callable[[int], Iterable[Content]]) -> None:
        super().__init__()
        self._lines = lines
        self._laid_out: tuple[int, tuple[Content, ...]] = (0, ())

    def _at(self, width: int) -> tuple[Content, ...]:
        if self._laid_out[0] != width:
            self._laid_out = width, tuple(self._lines(width))
        return self._laid_out[1]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - textual's signature
        return len(self._at(width))

    def render(self) -> Content:
        return Content("\n").join(self._at(self.size.width))


class HelpScreen(Dialog[None]):
    """Shows the keys as they are bound at this moment."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Area.HELP)]

    def __init__(self, sections: Iterable[tuple[str, Sequence[tuple[str, str]]]]) -> None:
        """``sections`` have a title, and pairs of keys as they are shown and what they do."""
        super().__init__()
        self._sections = [(title, lines) for title, lines in sections if lines]

    def compose(self) -> ComposeResult:
        """Keys, then signs."""
        with _Page(self.leaves) as box:
            box.border_title = "Help"
            yield _Words(self._lines)

    def _lines(self, width: int) -> Iterator[Content]:
        for title, keys in self._sections:
            yield Content.styled(title, "bold")
            for key, what in keys:
                yield from _pair(key, what, width)
            yield Content("")
        yield Content.styled("Policies", "bold")
        for status, meaning in _STATUSES:
            yield from _pair(f"{status.sign} {status}", meaning, width)
        yield Content("")
        yield Content.styled("Events", "bold")
        yield from _signs([(sign, kind.value) for kind, sign in EVENT_SIGNS.items()], width)
        yield Content("")
        yield Content.styled("Findings", "bold")
        yield from _signs([(sign, kind.value) for kind, sign in FINDING_SIGNS.items()], width)
        yield Content("")
        yield from (Content.styled(line, "dim") for line in wrap(_WHOSE, width))


def _signs(signs: Sequence[tuple[str, str]], width: int) -> Iterator[Content]:
    """Name the signs, as many a line as there is room for."""
    many = min(4, max(1, (width - 2) // _SIGN_WIDTH))
    for start in range(0, len(signs), many):
        cells = (f"{sign} {name:<15}" for sign, name in signs[start : start + many])
        yield Content("  " + "".join(cells).rstrip())


def _pair(head: str, text: str, width: int) -> Iterator[Content]:
    """Give a key or sign and what it means, one below the other where that is long."""
    first, *more = wrap(text, width - _KEY_WIDTH - 2)
    yield Content.assemble("  ", (f"{head:<{_KEY_WIDTH}}", "$text-accent"), first)
    yield from (Content(" " * (_KEY_WIDTH + 2) + line) for line in more)


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
