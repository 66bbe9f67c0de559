"""The bar below the header that a demonstration and a recording speak in."""

from collections.abc import Sequence

from policyconsole.tui.drawing import Line, Tone, wrap
from policyconsole.tui.line_view import LineView

_MOST_LINES = 4


class StageBar(LineView):
    """A title, and below it what is to be read."""

    DEFAULT_CSS = "StageBar { height: auto; background: $panel; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__(id="stage-bar")
        self._title = ""
        self._words: tuple[str, ...] = ()

    def show(self, title: str, *words: str) -> None:
        """Show a title and words; no words take no room."""
        if (title, words) != (self._title, self._words):
            self._title, self._words = title, words
            self.refresh(layout=True)
            self.update_lines()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:  # noqa: ARG002 - textual's signature
        """Take the lines that the words take."""
        return len(self._laid_out(width))

    def compose_lines(self, width: int, height: int) -> Sequence[Line]:  # noqa: ARG002 - grows by itself
        """Give title and words."""
        return self._laid_out(width)

    def _laid_out(self, width: int) -> list[Line]:
        lines: list[Line] = [[(self._title, Tone.ACCENT)]]
        for words in filter(None, self._words):
            lines += ([(line, Tone.TEXT)] for line in wrap(words, width, _MOST_LINES))
        return lines
