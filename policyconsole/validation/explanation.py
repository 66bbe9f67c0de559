"""What a rule's docstring says, taken apart: what, why, examples, fix, source.

A rule is documented where it is written. ``policy-console rule CODE`` and
docs/rules.md show these parts, so a docstring has this form. The first example is
reported, the second is not; each is a part of a policy (in TOML, or in JSON if it
begins with a brace), or describes a file in words where a policy can't show it.

    What is reported, in one sentence.

    Why it matters, in as many sentences as that needs.

    Example:
        security.tls.min_version = "TLSv1.0"

    Passes:
        security.tls.min_version = "TLSv1.2"

    Fix: What to do.

    Source: Where the figure or the demand comes from.
"""

import inspect
import re
from dataclasses import dataclass
from textwrap import dedent

_HEADING = re.compile(r"(Example|Passes|Fix|Source):(?:\s+|$)")


@dataclass(frozen=True, slots=True)
class Explanation:
    """The parts of a rule's docstring; a part that is not there is empty.

    ``example`` is what the rule reports and ``passes`` what it does not; both keep their
    lines, the others are running text.
    """

    what: str = ""
    why: str = ""
    example: str = ""
    passes: str = ""
    fix: str = ""
    source: str = ""

    @property
    def language(self) -> str | None:
        """What the examples are written in: ``toml`` or ``json``; None for a description in words."""
        if self.example.startswith("{"):
            return "json"
        return "toml" if "=" in self.example else None


def explain(docstring: str) -> Explanation:
    """Take a docstring apart; everything before the first heading is the what and the why."""
    parts: dict[str, list[str]] = {"what": []}
    current = "what"
    for line in inspect.cleandoc(docstring).splitlines():
        heading = _HEADING.match(line)
        if heading:
            current = heading[1].lower()
        elif current == "what" and not line:
            current = "why"
        parts.setdefault(current, []).append(line[heading.end() :] if heading else line)
    return Explanation(
        what=_running(parts["what"]),
        why=_running(parts.get("why", [])),
        example=_kept(parts.get("example", [])),
        passes=_kept(parts.get("passes", [])),
        fix=_running(parts.get("fix", [])),
        source=_running(parts.get("source", [])),
    )


def _kept(lines: list[str]) -> str:
    return dedent("\n".join(lines)).strip()


def _running(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())
