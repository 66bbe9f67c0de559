"""What every format of ``check`` has in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from policyconsole.cli.reports.summary import Summary
from policyconsole.cli.verdicts import Verdict
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Rule
from policyconsole.validation.ruleset import Ruleset

Write: TypeAlias = Callable[[str], None]
"""Takes a text and writes it as a line of its own, or several."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a report is made for: the rules that were asked, and whether it may have colours.

    ``others`` are the rules of further PATHs, each of which may have a configuration of its own.
    """

    rules: Ruleset
    coloured: bool = False
    others: tuple[Ruleset, ...] = ()

    @property
    def level(self) -> ValidationLevel | None:
        """The level; None where not every PATH has the same."""
        levels = {rules.level for rules in self._all}
        return None if len(levels) > 1 else self.rules.level

    @property
    def environment(self) -> str | None:
        """The environment of policies that name none; None where not every PATH has the same."""
        environments = {rules.environment for rules in self._all}
        return None if len(environments) > 1 else self.rules.environment

    @property
    def levels(self) -> str:
        """Every level, in words."""
        return " and ".join(dict.fromkeys(rules.level.value for rules in self._all))

    def rule(self, code: str) -> Rule | None:
        """Give the rule of a code, None for one that no PATH knows."""
        return next((rules.rules[code] for rules in self._all if code in rules.rules), None)

    @property
    def _all(self) -> tuple[Ruleset, ...]:
        return (self.rules, *self.others)


class Report(Protocol):
    """One format. It is told of every file as soon as that is judged, and of the end."""

    def add(self, verdict: Verdict) -> None:
        """Tell of one more file."""

    def end(self, summary: Summary) -> None:
        """Tell of the end; only then is everything written."""


Make: TypeAlias = Callable[[Write, Setting], Report]
"""Makes the report of a format."""
