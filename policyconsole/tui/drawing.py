"""Lines of text with tones: what every pane draws with.

A pane says *what* a piece of text is (muted, bad, strong), the theme says how that
looks. All text goes through :func:`fit` or :func:`strip_of`, which escape whatever
is not plainly visible: nothing from outside is ever markup or a control sequence.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TypeAlias

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from policyconsole.escaping import printable

ELLIPSIS = "…"


class Tone(StrEnum):
    """What a piece of text is; the CSS component class of a tone is ``tone--`` and its value."""

    TEXT = "text"
    STRONG = "strong"
    MUTED = "muted"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    ACCENT = "accent"
    BAR = "bar"


TONE_CLASSES = {f"tone--{tone}" for tone in Tone}
"""The component classes of the tones, which the screen must declare."""

Span: TypeAlias = tuple[str, Tone]
Line: TypeAlias = Sequence[Span]
Palette: TypeAlias = Callable[[Tone], Style]
"""Gives the look of a tone in the theme of the moment."""


def fit(text: str, width: int) -> str:
    """Give ``text``, made safe, in exactly ``width`` terminal cells: padded, or cut with an ellipsis."""
    return set_cell_size(crop(text, width), max(0, width))


def crop(text: str, width: int) -> str:
    """Give ``text``, made safe, in at most ``width`` terminal cells; a cut is shown by an ellipsis."""
    if width <= 0:
        return ""
    text = printable(text[: 4 * width + 16])
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + ELLIPSIS


def crop_start(text: str, width: int) -> str:
    """Give the end of ``text``, made safe, in at most ``width`` cells: where the end says more."""
    text = printable(text[-4 * max(1, width) :])
    if cell_len(text) <= width:
        return text
    return (
        ELLIPSIS + text[len(set_cell_size(text, cell_len(text) - width + 1)) :] if width > 0 else ""
    )


def fit_right(text: str, width: int) -> str:
    """Give ``text`` at the right end of exactly ``width`` cells."""
    shown = crop(text, width)
    return " " * (max(0, width) - cell_len(shown)) + shown


def wrap(text: str, width: int, most: int = 40) -> list[str]:
    """Break ``text``, made safe, into lines of at most ``width`` cells, at spaces where there are any.

    At most ``most`` lines; what is left over then is cut with an ellipsis.
    """
    width = max(1, width)
    lines: list[str] = []
    current = ""
    for word in printable(text[: (most + 1) * width]).split(" "):
        candidate = f"{current} {word}" if current else word
        if cell_len(candidate) <= width:
            current = candidate
            continue
        if current:
            lines.append(current)
        while cell_len(word) > width:
            head = set_cell_size(word, width).rstrip() or word[0]
            lines.append(head)
            word = word[len(head) :]  # noqa: PLW2901 - the rest of the word goes on
        current = word
    lines.append(current)
    if len(lines) > most:
        lines = [*lines[: most - 1], crop(lines[most - 1] + " " + lines[most], width)]
    return lines


def width_of(line: Line) -> int:
    """Count the terminal cells of a line whose text is safe already."""
    return sum(cell_len(text) for text, _ in line)


def strip_of(line: Line, width: int, base: Style, palette: Palette) -> Strip:
    """Draw a line in exactly ``width`` cells: cut with an ellipsis, or filled up with ``base``."""
    segments: list[Segment] = []
    left = width
    for text, tone in line:
        shown = crop(text, left)
        if not shown:
            continue
        segments.append(Segment(shown, base + palette(tone)))
        left -= cell_len(shown)
    if left > 0:
        segments.append(Segment(" " * left, base))
    return Strip(segments, width)
