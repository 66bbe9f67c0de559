"""What every format of ``check`` has in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from policyconsole.cli.reports.summary import Summary
from policyconsole.cli.verdicts import Verdict
from policyconsole.validation.rule import Rule
from policyconsole.validation.ruleset import Ruleset

Write: TypeAlias = Callable[[str], None]
"""Takes a text and writes it as a line of its own, or several."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a report is made for: the rules that were asked, and whether it may have colours.

    ``complete`` is false where a PATH could not be checked, which standard error names;
    ``width`` is that of the terminal in cells, None where the report goes elsewhere.
    ``fixed`` says in lines for people what ``--fix`` has mended before.
    ``others`` are those of further PATHs that go by another configuration.
    """

    rules: Ruleset
    coloured: bool = False
    complete: bool = True
    width: int | None = None
    fixed: tuple[str, ...] = ()
    others: tuple[Ruleset, ...] = ()

    @property
    def level(self) -> str | None:
        """The level of all; None where they differ."""
        levels = {rules.level.value for rules in (self.rules, *self.others)}
        return levels.pop() if len(levels) == 1 else None

    @property
    def levels(self) -> str:
        """The level in words: ``strict``, ``strict and basic``."""
        return " and ".join(dict.fromkeys(rules.level for rules in (self.rules, *self.others)))

    @property
    def environment(self) -> str | None:
        """The environment of policies that name none, of all; None where they differ."""
        names = {rules.environment for rules in (self.rules, *self.others)}
        return names.pop() if len(names) == 1 else None

    def rule(self, code: str) -> Rule | None:
        """Give the rule of a code; None where there is none."""
        found = (rules.rules.get(code) for rules in (self.rules, *self.others))
        return next((rule for rule in found if rule is not None), None)


class Report(Protocol):
    """One format. It is told of every file as soon as that is judged, and of the end."""

    def add(self, verdict: Verdict) -> None:
        """Tell of one more file."""

    def end(self, summary: Summary) -> None:
        """Tell of the end; only then is everything written."""


Make: TypeAlias = Callable[[Write, Setting], Report]
"""Makes the report of a format."""
