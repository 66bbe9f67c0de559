"""Seam: the owner of expressions replaces this file."""

from pydantic import BaseModel, ConfigDict

from policyconsole.diagnostics import Impact, Kind, Severity
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Rule


class ExpressionRule(BaseModel):
    """One table of ``[[rules]]``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    kind: Kind = Kind.ERROR
    severity: Severity | None = None
    impact: Impact | None = None
    level: ValidationLevel = ValidationLevel.BASIC
    message: str
    when: str | None = None
    require: str
    field: str | None = None
    help: str | None = None


class ExpressionError(ValueError):
    """An expression that does not compile."""

    def __init__(self, message: str, key: str, line: int, column: int) -> None:
        super().__init__(message)
        self.key, self.line, self.column = key, line, column


def compile_rule(spec: ExpressionRule) -> Rule:
    """Compile."""
    if "(" in spec.require and ")" not in spec.require:
        raise ExpressionError("no closing bracket", "require", 1, spec.require.index("(") + 1)
    return Rule(spec.code, spec.kind, spec.message, severity=spec.severity or Severity.HIGH)
