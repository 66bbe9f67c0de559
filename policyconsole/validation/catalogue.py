"""Every rule there is, by its code."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import CODE, Rule
from policyconsole.validation.rules import (
    agreement,
    custom,
    encryption,
    environment,
    exposure,
    logic,
    recommendations,
    reported,
    security,
    syntax,
    tls,
)
from policyconsole.validation.selectors import is_fixed


class Catalogue(Mapping[str, Rule]):
    """An unchangeable set of rules, by code, in the order in which they were given.

    More rules, fewer, or others make a new one: ``Catalogue([*CATALOGUE.values(), own])``.
    Raises ValueError where two rules have the same code.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        given = tuple(rules)
        twice = [code for code, count in Counter(rule.code for rule in given).items() if count > 1]
        if twice:
            raise ValueError(f"more than one rule has the code {', '.join(twice)}")
        self._rules = {rule.code: rule for rule in given}

    def __getitem__(self, code: str) -> Rule:
        return self._rules[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def at(self, level: ValidationLevel) -> tuple[Rule, ...]:
        """Give the rules that run at ``level``; those that other stages report are not among them."""
        return tuple(
            rule
            for rule in self._rules.values()
            if rule.check is not None and level.includes(rule.level)
        )


CATALOGUE = Catalogue(
    chain(
        reported.RULES,
        syntax.RULES,
        logic.RULES,
        agreement.RULES,
        security.RULES,
        encryption.RULES,
        tls.RULES,
        exposure.RULES,
        custom.RULES,
        environment.RULES,
        recommendations.RULES,
    )
)
"""The rules that come with policy-console."""


def refused_code(code: str) -> str | None:
    """Say why a rule of the user's own cannot have a code; None where it can.

    The groups whose findings nobody can switch off (FILE, PARSE, TYPE, SET) are not for
    rules: what they say is not a matter of choice.
    """
    if not CODE.fullmatch(code):
        return "a code is capital letters and digits and ends in a number, such as TEAM001"
    if code in CATALOGUE:
        return "policy-console has a rule with this code"
    if is_fixed(code):
        return "codes that begin so are for what is wrong with a file"
    return None
