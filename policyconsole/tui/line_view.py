"""LineView: a widget that shows a few lines in tones and repaints only those that changed."""

from collections.abc import Sequence

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from policyconsole.tui.drawing import Line, Tone, strip_of


class Toned(Widget):
    """What every drawing widget shares: the look of the tones in the theme of the moment.

    The screen has their component classes: textual styles each of those anew with each
    widget that has them, which took half the time of a key.
    """

    ALLOW_SELECT = False

    _looks: dict[Tone, Style]
    _base: Style | None = None

    def tone(self, tone: Tone) -> Style:
        """Give the look of a tone: colour and weight, no background."""
        look = self._looks.get(tone)
        if look is None:
            style = self.screen.get_component_rich_style(f"tone--{tone}")
            look = self._looks[tone] = _foreground(style)
        return look

    @property
    def base(self) -> Style:
        """Give the look of text without a tone, and of what is empty.

        Textual works its own out anew for every line.
        """
        if self._base is None:
            self._base = self.rich_style
        return self._base

    def notify_style_update(self) -> None:
        """Forget how things looked: the theme or the place of the keys has changed."""
        self._looks, self._base = {}, None
        super().notify_style_update()


def _foreground(style: Style) -> Style:
    return Style(
        color=style.color,
        bold=style.bold or None,
        dim=style.dim or None,
        italic=style.italic or None,
        underline=style.underline or None,
    )


class LineView(Toned):
    """Shows lines as they are, one a row; what does not fit is cut.

    Override :meth:`compose_lines`, which is asked whenever the size changes or
    :meth:`update_lines` is called.
    """

    DEFAULT_CSS = """
    LineView { height: 1fr; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id, classes=classes, markup=False)
        self._lines: Sequence[Line] = ()

    def compose_lines(self, width: int, height: int) -> Sequence[Line]:
        """Give the lines to show in this many cells."""
        raise NotImplementedError

    def update_lines(self) -> None:
        """Ask for the lines again and repaint those that differ."""
        before, self._lines = self._lines, self.compose_lines(*self.size)
        for y in range(self.size.height):
            if _at(before, y) != _at(self._lines, y):
                self.refresh(Region(0, y, self.size.width, 1))

    def on_resize(self) -> None:
        """Lay the lines out anew."""
        self._lines = self.compose_lines(*self.size)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the content."""
        return strip_of(_at(self._lines, y), self.size.width, self.base, self.tone)


def _at(lines: Sequence[Line], y: int) -> Line:
    return lines[y] if y < len(lines) else ()
