import pytest

from policyconsole.diagnostics import Kind
from policyconsole.loading.formats import Format
from policyconsole.loading.unknown_fields import REPORTED, unknown_field_warnings, unknown_fields

from .sources import TOML, load, marked


@pytest.mark.parametrize(
    ("source", "field", "key", "advice"),
    [
        ("[security.tls]\nmin_versoin = 'x'", "security.tls.min_versoin", "min_versoin", "did you mean security.tls.min_version?"),
        ("[Security]\nx = 1", "Security", "Security", "did you mean security?"),
        ("min_version = 'TLSv1.3'", "min_version", "min_version", "did you mean security.tls.min_version?"),
        ("[security]\nrequests_per_minute = 5", "security.requests_per_minute", "requests_per_minute", "did you mean security.rate_limiting.requests_per_minute?"),
        ("[monitoring]\nzzz = 5", "monitoring.zzz", "zzz", "correct the name, or move the field below custom if it is your own"),
        ('"a key" = 1', '"a key"', '"a key"', "correct the name, or move the field below custom if it is your own"),
    ],
)  # fmt: skip
def test_an_unknown_field_is_warned_about_and_kept(
    source: str, field: str, key: str, advice: str
) -> None:
    text = TOML + source
    policy = load(text, Format.TOML)
    (diagnostic,) = policy.diagnostics
    assert diagnostic.code == "FIELD001"
    assert diagnostic.kind is Kind.WARNING
    assert diagnostic.severity is None
    assert diagnostic.field == field
    assert diagnostic.message == f"{field} is not a known field"
    assert diagnostic.help == advice
    assert marked(text, diagnostic.place) == key


def test_unknown_fields_stay_in_the_model() -> None:
    config = load(TOML + "x = 1\n[security.tls]\ny = [{z = 2}]", Format.TOML).config
    assert config.model_extra == {"x": 1}
    assert config.security.tls.model_extra == {"y": [{"z": 2}]}


def test_names_of_the_models_own_methods_are_fields_like_others() -> None:
    config = load(TOML + "model_dump = 1\nenvironment = 'x'\n__class__ = 2\n", Format.TOML).config
    assert config.model_extra == {"model_dump": 1, "environment": "x", "__class__": 2}
    assert config.environment is None


def test_below_custom_everything_is_known() -> None:
    assert not load(TOML + "[custom.security]\nx = 1\n", Format.TOML).diagnostics


def test_an_unknown_table_is_one_finding() -> None:
    assert [path for path, _ in unknown_fields({"tls": {"a": 1, "b": {"c": 2}}})] == [("tls",)]


def test_a_section_that_is_no_table_is_not_looked_into() -> None:
    assert not unknown_fields({"security": [1], "monitoring": {"metrics": None}})


def test_beyond_a_hundred_they_are_counted() -> None:
    found = list(unknown_field_warnings([(f"x{number}",) for number in range(REPORTED + 1500)]))
    assert len(found) == REPORTED + 1
    assert found[-1].message == "1,500 more fields are not known"
    assert found[-1].field is None


def test_a_long_name_is_cut_in_the_message_and_whole_in_the_field() -> None:
    (diagnostic,) = unknown_field_warnings([("x" * 100_000,)])
    assert len(diagnostic.message) < 100
    assert diagnostic.field == "x" * 100_000
