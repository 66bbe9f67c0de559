"""The rules of installed plug-ins: found by the entry-point group ``policyconsole``.

A plug-in that cannot be loaded, or gives something else than rules, is a problem
that is told with its name; the others count all the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import EntryPoint, distributions, entry_points
from typing import TYPE_CHECKING

from policyconsole.diagnostics import Diagnostic, Impact, Kind, Severity
from policyconsole.fields import parse_field
from policyconsole.validation.catalogue import CATALOGUE, Catalogue, refused_code
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import (
    Check,
    Context,
    Finding,
    Rule,
    RuleFailureError,
)
from policyconsole.validation.rules.reported import PLUGIN_FAILED

if TYPE_CHECKING:
    import pluggy

_HEADING = "[policyconsole]"


@dataclass(frozen=True, slots=True)
class PluginRules:
    """What the installed plug-ins give: rules in order, and what is wrong with plug-ins (RULE003)."""

    rules: tuple[Rule, ...] = ()
    problems: tuple[Diagnostic, ...] = ()

    @property
    def catalogue(self) -> Catalogue:
        """The rules that come with policy-console, and these."""
        return Catalogue([*CATALOGUE.values(), *self.rules]) if self.rules else CATALOGUE


@cache
def plugin_rules() -> PluginRules:
    """Load every plug-in that is installed and ask it for its rules, once in a process."""
    if not any(_HEADING in (one.read_text("entry_points.txt") or "") for one in distributions()):
        # Half of what entry_points() takes: 1.6 ms for 150 packages, of which none has a plug-in.
        return PluginRules()
    import pluggy  # noqa: PLC0415 - for those who have a plug-in

    from policyconsole.validation import hooks  # noqa: PLC0415 - as above

    plugins = pluggy.PluginManager(hooks.GROUP)
    plugins.add_hookspecs(hooks)
    rules: dict[str, Rule] = {}
    problems: list[Diagnostic] = []
    for entry_point in sorted(entry_points(group=hooks.GROUP), key=_name):
        try:
            given = _ask(plugins, entry_point)
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - plug-ins may be anybody's
            reason = str(problem) or "without a word"
            if not isinstance(problem, _PluginError):
                reason = f"{type(problem).__name__}: {reason}"
            problems.append(_problem(entry_point, f"gives no rules: {reason}"))
            continue
        for rule in given:
            flaw = _flaw(rule, rules)
            if flaw is None and isinstance(rule, Rule):
                rules[rule.code] = _guarded(rule)
            else:
                problems.append(_problem(entry_point, f"gives a rule that is left out: {flaw}"))
    return PluginRules(tuple(rules.values()), tuple(problems))


class _PluginError(Exception):
    """What a plug-in gives is not what it should give."""


def _ask(plugins: "pluggy.PluginManager", entry_point: EntryPoint) -> list[object]:
    """Load one plug-in and call its hook, and nobody else's."""
    name = _name(entry_point)
    others = plugins.get_plugins()
    plugins.register(entry_point.load(), name)
    if not any(
        hook.name == "policyconsole_rules"
        for hook in plugins.get_hookcallers(plugins.get_plugin(name)) or ()
    ):
        raise _PluginError("it has no function policyconsole_rules marked with @hookimpl")
    given: list[object] = plugins.subset_hook_caller("policyconsole_rules", others)()
    rules: list[object] = []
    for some in given or (None,):  # pluggy leaves out what gives None, such as a forgotten return
        if not isinstance(some, Iterable) or isinstance(some, str):
            raise _PluginError(f"policyconsole_rules gives {_a(some)}, not a list of rules")
        rules += some
    return rules


def _flaw(rule: object, taken: dict[str, Rule]) -> str | None:
    """Say what is wrong with a rule; None where nothing is."""
    if not isinstance(rule, Rule):
        return f"{_a(rule)} is no rule (a function becomes one with @rule)"
    if refusal := refused_code(str(rule.code)):
        return f"{rule.code}: {refusal}"
    if rule.code in taken:
        return f"{rule.code}: another plug-in has a rule with this code"
    for name, value, kind in (
        ("code", rule.code, str),
        ("kind", rule.kind, Kind),
        ("level", rule.level, ValidationLevel),
        ("severity", rule.severity, Severity | None),
        ("impact", rule.impact, Impact | None),
        ("docstring", rule.docstring, str),
    ):
        if not isinstance(value, kind):
            return f"the {name} of {rule.code} is {_a(value)}"
    if not _is_path(rule.field):
        return f"the field of {rule.code} is no dotted path"
    return None


def _guarded(rule: Rule) -> Rule:
    """Give the rule with findings that can be reported and placed, or a failure that names it."""
    check = rule.check
    return rule if check is None else replace(rule, check=lambda context: _findings(check, context))


def _findings(check: Check, context: Context) -> Iterator[Finding]:
    try:
        result = check(context)
        for finding in (result,) if isinstance(result, Finding) else result or ():
            if not isinstance(finding, Finding) or not isinstance(finding.message, str):
                raise RuleFailureError("it gives something else than findings with a message")
            if not isinstance(finding.help, str | None):
                raise RuleFailureError("the help of a finding is no text")
            if not _is_path(finding.field):
                raise RuleFailureError("the field of a finding is no dotted path")
            yield finding
    except SystemExit as problem:
        raise RuleFailureError("it tried to end the program") from problem


def _is_path(field: object) -> bool:
    if field is None:
        return True
    try:
        return isinstance(field, str) and parse_field(field) is not None
    except ValueError:
        return False


def _problem(entry_point: EntryPoint, what: str) -> Diagnostic:
    package = entry_point.dist.name if entry_point.dist else entry_point.value
    return PLUGIN_FAILED.diagnostic(
        Finding(
            f"the plug-in {_name(entry_point)} {what}",
            f"mend or update {package}, or uninstall it: what its rules ask is not checked",
        )
    )


def _name(entry_point: EntryPoint) -> str:
    dist = entry_point.dist
    return f"{entry_point.name} ({dist.name} {dist.version})" if dist else entry_point.name


def _a(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
