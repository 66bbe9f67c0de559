"""The app's own two themes: quiet greys, one blue, and colour only where something is to be told.

Text colours meet WCAG AA (4.5:1) on their backgrounds; a test computes it.
"""

from textual.theme import Theme

DARK = Theme(
    name="policy-console-dark",
    primary="#7fa8d1",
    secondary="#6b8299",
    accent="#7cc0c4",
    success="#86bf8b",
    warning="#dcb06a",
    error="#e8767e",
    foreground="#cdd3da",
    background="#12161c",
    surface="#171c24",
    panel="#1d242e",
    dark=True,
    variables={
        "border": "#7fa8d1",
        "border-blurred": "#36404d",
        "footer-key-foreground": "#7fa8d1",
        "block-cursor-background": "#2d4058",
        "block-cursor-foreground": "#f0f3f6",
        "scrollbar": "#36404d",
        "scrollbar-hover": "#4a5666",
        "scrollbar-active": "#7fa8d1",
        "scrollbar-background": "#12161c",
        "scrollbar-background-hover": "#12161c",
        "scrollbar-background-active": "#12161c",
    },
)

LIGHT = Theme(
    name="policy-console-light",
    primary="#2a5f94",
    secondary="#4e6478",
    accent="#14696d",
    success="#2c6e36",
    warning="#855400",
    error="#b0252f",
    foreground="#2a3038",
    background="#fbfbf9",
    surface="#f3f3f0",
    panel="#e9e9e4",
    dark=False,
    variables={
        "border": "#2a5f94",
        "border-blurred": "#c4c7c4",
        "footer-key-foreground": "#2a5f94",
        "block-cursor-background": "#cfdeee",
        "block-cursor-foreground": "#12161c",
        "scrollbar": "#c4c7c4",
        "scrollbar-hover": "#a5aaa8",
        "scrollbar-active": "#2a5f94",
        "scrollbar-background": "#fbfbf9",
        "scrollbar-background-hover": "#fbfbf9",
        "scrollbar-background-active": "#fbfbf9",
    },
)
