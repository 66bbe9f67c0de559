"""From one format to another: every field, whatever the way."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policyconsole.loading.converting import ConversionError, convert
from policyconsole.loading.formats import Format, decode, encode
from policyconsole.loading.loader import parse
from tests.policies import REPORT

from .sources import SOURCES, load, marked
from .test_round_trip import NULLS, VALUES, expected, mappings, policies


@given(
    data=policies(mappings(VALUES)),
    chain=st.lists(st.sampled_from(Format), min_size=2, max_size=6),
)
def test_any_chain_of_formats_leads_to_an_equal_policy(
    data: dict[str, object], chain: list[Format]
) -> None:
    """Times become text at the first format that has none, and nothing else ever changes."""
    policy = parse(encode(data, Format.TOML).encode(), Format.TOML)
    wanted = policy.config
    for form in chain:
        wanted = expected(wanted, form)
        policy = parse(convert(policy, form).text.encode(), form)
        assert policy.config == wanted


@given(policies(mappings(VALUES | NULLS)))
def test_null_goes_between_yaml_and_json(data: dict[str, object]) -> None:
    source = parse(encode(data, Format.JSON).encode(), Format.JSON)
    there = parse(convert(source, Format.YAML).text.encode(), Format.YAML)
    back = convert(there, Format.JSON).text
    assert decode(back, Format.JSON) == decode(source.text, Format.JSON)


@pytest.mark.parametrize("source", [Format.YAML, Format.JSON])
def test_toml_has_no_null_and_each_is_named_with_its_place(source: Format) -> None:
    custom = {"a": [1, None], "b c": {"d": None}, "e": 1}
    text = encode(
        {"id": "a", "name": "A", "version": "1", "description": None, "custom": custom}, source
    )
    with pytest.raises(ConversionError) as problem:
        convert(load(text, source), Format.TOML)
    found = problem.value.diagnostics
    assert [diagnostic.field for diagnostic in found] == [
        "description",
        "custom.a[1]",
        'custom."b c".d',
    ]
    assert [marked(text, diagnostic.place) for diagnostic in found] == ["null"] * 3
    assert all("TOML has no null" in diagnostic.message for diagnostic in found)


@pytest.mark.parametrize("source", Format)
@pytest.mark.parametrize("target", Format)
def test_the_order_of_the_fields_stays(source: Format, target: Format) -> None:
    order = ["version", "name", "id", "description"]
    policy = load(encode(dict.fromkeys(order, "x"), source), source)
    assert list(decode(convert(policy, target).text, target)) == order


def test_what_would_be_another_policy_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(data: dict[str, object], form: Format) -> str:
        return encode(data | {"name": "other"}, form)

    monkeypatch.setattr("policyconsole.loading.converting.encode", careless)
    with pytest.raises(ConversionError, match="another policy"):
        convert(load(SOURCES[Format.TOML], Format.TOML), Format.JSON)


def test_the_report_s_example_goes_through_all_formats() -> None:
    policy = parse(REPORT.read_bytes(), Format.TOML)
    for form in (Format.YAML, Format.JSON, Format.TOML):
        policy, before = parse(convert(policy, form).text.encode(), form), policy
        assert policy.config == before.config


def test_values_at_the_edges_stay_what_they_are() -> None:
    text = (
        "id: 'no'\nname: '1.0'\nversion: \"1e5\"\nan unknown field: 0x1F\n"
        "custom: {big: 340282366920938463463374607431768211455, small: 1.0e-300, float: 1.0e+5,\n"
        "  time: 2026-11-23T18:00:00+09:00, day: 2026-11-23, 'on': 'on', '1': ~, empty: [{}, []]}\n"
    )
    policy = load(text, Format.YAML)
    in_json = parse(convert(policy, Format.JSON).text.encode(), Format.JSON)
    extra = in_json.config.model_extra or {}
    assert (in_json.config.id, in_json.config.name, in_json.config.version) == ("no", "1.0", "1e5")
    assert extra["an unknown field"] == 31
    assert in_json.config.custom == {
        "big": 2**128 - 1,
        "small": 1e-300,
        "float": 100000.0,
        "time": "2026-11-23T18:00:00+09:00",
        "day": "2026-11-23",
        "on": "on",
        "1": None,
        "empty": [{}, []],
    }
    assert isinstance(in_json.config.custom["float"], float)


@pytest.mark.parametrize("text", ["1e5", "0o17", ".5", "1.", "+1e-3", "n", "Y", "no", "1:30", "~"])
def test_text_that_any_reader_of_yaml_takes_for_something_else_is_quoted(text: str) -> None:
    policy = load(f'id = "{text}"\nname = "A"\nversion = "1"\n', Format.TOML)
    written = convert(policy, Format.YAML).text
    assert written.startswith(f"id: '{text}'\n")
    assert yaml.safe_load(written)["id"] == text


@pytest.mark.parametrize(
    ("form", "comment"),
    [(Format.TOML, "# c\n"), (Format.YAML, "# c\n"), (Format.TOML, ""), (Format.JSON, "\n")],
)
def test_whether_comments_were_lost_is_told(form: Format, comment: str) -> None:
    text = SOURCES[form].replace("A policy", "A # policy") + comment
    assert convert(load(text, form), Format.JSON).comments_lost is ("#" in comment)
