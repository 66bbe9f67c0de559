"""Table: rows that show themselves, as text and as HTML, and become a frame where pandas is there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, TypeAlias

from policyconsole.escaping import printable
from policyconsole.excerpt import cells_in
from policyconsole.markup import html_table

if TYPE_CHECKING:
    import pandas as pd

Cell: TypeAlias = str | int | float | bool | datetime | None
"""What a cell may hold; it is shown in words and goes into a frame as it is."""

MOST_ROWS = 200
"""How many rows are shown: a cell's output is stored in the notebook."""

OPEN_ROWS = 60
"""Up to so many rows a table is open, as all values of a policy are; a longer one can be opened."""


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """A title, the names of the columns, and the rows; every text is made safe where it is shown.

    ``note`` stands below the rows.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[Cell, ...]]:
        return iter(self.rows)

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        return self.html()

    def html(self) -> str:
        """Give it as HTML that needs neither script nor kernel, in the colours of the page."""
        left = len(self.rows) - MOST_ROWS
        notes = [f"and {left:,} more"] if left > 0 else []
        notes += [self.note] if self.note else []
        below = "".join(f"<p>{escape(printable(note))}</p>" for note in notes)
        state = " open" if len(self.rows) <= OPEN_ROWS else ""
        title = escape(printable(self.title))
        return f"<details{state}><summary>{title}</summary>{self._table()}{below}</details>"

    def to_frame(self) -> "pd.DataFrame":
        """Give all rows as a pandas frame; raises ImportError where pandas is not installed."""
        try:
            import pandas as pd  # noqa: PLC0415 - only those who want frames need it
        except ModuleNotFoundError as missing:
            if missing.name != "pandas":
                raise
            raise ImportError("a frame needs pandas: pip install pandas") from missing
        return pd.DataFrame(list(self.rows), columns=list(self.columns))

    def _table(self) -> str:
        lines = (map(said, row) for row in self.rows[:MOST_ROWS])
        return html_table(self.columns, lines, self._numbers())

    def _numbers(self) -> list[bool]:
        """Say of each column whether it holds numbers, which stand at the right."""
        return [
            any(
                isinstance(row[at], int | float) and not isinstance(row[at], bool)
                for row in self.rows
            )
            for at in range(len(self.columns))
        ]

    def _lines(self) -> Iterable[str]:
        shown = [tuple(map(said, row)) for row in self.rows[:MOST_ROWS]]
        everything = [tuple(map(printable, self.columns)), *shown]
        widths = [max(cells_in(row[at]) for row in everything) for at in range(len(self.columns))]
        numbers = self._numbers()
        yield printable(self.title)
        for row in everything:
            cells = zip(row, widths, numbers, strict=True)
            yield "  ".join(
                _padded(text, width, right=right) for text, width, right in cells
            ).rstrip()
        if (left := len(self.rows) - MOST_ROWS) > 0:
            yield f"and {left:,} more"
        if self.note:
            yield printable(self.note)


def said(cell: Cell) -> str:
    """Say a cell in words, safe to show: local time to the millisecond, numbers with as many digits as matter."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case float():
            return (
                f"{cell:.2f}"
                if abs(cell) < 10
                else f"{cell:.1f}"
                if abs(cell) < 100
                else f"{cell:,.0f}"
            )
        case int():
            return f"{cell:,}"
        case datetime():
            return cell.astimezone().isoformat(" ", "milliseconds")[:23]
        case _:
            return printable(cell)


def _padded(text: str, width: int, *, right: bool) -> str:
    gap = " " * (width - cells_in(text))
    return gap + text if right else text + gap
