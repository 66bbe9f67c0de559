"""What every report is told: the run of ``check``, its verdicts as they come, and the counts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypedDict

from policyconsole.cli.verdicts import Verdict
from policyconsole.diagnostics import Diagnostic, Kind
from policyconsole.validation.ruleset import Ruleset


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
    """How many files were checked, how many refused, and what was found in them."""

    files: int = 0
    invalid: int = 0
    errors: int = 0
    warnings: int = 0
    recommendations: int = 0

    def with_file(self, diagnostics: Iterable[Diagnostic], *, valid: bool) -> "Summary":
        """Count one more file."""
        kinds = [diagnostic.kind for diagnostic in diagnostics]
        return replace(
            self,
            files=self.files + 1,
            invalid=self.invalid + (not valid),
            errors=self.errors + kinds.count(Kind.ERROR),
            warnings=self.warnings + kinds.count(Kind.WARNING),
            recommendations=self.recommendations + kinds.count(Kind.RECOMMENDATION),
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


class Run:
    """One run of ``check``: what it judges by, and its verdicts, once, counted as they pass."""

    def __init__(self, verdicts: Iterable[Verdict], rules: Ruleset) -> None:
        self._verdicts = verdicts
        self._summary = Summary()
        self.rules = rules

    @property
    def summary(self) -> Summary:
        """The counts of the verdicts that have passed so far."""
        return self._summary

    def __iter__(self) -> Iterator[Verdict]:
        for verdict in self._verdicts:
            judgement = verdict.judgement
            self._summary = self._summary.with_file(judgement.diagnostics, valid=judgement.accepted)
            yield verdict
