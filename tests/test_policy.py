"""The model by itself; what loading makes of its errors is told under loading/."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from policyconsole.policy import (
    LARGEST_NUMBER,
    SECTIONS,
    PolicyConfig,
    Section,
    exists_in_utc,
)

REQUIRED: dict[str, object] = {"id": "a", "name": "b", "version": "1.0.0"}


def make(**fields: object) -> PolicyConfig:
    return PolicyConfig.model_validate({**REQUIRED, **fields})


def nested(path: str, value: object) -> dict[str, object]:
    """``{"a": {"b": value}}`` for ``a.b``."""
    data = value
    for step in reversed(path.split(".")):
        data = {step: data}
    assert isinstance(data, dict)
    return data


def value_at(config: PolicyConfig, path: str) -> object:
    value: object = config
    for step in path.split("."):
        value = getattr(value, step)
    return value


@pytest.mark.parametrize(
    ("path", "default"),
    [
        ("description", None),
        ("created_at", None),
        ("updated_at", None),
        ("security.enabled", True),
        ("security.encryption.enabled", True),
        ("security.encryption.algorithm", "AES-256-GCM"),
        ("security.encryption.key_size", 256),
        ("security.encryption.pbkdf2_iterations", 600_000),
        ("security.tls.enforce", True),
        ("security.tls.min_version", "TLSv1.3"),
        (
            "security.tls.cipher_suites",
            ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"),
        ),
        ("security.input_validation.enabled", True),
        ("security.input_validation.max_input_length", 1_048_576),
        ("security.input_validation.sql_injection_protection", True),
        ("security.input_validation.xss_protection", True),
        ("security.rate_limiting.enabled", True),
        ("security.rate_limiting.requests_per_minute", 60),
        ("security.rate_limiting.burst_size", 10),
        ("security.rate_limiting.window_size_seconds", 60),
        ("monitoring.enabled", True),
        ("monitoring.interval_seconds", 60),
        ("monitoring.alerts_enabled", True),
        ("monitoring.log_level", "info"),
        ("monitoring.metrics.enabled", True),
        ("monitoring.metrics.sampling_rate", 1.0),
        ("monitoring.metrics.buffer_size", 1000),
        ("authentication.enabled", True),
        ("authentication.method", "oauth2"),
        ("authentication.session_timeout_seconds", 3600),
        ("authentication.require_mfa", True),
        ("custom", {}),
    ],
)
def test_the_defaults_are_those_of_the_contracts(path: str, default: object) -> None:
    assert value_at(make(), path) == default


@pytest.mark.parametrize("field", ["id", "name", "version"])
def test_three_fields_are_required(field: str) -> None:
    with pytest.raises(ValidationError, match="Field required"):
        PolicyConfig.model_validate({key: "x" for key in REQUIRED if key != field})


@pytest.mark.parametrize(
    "path",
    [
        "security.encryption.pbkdf2_iterations",
        "security.input_validation.max_input_length",
        "security.rate_limiting.requests_per_minute",
        "security.rate_limiting.burst_size",
        "security.rate_limiting.window_size_seconds",
        "monitoring.interval_seconds",
        "monitoring.metrics.buffer_size",
        "authentication.session_timeout_seconds",
    ],
)
def test_counts_seconds_and_bytes_have_one_range(path: str) -> None:
    for value in (1, LARGEST_NUMBER):
        assert value_at(make(**nested(path, value)), path) == value
    for wrong in (0, -1, LARGEST_NUMBER + 1, "60", 60.0, True, None):
        with pytest.raises(ValidationError):
            make(**nested(path, wrong))


def test_a_key_size_begins_at_nothing() -> None:
    path = "security.encryption.key_size"
    assert value_at(make(**nested(path, 0)), path) == 0
    for value in (-1, LARGEST_NUMBER + 1, 256.0, "256", False):
        with pytest.raises(ValidationError):
            make(**nested(path, value))


def test_a_sampling_rate_is_a_share() -> None:
    path = "monitoring.metrics.sampling_rate"
    for value in (0, 0.0, 0.5, 1, 1.0):
        assert value_at(make(**nested(path, value)), path) == value
    for wrong in (-0.1, 1.1, float("nan"), float("inf"), "0.5", True, None):
        with pytest.raises(ValidationError):
            make(**nested(path, wrong))


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("monitoring.log_level", ["debug", "info", "warn", "error"]),
        ("authentication.method", ["none", "basic", "api_key", "jwt", "oauth2", "mtls"]),
    ],
)
def test_words_are_known_ones(path: str, values: list[str]) -> None:
    for value in values:
        assert value_at(make(**nested(path, value)), path) == value
    for wrong in ("", "INFO", "verbose", None, 1):
        with pytest.raises(ValidationError):
            make(**nested(path, wrong))


@pytest.mark.parametrize("wrong", ["true", "yes", 1, 0, None])
def test_a_switch_is_true_or_false(wrong: object) -> None:
    with pytest.raises(ValidationError):
        make(security={"enabled": wrong})


@pytest.mark.parametrize("wrong", ["A", {"a": 1}, [1], [None], ["A", b"B"], None])
def test_cipher_suites_are_a_list_of_texts(wrong: object) -> None:
    with pytest.raises(ValidationError):
        make(security={"tls": {"cipher_suites": wrong}})
    assert make(security={"tls": {"cipher_suites": ["A"]}}).security.tls.cipher_suites == ("A",)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", ""),
        ("name", ""),
        ("version", ""),
        ("version", "one"),
        ("security.tls.min_version", "TLSv1.0"),
        ("security.tls.cipher_suites", []),
        ("security.encryption.algorithm", "DES"),
        ("security.encryption.key_size", 56),
        ("monitoring.metrics.sampling_rate", 0.0),
        ("authentication.session_timeout_seconds", 1),
        ("custom.environment", "moon"),
    ],
)
def test_what_a_rule_covers_is_left_to_the_rule(path: str, value: object) -> None:
    assert make(**nested(path, value))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T18:00:00Z", datetime(2026, 11, 23, 18, tzinfo=UTC)),
        ("2026-11-23t18:00:00z", datetime(2026, 11, 23, 18, tzinfo=UTC)),
        ("2026-11-23 18:00:00Z", datetime(2026, 11, 23, 18, tzinfo=UTC)),
        ("2026-11-23T18:00:00.5Z", datetime(2026, 11, 23, 18, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-23T18:00:00.123456789Z", datetime(2026, 11, 23, 18, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-11-23T18:00:00-00:00", datetime(2026, 11, 23, 18, tzinfo=UTC)),
        (
            "2026-11-23T18:00:00+09:30",
            datetime(2026, 11, 23, 18, tzinfo=timezone(timedelta(hours=9, minutes=30))),
        ),
    ],
)
def test_times_are_rfc_3339(text: str, moment: datetime) -> None:
    found = make(created_at=text).created_at
    assert found == moment
    assert found.utcoffset() == moment.utcoffset()
    assert make(created_at=moment).created_at == moment


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "soon",
        "2026-11-23",
        "2026-11-23T18:00Z",
        "2026-11-23T18:00:00",
        "2026-11-23T18:00:00 Z",
        "2026-11-23T18:00:00+0900",
        "2026-11-23T18:00:00,5Z",
        "2026-11-23T18:00:00.Z",
        "2026-13-23T18:00:00Z",
        "2026-02-30T18:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T18:00:60Z",
        "2026-11-23T18:00:00+24:00",
        "2026-W48-1T18:00:00Z",
        "٢٠٢٦-11-23T18:00:00Z",
        "2026-11-23T18:00:00Z\n",
        datetime(2026, 11, 23, 18),  # noqa: DTZ001 - without an offset on purpose
        date(2026, 11, 23),
        1_795_000_000,
        True,
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    ],
)
def test_anything_else_is_no_time(wrong: object) -> None:
    with pytest.raises(ValidationError):
        make(created_at=wrong)


def test_a_time_that_utc_has_no_year_for_is_known() -> None:
    east = timezone(timedelta(minutes=1))
    assert not exists_in_utc(datetime(1, 1, 1, tzinfo=east))
    assert exists_in_utc(datetime(1, 1, 1, tzinfo=UTC))


def test_a_policy_cannot_be_changed() -> None:
    config = make()
    for section in (config, config.security, config.security.tls):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(section, "enabled", False)  # noqa: B010 - the type checker refuses it too


def test_unknown_fields_are_kept_in_every_section() -> None:
    config = make(owner="x", security={"tls": {"curve": "y"}})
    assert config.model_extra == {"owner": "x"}
    assert config.security.tls.model_extra == {"curve": "y"}


@pytest.mark.parametrize(
    ("custom", "environment"),
    [
        ({"environment": "production"}, "production"),
        ({"environment": ""}, ""),
        ({"environment": 3}, None),
        ({"environment": ["production"]}, None),
        ({}, None),
    ],
)
def test_the_environment_is_what_custom_says(
    custom: Mapping[str, object], environment: str | None
) -> None:
    assert make(custom=custom).environment == environment


def test_an_unknown_field_named_environment_is_not_the_environment() -> None:
    assert make(environment="production").environment is None


def test_custom_is_any_mapping_of_texts() -> None:
    assert make(custom={"": {"a b": [1, None]}}).custom == {"": {"a b": [1, None]}}
    refused: tuple[object, ...] = ([], "x", None, {1: 2})
    for wrong in refused:
        with pytest.raises(ValidationError):
            make(custom=wrong)


def test_what_contains_itself_does_not_hang() -> None:
    looped: dict[str, object] = {}
    looped["a"] = looped
    assert make(custom=looped, other=looped)


def test_what_it_shows_of_itself_holds_no_secret() -> None:
    policy = make(custom={"api_key": "hunter2", "tags": ["a"]}, client_secret="hunter2", name="n")
    shown = repr(policy)
    assert "hunter2" not in shown
    assert "'api_key': '***', 'tags': ['a']" in shown
    assert "client_secret='***'" in shown
    assert "name='n'" in shown
    assert f"cipher_suites={policy.security.tls.cipher_suites!r}" in shown
    looped: dict[str, object] = {}
    looped["a"] = looped
    assert "custom=Ellipsis" in repr(make(custom=looped))


def test_the_sections_are_all_tables_of_the_model() -> None:
    tables = [
        name
        for name, field in PolicyConfig.model_fields.items()
        if name == "custom"
        or (isinstance(field.annotation, type) and issubclass(field.annotation, Section))
    ]
    assert tuple(tables) == SECTIONS
