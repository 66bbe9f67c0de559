"""The JSON Schema says what the loader says, field by field; editors get it from ``policy-console schema``."""

import json
import math
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, TypeAlias, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from policyconsole.diagnostics import Kind
from policyconsole.fields import format_field
from policyconsole.judging import judge
from policyconsole.loading.content import to_text
from policyconsole.loading.formats import EncodeError, Format, decode, encode, format_of
from policyconsole.loading.loader import PolicyLoadError, parse
from policyconsole.policy import PolicyConfig, Section
from policyconsole.schema import policy_schema
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.ruleset import Ruleset

from .policies import REPORT

Names: TypeAlias = tuple[str, ...]

SCHEMA: dict[str, Any] = policy_schema("1.2.3")
VALIDATOR = Draft7Validator(SCHEMA, format_checker=Draft7Validator.FORMAT_CHECKER)
SAMPLES = sorted((REPORT.parents[1] / "sample_policies").iterdir())
NAMED = {"id": "a", "name": "b", "version": "1.0.0"}


def as_editors_see_it(value: object) -> object:
    """Times are text for the language servers of TOML and YAML."""
    match value:
        case dict():
            return {key: as_editors_see_it(item) for key, item in value.items()}
        case list():
            return [as_editors_see_it(item) for item in value]
        case datetime() | date() | time():
            return value.isoformat()
    return value


def accepts(data: object) -> bool:
    return bool(VALIDATOR.is_valid(as_editors_see_it(data)))


def loads(data: dict[str, object], form: Format) -> bool:
    try:
        parse(encode(data, form).encode(), form)
    except PolicyLoadError:
        return False
    return True


def at(path: Names, value: object) -> dict[str, object]:
    """A policy with one value in it."""
    data: dict[str, Any] = dict(NAMED)
    table = data
    for step in path[:-1]:
        table = table.setdefault(step, {})
    table[path[-1]] = value
    return data


def fields(
    schema: dict[str, Any], section: type[Section] | None, path: Names = ()
) -> Iterator[tuple[Names, dict[str, Any], object]]:
    """Every field of the schema, with its default in the model."""
    for name, below in schema["properties"].items():
        field = section.model_fields[name] if section else None
        kind = field.annotation if field else None
        yield (*path, name), below, field.default if field else None
        if "properties" in below:
            inner = kind if isinstance(kind, type) and issubclass(kind, Section) else None
            yield from fields(below, inner, (*path, name))


FIELDS = {path: (below, default) for path, below, default in fields(SCHEMA, PolicyConfig)}
TABLES = [path for path, (below, _) in FIELDS.items() if "properties" in below]


def test_the_schema_is_one() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert "1.2.3" in SCHEMA["$comment"]
    assert {"$id", "title"} <= SCHEMA.keys()
    assert "$ref" not in json.dumps(SCHEMA)


@pytest.mark.parametrize("path", [REPORT, *SAMPLES], ids=lambda path: path.name)
def test_the_report_and_the_samples_validate(path: Path) -> None:
    form = format_of(path)
    assert form is not None
    data = decode(to_text(path.read_bytes()), form)
    assert [error.message for error in VALIDATOR.iter_errors(as_editors_see_it(data))] == []


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"id": "a", "name": "b"},
        [NAMED],
        NAMED | {"version": 1},
        NAMED | {"created_at": "2026-01-01T00:00:00"},
        NAMED | {"created_at": "yesterday"},
        NAMED | {"security": None},
        NAMED | {"security": []},
        NAMED | {"security": {"enabled": "yes"}},
        NAMED | {"security": {"tls": {"cipher_suites": "TLS_AES_128_GCM_SHA256"}}},
        NAMED | {"security": {"tls": {"cipher_suites": [1]}}},
        NAMED | {"security": {"tls": {"min_version": 1.2}}},
        NAMED | {"monitoring": {"log_level": "trace"}},
        NAMED | {"monitoring": {"interval_seconds": 0}},
        NAMED | {"monitoring": {"metrics": {"sampling_rate": 1.5}}},
        NAMED | {"authentication": {"method": "OAuth2"}},
        NAMED | {"custom": "x"},
    ],
)
def test_what_does_not_load_does_not_validate(data: Any) -> None:
    assert not accepts(data)
    with pytest.raises(PolicyLoadError):
        parse(json.dumps(data).encode(), Format.JSON)


