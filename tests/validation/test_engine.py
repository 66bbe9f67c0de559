"""PolicyValidationEngine: levels, environments, order, and rules that fail."""

import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyconsole.diagnostics import Kind, Report, Severity
from policyconsole.policy import LARGEST_NUMBER, PolicyConfig
from policyconsole.validation import engine as engine_module
from policyconsole.validation.catalogue import CATALOGUE, Catalogue
from policyconsole.validation.engine import PolicyValidationEngine
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Check, Context, Finding, Rule, rule
from tests.policies import REPORT
from tests.validation.building import codes, findings, policy


class TestLevels:
    @pytest.mark.parametrize("level", ValidationLevel)
    def test_nothing_is_said_about_the_defaults(self, level: ValidationLevel) -> None:
        report = PolicyValidationEngine().validate(policy(), level)

        assert report.diagnostics == ()
        assert report.is_valid

    @pytest.mark.parametrize("level", ValidationLevel)
    def test_nothing_but_its_rounds_is_said_about_the_example_of_the_report(
        self, level: ValidationLevel
    ) -> None:
        config = PolicyConfig.model_validate(tomllib.loads(REPORT.read_text("utf-8")))

        report = PolicyValidationEngine().validate(config, level)

        # 100,000, where OWASP has come to advise 600,000.
        assert [found.code for found in report.diagnostics] == ["REC005"]
        assert report.is_valid

    def test_the_example_of_the_report_is_fit_for_production(self) -> None:
        config = PolicyConfig.model_validate(tomllib.loads(REPORT.read_text("utf-8")))
        engine = PolicyValidationEngine(environment="production")

        found = engine.validate(config, ValidationLevel.CUSTOM).diagnostics
        assert [finding.code for finding in found] == ["REC005"]

    def test_standard_is_the_level_unless_another_is_given(self) -> None:
        config = policy("security.tls.min_version = 'TLSv1.0'\nauthentication.enabled = false")

        report = PolicyValidationEngine().validate(config)

        assert [found.code for found in report.diagnostics] == ["LOGIC006"]

    def test_only_errors_keep_a_policy_out_of_force(self) -> None:
        engine = PolicyValidationEngine()
        advised = policy("version = 'v1'\nsecurity.tls.min_version = 'TLSv1.2'")

        report = engine.validate(advised, ValidationLevel.CUSTOM)

        assert report.is_valid
        assert [found.code for found in report.warnings] == ["SYNTAX004"]
        assert [found.code for found in report.recommendations] == ["REC002"]
        assert not engine.validate(policy("id = ''"), ValidationLevel.BASIC).is_valid


class TestEnvironment:
    IN_NEED_OF_MFA = "authentication.require_mfa = false\n"

    def test_comes_from_the_policy(self) -> None:
        assert "ENV002" in codes(self.IN_NEED_OF_MFA + "custom.environment = 'production'")

    def test_comes_from_the_engine_where_the_policy_names_none(self) -> None:
        assert "ENV002" in codes(self.IN_NEED_OF_MFA, environment="production")

    def test_of_the_policy_outweighs_that_of_the_engine(self) -> None:
        toml = self.IN_NEED_OF_MFA + "custom.environment = 'staging'"

        assert "ENV002" not in codes(toml, environment="production")

    def test_that_is_not_text_does_not_count(self) -> None:
        toml = self.IN_NEED_OF_MFA + "custom.environment = true"

        assert "ENV002" in codes(toml, environment="production")

    def test_that_nobody_names_asks_nothing(self) -> None:
        careless = self.IN_NEED_OF_MFA + "security.enabled = false\nmonitoring.log_level = 'debug'"

        assert not [code for code in codes(careless) if code.startswith("ENV")]

    @pytest.mark.parametrize(
        "level", [ValidationLevel.BASIC, ValidationLevel.STANDARD, ValidationLevel.STRICT]
    )
    def test_asks_nothing_below_custom(self, level: ValidationLevel) -> None:
        careless = self.IN_NEED_OF_MFA + "security.enabled = false"

        assert not [
            code
            for code in codes(careless, level, environment="production")
            if code.startswith("ENV")
        ]

    def test_of_the_engine_may_be_unknown_too(self) -> None:
        (finding,) = findings(environment="prod")

        assert finding.code == "ENV005"
        assert finding.help == 'choose "production"'

    def test_of_the_engine_can_be_read(self) -> None:
        assert PolicyValidationEngine(environment="staging").environment == "staging"
        assert PolicyValidationEngine().environment is None


