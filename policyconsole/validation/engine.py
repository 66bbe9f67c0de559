"""PolicyValidationEngine: which rules a policy breaks."""

import traceback
from collections.abc import Callable
from time import perf_counter

from policyconsole.diagnostics import Diagnostic, Kind, Report, in_order
from policyconsole.policy import PolicyConfig
from policyconsole.validation.catalogue import CATALOGUE, Catalogue
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Check, Context, Finding, Rule, RuleFailureError
from policyconsole.validation.rules.reported import ADVICE_FAILED, RULE_FAILED


class PolicyValidationEngine:
    """Judges policies by the rules of a level.

    ``environment`` is the environment of policies that name none in
    ``custom.environment``; without one, environment rules have nothing to say about
    them. ``may_refuse`` says whether a rule's findings can keep a policy out of force:
    those of errors, unless told otherwise. An engine never changes and may be used from
    any thread.
    """

    def __init__(
        self,
        *,
        environment: str | None = None,
        rules: Catalogue = CATALOGUE,
        may_refuse: Callable[[Rule], bool] = lambda rule: rule.kind is Kind.ERROR,
    ) -> None:
        self._environment = environment
        self._may_refuse = may_refuse
        self._checks: dict[ValidationLevel, tuple[tuple[Rule, Check], ...]] = {
            level: tuple((rule, rule.check) for rule in rules.at(level) if rule.check is not None)
            for level in ValidationLevel
        }

    @property
    def environment(self) -> str | None:
        """The environment of policies that name none."""
        return self._environment

    def validate(
        self,
        config: PolicyConfig,
        level: ValidationLevel = ValidationLevel.STANDARD,
        *,
        writable_by_others: bool = False,
    ) -> Report:
        """Give every finding of the rules of ``level``, in order and without places.

        ``writable_by_others`` is what the permissions of the policy's file say.

        Never raises: a rule that fails is itself a finding (RULE001 if the rule could
        have refused the policy, else RULE002), and the other rules go on.
        """
        begin = perf_counter()
        named = config.environment
        environment = self._environment if named is None else named
        context = Context(config, environment, writable_by_others)
        found: list[Diagnostic] = []
        for rule, check in self._checks[level]:
            try:
                result = check(context)
                if result is None:
                    continue
                for finding in (result,) if isinstance(result, Finding) else result:
                    found.append(rule.diagnostic(finding))  # noqa: PERF401 - what came before a failure counts
            except Exception as problem:  # noqa: BLE001 - rules may be anybody's
                found.append(_failure(rule, problem, refuses=self._may_refuse(rule)))
        diagnostics = in_order(found)
        return Report(diagnostics, perf_counter() - begin)


def _failure(rule: Rule, problem: Exception, *, refuses: bool) -> Diagnostic:
    """Say that ``rule`` could not be checked: what it could have refused is not accepted.

    The text of an exception stays out, for it may repeat a secret of the policy; a
    :class:`RuleFailureError` promises not to.
    """
    if isinstance(problem, RuleFailureError):
        reason = str(problem)
    else:
        *_, (frame, line) = traceback.walk_tb(problem.__traceback__)
        reason = f"{type(problem).__name__} in {frame.f_code.co_name}, line {line}"
    entry = RULE_FAILED if refuses else ADVICE_FAILED
    return entry.diagnostic(
        Finding(
            f"the rule {rule.code} failed and judged nothing: {reason}",
            _MEND if isinstance(problem, RuleFailureError) else _MEND_FUNCTION,
            field=rule.field,
        )
    )


_MEND = "mend the rule, or leave it out"
_MEND_FUNCTION = "mend the rule (it gives a Finding, several or None), or leave it out"
