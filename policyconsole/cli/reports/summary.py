"""How many files were checked, and what was found in them."""

from dataclasses import dataclass, replace
from typing import TypedDict

from policyconsole.cli.text import Paint, counted
from policyconsole.cli.verdicts import Verdict
from policyconsole.diagnostics import Kind
from policyconsole.escaping import printable
from policyconsole.validation.levels import ValidationLevel
from policyconsole.wording import shortened

_MOST_NAMES = 3


class SummaryRecord(TypedDict):
    """The counts at the end of ``check``."""

    files: int
    valid: int
    invalid: int
    errors: int
    warnings: int
    recommendations: int


@dataclass(frozen=True, slots=True)
class Summary:
    """How many files were checked, how many refused, and what was found in them.

    ``suppressed`` counts what comments in the files left out, ``known`` what a baseline did,
    ``failing`` the files that make ``check`` exit with 1. ``unasked`` are the environments
    whose rules did not run because of the level, a few of them if there are many.
    """

    files: int = 0
    invalid: int = 0
    errors: int = 0
    warnings: int = 0
    recommendations: int = 0
    suppressed: int = 0
    known: int = 0
    failing: int = 0
    unasked: frozenset[str] = frozenset()

    def with_file(self, verdict: Verdict) -> "Summary":
        """Count one more file."""
        judgement, more = verdict.judgement, len(self.unasked) > _MOST_NAMES
        kinds = [diagnostic.kind for diagnostic in judgement.diagnostics]
        return replace(
            self,
            files=self.files + 1,
            invalid=self.invalid + (not judgement.accepted),
            errors=self.errors + kinds.count(Kind.ERROR),
            warnings=self.warnings + kinds.count(Kind.WARNING),
            recommendations=self.recommendations + kinds.count(Kind.RECOMMENDATION),
            suppressed=self.suppressed + judgement.suppressed,
            known=self.known + len(judgement.known),
            failing=self.failing + verdict.fails,
            unasked=self.unasked if more else self.unasked | _unasked(verdict),
        )

    def record(self) -> SummaryRecord:
        """Give the counts in the shape that the contracts fix for JSON."""
        return {
            "files": self.files,
            "valid": self.files - self.invalid,
            "invalid": self.invalid,
            "errors": self.errors,
            "warnings": self.warnings,
            "recommendations": self.recommendations,
        }

    def line(self, levels: str, paint: Paint) -> str:
        """Say it in one line for people; ``levels`` are those that were asked."""
        verdict = (
            paint.bad(f"{self.invalid} refused, {self.files - self.invalid} valid")
            if self.invalid
            else paint.good("all valid" if self.files > 1 else "valid")
        )
        parts = [
            counted(number, word)
            for number, word in (
                (self.errors, "error"),
                (self.warnings, "warning"),
                (self.recommendations, "recommendation"),
            )
            if number
        ]
        if self.suppressed:
            parts.append(f"{self.suppressed} suppressed")
        if self.known:
            parts.append(f"{self.known} in the baseline")
        tail = f" ({', '.join(parts)})" if parts else ""
        return f"{counted(self.files, 'file')} checked at level {levels}: {verdict}{tail}"

    def note(self) -> str | None:
        """Say for which environments no rule has run because of the level; None for none."""
        if not self.unasked:
            return None
        names = ", ".join(shortened(printable(name)) for name in sorted(self.unasked)[:_MOST_NAMES])
        names += ", …" if len(self.unasked) > _MOST_NAMES else ""
        return f"the rules for environments ({names}) run at level {ValidationLevel.CUSTOM} only"


def _unasked(verdict: Verdict) -> frozenset[str]:
    policy = verdict.judgement.policy
    named = verdict.within.rules.unasked(policy.config) if policy is not None else None
    return frozenset() if named is None else frozenset({named})
