"""How many files were checked, and what was found in them."""

from dataclasses import dataclass, replace
from typing import TypedDict

from policyconsole.cli.text import Paint, counted
from policyconsole.cli.verdicts import Verdict
from policyconsole.diagnostics import Kind
from policyconsole.validation.levels import ValidationLevel


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

    ``suppressed`` counts what comments in the files left out, ``known`` what a baseline did.
    """

    files: int = 0
    invalid: int = 0
    errors: int = 0
    warnings: int = 0
    recommendations: int = 0
    suppressed: int = 0
    known: int = 0

    def with_file(self, verdict: Verdict) -> "Summary":
        """Count one more file."""
        judgement = verdict.judgement
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

    def line(self, level: ValidationLevel, paint: Paint) -> str:
        """Say it in one line for people."""
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
        return f"{counted(self.files, 'file')} checked at level {level}: {verdict}{tail}"
