"""How values from a policy appear in messages: short, in quotes, and never a secret."""

import json
from collections.abc import Iterable
from datetime import date, datetime, time
from difflib import get_close_matches

from policyconsole.masking import MASK, is_secret

LONGEST_VALUE = 40
"""How many characters of a value a message repeats."""

_LONGEST_NAME = 64
"""What is longer is not compared with known names: it is no slip of the pen."""


def shortened(text: str) -> str:
    """Give ``text`` with at most ``LONGEST_VALUE`` characters, the last an ellipsis if it was cut."""
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def quoted(text: str) -> str:
    """Give ``text`` in quotes, shortened, on one line."""
    return json.dumps(shortened(text), ensure_ascii=False)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Give the known name that ``name`` is probably meant to be, or None."""
    if len(name) > _LONGEST_NAME:
        return None
    return next(iter(get_close_matches(name.lower(), list(known), n=1)), None)


def described(value: object, field: str, table: str) -> str:
    """Say what a value is, in words: ``text ("60")``, ``null``, ``a list``.

    ``table`` is the word for a mapping in the format at hand. Text of a secret-looking
    ``field`` is masked.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f"text ({MASK if is_secret(field) else quoted(value)})"
        case int() | float():
            return f"{'a whole number' if isinstance(value, int) else 'a number'} ({value})"
        case datetime() | date() | time():
            kind = "a date" if isinstance(value, date) else "a time of day"
            kind = "a time" if isinstance(value, datetime) else kind
            return f"{kind} ({value.isoformat()})"
        case dict():
            return table
        case list() | tuple():
            return "a list"
        case _:
            return type(value).__name__
