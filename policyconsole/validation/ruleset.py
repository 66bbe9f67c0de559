"""What policies are judged by: a level, an environment, the rules there are, and which are wanted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from policyconsole.diagnostics import Diagnostic, Report
from policyconsole.globs import matches
from policyconsole.paths import relative_path
from policyconsole.policy import PolicyConfig
from policyconsole.validation.baseline import Baseline
from policyconsole.validation.catalogue import CATALOGUE, Catalogue
from policyconsole.validation.choice import Choice
from policyconsole.validation.engine import PolicyValidationEngine
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rules import exposure
from policyconsole.validation.selectors import is_fixed, selects

_FOR_ENVIRONMENTS = "ENV"
"""The selector of the rules that look at the environment."""


@dataclass(frozen=True)
class Ruleset:
    """What policies are judged by: one value, so that the engine and ``check`` can't differ.

    ``environment`` is that of policies that name none, ``rules`` those that there are
    at all, of which ``level`` says which run and ``choice`` which of those are wanted.
    ``folder`` is the one that the patterns of its ``per_file_ignores`` count from (the
    current one if empty), ``baseline`` the findings that do not count. ``ignored`` holds
    the selectors that are ignored whatever else is chosen: what :meth:`of_file` adds.
    """

    level: ValidationLevel = ValidationLevel.STANDARD
    environment: str | None = None
    rules: Catalogue = field(default_factory=lambda: CATALOGUE)
    choice: Choice = field(default_factory=Choice)
    folder: str = ""
    baseline: Baseline | None = None
    ignored: tuple[str, ...] = ()

    def validate(self, config: PolicyConfig, *, writable_by_others: bool = False) -> Report:
        """Give every finding of the rules that are wanted, in order and without places.

        ``writable_by_others`` is what the permissions of the policy's file say.
        """
        return self._validator.validate(config, self.level, writable_by_others=writable_by_others)

    def of_file(self, path: str) -> "Ruleset":
        """Give what counts for the file at ``path``: itself, or with more that is ignored."""
        patterns = self.choice.per_file_ignores
        if not patterns:
            return self
        whole = relative_path(path, self.folder)
        ignored = tuple(
            selector
            for pattern, selectors in patterns.items()
            if matches(whole, (pattern,))
            for selector in selectors
        )
        if not ignored:
            return self
        if ignored not in self._of_files:
            self._of_files[ignored] = replace(self, ignored=ignored)
        return self._of_files[ignored]

    def wants(self, code: str) -> bool:
        """Whether findings of ``code`` are to be reported."""
        if is_fixed(code):
            return True
        ignored = any(selects(selector, code) for selector in self.ignored)
        return not ignored and self.choice.wants(code)

    def runs(self, code: str, config: PolicyConfig) -> bool:
        """Whether a rule had its say about a policy.

        What the rule about permissions says differs from copy to copy, and what environment
        rules say depends on who asks where the policy names no environment: they count as
        not asked.
        """
        entry = self.rules.get(code)
        if entry is None or not self.wants(code) or not self.level.includes(entry.level):
            return False
        if code == exposure.writable_by_others.code:
            return False
        return config.environment is not None or not selects(_FOR_ENVIRONMENTS, code)

    def unasked(self, config: PolicyConfig) -> str | None:
        """Give the environment of a policy whose rules would have run at a stricter level."""
        named = self.environment if config.environment is None else config.environment
        return named if named and self._leaves_out_environments else None

    @property
    def idle(self) -> Mapping[str, ValidationLevel]:
        """Give what ``select`` names whose rules all need a stricter level, and the least of those."""
        found: dict[str, ValidationLevel] = {}
        for selector in self.choice.select:
            levels = [rule.level for code, rule in self.rules.items() if selects(selector, code)]
            if levels and not any(map(self.level.includes, levels)):
                found[selector] = min(levels, key=lambda level: level.rank)
        return found

    def reported(self, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Give the findings of other stages that are wanted, with the weight that they are to have."""
        return tuple(self.choice.weighed(item) for item in diagnostics if self.wants(item.code))

    def blocks(self, diagnostics: Iterable[Diagnostic]) -> bool:
        """Whether one of the findings keeps a policy out of force."""
        return any(self.choice.blocks(item) for item in diagnostics)

    @cached_property
    def _leaves_out_environments(self) -> bool:
        return any(
            not self.level.includes(rule.level)
            for code, rule in self.rules.items()
            if selects(_FOR_ENVIRONMENTS, code) and self.wants(code)
        )

    @cached_property
    def _validator(self) -> PolicyValidationEngine:
        chosen = self.choice.chosen(rule for rule in self.rules.values() if self.wants(rule.code))
        return PolicyValidationEngine(
            environment=self.environment, rules=Catalogue(chosen), may_refuse=self.choice.blocks
        )

    @cached_property
    def _of_files(self) -> dict[tuple[str, ...], "Ruleset"]:
        return {}
