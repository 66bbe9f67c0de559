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
            chosen = part[at:end].replace("\\", "\\\\").replace("[", "\\[")
            chosen = f"^{chosen[1:]}" if chosen[0] in "!^" else chosen
            text += f"(?!/)[{chosen}]"
            at = end + 1
        else:
            text += re.escape(character)
    return text
