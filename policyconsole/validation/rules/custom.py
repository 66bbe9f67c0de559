"""CUSTOM: the fields below ``custom`` that policy-console knows. At Custom only."""

from collections.abc import Sequence

from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Context, Finding, rule
from policyconsole.wording import choice, nearest, quoted

ENVIRONMENTS = ("development", "staging", "production")
"""The environments that the rules know."""

COMPLIANCE_MODES = ("basic", "standard", "strict")
"""What ``custom.compliance_mode`` may be."""


@rule("CUSTOM001", level=ValidationLevel.CUSTOM, field="custom.environment")
def unknown_environment(context: Context) -> Finding | None:
    """The environment that the policy names is not development, staging or production.

    The names are written as here, in small letters. A value that is not text is your own
    affair.

    Example:
        custom.environment = "prod"

    Passes:
        custom.environment = "production"

    Fix: Set one of the three names.
    """
    return _unless_known(context.config.custom.get("environment"), ENVIRONMENTS)


@rule("CUSTOM002", level=ValidationLevel.CUSTOM, field="custom.compliance_mode")
def unknown_compliance_mode(context: Context) -> Finding | None:
    """The compliance mode is not basic, standard or strict.

    The names are written as here, in small letters. A value that is not text is your own
    affair.

    Example:
        custom.compliance_mode = "paranoid"

    Passes:
        custom.compliance_mode = "strict"

    Fix: Set one of the three names.
    """
    return _unless_known(context.config.custom.get("compliance_mode"), COMPLIANCE_MODES)


def _unless_known(value: object, known: Sequence[str]) -> Finding | None:
    if not isinstance(value, str) or value in known:
        return None
    meant = nearest(value, known, likeness=0.4)
    return Finding(
        f"{quoted(value)} is none of {choice(known, 'and')}",
        f'did you mean "{meant}"?' if meant else f"set {choice(known)}",
    )


RULES = (unknown_environment, unknown_compliance_mode)
"""The rules of this module, in order."""
