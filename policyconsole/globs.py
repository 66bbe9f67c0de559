"""Patterns for paths, as in .gitignore: ``legacy/*.toml``, ``*.draft.yaml``, ``**/old``.

A pattern without a slash is about a name, at any depth; one with a slash is about the
whole path. What matches a folder matches everything below it.
"""

import re
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """Give the regular expression that matches whole paths with ``/`` between their parts.

    ``*`` and ``?`` stand for characters other than a slash, ``**`` as a whole part for any
    number of parts, ``[...]`` for one of some characters. Nothing that is no pattern
    exists: a bracket without its other half stands for itself.
    """
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    anywhere = "/" not in pattern.rstrip("/")
    text = "(?:.*/)?" if anywhere else ""
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            text += ".*" if last else "(?:.*/)?"
        else:
            text += _part(part) + ("" if last else "/")
    return re.compile(f"{text}(?:/.*)?", re.DOTALL)


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns matches ``path``."""
    return any(compiled(pattern).fullmatch(path) for pattern in patterns)


def _part(part: str) -> str:
    """Translate what stands between two slashes."""
    text, at = "", 0
    while at < len(part):
        character = part[at]
        at += 1
        if character == "*":
            text += "[^/]*"
        elif character == "?":
            text += "[^/]"
        elif character == "[" and (end := part.find("]", at + 1 + (part[at : at + 1] in "!^"))) > 0:
            text += _one_of(part[at:end])
            at = end + 1
        else:
            text += re.escape(character)
    return text


def _one_of(chosen: str) -> str:
    """Translate what stands between brackets; of a range that runs backwards, nothing is left."""
    unwanted = chosen[0] in "!^"
    ranges = re.findall(r".-.|.", chosen[unwanted:], re.DOTALL)
    text = "".join(_range(one[0], one[-1]) for one in ranges if one[0] <= one[-1])
    if unwanted:
        return f"[^/{text}]"
    return f"(?!/)[{text}]" if text else "(?!)"


def _range(first: str, last: str) -> str:
    return f"{re.escape(first)}-{re.escape(last)}"
