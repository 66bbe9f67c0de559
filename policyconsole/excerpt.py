"""A line of a policy's source with the marked part, as a compiler shows it; no colours, no widgets."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from policyconsole.diagnostics import Place
from policyconsole.escaping import printable
from policyconsole.masking import MASK, Spans, secret_spans

LONGEST = 120
"""How many terminal cells of a long line are shown, the marked part among them."""

LARGEST = 256 * 1024
"""Characters of the largest source that lines are shown of: what is a secret is looked for in all."""

TAB = 4
"""Terminal cells from one tab stop to the next."""

_CUT = "…"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One source line and where in it the marker goes.

    ``line`` counts from 1. ``text`` is safe to show: secrets masked, control
    characters escaped, tabs expanded, a long line cut. ``start`` is the number of
    terminal cells before the marked part, ``width`` the number of cells in it, at
    least 1.
    """

    line: int
    text: str
    start: int
    width: int

    @property
    def marker(self) -> str:
        """The line to put below ``text``: carets under the marked part."""
        return " " * self.start + "^" * self.width

    @property
    def parts(self) -> tuple[str, str, str]:
        """``text`` cut in three: before the marked part, the marked part, after it."""
        start = _characters(self.text, self.start)
        end = _characters(self.text, self.start + self.width)
        return self.text[:start], self.text[start:end], self.text[end:]


def excerpt(source: str, place: Place, longest: int = LONGEST) -> Excerpt | None:
    """Give the line that ``place`` begins on, or None where the source has no such line.

    None too for a source of more than ``LARGEST`` characters, which no policy has.
    ``longest`` is how many terminal cells of a long line are shown.
    A place that goes over several lines is marked to the end of its first.
    """
    if len(source) > LARGEST:
        return None
    lines, secrets = source_lines(source)
    if not 1 <= place.line <= len(lines):
        return None
    line, spans = lines[place.line - 1], secrets[place.line - 1]
    content = len(line.rstrip())
    start = min(max(place.column - 1, 0), len(line))
    end = place.end_column - 1 if place.end_line == place.line else content
    end = min(max(end, start), len(line))
    for hidden_start, hidden_end in spans:
        start = hidden_start if hidden_start < start < hidden_end else start
        end = hidden_end if hidden_start < end < hidden_end else end
    return _draw(place.line, line, start, end, spans, longest)


def _draw(number: int, line: str, start: int, end: int, spans: Spans, longest: int) -> Excerpt:
    """Show characters ``start`` to ``end`` of a line, and what is around them."""
    first, last = _window(line, start, longest)
    hidden = [span for span in spans if span[0] < last and span[1] > first]
    shown: list[str] = [_CUT] if first else []
    cells = len(shown)
    mark_start = mark_end = None
    position = first
    while position < last:
        if position >= start and mark_start is None:
            mark_start = cells
        if position >= end and mark_end is None:
            mark_end = cells
        span_end = next((e for s, e in hidden if s <= position < e), None)
        if span_end is not None:
            piece, position = MASK, span_end
        elif line[position] == "\t":
            piece, position = " " * (TAB - cells % TAB), position + 1
        else:
            piece, position = printable(line[position]), position + 1
        shown.append(piece)
        cells += cells_in(piece)
    mark_start = cells if mark_start is None else mark_start
    mark_end = cells if mark_end is None else mark_end
    if last < len(line):
        shown.append(_CUT)
    return Excerpt(number, "".join(shown).rstrip(), mark_start, max(1, mark_end - mark_start))


def _window(line: str, start: int, longest: int) -> tuple[int, int]:
    """Choose which characters of a long line to show: the mark a third of the way in."""
    if len(line) <= longest and line.isascii() and line.isprintable():
        return 0, len(line)
    first, before = start, 0
    while first > 0 and (wide := _widest(line[first - 1])) + before <= longest // 3:
        first, before = first - 1, before + wide
    last, shown = first, 0
    while last < len(line) and (wide := _widest(line[last])) + shown <= longest:
        last, shown = last + 1, shown + wide
    if last == len(line):  # nothing is left behind the mark: more has room before it
        while first > 0 and (wide := _widest(line[first - 1])) + shown <= longest:
            first, shown = first - 1, shown + wide
    return first, last


def _widest(character: str) -> int:
    """Give the terminal cells that a character takes at most, as it is shown; none takes nothing."""
    return TAB if character == "\t" else max(1, cells_in(printable(character)))


@lru_cache(maxsize=1)
def source_lines(source: str) -> tuple[tuple[str, ...], tuple[Spans, ...]]:
    """Split as the places count lines, with the secrets of each; kept for the file's next place.

    For a source of at most ``LARGEST`` characters.
    """
    lines = tuple(line.removesuffix("\r") for line in source.split("\n"))
    return lines, secret_spans(lines)


def cells_in(text: str) -> int:
    """Count the terminal cells that a text takes: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(character) in {"Mn", "Me"}
        else 2
        if unicodedata.east_asian_width(character) in {"W", "F"}
        else 1
        for character in text
    )


def _characters(text: str, cells: int) -> int:
    """Count the characters that the first ``cells`` terminal cells of a text hold."""
    if text.isascii():
        return min(cells, len(text))
    taken = 0
    for index, character in enumerate(text):
        width = cells_in(character)
        if taken + width > cells:
            return index
        taken += width
    return len(text)
