"""docs/own-rules.md: every example in it does what it says."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from policyconsole.validation.catalogue import Catalogue
from policyconsole.validation.engine import PolicyValidationEngine
from policyconsole.validation.expressions import ExpressionRule, compile_rule
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Rule
from tests.validation.building import policy

TEXT = (Path(__file__).parents[2] / "docs" / "own-rules.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
TOML = [source for language, source in BLOCKS if language == "toml"]
RULES = {
    table["code"]: compile_rule(ExpressionRule.model_validate(table))
    for source in TOML
    for table in tomllib.loads(source).get("rules", [])
}
POLICIES = [
    (verb, code, source)
    for source in TOML
    for verb, code in re.findall(r"^# (breaks|keeps|fails) (\w+)$", source, re.MULTILINE)
]
(SEEN,) = [source for source in TOML if source.startswith("# the policy below")]
(EXPRESSIONS,) = [source.splitlines() for language, source in BLOCKS if language == "cel"]
(PLUGIN,) = [source for language, source in BLOCKS if language == "python"]
(PACKAGE,) = [source for source in TOML if source.startswith("[project]")]


def found(rule: Rule, toml: str) -> list[str]:
    """The codes of what is found in a policy by one rule."""
    report = PolicyValidationEngine(rules=Catalogue([rule])).validate(
        policy(toml), ValidationLevel.CUSTOM
    )
    return [diagnostic.code for diagnostic in report.diagnostics]


def test_every_block_is_run() -> None:
    assert len(TOML) == len(RULES) + len(POLICIES) + len([SEEN, PACKAGE])
    assert {language for language, _ in BLOCKS} == {"toml", "cel", "python"}


@pytest.mark.parametrize(("verb", "code", "source"), POLICIES)
def test_policy(verb: str, code: str, source: str) -> None:
    expected = {"breaks": [code], "keeps": [], "fails": ["RULE002"]}[verb]

    assert found(RULES[code], source) == expected


def test_every_rule_is_broken_by_an_example() -> None:
    assert {code for verb, code, _ in POLICIES if verb == "breaks"} == set(RULES)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression_is_true(expression: str) -> None:
    def rule(require: str) -> Rule:
        table = {"code": "TEAM001", "kind": "warning", "message": "not true", "require": require}
        return compile_rule(ExpressionRule.model_validate(table))

    assert found(rule(expression), SEEN) == []
    assert found(rule(f"!({expression})"), SEEN) == ["TEAM001"]


@pytest.mark.parametrize("remedy", ["require", "when"])
def test_the_way_out_of_a_failure(remedy: str) -> None:
    table = {"code": "TEAM002", "kind": "warning", "message": "high"}
    guard = "has(policy.custom.budget)"
    within = "policy.custom.budget < 1000"
    table |= (
        {"require": f"!{guard} || {within}"}
        if remedy == "require"
        else {"require": within, "when": guard}
    )
    assert all(
        f"`{part}`" in TEXT for part in ([table["require"]] if remedy == "require" else [guard])
    )
    rule = compile_rule(ExpressionRule.model_validate(table))

    assert found(rule, "custom.owner = 'payments'") == []
    assert found(rule, "custom.budget = 2000") == ["TEAM002"]


def test_plugin() -> None:
    module: dict[str, Any] = {}
    exec(compile(PLUGIN, "own-rules.md", "exec"), module)
    (rule,) = module["policyconsole_rules"]()

    assert rule.explanation.example in rule.docstring
    assert found(rule, rule.explanation.example) == ["TEAM003"]
    assert found(rule, 'custom.regions = ["eu-west", "us-east", "us-west"]') == ["TEAM003"] * 2
    assert found(rule, "") == []


def test_package_is_that_of_the_example_plugin() -> None:
    example = Path(__file__).parents[1] / "plugin_example" / "pyproject.toml"
    written, whole = (
        tomllib.loads(PACKAGE)["project"],
        tomllib.loads(example.read_text())["project"],
    )

    assert written == {key: whole[key] for key in written}


def test_the_table_of_keys_is_that_of_the_model() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)

    assert sorted(rows) == sorted(ExpressionRule.model_fields)
