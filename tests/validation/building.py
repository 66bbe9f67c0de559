"""Policies for the tests of the rules, written as the TOML that matters."""

import tomllib

from policyconsole.diagnostics import Diagnostic
from policyconsole.policy import PolicyConfig
from policyconsole.validation.engine import PolicyValidationEngine
from policyconsole.validation.levels import ValidationLevel


def policy(toml: str = "") -> PolicyConfig:
    """A policy with all defaults but what ``toml`` says."""
    required = {"id": "a-policy", "name": "A policy", "version": "1.0.0"}
    return PolicyConfig.model_validate({**required, **tomllib.loads(toml)})


def findings(
    toml: str = "",
    level: ValidationLevel = ValidationLevel.CUSTOM,
    *,
    environment: str | None = None,
) -> tuple[Diagnostic, ...]:
    """What the rules of ``level`` say about such a policy."""
    return PolicyValidationEngine(environment=environment).validate(policy(toml), level).diagnostics


def codes(
    toml: str = "",
    level: ValidationLevel = ValidationLevel.CUSTOM,
    *,
    environment: str | None = None,
) -> set[str]:
    """The codes of the findings."""
    return {finding.code for finding in findings(toml, level, environment=environment)}
