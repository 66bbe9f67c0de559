"""What appears in messages: names and values from a policy, short and in quotes, and other messages.

Tokens, and the passwords in URLs, are masked in what is quoted; control characters are
escaped where a message is shown.
"""

import json
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from policyconsole.masking import mask_text

_Word = TypeVar("_Word", bound=StrEnum)

LONGEST_VALUE = 40
"""How many characters of a value a message repeats."""

_LONGEST_QUOTED = LONGEST_VALUE + 2

_LOOKED_AT = 1000
"""Characters of a value in which tokens are looked for before it is shortened."""

_LONGEST_NAME = 64
"""What is longer is not compared with known names: it is no slip of the pen."""


def shortened(text: str, length: int = LONGEST_VALUE) -> str:
    """Give ``text`` with at most ``length`` characters, the last an ellipsis if it was cut."""
    return text if len(text) <= length else text[: length - 1] + "…"


def quoted(text: str) -> str:
    """Give ``text`` in quotes, shortened, on one line; no longer where much of it is escaped.

    A token in it is masked, as is the user and password of a URL.
    """
    text = mask_text(text[:_LOOKED_AT])
    length = LONGEST_VALUE
    while len(shown := json.dumps(shortened(text, length), ensure_ascii=False)) > _LONGEST_QUOTED:
        length -= 1
    return shown


def choice(names: Sequence[str], last: str = "or") -> str:
    """List the names as a sentence does: ``"a", "b" or "c"``."""
    *most, final = [quoted(name) for name in names]
    return f"{', '.join(most)} {last} {final}" if most else final


def cause(problem: BaseException) -> str:
    """Give what an exception says, or what it is where it says nothing."""
    return str(problem) or type(problem).__name__


def one_of(kind: type[_Word], what: str, word: str) -> _Word:
    """Give the member of ``kind`` that a word names; raises ValueError, naming all, for another word."""
    try:
        return kind(word)
    except ValueError:
        words = ", ".join(kind)
        raise ValueError(f"{what} must be one of {words}; not {word!r}") from None


def first_of(message: str, count: int) -> str:
    """Give one of ``count`` messages, and how many more there are."""
    return f"{message} (and {count - 1} more)" if count > 1 else message


def nearest(name: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """Give the known name that ``name`` is probably meant to be, or None.

    ``likeness`` is difflib's ratio from 0 to 1 from which on a name counts; 0.6 finds
    slips of the pen, 0.4 abbreviations too ("prod" is 0.57 like "production").
    """
    if len(name) > _LONGEST_NAME:
        return None
    return next(iter(get_close_matches(name.lower(), list(known), n=1, cutoff=likeness)), None)
