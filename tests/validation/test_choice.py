"""Which rules run, as what they are reported, and what keeps a policy out of force."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from policyconsole.diagnostics import Diagnostic, Impact, Kind, Severity, error
from policyconsole.validation.catalogue import CATALOGUE, Catalogue
from policyconsole.validation.choice import Choice, Weight
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Context, Finding, rule
from policyconsole.validation.rules.environment import production_without_security
from policyconsole.validation.ruleset import Ruleset
from policyconsole.validation.selectors import is_fixed
from tests.validation.building import policy

MESSY = """
version = "1"
[security]
enabled = false
[security.encryption]
key_size = 128
pbkdf2_iterations = 5000
[security.tls]
min_version = "TLSv1.0"
cipher_suites = []
[security.rate_limiting]
requests_per_minute = 5000
burst_size = 4000
[monitoring]
interval_seconds = 1200
alerts_enabled = false
[authentication]
require_mfa = false
session_timeout_seconds = 100
[custom]
environment = "production"
"""
"""A policy that breaks rules of every kind and of every level."""


def codes(choice: Choice, level: ValidationLevel = ValidationLevel.CUSTOM) -> list[str]:
    report = Ruleset(level, choice=choice).validate(policy(MESSY))
    return [item.code for item in report.diagnostics]


ALL_CODES = codes(Choice())


@pytest.mark.parametrize(
    ("select", "ignore", "runs", "does_not_run"),
    [
        (("ALL",), (), "SEC003 LOGIC001", ""),
        (("SEC",), (), "SEC003", "LOGIC001"),
        (("ALL",), ("SEC",), "LOGIC001", "SEC003 SEC004"),
        (("SEC",), ("SEC003",), "SEC004", "SEC003"),
        (("SEC003",), ("SEC",), "SEC003", "SEC004"),
        (("SEC",), ("SEC",), "", "SEC003"),
        (("SEC003",), ("SEC003",), "", "SEC003"),
        (("ALL", "SEC003"), ("SEC",), "SEC003 LOGIC001", "SEC004"),
        (("SEC00",), ("SEC", "SEC003"), "SEC004", "SEC003"),
        (("ALL",), ("ALL",), "", "SEC003 LOGIC001"),
        (("LOGIC001",), ("ALL",), "LOGIC001", "SEC003"),
        ((), (), "", "SEC003 LOGIC001"),
    ],
)
def test_the_longer_selector_wins_and_ignore_among_equals(
    select: tuple[str, ...], ignore: tuple[str, ...], runs: str, does_not_run: str
) -> None:
    choice = Choice(select=select, ignore=ignore)
    assert all(choice.wants(code) for code in runs.split())
    assert not any(choice.wants(code) for code in does_not_run.split())


def test_select_never_goes_beyond_the_level() -> None:
    assert "SEC004" in codes(Choice(select=("SEC",)))
    assert codes(Choice(select=("SEC",)), ValidationLevel.STANDARD) == []


@given(st.sets(st.sampled_from(ALL_CODES)))
def test_ignoring_a_code_takes_away_its_findings_and_nothing_else(ignored: set[str]) -> None:
    rules = Ruleset(ValidationLevel.CUSTOM)
    chosen = Ruleset(ValidationLevel.CUSTOM, choice=Choice(ignore=tuple(ignored)))
    every = rules.validate(policy(MESSY)).diagnostics
    assert chosen.validate(policy(MESSY)).diagnostics == tuple(
        item for item in every if item.code not in ignored
    )


@pytest.mark.parametrize("code", [code for code in CATALOGUE if is_fixed(code)])
def test_what_leaves_nothing_to_put_in_force_stays(code: str) -> None:
    choice = Choice(select=(), ignore=("ALL", code), severity={code: Weight.WARNING})
    assert choice.wants(code)
    found = error(code, Severity.LOW, "a finding")
    assert choice.weighed(found) == found
    assert Choice(severity={code: Weight.OFF}).wants(code)
    assert Choice(block_on=Severity.CRITICAL).blocks(found)
    assert Ruleset(choice=choice, ignored=("ALL",)).wants(code)


@pytest.mark.parametrize(
    ("weight", "kind", "severity", "impact"),
    [
        (Weight.CRITICAL, Kind.ERROR, Severity.CRITICAL, None),
        (Weight.LOW, Kind.ERROR, Severity.LOW, None),
        (Weight.WARNING, Kind.WARNING, None, None),
        (Weight.RECOMMENDATION, Kind.RECOMMENDATION, None, Impact.SECURITY),
    ],
)
@pytest.mark.parametrize("code", ["SEC003", "SEC004", "REC003"])
def test_severity_changes_what_findings_weigh(
    code: str, weight: Weight, kind: Kind, severity: Severity | None, impact: Impact | None
) -> None:
    (chosen,) = Choice(severity={code: weight}).chosen([CATALOGUE[code]])
    found = chosen.diagnostic(Finding("a finding"))
    if code == "REC003" and impact is not None:
        impact = Impact.AVAILABILITY  # its own
    assert (found.kind, found.severity, found.impact) == (kind, severity, impact)


def test_the_longest_selector_says_the_severity() -> None:
    choice = Choice(severity={"ALL": Weight.LOW, "SEC": Weight.OFF, "SEC003": Weight.WARNING})
    assert choice.weight("SEC003") is Weight.WARNING
    assert choice.weight("LOGIC001") is Weight.LOW
    assert not choice.wants("SEC004")
    assert choice.wants("SEC003")


def test_off_is_off_even_where_selected() -> None:
    assert not Choice(select=("SEC003",), severity={"SEC": Weight.OFF}).wants("SEC003")


@pytest.mark.parametrize("bar", Severity)
def test_errors_from_the_bar_on_refuse(bar: Severity) -> None:
    order = [Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL]
    choice = Choice(block_on=bar)
    blocking = [one for one in order if choice.blocks(error("SEC003", one, "a finding"))]
    assert blocking == order[order.index(bar) :]


def test_warnings_and_recommendations_never_refuse() -> None:
    for kind in (Kind.WARNING, Kind.RECOMMENDATION):
        assert not Choice().blocks(Diagnostic("SEC004", kind, "a finding"))


def test_a_rule_that_fails_refuses_only_where_its_findings_would() -> None:
    @rule("TEAM001", error=Severity.LOW)
    def broken(context: Context) -> Finding | None:
        """It fails."""
        raise KeyError(context)

    def failure(choice: Choice) -> str:
        rules = Ruleset(rules=Catalogue([broken]), choice=choice)
        (found,) = rules.validate(policy("")).diagnostics
        return found.code

    assert failure(Choice()) == "RULE001"
    assert failure(Choice(block_on=Severity.MEDIUM)) == "RULE002"
    assert failure(Choice(severity={"TEAM": Weight.WARNING})) == "RULE002"
    assert failure(Choice(severity={"TEAM": Weight.HIGH}, block_on=Severity.HIGH)) == "RULE001"


def test_a_report_is_valid_without_errors_whatever_the_bar() -> None:
    rules = Ruleset(choice=Choice(block_on=Severity.CRITICAL))
    report = rules.validate(policy('version = ""'))
    assert [item.code for item in report.errors] == ["SYNTAX003"]
    assert not report.is_valid
    assert not rules.blocks(report.diagnostics)


def test_the_catalogue_itself_stays_as_it_is() -> None:
    rules = Ruleset(choice=Choice(ignore=("ENV",), severity={"SEC": Weight.OFF}))
    rules.validate(policy(MESSY))
    assert rules.rules is CATALOGUE
    assert CATALOGUE["ENV001"] is production_without_security


@pytest.mark.parametrize(
    "wrong",
    [
        {"select": ["SEC 003"]},
        {"ignore": [""]},
        {"ignore": "SEC"},
        {"severity": {"SEC003": "awful"}},
        {"severity": {"": "low"}},
        {"block_on": "warning"},
        {"per_file_ignores": {"": ["SEC"]}},
        {"per_file_ignores": {"*.toml": "SEC"}},
        {"ignored": ["SEC"]},
    ],
)
def test_what_is_no_choice_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Choice.model_validate(wrong)


def test_a_choice_is_frozen() -> None:
    with pytest.raises(ValidationError):
        Choice().select = ("SEC",)  # type: ignore[misc]  # that is the test
