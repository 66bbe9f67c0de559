"""Field paths: how a value inside a policy is named in diagnostics, changes and places."""

import json
import re
from typing import TypeAlias

FieldPath: TypeAlias = tuple[str | int, ...]
"""The keys and list positions that lead from the top of a policy to a value."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STEP = re.compile(
    r"""\[(?P<position>\d+)\]|\.?(?:(?P<bare>[A-Za-z0-9_-]+)|(?P<quoted>"(?:[^"\\]++|\\.)*+"))""",
    re.DOTALL,
)


def format_field(path: FieldPath) -> str:
    """Write a field path as people read it: ``security.tls.cipher_suites[0]``.

    Keys that TOML would not allow bare are quoted as TOML quotes them
    (``custom."a key".x``), list positions are ``[n]`` counted from 0. The empty
    path gives the empty text.
    """
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
            continue
        key = step if _BARE_KEY.fullmatch(step) else json.dumps(step, ensure_ascii=False)
        parts.append(f".{key}" if parts else key)
    return "".join(parts)


def parse_field(field: str) -> FieldPath:
    """Read a field path that :func:`format_field` has written; the empty text is the empty path.

    Raises ValueError for text that is no field path.
    """
    steps: list[str | int] = []
    end = 0
    while end < len(field):
        match = _STEP.match(field, end)
        if match is None:
            raise ValueError(f"not a field path: {field!r}")
        if match["position"]:
            steps.append(int(match["position"]))
        else:
            steps.append(match["bare"] or json.loads(match["quoted"]))
        end = match.end()
    return tuple(steps)
