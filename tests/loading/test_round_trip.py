"""Every policy that can be loaded can be saved, in every format, and loads as the same policy."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyconsole.loading.formats import Format, encode
from policyconsole.loading.loader import parse
from policyconsole.loading.saving import PolicySaveError, to_source
from policyconsole.policy import LARGEST_NUMBER, PolicyConfig

ODD_TEXTS = (
    *("on", "No", "1.0", "1e3", "010", "1:30", "~", "", " ", "=", "<<", "null", "NaN"),
    *(
        "---",
        "- a",
        "a: b",
        "# x",
        "@x",
        "'",
        '"',
        "\\",
        "\r\n",
        "\x85",
        "\u2028",
        "\x7f",
        "\ufeff",
    ),
    *("model_dump", "__class__", "2026-11-23", "2026-11-23T18:00:00Z", "x" * 200, "é " * 100),
)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(ODD_TEXTS)
OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - the zones are added
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.just(UTC) | OFFSETS,
)
COUNTS = st.integers(1, LARGEST_NUMBER)
VALUES = (
    st.booleans()
    | st.integers(-(2**127), 2**128 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | MOMENTS
    | st.datetimes()
    | st.dates()
    | st.times()
)
NULLS = st.none()


def mappings(values: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(
        TEXT,
        st.recursive(
            values,
            lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXT, below, max_size=3),
            max_leaves=8,
        ),
        max_size=4,
    )


def some(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """Any of the fields, or none."""
    return st.fixed_dictionaries({}, optional=fields)


def policies(custom: st.SearchStrategy[dict[str, object]]) -> st.SearchStrategy[dict[str, object]]:
    optional: dict[str, st.SearchStrategy[object]] = {
        "description": TEXT,
        "created_at": MOMENTS,
        "updated_at": MOMENTS,
        "security": some(
            enabled=st.booleans(),
            tls=some(min_version=TEXT, cipher_suites=st.lists(TEXT, max_size=3), other=VALUES),
            encryption=some(algorithm=TEXT, key_size=st.integers(0, LARGEST_NUMBER)),
            rate_limiting=some(burst_size=COUNTS),
        ),
        "monitoring": some(
            log_level=st.sampled_from(["debug", "info", "warn", "error"]),
            metrics=some(sampling_rate=st.floats(0, 1) | st.integers(0, 1)),
        ),
        "authentication": some(session_timeout_seconds=COUNTS),
        "custom": custom,
        "an unknown field": custom,
    }
    return st.fixed_dictionaries({"id": TEXT, "name": TEXT, "version": TEXT}, optional=optional)


def expected(config: PolicyConfig, form: Format) -> PolicyConfig:
    """What a policy is once it has been through a format without times, or without times of day."""
    if form is Format.TOML:
        return config
    data = config.model_dump(exclude_unset=True)
    return PolicyConfig.model_validate(_without_times(data, form))


def _without_times(value: object, form: Format) -> object:
    match value:
        case dict():
            return {key: _without_times(item, form) for key, item in value.items()}
        case list():
            return [_without_times(item, form) for item in value]
        case time():
            return value.isoformat()
        case date() if form is Format.JSON:
            text = value.isoformat()
            return text[:-6] + "Z" if text.endswith("+00:00") else text
        case _:
            return value


@pytest.mark.parametrize("target", Format)
@given(policies(mappings(VALUES)))
def test_what_toml_can_say_every_format_can(target: Format, data: dict[str, object]) -> None:
    config = parse(encode(data, Format.TOML).encode(), Format.TOML).config
    again = parse(to_source(config, target).encode(), target).config
    assert again == expected(config, target)
    back = parse(to_source(again, Format.TOML).encode(), Format.TOML).config
    assert back == again


@pytest.mark.parametrize("source", [Format.YAML, Format.JSON])
@pytest.mark.parametrize("target", [Format.YAML, Format.JSON])
@given(policies(mappings(VALUES | NULLS)))
def test_null_goes_between_yaml_and_json(
    source: Format, target: Format, data: dict[str, object]
) -> None:
    config = parse(encode(data, source).encode(), source).config
    again = parse(to_source(config, target).encode(), target).config
    assert again == expected(config, target)


@given(policies(mappings(VALUES | NULLS)))
def test_null_is_the_only_thing_that_toml_refuses(data: dict[str, object]) -> None:
    config = parse(encode(data, Format.YAML).encode(), Format.YAML).config
    try:
        text = to_source(config, Format.TOML)
    except PolicySaveError as problem:
        assert "null" in str(problem)  # noqa: PT017 - either way is right
    else:
        assert parse(text.encode(), Format.TOML).config == config
