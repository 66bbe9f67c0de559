"""What policies are judged by: a level, an environment and the rules there are."""

from dataclasses import dataclass, field
from functools import cached_property

from policyconsole.diagnostics import Report
from policyconsole.policy import PolicyConfig
from policyconsole.validation.catalogue import CATALOGUE, Catalogue
from policyconsole.validation.engine import PolicyValidationEngine
from policyconsole.validation.levels import ValidationLevel


@dataclass(frozen=True)
class Ruleset:
    """What policies are judged by: one value, so that the engine and ``check`` can't differ.

    ``environment`` is that of policies that name none, ``rules`` those that there are
    at all, of which ``level`` says which run.
    """

    level: ValidationLevel = ValidationLevel.STANDARD
    environment: str | None = None
    rules: Catalogue = field(default_factory=lambda: CATALOGUE)

    def validate(self, config: PolicyConfig, *, writable_by_others: bool = False) -> Report:
        """Give every finding of the rules, in order and without places.

        ``writable_by_others`` is what the permissions of the policy's file say.
        """
        return self._validator.validate(config, self.level, writable_by_others=writable_by_others)

    @cached_property
    def _validator(self) -> PolicyValidationEngine:
        return PolicyValidationEngine(environment=self.environment, rules=self.rules)
