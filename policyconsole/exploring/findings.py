"""Findings: what a validation has found, with the lines that it is about."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from policyconsole.dashboard import FINDING_SIGNS, rule_source, where
from policyconsole.diagnostics import Diagnostic, Kind, counted
from policyconsole.escaping import printable
from policyconsole.excerpt import Excerpt, excerpt
from policyconsole.exploring.table import Table
from policyconsole.markup import marked_line
from policyconsole.validation.levels import ValidationLevel

if TYPE_CHECKING:
    import pandas as pd

MOST = 100
"""How many findings are shown."""

MOST_OPEN = 20
"""Up to so many findings the list is open; a longer one can be opened."""


@dataclass(frozen=True, slots=True, repr=False)
class Findings:
    """The report on one policy at a level: whether it would come into force, and why (not).

    ``text`` is the source that the places are in, empty where there is none.
    """

    name: str
    level: ValidationLevel
    diagnostics: tuple[Diagnostic, ...]
    accepted: bool
    text: str = ""

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """What keeps it out of force."""
        return self._of(Kind.ERROR)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What asks for a look."""
        return self._of(Kind.WARNING)

    @property
    def recommendations(self) -> tuple[Diagnostic, ...]:
        """What would be better still."""
        return self._of(Kind.RECOMMENDATION)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of what was found, each once, in the order of the findings."""
        return tuple(dict.fromkeys(found.code for found in self.diagnostics))

    def _of(self, kind: Kind) -> tuple[Diagnostic, ...]:
        return tuple(found for found in self.diagnostics if found.kind is kind)

    def __len__(self) -> int:
        return len(self.diagnostics)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.diagnostics)

    def __bool__(self) -> bool:
        """Whether the policy is accepted, with findings or without."""
        return self.accepted

    @property
    def verdict(self) -> str:
        """Say what it comes to: ``production: valid at strict, 1 warning``."""
        word = "valid" if self.accepted else "refused"
        counts = counted(self.diagnostics)
        return printable(f"{self.name}: {word} at {self.level}{', ' if counts else ''}{counts}")

    def table(self) -> Table:
        """Give the findings as rows, for sorting and for frames."""
        rows = tuple(
            (
                found.code,
                found.kind.value,
                found.weight,
                found.field,
                found.place.line if found.place else None,
                found.message,
                found.help,
            )
            for found in self.diagnostics
        )
        columns = ("code", "kind", "weight", "field", "line", "message", "help")
        return Table(self.verdict, columns, rows)

    def to_frame(self) -> "pd.DataFrame":
        """Give the findings as a pandas frame."""
        return self.table().to_frame()

    def __repr__(self) -> str:
        return "\n".join([self.verdict, *self.lines()])

    def _repr_html_(self) -> str:
        verdict = f"<strong>{escape(self.verdict)}</strong>"
        if not self.diagnostics:
            return f"<div>{verdict}</div>"
        state = " open" if len(self.diagnostics) <= MOST_OPEN else ""
        return f"<details{state}><summary>{verdict}</summary>{self.html_list()}</details>"

    def html_list(self) -> str:
        """Give the findings as HTML without the verdict; empty where there are none."""
        if not self.diagnostics:
            return ""
        shown = "".join(self._item(found) for found in self.diagnostics[:MOST])
        left = len(self.diagnostics) - MOST
        more = f"<p>and {left:,} more</p>" if left > 0 else ""
        return f"<ul>{shown}</ul>{more}"

    def _item(self, found: Diagnostic) -> str:
        parts = [f"<li><strong>{escape(_title(found))}</strong>: {_safe(found.message)}"]
        if (line := self._excerpt(found)) is not None:
            parts.append(marked_line(line.line, *line.parts))
        if found.help:
            parts.append(f"<div>= {_safe(found.help)}</div>")
        if source := rule_source(found.code):
            parts.append(f"<div><small>source: {_safe(source)}</small></div>")
        return "".join([*parts, "</li>"])

    def lines(self) -> Iterator[str]:
        """Give the findings as lines of text without the verdict."""
        for found in self.diagnostics[:MOST]:
            yield f"{_title(found)}: {printable(found.message)}"
            if (line := self._excerpt(found)) is not None:
                number = str(line.line)
                yield f"  {number} | {line.text}"
                yield f"  {' ' * len(number)} | {line.marker}"
            if found.help:
                yield f"  = {printable(found.help)}"
        if (left := len(self.diagnostics) - MOST) > 0:
            yield f"and {left:,} more"

    def _excerpt(self, found: Diagnostic) -> Excerpt | None:
        return excerpt(self.text, found.place) if self.text and found.place is not None else None


def _title(found: Diagnostic) -> str:
    words = (FINDING_SIGNS[found.kind], found.kind.value, found.code, found.weight, where(found))
    field = f" {found.field}" if found.field else ""
    return printable(" ".join(word for word in words if word) + field)


def _safe(text: str) -> str:
    return escape(printable(text))
