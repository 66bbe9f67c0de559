"""Plot: a picture as SVG, drawn here, with the values that it shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from policyconsole.dashboard import histogram_bins
from policyconsole.escaping import printable
from policyconsole.exploring.table import Table

if TYPE_CHECKING:
    import pandas as pd

_WIDTH, _LEFT, _RIGHT = 640, 110, 60
_ROW, _HEAD = 18, 30
_TEXT, _BAR, _MISSED = "#808890", "#4c8dc9", "#d0544a"
"""Colours that can be read on white and on black: what shows an SVG may know nothing of the page."""

_HEIGHT = 160
_MOST_POINTS = 500


@dataclass(frozen=True, slots=True, repr=False)
class Plot:
    """A picture and its values."""

    svg: str
    table: Table

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return repr(self.table)

    def to_frame(self) -> "pd.DataFrame":
        """Give the values as a pandas frame, for those who bring a plotting library."""
        return self.table.to_frame()


def histogram(title: str, counts: Sequence[int], target: float | None) -> Plot:
    """Draw how durations are spread; ``counts`` are those between the dashboard's bounds, ``target`` in ms."""
    bins = histogram_bins(counts, target, len(counts))
    total, most = (
        sum(one.count for one in bins) or 1,
        max((one.count for one in bins), default=1) or 1,
    )
    rows = tuple((one.low, one.high, one.count) for one in bins)
    table = Table(title, ("over ms", "up to ms", "runs"), rows)
    parts = [_text(0, 16, title, weight="bold")]
    for place, one in enumerate(bins):
        top = _HEAD + place * _ROW
        missed = target is not None and one.low is not None and one.low >= target
        width = round(one.count / most * (_WIDTH - _LEFT - _RIGHT), 1)
        colour = _MISSED if missed else _BAR
        parts += [
            _text(_LEFT - 8, top + 12, f"{one.words} ms", anchor="end"),
            f'<rect x="{_LEFT}" y="{top + 2}" width="{width}" height="{_ROW - 4}" fill="{colour}"/>',
            _text(_LEFT + width + 6, top + 12, f"{one.count:,} ({one.count / total:.0%})"),
        ]
        if target is not None and one.high == target:
            line = top + _ROW
            parts += [
                (
                    f'<line x1="{_LEFT}" y1="{line}" x2="{_WIDTH}" y2="{line}" stroke="{_MISSED}"'
                    ' stroke-dasharray="4 3"/>'
                ),
                _text(_WIDTH, line - 3, f"target {target:g} ms", anchor="end"),
            ]
    return Plot(_svg(_HEAD + max(1, len(bins)) * _ROW + 8, parts, title), table)


def timeline(title: str, milliseconds: Sequence[float], target: float | None) -> Plot:
    """Draw durations in the order in which they came, the newest at the right."""
    shown = milliseconds[-_MOST_POINTS:]
    table = Table(title, ("run", "ms"), tuple(enumerate(milliseconds, start=1)))
    highest = max(shown, default=0.0) or 1.0
    width = (_WIDTH - _LEFT) / max(1, len(shown))
    parts = [_text(0, 16, title, weight="bold")]
    parts += [_text(_LEFT - 8, _HEAD + 10, f"{highest:.3g} ms", anchor="end")]
    parts += [_text(_LEFT - 8, _HEAD + _HEIGHT, "0", anchor="end")]
    for place, value in enumerate(shown):
        height = max(1.0, value / highest * _HEIGHT)
        colour = _MISSED if target is not None and value >= target else _BAR
        parts.append(
            f'<rect x="{_LEFT + place * width:.2f}" y="{_HEAD + _HEIGHT - height:.1f}"'
            f' width="{max(0.5, width * 0.9):.2f}" height="{height:.1f}" fill="{colour}"/>'
        )
    return Plot(_svg(_HEAD + _HEIGHT + 10, parts, title), table)


def _text(x: float, y: float, words: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-weight="{weight}" font-size="12"'
        f' font-family="sans-serif" fill="{_TEXT}">{escape(printable(words))}</text>'
    )


def _svg(height: float, parts: Sequence[str], title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:g}" width="{_WIDTH}"'
        f' role="img" aria-label="{escape(printable(title), quote=True)}">{"".join(parts)}</svg>'
    )
