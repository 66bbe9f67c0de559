"""The user's own rules as expressions in CEL, the language of Kubernetes' admission policies.

A ``[[rules]]`` table of the configuration becomes an :class:`ExpressionRule`, and
:func:`compile_rule` makes a rule of it like any other:

    [[rules]]
    code = "TEAM001"
    kind = "error"
    severity = "high"
    message = "a policy for production names its owner"
    when = 'environment == "production"'
    require = 'has(policy.custom.owner)'
    field = "custom.owner"

An expression sees ``policy``, the whole policy with its defaults filled in, and
``environment``, the name of the environment or the empty text. It is bounded: it
goes through lists 10,000 times at most, nests 32 deep, makes no lists of its own,
and sees no policy that holds more than 100,000 characters of text.
"""

from typing import Annotated, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from policyconsole.diagnostics import Impact, Kind, Severity
from policyconsole.fields import parse_field
from policyconsole.validation.catalogue import refused_code
from policyconsole.validation.cel import ExpressionError, compile_expression, values_of
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Context, Finding, Rule

__all__ = ["ExpressionError", "ExpressionRule", "compile_rule"]


def _free_code(code: str) -> str:
    if refusal := refused_code(code):
        raise PydanticCustomError("rule_code", "{refusal}", {"refusal": refusal})
    return code


def _field_path(field: str) -> str:
    try:
        path = parse_field(field)
    except ValueError:
        path = ()
    if not path:
        raise PydanticCustomError(
            "field_path", "a field is a dotted path, such as security.tls.min_version"
        )
    return field


_Text: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Expression: TypeAlias = Annotated[str, StringConstraints(min_length=1)]
_Word = Field(default=None, strict=False)


class ExpressionRule(BaseModel):
    """One ``[[rules]]`` table: a rule of the user's own, not compiled yet.

    ``require`` must be true for every policy for which ``when`` is (for all without
    one); where it is not, ``message`` is reported at ``field``, with ``help`` as the
    way out. ``kind`` error wants a ``severity``, recommendation an ``impact``.
    ``level`` is the lowest level at which the rule runs: every level unless it says
    otherwise.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    code: Annotated[str, AfterValidator(_free_code)]
    kind: Annotated[Kind, Field(strict=False)]
    message: _Text
    require: _Expression
    when: _Expression | None = None
    severity: Severity | None = _Word
    impact: Impact | None = _Word
    level: Annotated[ValidationLevel, Field(strict=False)] = ValidationLevel.BASIC
    field: Annotated[str, AfterValidator(_field_path)] | None = None
    help: _Text | None = None

    @model_validator(mode="after")
    def _weighed(self) -> Self:
        for name, value, kind in (
            ("severity", self.severity, Kind.ERROR),
            ("impact", self.impact, Kind.RECOMMENDATION),
        ):
            choices = ", ".join(Severity if kind is Kind.ERROR else Impact)
            if value is None and self.kind is kind:
                raise PydanticCustomError(
                    "rule_weight",
                    "the kind {kind} needs {name}, one of {choices}",
                    {"kind": kind.value, "name": name, "choices": choices},
                )
            if value is not None and self.kind is not kind:
                raise PydanticCustomError(
                    "rule_weight",
                    "{name} goes with the kind {kind} only",
                    {"kind": kind.value, "name": name},
                )
        return self


def compile_rule(spec: ExpressionRule) -> Rule:
    """Make a rule of ``spec``; its expressions are compiled here, once.

    Raises :class:`ExpressionError` for one that does not compile. The rule itself
    raises :class:`RuleFailureError` where an expression cannot be worked out for a
    policy, such as for a key that is not there.
    """
    when = None if spec.when is None else compile_expression(spec.when, "when")
    require = compile_expression(spec.require, "require")
    finding = Finding(spec.message, spec.help)

    def check(context: Context) -> Finding | None:
        values = values_of(context)
        if when is not None and not when(values):
            return None
        return None if require(values) else finding

    return Rule(
        code=spec.code,
        kind=spec.kind,
        docstring=_docstring(spec),
        severity=spec.severity,
        impact=spec.impact,
        level=spec.level,
        field=spec.field,
        check=check,
    )


def _docstring(spec: ExpressionRule) -> str:
    """Write what ``policy-console rule CODE`` shows of the rule."""
    condition = f" where {spec.when}" if spec.when else ""
    parts = [spec.message, f"A rule of your own requires {spec.require}{condition}."]
    if spec.help:
        parts.append(f"Fix: {spec.help}")
    return "\n\n".join(" ".join(part.split()) for part in parts)