class TestReport:
    def test_is_in_order(self) -> None:
        found = [
            finding.code
            for finding in findings(
                "version = 'x'\nsecurity.enabled = false\nauthentication.require_mfa = false\n"
                "custom.environment = 'prod'"
            )
        ]

        assert len(found) > 4
        assert found == sorted(found)

    def test_says_how_many_seconds_it_took(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ticks = iter([10.0, 10.25])
        monkeypatch.setattr(engine_module, "perf_counter", lambda: next(ticks))

        assert PolicyValidationEngine().validate(policy()).duration == 0.25


class TestRulesOfOnesOwn:
    def test_run_beside_the_others(self) -> None:
        @rule("TEAM001", error=Severity.LOW, field="custom.owner")
        def no_owner(context: Context) -> Finding | None:
            return None if "owner" in context.config.custom else Finding("nobody owns it")

        engine = PolicyValidationEngine(rules=Catalogue([*CATALOGUE.values(), no_owner]))

        assert [found.code for found in engine.validate(policy("version = 'x'")).diagnostics] == [
            "SYNTAX004",
            "TEAM001",
        ]
        assert engine.validate(policy("custom.owner = 'me'")).diagnostics == ()

    def test_may_find_several_things_at_several_fields(self) -> None:
        @rule("TEAM001", field="custom")
        def two(context: Context) -> Iterator[Finding]:
            yield Finding("the first", field="custom.a")
            yield Finding("the second")

        found = PolicyValidationEngine(rules=Catalogue([two])).validate(policy()).diagnostics

        assert [(finding.message, finding.field) for finding in found] == [
            ("the second", "custom"),
            ("the first", "custom.a"),
        ]

    def test_need_not_be_the_rules_of_the_catalogue(self) -> None:
        engine = PolicyValidationEngine(rules=Catalogue([]))

        assert engine.validate(policy("id = ''"), ValidationLevel.CUSTOM).is_valid


def _divides(context: Context) -> Finding:
    return Finding(str(1 // 0))


def _leaks(context: Context) -> Finding:
    raise ValueError(str(context.config.custom["api_token"]))


def _recurses(context: Context) -> Finding:
    return _recurses(context)


def _answers_true(context: Context) -> object:
    return True


def _answers_text(context: Context) -> object:
    return "not a finding"


FAILING = pytest.mark.parametrize(
    "check", [_divides, _leaks, _recurses, _answers_true, _answers_text]
)


class TestRulesThatFail:
    @FAILING
    def test_of_an_error_refuse_what_was_not_judged(self, check: Check) -> None:
        failing = rule("TEAM001", error=Severity.LOW, field="custom.api_token")(check)

        report = _report_with(failing)

        (finding,) = report.errors
        assert (finding.code, finding.kind, finding.severity) == (
            "RULE001",
            Kind.ERROR,
            Severity.HIGH,
        )
        assert finding.field == "custom.api_token"
        assert "TEAM001" in finding.message
        assert finding.help
        assert not report.is_valid

    @FAILING
    def test_of_a_warning_refuse_nothing(self, check: Check) -> None:
        report = _report_with(rule("TEAM001")(check))

        assert report.is_valid
        assert "RULE002" in [finding.code for finding in report.warnings]

    @FAILING
    def test_do_not_stop_the_others(self, check: Check) -> None:
        report = _report_with(rule("TEAM001")(check))

        assert {finding.code for finding in report.diagnostics} == {"RULE002", "SYNTAX004"}

    def test_say_where_and_keep_secrets(self) -> None:
        (finding, *_) = _report_with(rule("TEAM001")(_leaks)).diagnostics

        line = _leaks.__code__.co_firstlineno + 1
        assert f"ValueError in _leaks, line {line}" in finding.message
        assert "hunter2" not in finding.message

    def test_keep_what_they_found_before(self) -> None:
        @rule("TEAM001")
        def half(context: Context) -> Iterator[Finding]:
            yield Finding("found in time")
            raise KeyError("too late")

        found = PolicyValidationEngine(rules=Catalogue([half])).validate(policy()).diagnostics

        assert [finding.code for finding in found] == ["RULE002", "TEAM001"]


def _report_with(failing: Rule) -> Report:
    engine = PolicyValidationEngine(rules=Catalogue([failing, CATALOGUE["SYNTAX004"]]))
    return engine.validate(policy("version = 'x'\ncustom.api_token = 'hunter2'"))


# Everything that the model lets through, well beyond what anyone would write.
_numbers = st.integers(1, LARGEST_NUMBER)
_times = st.none() | st.datetimes(
    min_value=datetime(2, 1, 1),  # noqa: DTZ001 - hypothesis adds the offset
    max_value=datetime(9998, 12, 31),  # noqa: DTZ001 - hypothesis adds the offset
    timezones=st.builds(timezone, st.timedeltas(timedelta(hours=-23), timedelta(hours=23))),
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
_environments = st.sampled_from(["development", "staging", "production", "prod", ""]) | _json
_custom = st.fixed_dictionaries(
    {}, optional={"environment": _environments, "compliance_mode": _json, "owner": _json}
)
_policies = st.fixed_dictionaries(
    {"id": st.text(), "name": st.text(), "version": st.text()},
    optional={
        "created_at": _times,
        "updated_at": _times,
        "security": st.fixed_dictionaries(
            {
                "enabled": st.booleans(),
                "encryption": st.fixed_dictionaries(
                    {
                        "enabled": st.booleans(),
                        "algorithm": st.text(),
                        "key_size": st.integers(0, LARGEST_NUMBER),
                        "pbkdf2_iterations": _numbers,
                    }
                ),
                "tls": st.fixed_dictionaries(
                    {
                        "enforce": st.booleans(),
                        "min_version": st.text() | st.sampled_from(["TLSv1.0", "TLSv1.2"]),
                        "cipher_suites": st.lists(st.text(), max_size=3),
                    }
                ),
                "input_validation": st.fixed_dictionaries(
                    {
                        "enabled": st.booleans(),
                        "max_input_length": _numbers,
                        "sql_injection_protection": st.booleans(),
                        "xss_protection": st.booleans(),
                    }
                ),
                "rate_limiting": st.fixed_dictionaries(
                    {
                        "enabled": st.booleans(),
                        "requests_per_minute": _numbers,
                        "burst_size": _numbers,
                        "window_size_seconds": _numbers,
                    }
                ),
            }
        ),
        "monitoring": st.fixed_dictionaries(
            {
                "enabled": st.booleans(),
                "interval_seconds": _numbers,
                "alerts_enabled": st.booleans(),
                "log_level": st.sampled_from(["debug", "info", "warn", "error"]),
                "metrics": st.fixed_dictionaries(
                    {
                        "enabled": st.booleans(),
                        "sampling_rate": st.floats(0.0, 1.0),
                        "buffer_size": _numbers,
                    }
                ),
            }
        ),
        "authentication": st.fixed_dictionaries(
            {
                "enabled": st.booleans(),
                "method": st.sampled_from(["none", "basic", "api_key", "jwt", "oauth2", "mtls"]),
                "session_timeout_seconds": _numbers,
                "require_mfa": st.booleans(),
            }
        ),
        "custom": _custom,
    },
)


@given(data=_policies, environment=st.none() | st.text())
def test_whatever_a_policy_says_is_judged(data: dict[str, object], environment: str | None) -> None:
    config = PolicyConfig.model_validate(data)
    engine = PolicyValidationEngine(environment=environment)

    found = [engine.validate(config, level).diagnostics for level in ValidationLevel]

    for lenient, stricter in pairwise(found):
        assert set(lenient) <= set(stricter)
    for finding in found[-1]:
        assert not finding.code.startswith("RULE")
        assert finding.code in CATALOGUE
        assert len(finding.message) <= 120
