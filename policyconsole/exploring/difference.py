"""PolicyDifference: what differs between two policies, or two states of one."""

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from policyconsole.dashboard import Differences, DiffLine, Mark, Side, differences
from policyconsole.escaping import printable
from policyconsole.exploring.table import Table
from policyconsole.markup import preformatted

if TYPE_CHECKING:
    import pandas as pd

_LOOKS = {
    Mark.REMOVED: "color: var(--jp-error-color1, #b3261e)",
    Mark.ADDED: "color: var(--jp-success-color1, #1b7f3b)",
    Mark.KEPT: "",
    Mark.PLACE: "opacity: 0.6",
}

MOST_LINES = 400
"""How many lines of the two texts are shown."""


@dataclass(frozen=True, slots=True, repr=False)
class PolicyDifference:
    """The fields that differ, and the lines of the texts; secrets masked."""

    found: Differences

    @classmethod
    def of(cls, old: Side, new: Side) -> "PolicyDifference":
        """Compare two sides."""
        return cls(differences(old, new))

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that differ."""
        return tuple(difference.field for difference in self.found.fields)

    def __bool__(self) -> bool:
        """Whether any field differs."""
        return bool(self.found.fields)

    def __len__(self) -> int:
        return len(self.found.fields)

    def table(self) -> Table:
        """Give the fields as rows, what left beside what came."""
        rows = tuple(
            (
                difference.field,
                _texts(difference.lines, Mark.REMOVED),
                _texts(difference.lines, Mark.ADDED),
            )
            for difference in self.found.fields
        )
        title = f"{self.found.old} → {self.found.new}"
        return Table(title, ("field", self.found.old, self.found.new), rows, self.found.no_fields)

    def to_frame(self) -> "pd.DataFrame":
        """Give the fields as a pandas frame."""
        return self.table().to_frame()

    def __repr__(self) -> str:
        lines = [printable(f"- {self.found.old}"), printable(f"+ {self.found.new}")]
        for difference in self.found.fields:
            lines.append(difference.field)
            lines += (f"  {line.mark.value} {line.text}" for line in difference.lines)
        return "\n".join([*lines, *filter(None, [self.found.no_fields])])

    def _repr_html_(self) -> str:
        return f"{self.table().html()}{self._lines()}"

    def _lines(self) -> str:
        lines = self.found.lines
        if not lines:
            return f"<p>{escape(self.found.no_lines)}</p>" if self.found.no_lines else ""
        shown = "\n".join(
            f'<span style="{_LOOKS[line.mark]}">{escape(_drawn(line))}</span>'
            for line in lines[:MOST_LINES]
        )
        left = len(lines) - MOST_LINES
        more = f"\n… and {left:,} more lines" if left > 0 else ""
        return f"<details><summary>Lines</summary>{preformatted(shown + more)}</details>"


def _texts(lines: tuple[DiffLine, ...], mark: Mark) -> str:
    return ", ".join(line.text for line in lines if line.mark is mark)


def _drawn(line: DiffLine) -> str:
    return line.text if line.mark is Mark.PLACE else f"{line.mark.value} {line.text}"
