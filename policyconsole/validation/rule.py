"""What a rule is: a code, how much it weighs, when it runs, and one small function.

A rule looks at a Context and gives a Finding, several, or nothing:

    @rule("SEC003", error=Severity.HIGH, level=ValidationLevel.STRICT,
          field="security.tls.min_version")
    def old_tls(context: Context) -> Finding | None:
        '''TLS is enforced with a minimum version older than 1.2. ...'''
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from policyconsole.diagnostics import Diagnostic, Impact, Kind, Severity
from policyconsole.policy import PolicyConfig
from policyconsole.validation.explanation import Explanation, explain
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.secrets import Texts, texts_of

CODE = re.compile(r"[A-Z][A-Z0-9]*[0-9]{1,4}")
"""What the code of a rule looks like."""


@dataclass(frozen=True, eq=False)
class Context:
    """What a rule looks at: a policy, and the environment that it is judged for.

    ``environment`` is what the policy names in ``custom.environment``, else what the
    engine was given; None where nobody named one. ``writable_by_others`` is what the
    permissions of the policy's file say.
    """

    config: PolicyConfig
    environment: str | None = None
    writable_by_others: bool = False

    @property
    def texts(self) -> Texts:
        """What somebody may have written a secret into; collected once for all rules."""
        # Not a cached_property: its lock, in Python 3.11, takes as long as the collecting.
        kept: Texts | None = self.__dict__.get("_texts")
        if kept is None:
            kept = self.__dict__["_texts"] = texts_of(self.config)
        return kept


class RuleFailureError(Exception):
    """A rule could judge nothing; the text says why and repeats no value of the policy."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: what is wrong, what to do, and the field where it is not the rule's own."""

    message: str
    help: str | None = None
    field: str | None = None


Check: TypeAlias = Callable[[Context], Finding | Iterable[Finding] | None]
"""The function of a rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the catalogue.

    ``severity`` is set on errors only, ``impact`` on recommendations only. ``level`` is
    the lowest level at which the rule runs. ``check`` is None for a code that another
    stage reports: the entry then only explains it. Raises ValueError for a severity or
    an impact that does not go with the kind.
    """

    code: str
    kind: Kind
    docstring: str
    severity: Severity | None = None
    impact: Impact | None = None
    level: ValidationLevel = ValidationLevel.BASIC
    field: str | None = None
    check: Check | None = None

    def __post_init__(self) -> None:
        if (self.severity is not None) != (self.kind is Kind.ERROR):
            raise ValueError(f"{self.code}: an error has a severity, nothing else has")
        if (self.impact is not None) != (self.kind is Kind.RECOMMENDATION):
            raise ValueError(f"{self.code}: a recommendation has an impact, nothing else has")

    @property
    def weight(self) -> str:
        """The severity or the impact in a word; empty for a warning."""
        return self.severity or self.impact or ""

    @property
    def levels(self) -> tuple[ValidationLevel, ...]:
        """The levels at which the rule runs, from the most lenient."""
        return tuple(level for level in ValidationLevel if level.includes(self.level))

    @property
    def explanation(self) -> Explanation:
        """What the rule reports, why, an example, what to do, and the source."""
        return explain(self.docstring)

    def diagnostic(self, finding: Finding) -> Diagnostic:
        """Say ``finding`` with the code and the weight of this rule."""
        return Diagnostic(
            code=self.code,
            kind=self.kind,
            message=finding.message,
            severity=self.severity,
            impact=self.impact,
            field=finding.field or self.field,
            help=finding.help,
        )


def rule(
    code: str,
    *,
    error: Severity | None = None,
    recommendation: Impact | None = None,
    level: ValidationLevel = ValidationLevel.BASIC,
    field: str | None = None,
) -> Callable[[Check], Rule]:
    """Turn a function into a Rule: a warning unless ``error`` or ``recommendation`` is given.

    ``level`` is the lowest level at which it runs, ``field`` where its findings are
    unless they say otherwise. The function's docstring explains the rule. Raises
    ValueError where both ``error`` and ``recommendation`` are given.
    """

    def register(check: Check) -> Rule:
        return Rule(
            code=code,
            kind=_kind(error, recommendation),
            docstring=check.__doc__ or "",
            severity=error,
            impact=recommendation,
            level=level,
            field=field,
            check=check,
        )

    return register


def reported_elsewhere(code: str, docstring: str, *, error: Severity | None = None) -> Rule:
    """Make the entry of a code that another stage reports: a warning unless ``error`` is given."""
    return Rule(code=code, kind=_kind(error, None), docstring=docstring, severity=error)


def _kind(error: Severity | None, recommendation: Impact | None) -> Kind:
    if error is not None:
        return Kind.ERROR
    return Kind.WARNING if recommendation is None else Kind.RECOMMENDATION
