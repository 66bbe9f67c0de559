"""What can be said about a policy file: diagnostics, their places, and reports of them."""

import traceback
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict

from policyconsole.escaping import printable


class Kind(StrEnum):
    """Whether a finding keeps the policy out of force (error) or only informs."""

    ERROR = "error"
    WARNING = "warning"
    RECOMMENDATION = "recommendation"


class Severity(StrEnum):
    """How bad an error is."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Impact(StrEnum):
    """What following a recommendation would improve."""

    SECURITY = "security"
    PERFORMANCE = "performance"
    AVAILABILITY = "availability"
    MAINTAINABILITY = "maintainability"


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a source text: lines and columns from 1, in Unicode characters, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class DiagnosticRecord(TypedDict):
    """A diagnostic as ``check --format json`` and ``watch --format jsonl`` write it."""

    code: str
    kind: str
    severity: str | None
    impact: str | None
    message: str
    field: str | None
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None
    help: str | None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: what, where, why, and what to do.

    ``severity`` is set on errors only, ``impact`` on recommendations only. ``field``
    is a dotted path; ``place`` is None where the file as a whole is meant or where
    nobody has looked it up yet.
    """

    code: str
    kind: Kind
    message: str
    severity: Severity | None = None
    impact: Impact | None = None
    field: str | None = None
    place: Place | None = None
    help: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether this finding keeps the policy out of force where nothing else is chosen."""
        return self.kind is Kind.ERROR

    @property
    def weight(self) -> str:
        """The severity or the impact in a word; empty for a warning."""
        return self.severity or self.impact or ""

    def record(self) -> DiagnosticRecord:
        """Give the diagnostic in the shape that the contracts fix for JSON."""
        place = self.place
        return {
            "code": self.code,
            "kind": self.kind.value,
            "severity": self.severity.value if self.severity else None,
            "impact": self.impact.value if self.impact else None,
            "message": self.message,
            "field": self.field,
            "line": place.line if place else None,
            "column": place.column if place else None,
            "end_line": place.end_line if place else None,
            "end_column": place.end_column if place else None,
            "help": self.help,
        }


def error(
    code: str,
    severity: Severity,
    message: str,
    *,
    field: str | None = None,
    place: Place | None = None,
    help: str | None = None,  # noqa: A002 - the word of the contracts
) -> Diagnostic:
    """Make a diagnostic that keeps the policy out of force."""
    return Diagnostic(
        code, Kind.ERROR, message, severity=severity, field=field, place=place, help=help
    )


def own_failure(problem: Exception) -> Diagnostic:
    """Say that policy-console itself failed on a file (FILE005), and where in the code.

    The exception's text stays out: it may repeat a secret of the policy.
    """
    place = type(problem).__name__
    for frame, line in traceback.walk_tb(problem.__traceback__):
        inside = f" in {frame.f_code.co_name}, line {line}"
        place = type(problem).__name__ + inside
    return error(
        "FILE005",
        Severity.CRITICAL,
        f"policy-console failed on this file: {place}",
        help="report this as a mistake in policy-console; a simpler file may help until then",
    )


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort by line, then column, then code; what concerns the file as a whole comes first."""

    def position(diagnostic: Diagnostic) -> tuple[int, int, str, str]:
        place = diagnostic.place
        line, column = (place.line, place.column) if place else (0, 0)
        return line, column, diagnostic.code, diagnostic.field or ""

    return tuple(sorted(diagnostics, key=position))


def counted(diagnostics: Sequence[Diagnostic]) -> str:
    """Say how many there are of each kind: ``1 error, 2 warnings``; empty where there are none."""
    counts = Counter(diagnostic.kind for diagnostic in diagnostics)
    found = ((counts[kind], kind.value) for kind in Kind)
    return ", ".join(f"{count} {word}{'s' if count > 1 else ''}" for count, word in found if count)


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """The result of one validation; ``duration`` is in seconds."""

    diagnostics: tuple[Diagnostic, ...] = ()
    duration: float = 0.0

    @property
    def is_valid(self) -> bool:
        """Whether no diagnostic keeps the policy out of force."""
        return not any(diagnostic.blocks for diagnostic in self.diagnostics)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that keep the policy out of force."""
        return self._of(Kind.ERROR)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that ask for a look."""
        return self._of(Kind.WARNING)

    @property
    def recommendations(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that say what would be better still."""
        return self._of(Kind.RECOMMENDATION)

    def _of(self, kind: Kind) -> tuple[Diagnostic, ...]:
        return tuple(diagnostic for diagnostic in self.diagnostics if diagnostic.kind is kind)

    @property
    def verdict(self) -> str:
        """Say what it comes to: ``refused, 1 error, 2 warnings``."""
        word = "valid" if self.is_valid else "refused"
        return ", ".join(part for part in (word, counted(self.diagnostics)) if part)

    def __repr__(self) -> str:
        lines = (" ".join(filter(None, cells)) for cells in map(_cells, self.diagnostics))
        return "\n".join((f"<Report: {self.verdict}>", *map(printable, lines)))

    def _repr_html_(self) -> str:
        from policyconsole.markup import html_table  # noqa: PLC0415 - only a notebook needs it

        verdict = f"<summary><strong>{self.verdict}</strong></summary>"
        table = html_table(_COLUMNS, map(_cells, self.diagnostics), [False] * len(_COLUMNS))
        return f"<details open>{verdict}{table if self.diagnostics else ''}</details>"


_COLUMNS = ("kind", "code", "weight", "field", "message", "what to do")


def _cells(diagnostic: Diagnostic) -> tuple[str, ...]:
    found = diagnostic
    return found.kind, found.code, found.weight, found.field or "", found.message, found.help or ""
