"""Choice: which rules are wanted, how much they weigh, and what keeps a policy out of force."""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from policyconsole.diagnostics import Diagnostic, Impact, Kind, Severity
from policyconsole.validation.rule import Rule
from policyconsole.validation.selectors import ALL, is_fixed, strength, strongest

Selector: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
"""A code, the letters that codes begin with, or those and the first digits; ``ALL`` for every code."""


class Weight(StrEnum):
    """What a rule's findings are to be: an error of a severity, a warning, a recommendation, nothing."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    WARNING = "warning"
    RECOMMENDATION = "recommendation"
    OFF = "off"


class FailOn(StrEnum):
    """From which finding on ``check`` exits with 1: a refused file, or one at least this grave."""

    REFUSED = "refused"
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    WARNING = "warning"
    RECOMMENDATION = "recommendation"
    NEVER = "never"


class Choice(BaseModel):
    """Which of a level's rules run, as what they are reported, and which errors refuse a policy.

    ``select`` and ``ignore`` hold selectors; the longer one wins, ``ignore`` among
    equals. ``per_file_ignores`` has more of ``ignore`` by a pattern of paths,
    ``severity`` what findings weigh instead of what the rule says, by selector.
    ``block_on`` is the least severity of an error that keeps a policy out of force.
    Raises ``pydantic.ValidationError`` for what is no selector or no severity.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    select: tuple[Selector, ...] = (ALL,)
    ignore: tuple[Selector, ...] = ()
    per_file_ignores: dict[Annotated[str, Field(min_length=1)], tuple[Selector, ...]] = Field(
        default_factory=dict
    )
    severity: dict[Selector, Weight] = Field(default_factory=dict)
    block_on: Severity = Severity.LOW

    def wants(self, code: str) -> bool:
        """Whether findings of ``code`` are to be reported at all, wherever they are."""
        if is_fixed(code):
            return True
        wanted, unwanted = strongest(self.select, code), strongest(self.ignore, code)
        if wanted is None or self.weight(code) is Weight.OFF:
            return False
        return unwanted is None or strength(wanted) > strength(unwanted)

    def weight(self, code: str) -> Weight | None:
        """Give what findings of ``code`` weigh instead of what their rule says; None if nothing does."""
        if is_fixed(code):
            return None
        selector = strongest(self.severity, code)
        return None if selector is None else self.severity[selector]

    def chosen(self, rules: Iterable[Rule]) -> tuple[Rule, ...]:
        """Give the rules that are wanted, with the weight that they are to have."""
        return tuple(self._weighed(rule) for rule in rules if self.wants(rule.code))

    def blocks(self, diagnostic: Diagnostic) -> bool:
        """Whether a finding keeps a policy out of force."""
        if diagnostic.kind is not Kind.ERROR:
            return False
        return is_fixed(diagnostic.code) or self.may_block(diagnostic.severity)

    def may_block(self, severity: Severity | None) -> bool:
        """Whether errors of a severity keep a policy out of force."""
        return severity is not None and _RANK[severity] >= _RANK[self.block_on]

    def _weighed(self, rule: Rule) -> Rule:
        weight = self.weight(rule.code)
        if weight is None:
            return rule
        kind, severity, impact = weighed(weight, rule.impact)
        return replace(rule, kind=kind, severity=severity, impact=impact)


def weighed(weight: Weight, impact: Impact | None) -> tuple[Kind, Severity | None, Impact | None]:
    """Give kind, severity and impact of a finding of a weight; ``impact`` is the one it had."""
    match weight:
        case Weight.WARNING:
            return Kind.WARNING, None, None
        case Weight.RECOMMENDATION:
            return Kind.RECOMMENDATION, None, impact or Impact.SECURITY
        case _:
            return Kind.ERROR, Severity(weight.value), None


_RANK = {severity: rank for rank, severity in enumerate(reversed(Severity))}
