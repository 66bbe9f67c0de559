"""``policy-console rule``: list the rules, or explain one."""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from textwrap import wrap
from typing import TypedDict

from policyconsole.cli.arguments import PROGRAM, WRONG_USAGE
from policyconsole.cli.configured import say_mistakes
from policyconsole.cli.streams import Output, tell
from policyconsole.cli.text import Paint
from policyconsole.configuration.load import load_configuration
from policyconsole.configuration.mistakes import ConfigurationError
from policyconsole.escaping import printable
from policyconsole.validation.catalogue import Catalogue
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.plugins import plugin_rules
from policyconsole.validation.rule import Rule
from policyconsole.wording import shortened

FAMILIES = {
    "FILE": "reading a file",
    "PARSE": "the syntax of a file",
    "TYPE": "the types of its values",
    "FIELD": "the fields there are",
    "SET": "the folder as a whole",
    "ROLL": "after a change",
    "RULE": "rules that fail",
    "SUPP": "suppressions in a file",
    "CONF": "the configuration",
    "SYNTAX": "what a policy says about itself",
    "LOGIC": "contradictions, and what defeats its purpose",
    "SEC": "how strong the protections are",
    "CUSTOM": "the fields below custom that are known",
    "ENV": "what an environment demands",
    "REC": "what would be better still",
}
"""What the codes of a family are about; own rules may have families of their own."""

USUAL_WIDTH = 80
"""Columns where there is no terminal to ask."""

_WIDEST = 100
_KIND_WIDTH = len("recommendation")


class ExampleRecord(TypedDict):
    """A part of a policy that a rule reports, and one that it does not; without a language, in words."""

    language: str | None
    reported: str
    passes: str


class RuleRecord(TypedDict):
    """One rule as ``rule --format json`` writes it."""

    code: str
    family: str
    kind: str
    severity: str | None
    impact: str | None
    levels: list[str]
    field: str | None
    what: str
    why: str
    example: ExampleRecord
    fix: str
    source: str


def run(options: argparse.Namespace) -> int:
    """List the rules, or explain the one that ``options`` name, and give the exit code.

    The rules of installed plug-ins and of the configuration are among them; a broken plug-in or
    configuration is told and hides nothing else.
    """
    plugins = plugin_rules()
    for problem in plugins.problems:
        tell(f"{problem.code}: {problem.message}; {problem.help}")
    catalogue = plugins.catalogue
    try:
        catalogue = load_configuration(os.curdir, file=options.config).ruleset().rules
    except ConfigurationError as error:
        say_mistakes(error)
    rules = _named(catalogue, options.code)
    if not rules:
        tell(_unknown(catalogue, options.code))
        return WRONG_USAGE
    output = Output()
    if options.format == "json":
        document = {"version": 1, "rules": [record(rule) for rule in rules]}
        output.write(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        paint, width = Paint(output.coloured), _width()
        alone = len(rules) == 1 and rules[0].code == str(options.code).upper()
        lines = explained(rules[0], paint, width) if alone else listed(rules, paint, width)
        output.write("\n".join(lines))
    output.flush()
    return 0


def record(rule: Rule) -> RuleRecord:
    """Give a rule in the shape that docs/rules.md fixes for JSON."""
    parts = rule.explanation
    return {
        "code": rule.code,
        "family": _family(rule),
        "kind": rule.kind.value,
        "severity": rule.severity.value if rule.severity else None,
        "impact": rule.impact.value if rule.impact else None,
        "levels": [level.value for level in rule.levels],
        "field": rule.field,
        "what": parts.what,
        "why": parts.why,
        "example": {
            "language": parts.language,
            "reported": parts.example,
            "passes": parts.passes,
        },
        "fix": parts.fix,
        "source": parts.source,
    }


def explained(rule: Rule, paint: Paint, width: int) -> Iterator[str]:
    """Explain one rule in lines of at most ``width`` columns, its examples apart."""
    parts = rule.explanation
    weight = f" ({rule.weight})" if rule.weight else ""
    yield f"{paint.strong(printable(rule.code))}: {paint.of(rule.kind, f'{rule.kind}{weight}')}"
    for text in (parts.what, parts.why):
        if text:
            yield ""
            yield from wrap(printable(text), width)
    for label, example in (("Reported:", parts.example), ("Passes:", parts.passes)):
        if example:
            yield ""
            yield paint.faint(label)
            yield from (f"    {printable(line)}".rstrip() for line in example.splitlines())
    yield ""
    for label, text in (
        ("Fix:", parts.fix),
        ("Source:", parts.source),
        ("Field:", rule.field or ""),
        ("Levels:", ", ".join(rule.levels)),
    ):
        if text:
            first, *others = wrap(printable(text), width - 9)
            yield f"{paint.faint(f'{label:<8}')} {first}"
            yield from (f"{'':<9}{line}" for line in others)


def listed(rules: Iterable[Rule], paint: Paint, width: int) -> Iterator[str]:
    """List rules in a table, family by family, in lines of at most ``width`` columns."""
    families: dict[str, list[Rule]] = {}
    for rule in rules:
        families.setdefault(_family(rule), []).append(rule)
    for number, (family, together) in enumerate(families.items()):
        if number:
            yield ""
        about = f": {FAMILIES[family]}" if family in FAMILIES else ""
        yield f"{paint.strong(printable(family) + about)}{paint.faint(_levels(together))}"
        code_width = max(len(printable(rule.code)) for rule in together)
        margin = 2 + code_width + 2 + _KIND_WIDTH + 2
        for rule in together:
            kind = f"{rule.kind} {rule.severity}" if rule.severity else rule.kind.value
            what, *others = wrap(printable(rule.explanation.what), max(width - margin, 20)) or [""]
            yield (
                f"  {printable(rule.code):<{code_width}}  "
                f"{paint.of(rule.kind, kind)}{' ' * (_KIND_WIDTH - len(kind))}  {what}"
            ).rstrip()
            yield from (" " * margin + line for line in others)


def _named(rules: Catalogue, code: str | None) -> Sequence[Rule]:
    """Give all rules, the one of that code, or those whose codes begin like that."""
    if code is None:
        return tuple(rules.values())
    wanted = code.upper()
    for rule in rules.values():
        if rule.code.upper() == wanted:
            return (rule,)
    return tuple(rule for rule in rules.values() if rule.code.upper().startswith(wanted))


def _unknown(rules: Catalogue, code: str) -> str:
    near = get_close_matches(code.upper(), list(rules), n=3, cutoff=0.6) if len(code) < 40 else []
    *most, last = near or [""]
    meant = f"did you mean {', '.join(most)}{' or ' if most else ''}{last}? " if near else ""
    return f"there is no rule {shortened(code)}: {meant}'{PROGRAM} rule' lists them all"


def _family(rule: Rule) -> str:
    return rule.code.rstrip("0123456789")


def _levels(rules: Sequence[Rule]) -> str:
    """Say from which level on a family runs; nothing where its rules differ."""
    if len({rule.level for rule in rules}) > 1:
        return ""
    match rules[0].level:
        case ValidationLevel.BASIC:
            return " (at every level)"
        case ValidationLevel.CUSTOM:
            return " (at custom)"
        case level:
            return f" (from {level} on)"


def _width() -> int:
    if not sys.stdout.isatty():
        return USUAL_WIDTH
    return max(40, min(shutil.get_terminal_size((USUAL_WIDTH, 24)).columns, _WIDEST))
