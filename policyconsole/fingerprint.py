"""Fingerprints of findings: the same while lines move."""

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from policyconsole.diagnostics import Diagnostic


def fingerprints(
    path: str, source: str | None, diagnostics: Sequence[Diagnostic]
) -> tuple[str, ...]:
    """Give one hexadecimal text for each finding, in their order."""
    lines = (source or "").split("\n")
    seen: Counter[str] = Counter()
    made: list[str] = []
    for item in diagnostics:
        line = lines[item.place.line - 1].strip() if item.place and source else ""
        base = "\0".join((path, item.code, item.field or "", line))
        seen[base] += 1
        text = f"{base}\0{seen[base]}"
        made.append(sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32])
    return tuple(made)
