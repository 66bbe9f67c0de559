"""What policies are judged by: a level, an environment, the rules there are, and which are wanted."""

from dataclasses import dataclass, field
from functools import cached_property

from policyconsole.diagnostics import Report
from policyconsole.policy import PolicyConfig
from policyconsole.validation.catalogue import CATALOGUE, Catalogue
from policyconsole.validation.choice import Choice
from policyconsole.validation.engine import PolicyValidationEngine
from policyconsole.validation.levels import ValidationLevel


@dataclass(frozen=True)
class Ruleset:
    """What policies are judged by: one value, so that the engine and ``check`` can't differ.

    ``environment`` is that of policies that name none, ``rules`` those that there are
    at all, of which ``level`` says which run and ``choice`` which of those are wanted.
    """

    level: ValidationLevel = ValidationLevel.STANDARD
    environment: str | None = None
    rules: Catalogue = field(default_factory=lambda: CATALOGUE)
    choice: Choice = field(default_factory=Choice)

    def validate(self, config: PolicyConfig) -> Report:
        """Give every finding of the rules that are wanted, in order and without places."""
        return self._validator.validate(config, self.level)

    @cached_property
    def _validator(self) -> PolicyValidationEngine:
        chosen = Catalogue(self.choice.chosen(self.rules.values()))
        return PolicyValidationEngine(environment=self.environment, rules=chosen)
