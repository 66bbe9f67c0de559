"""Selectors: how codes are named where rules are chosen, ``SEC003``, ``SEC00``, ``SEC`` or ``ALL``."""

import re
from collections.abc import Iterable

ALL = "ALL"
"""The selector of every code."""

_LETTERS = re.compile(r"[^0-9]*")

_FIXED_GROUPS = frozenset({"FILE", "PARSE", "TYPE", "SET", "CONF"})
_FIXED_CODES = frozenset({"RULE001", "ROLL001"})


def selects(selector: str, code: str) -> bool:
    """Whether a selector means a code: ALL, the code, its letters, or those and its first digits.

    Letters count as a whole: ``SEC`` does not mean ``SECRET001``.
    """
    if selector == ALL:
        return True
    if not code.startswith(selector):
        return False
    letters = _LETTERS.match(code)
    return letters is None or len(selector) >= letters.end()


def strength(selector: str) -> int:
    """How strong a selector is: the longer the stronger, ALL the weakest."""
    return 0 if selector == ALL else len(selector)


def strongest(selectors: Iterable[str], code: str) -> str | None:
    """Give the strongest of the selectors that mean ``code``; None where none does."""
    return max((one for one in selectors if selects(one, code)), key=strength, default=None)


def is_fixed(code: str) -> bool:
    """Whether a code stays as it is, whatever is chosen.

    CONF says that the choice itself is wrong, FILE, PARSE and TYPE that nothing could be
    loaded, SET001 that the id belongs to another file, SET002 that it waits for one, ROLL001 that it failed its probation, RULE001 that a rule which can refuse
    judged nothing: with none of them is there a policy that could be put in force.
    """
    letters = _LETTERS.match(code)
    group = letters[0] if letters else ""
    return group in _FIXED_GROUPS or code in _FIXED_CODES
