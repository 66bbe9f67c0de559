"""The examples of each rule: the first is reported, the second is not."""

import json
import tomllib

import pytest

from policyconsole.diagnostics import Diagnostic
from policyconsole.judging import judge
from policyconsole.loading.formats import Format
from policyconsole.validation.catalogue import CATALOGUE
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Rule
from policyconsole.validation.ruleset import Ruleset

REQUIRED = {"id": '"a-policy"', "name": '"A policy"', "version": '"1.0.0"'}

IN_WORDS = [
    "FILE001", "FILE002", "FILE003", "FILE004", "FILE005", "PARSE003", "SET001", "SET002", "ROLL001",
    "RULE001", "RULE002", "RULE003", "SEC014", "CONF001", "CONF002", "CONF003", "CONF004", "CONF005", "CONF006",
]  # fmt: skip
"""What no part of a policy can show."""

SHOWN = pytest.mark.parametrize(
    "entry",
    [entry for entry in CATALOGUE.values() if entry.code not in IN_WORDS],
    ids=lambda entry: entry.code,
)


def judged(example: str, language: str | None) -> tuple[Diagnostic, ...]:
    """What is said at the strictest level about a policy that holds the example.

    What it does not say of id, name and version is added, unless it says two of them: then
    it is the whole policy, and shows what is missing.
    """
    said = [key for key in REQUIRED if example.startswith(key) or f"\n{key} =" in example]
    added = {} if len(said) > 1 else {key: REQUIRED[key] for key in REQUIRED if key not in said}
    form = Format.TOML
    if language == "json":
        form = Format.JSON
    else:
        example = "".join(f"{key} = {value}\n" for key, value in added.items()) + example
    return judge(example.encode(), form, Ruleset(ValidationLevel.CUSTOM), "a.toml").diagnostics


@SHOWN
def test_the_first_is_reported(entry: Rule) -> None:
    explanation = entry.explanation

    found = judged(explanation.example, explanation.language)

    assert entry.code in {finding.code for finding in found}
    assert all(finding.place for finding in found if finding.code == entry.code)


@SHOWN
def test_the_second_is_not_and_nothing_else_refuses_it(entry: Rule) -> None:
    explanation = entry.explanation

    found = judged(explanation.passes, explanation.language)

    assert entry.code not in {finding.code for finding in found}
    assert [finding.code for finding in found if finding.blocks] == []


@SHOWN
def test_both_say_something(entry: Rule) -> None:
    explanation = entry.explanation

    assert explanation.example != explanation.passes
    if explanation.language == "json":
        assert json.loads(explanation.passes)
    else:
        assert tomllib.loads(explanation.passes)


@pytest.mark.parametrize("code", IN_WORDS)
def test_what_no_policy_can_show_is_described(code: str) -> None:
    explanation = CATALOGUE[code].explanation

    assert explanation.language is None
    assert explanation.example
    assert explanation.passes