def test_every_field_of_the_model_is_there_and_explained() -> None:
    expected = {path for path, _, _ in _model(PolicyConfig)}
    own = {("custom", "environment"), ("custom", "compliance_mode")}
    assert FIELDS.keys() == expected | own
    assert [path for path, (below, _) in FIELDS.items() if len(below["description"]) < 15] == []
    assert (
        "SEC003 (error from level strict)"
        in FIELDS["security", "tls", "min_version"][0]["description"]
    )
    assert "SYNTAX004 (warning)" in FIELDS["version",][0]["description"]


def _model(section: type[Section], above: Names = ()) -> Iterator[tuple[Names, object, object]]:
    for name, field in section.model_fields.items():
        kind = field.annotation
        yield (*above, name), kind, field.default
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from _model(kind, (*above, name))


def test_defaults_and_choices_are_the_models() -> None:
    for path, kind, default in _model(PolicyConfig):
        below = FIELDS[path][0]
        if path in TABLES or (len(path) == 1 and path[0] in NAMED):
            assert "default" not in below
        elif default is None:
            assert "null" in below["type"]
        else:
            assert below["default"] == (list(default) if isinstance(default, tuple) else default)
        if "enum" in below:
            assert tuple(below["enum"]) == get_args(kind)
    assert [path[-1] for path, (below, _) in FIELDS.items() if "enum" in below] == [
        "log_level",
        "method",
    ]


@pytest.mark.parametrize(
    "path", [path for path, (below, _) in FIELDS.items() if "minimum" in below]
)
def test_ranges_end_where_the_loaders_do(path: Names) -> None:
    below, _ = FIELDS[path]
    for value in (below["minimum"], below["maximum"]):
        assert accepts(at(path, value))
        assert loads(at(path, value), Format.JSON)
    for value in (below["minimum"] - 1, below["maximum"] + 1):
        assert not accepts(at(path, value))
        assert not loads(at(path, value), Format.JSON)


PROPOSED = [
    (path, value)
    for path, (below, _) in FIELDS.items()
    for value in below.get("items", below).get("anyOf", [{}])[0].get("enum", ())
]


@pytest.mark.parametrize(("path", "value"), PROPOSED)
def test_no_rule_minds_a_value_that_is_proposed(path: Names, value: str) -> None:
    data = at(path, [value] if path[-1] == "cipher_suites" else value)
    if "WITH" in value:
        data["security"]["tls"]["min_version"] = "TLSv1.2"  # type: ignore[index]  # a suite of TLS 1.2
    said = judge(
        encode(data, Format.JSON).encode(), Format.JSON, Ruleset(ValidationLevel.CUSTOM), "a.json"
    )
    about = format_field(path)
    assert said.accepted
    assert [
        item
        for item in said.diagnostics
        if item.kind is not Kind.RECOMMENDATION and (item.field or "").startswith(about)
    ] == []


@pytest.mark.parametrize("path", [path for path, (below, _) in FIELDS.items() if "anyOf" in below])
def test_other_values_than_those_proposed_validate_as_they_load(path: Names) -> None:
    assert accepts(at(path, "my own"))
    assert loads(at(path, "my own"), Format.TOML)


