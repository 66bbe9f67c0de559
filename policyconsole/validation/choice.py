"""Choice: which rules are wanted, how much they weigh, and what keeps a policy out of force."""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from policyconsole.diagnostics import Diagnostic, Impact, Kind, Severity
from policyconsole.validation.rule import Rule
from policyconsole.validation.selectors import ALL, is_fixed, strength, strongest

Selector: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
"""A code, the letters that codes begin with, or those and the first digits; ``ALL`` for every code."""


_Weighable = TypeVar("_Weighable", Rule, Diagnostic)


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

    def reached(self, diagnostics: Iterable[Diagnostic], *, accepted: bool) -> bool:
        """Whether a file that these findings are about makes ``check`` fail."""
        match self:
            case FailOn.REFUSED:
                return not accepted
            case FailOn.NEVER:
                return False
            case _:
                words = list(FailOn)[1 : list(FailOn).index(self) + 1]
                return any((item.severity or item.kind).value in words for item in diagnostics)


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
        return tuple(self.weighed(rule) for rule in rules if self.wants(rule.code))

    def blocks(self, item: Diagnostic | Rule) -> bool:
        """Whether a finding, or those of a rule, keep a policy out of force."""
        if item.kind is not Kind.ERROR or item.severity is None:
            return False
        return is_fixed(item.code) or _RANK[item.severity] >= _RANK[self.block_on]

    def weighed(self, item: _Weighable) -> _Weighable:
        """Give a rule or a finding with the weight that it is to have; not for what is off."""
        match self.weight(item.code):
            case None | Weight.OFF:
                return item
            case Weight.WARNING:
                return replace(item, kind=Kind.WARNING, severity=None, impact=None)
            case Weight.RECOMMENDATION:
                impact = item.impact or Impact.SECURITY
                return replace(item, kind=Kind.RECOMMENDATION, severity=None, impact=impact)
            case weight:
                severity = Severity(weight.value)
                return replace(item, kind=Kind.ERROR, severity=severity, impact=None)


_RANK = {severity: rank for rank, severity in enumerate(reversed(Severity))}
