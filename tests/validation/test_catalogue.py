"""The catalogue: one entry a code, unchangeable, each explained."""

import re
from types import ModuleType

import pytest

from policyconsole.diagnostics import Impact, Kind, Severity
from policyconsole.validation.catalogue import CATALOGUE, Catalogue
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Context, Finding, Rule, rule
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
from tests.validation import beyond
from tests.validation.test_rules import EVERY_ROW

MODULES = [
    reported,
    syntax,
    logic,
    agreement,
    security,
    encryption,
    tls,
    exposure,
    custom,
    environment,
    recommendations,
]
FAMILIES = ["SYNTAX", "LOGIC", "SEC", "CUSTOM", "ENV", "REC"]
TABLE = [*EVERY_ROW, ("SEC014", "warning", "", "strict", None)]

# Copied by hand from the specification, but for RULE: what the engine itself reports.
REPORTED_ELSEWHERE = [
    ("FILE001", "error", "critical"),
    ("FILE002", "error", "critical"),
    ("FILE003", "error", "critical"),
    ("FILE004", "error", "critical"),
    ("FILE005", "error", "critical"),
    ("PARSE001", "error", "critical"),
    ("PARSE002", "error", "critical"),
    ("PARSE003", "error", "critical"),
    ("TYPE001", "error", "high"),
    ("TYPE002", "error", "high"),
    ("TYPE003", "error", "high"),
    ("FIELD001", "warning", ""),
    ("SET001", "error", "high"),
    ("SET002", "error", "high"),
    ("ROLL001", "error", "high"),
    ("RULE001", "error", "high"),
    ("RULE002", "warning", ""),
    ("RULE003", "error", "high"),
    ("SUPP001", "warning", ""),
    ("SUPP002", "warning", ""),
    ("SUPP003", "warning", ""),
    ("CONF001", "error", "critical"),
    ("CONF002", "error", "high"),
    ("CONF003", "error", "high"),
    ("CONF004", "error", "high"),
    ("CONF005", "error", "high"),
    ("CONF006", "error", "high"),
]

WITH_SOURCE = [
        "SYNTAX004", "LOGIC002", "LOGIC003", "LOGIC004", "LOGIC006", "LOGIC007", "LOGIC008",
        "LOGIC010", "SEC001", "SEC002", "SEC003", "SEC004", "SEC005", "SEC006", "ENV001", "ENV002",
        "ENV003", "ENV004", "REC001", "REC002", "REC003", "REC004", "FILE002", "FILE003",
        "PARSE001", "PARSE002", "PARSE003", "TYPE001",
    ]  # fmt: skip
"""What says a figure or makes a demand that somebody else has said or made before."""

ALL_RULES = pytest.mark.parametrize("entry", CATALOGUE.values(), ids=list(CATALOGUE))


def test_holds_every_code_once() -> None:
    rules = sorted((row[0] for row in TABLE), key=lambda code: (FAMILIES.index(code[:-3]), code))
    expected = [row[0] for row in REPORTED_ELSEWHERE] + rules

    assert list(CATALOGUE) == expected


@pytest.mark.parametrize(("code", "kind", "weight", "level", "field"), TABLE)
def test_entry_of_a_rule(code: str, kind: str, weight: str, level: str, field: str | None) -> None:
    entry = CATALOGUE[code]

    assert (entry.code, entry.kind.value, entry.weight) == (code, kind, weight)
    assert (entry.level.value, entry.field) == (level, field)
    assert entry.check is not None


@pytest.mark.parametrize(("code", "kind", "weight"), REPORTED_ELSEWHERE)
def test_entry_of_a_code_that_another_stage_reports(code: str, kind: str, weight: str) -> None:
    entry = CATALOGUE[code]

    assert (entry.code, entry.kind.value, entry.weight) == (code, kind, weight)
    assert entry.levels == tuple(ValidationLevel)
    assert entry.check is None


@pytest.mark.parametrize("module", MODULES)
def test_no_rule_of_a_module_is_left_out(module: ModuleType) -> None:
    written = {value.code for value in vars(module).values() if isinstance(value, Rule)}

    assert written == {entry.code for entry in module.RULES}
    assert all(CATALOGUE[entry.code] is entry for entry in module.RULES)


@ALL_RULES
def test_is_explained(entry: Rule) -> None:
    explanation = entry.explanation

    assert re.fullmatch(r"[A-Z].{10,110}\.", explanation.what)
    assert explanation.why.endswith((".", ")"))
    assert explanation.example
    assert explanation.passes
    assert explanation.fix.endswith(".")


@pytest.mark.parametrize("code", [*WITH_SOURCE, *(row[0] for row in beyond.TABLE), "SEC014"])
def test_figures_and_demands_have_a_source(code: str) -> None:
    assert CATALOGUE[code].explanation.source.endswith((".", '"'))


@pytest.mark.parametrize(
    ("level", "families"),
    [
        (ValidationLevel.BASIC, {"SYNTAX", "REC"}),
        (ValidationLevel.STANDARD, {"SYNTAX", "REC", "LOGIC"}),
        (ValidationLevel.STRICT, {"SYNTAX", "REC", "LOGIC", "SEC"}),
        (ValidationLevel.CUSTOM, {"SYNTAX", "REC", "LOGIC", "SEC", "CUSTOM", "ENV"}),
    ],
)
def test_levels_add_up(level: ValidationLevel, families: set[str]) -> None:
    rules = CATALOGUE.at(level)

    assert {re.sub(r"\d+$", "", entry.code) for entry in rules} == families
    assert {entry.code for entry in rules} == {
        entry.code
        for entry in CATALOGUE.values()
        if entry.check is not None and level in entry.levels
    }


def test_a_code_that_is_taken_is_refused() -> None:
    with pytest.raises(ValueError, match="SEC003"):
        Catalogue([*CATALOGUE.values(), CATALOGUE["SEC003"]])


def test_more_rules_make_another_catalogue() -> None:
    larger = Catalogue([*CATALOGUE.values(), no_owner])

    assert larger["TEAM001"] is no_owner
    assert "TEAM001" not in CATALOGUE
    with pytest.raises(TypeError):
        CATALOGUE["TEAM001"] = no_owner  # type: ignore[index]  # that is the point


def test_a_rule_is_a_warning_at_every_level_unless_it_says_otherwise() -> None:
    assert no_owner.kind is Kind.WARNING
    assert no_owner.levels == tuple(ValidationLevel)
    assert no_owner.explanation.what == "Nobody owns the policy."


def test_an_error_cannot_be_a_recommendation_too() -> None:
    with pytest.raises(ValueError, match="TEAM002"):
        rule("TEAM002", error=Severity.LOW, recommendation=Impact.PERFORMANCE)(_nothing)


def test_a_warning_has_no_severity() -> None:
    with pytest.raises(ValueError, match="TEAM003"):
        Rule("TEAM003", Kind.WARNING, "", severity=Severity.LOW)


@rule("TEAM001")
def no_owner(context: Context) -> Finding | None:
    """Nobody owns the policy."""
    return None if "owner" in context.config.custom else Finding("nobody owns the policy")


def _nothing(context: Context) -> None:
    """Never reports."""
