"""The app's own colours can be read."""

import pytest
from textual.color import Color
from textual.theme import Theme

from policyconsole.tui.themes import DARK, LIGHT

ENOUGH = 4.5
"""WCAG 2.1, 1.4.3: contrast of text at level AA."""


def contrast(one: Color, other: Color) -> float:
    """WCAG 2.1's contrast ratio."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: Color) -> float:
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in color.normalized
    ]
    return sum(
        weight * share for weight, share in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    )


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize(
    "name", ["text-success", "text-warning", "text-error", "text-accent", "text-primary"]
)
def test_text_stands_out_from_every_background(theme: Theme, name: str) -> None:
    colors = theme.to_color_system().generate()
    for background in ("background", "surface", "panel"):
        behind = Color.parse(colors[background])
        assert contrast(behind, Color.parse(colors[name])) >= ENOUGH


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_text_stands_out_from_the_chosen_line(theme: Theme) -> None:
    colors = theme.to_color_system().generate()
    chosen = Color.parse(colors["background"]).blend(Color.parse(colors["primary"]), 0.3)
    for name in ("foreground", "text-success", "text-warning", "text-error"):
        assert contrast(chosen, Color.parse(colors[name])) >= ENOUGH
