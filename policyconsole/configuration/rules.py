"""The rules that a configuration brings and chooses: a Ruleset, or what is wrong with them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from policyconsole.configuration.mistakes import mistake
from policyconsole.diagnostics import Diagnostic
from policyconsole.fields import FieldPath
from policyconsole.validation.catalogue import Catalogue
from policyconsole.validation.choice import Choice
from policyconsole.validation.expressions import ExpressionError, ExpressionRule, compile_rule
from policyconsole.validation.plugins import plugin_rules
from policyconsole.validation.rule import Rule
from policyconsole.validation.selectors import ALL, is_fixed, selects
from policyconsole.wording import nearest, quoted


@dataclass(frozen=True, slots=True)
class RuleMistake:
    """What is wrong at ``path``; ``inside`` is the line and column in the text of the value."""

    path: FieldPath
    diagnostic: Diagnostic
    inside: tuple[int, int] | None = None


def catalogue_with(own: Sequence[ExpressionRule]) -> tuple[Catalogue, list[RuleMistake]]:
    """Give the rules of policy-console and of its plug-ins, and a configuration's own."""
    others = plugin_rules().catalogue
    if not own:
        return others, []
    known: dict[str, Rule] = dict(others)
    mistakes: list[RuleMistake] = []
    for index, spec in enumerate(own):
        path: FieldPath = ("rules", index)
        if spec.code in known:
            message = f"{quoted(spec.code)} is the code of another rule"
            wrong = mistake("CONF005", message, help="give it a code of its own, such as TEAM001")
            mistakes.append(RuleMistake((*path, "code"), wrong))
            continue
        try:
            known[spec.code] = compile_rule(spec)
        except ExpressionError as problem:
            wrong = mistake("CONF005", problem.message, help="mend the expression")
            inside = (problem.line, problem.column)
            mistakes.append(RuleMistake((*path, problem.key), wrong, inside))
    return Catalogue(known.values()), mistakes


def unknown_codes(choice: Choice, rules: Collection[str]) -> Iterator[RuleMistake]:
    """Say which selectors mean none of the codes in ``rules``, and which must not be left out."""
    for path, selector in _selectors(choice):
        meant = [code for code in rules if selects(selector, code)]
        if not meant:
            message = f"there is no rule {quoted(selector)}"
            near = _nearest(selector, rules)
            advice = f"did you mean {quoted(near)}?" if near else None
            yield RuleMistake(path, mistake("CONF004", message, help=advice))
        elif path[0] != "select" and selector != ALL and all(map(is_fixed, meant)):
            message = f"{quoted(selector)} stays as it is: there would be nothing to put in force"
            yield RuleMistake(path, mistake("CONF004", message, help="leave it out"))


def _nearest(selector: str, rules: Collection[str]) -> str | None:
    codes = {code for code in rules if not is_fixed(code)}
    groups = {code.rstrip("0123456789") for code in codes}
    lower = {name.lower(): name for name in sorted({*codes, *groups, ALL})}
    near = nearest(selector, lower)
    return lower[near] if near else None


def _selectors(choice: Choice) -> Iterator[tuple[FieldPath, str]]:
    """Give every selector with the way to it."""
    for name in ("select", "ignore"):
        for index, selector in enumerate(getattr(choice, name)):
            yield (name, index), selector
    for pattern, selectors in choice.per_file_ignores.items():
        for index, selector in enumerate(selectors):
            yield ("per_file_ignores", pattern, index), selector
    for selector in choice.severity:
        yield ("severity", selector), selector