@pytest.mark.parametrize("table", [(), *(table for table in TABLES if table != ("custom",))])
def test_an_unknown_field_is_warned_about_and_nothing_more(table: Names) -> None:
    """``deprecationMessage`` is what editors show as a warning; to everybody else it is nothing."""
    schema = FIELDS[table][0] if table else SCHEMA
    assert "FIELD001" in schema["additionalProperties"]["deprecationMessage"]
    data = at((*table, "no_such_field"), {"x": [1]})
    assert accepts(data)
    assert loads(data, Format.TOML)


def test_what_is_below_custom_is_your_own() -> None:
    assert "additionalProperties" not in FIELDS["custom",][0]
    assert accepts(at(("custom", "x"), [{"y": None}]))


EITHER_WAY: list[object] = [
    *(True, False, 0, 1, -1, 2_147_483_647, 2_147_483_648, 0.5, 1.5, -0.5, "", "x", "info", "none"),
    *([], ["x"], [1], ["x", None], {}, {"x": 1}, {"enabled": False}, "2026-01-01T00:00:00Z"),
    *("2026-01-01 00:00:00.5+09:00", "2026-01-01T00:00:00", "2026-01-01"),
]
"""Values that load where the schema accepts them, and nowhere else."""

TIMES = [
    *(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 0, 5)),  # noqa: DTZ001 - naive
    *(date(2026, 1, 1), time(7, 32)),
]
"""To editors they are text like any other: where text is meant, the loader alone refuses them."""

SCHEMA_ONLY: list[object] = [1.0, 60.0, "2026-02-30T00:00:00Z", "2026-01-01T00:00:00 +1"]
"""JSON Schema takes 60.0 for a whole number and knows no calendar; the loader does not and does."""

VALUES = st.lists(
    st.tuples(st.sampled_from(sorted(FIELDS)), st.sampled_from([*EITHER_WAY, None]))
    | st.tuples(
        st.sampled_from([("created_at",), ("updated_at",), ("custom", "environment")]),
        st.sampled_from(TIMES),
    ),
    max_size=4,
)


def made(values: list[tuple[Names, object]]) -> dict[str, object]:
    """A policy with these values, the later in the place of the earlier where both do not go."""
    data: dict[str, Any] = dict(NAMED)
    for path, value in values:
        table = data
        for step in path[:-1]:
            if not isinstance(table.get(step), dict):
                table[step] = {}
            table = table[step]
        table[path[-1]] = deepcopy(value)
    return data


@pytest.mark.parametrize("form", Format)
@given(VALUES)
def test_what_the_schema_accepts_loads_and_what_loads_it_accepts(
    form: Format, values: list[tuple[Names, object]]
) -> None:
    data = made(values)
    try:
        written = decode(encode(data, form), form)
    except EncodeError:
        return  # None in TOML
    assert accepts(written) == loads(data, form)


@pytest.mark.parametrize("value", SCHEMA_ONLY, ids=str)
def test_the_schema_is_never_the_stricter(value: object) -> None:
    for path in FIELDS:
        data = at(path, value)
        assert accepts(data) or not loads(data, Format.JSON), path


@pytest.mark.parametrize(
    ("form", "written"),
    [
        (Format.YAML, "2001-12-14 21:59:43.10 -5"),
        (Format.YAML, "2001-12-14t21:59:43Z"),
        (Format.TOML, "2001-12-14 21:59Z"),
        (Format.TOML, "2001-12-14t21:59:43.123456789+09:00"),
    ],
)
def test_times_may_be_written_as_each_format_writes_them(form: Format, written: str) -> None:
    """The language servers see the text of a time, not the time."""
    line = {Format.YAML: f"created_at: {written}\n", Format.TOML: f"created_at = {written}\n"}[form]
    assert parse((encode(NAMED, form) + line).encode(), form).config.created_at is not None
    assert accepts(NAMED | {"created_at": written})


def test_free_numbers_are_the_loaders_to_judge() -> None:
    assert accepts(at(("custom", "x"), math.inf))
    with pytest.raises(PolicyLoadError):
        parse(encode(NAMED, Format.TOML).encode() + b"custom.x = inf", Format.TOML)
