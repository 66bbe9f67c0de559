"""How values from a policy appear in messages: short, and quoted as the file quotes them.

Nothing is escaped or masked here: that is done where a message is shown.
"""

from collections.abc import Sequence
from difflib import get_close_matches

LONGEST_VALUE = 40
"""How many characters of a value a message repeats."""

_SIMILARITY = 0.4
"""From this likeness on a name is suggested: "prod" is 0.57 like "production", "qa" 0.2 at most."""


def shortened(text: str, length: int = LONGEST_VALUE) -> str:
    """Give ``text`` with at most ``length`` characters, the last one an ellipsis if it was cut."""
    return text if len(text) <= length else text[: length - 1] + "…"


def quoted(text: str) -> str:
    """Give ``text`` in quotes, shortened."""
    return f'"{shortened(text)}"'


def choice(names: Sequence[str], last: str = "or") -> str:
    """List the names as a sentence does: ``"a", "b" or "c"``."""
    *most, final = [quoted(name) for name in names]
    return f"{', '.join(most)} {last} {final}" if most else final


def nearest(value: str, names: Sequence[str]) -> str | None:
    """Give the name that ``value`` is probably meant to be, or None."""
    folded = value[:LONGEST_VALUE].lower()
    return next(iter(get_close_matches(folded, names, n=1, cutoff=_SIMILARITY)), None)
