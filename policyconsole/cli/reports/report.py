"""What every format of ``check`` has in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from policyconsole.cli.reports.summary import Summary
from policyconsole.cli.verdicts import Verdict
from policyconsole.validation.ruleset import Ruleset

Write: TypeAlias = Callable[[str], None]
"""Takes a text and writes it as a line of its own, or several."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a report is made for: the rules that were asked, and whether it may have colours.

    ``complete`` is false where a PATH could not be checked, which standard error names;
    ``width`` is that of the terminal in cells, None where the report goes elsewhere.
    ``fixed`` says in lines for people what ``--fix`` has mended before.
    """

    rules: Ruleset
    coloured: bool = False
    complete: bool = True
    width: int | None = None
    fixed: tuple[str, ...] = ()


class Report(Protocol):
    """One format. It is told of every file as soon as that is judged, and of the end."""

    def add(self, verdict: Verdict) -> None:
        """Tell of one more file."""

    def end(self, summary: Summary) -> None:
        """Tell of the end; only then is everything written."""


Make: TypeAlias = Callable[[Write, Setting], Report]
"""Makes the report of a format."""
