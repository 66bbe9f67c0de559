from datetime import date

import pytest
from pydantic import ValidationError

from policyconsole.diagnostics import Place, Severity
from policyconsole.loading.formats import Format
from policyconsole.loading.type_errors import type_errors
from policyconsole.policy import PolicyConfig

from .sources import JSON, TOML, YAML, marked, only, refused


@pytest.mark.parametrize(
    ("line", "code", "field", "message", "advice"),
    [
        ("description = 3", "TYPE001", "description", "expected text, got a whole number (3)", "put it in quotes"),
        ("description = true", "TYPE001", "description", "expected text, got true", "put it in quotes"),
        ("description = [1]", "TYPE001", "description", "expected text, got a list", None),
        ("description.a = 1", "TYPE001", "description", "expected text, got a table", None),
        ("description = 2026-11-23", "TYPE001", "description", "expected text, got a date (2026-11-23)", "put it in quotes"),
        ("created_at = 07:32:00", "TYPE001", "created_at", "expected a time, got a time of day (07:32:00)", "write it as 2026-11-23T18:00:00Z"),
        ("created_at = 'soon'", "TYPE001", "created_at", 'expected a time, got text ("soon")', "write it as 2026-11-23T18:00:00Z"),
        ("created_at = '2026-02-30T00:00:00Z'", "TYPE001", "created_at", 'expected a time, got text ("2026-02-30T00:00:00Z")', "write it as 2026-11-23T18:00:00Z"),
        ("created_at = 2026-11-23", "TYPE001", "created_at", "expected a time, got a date (2026-11-23)", "write it as 2026-11-23T18:00:00Z"),
        ("created_at = 2026-11-23T18:00:00", "TYPE001", "created_at", "expected a time with an offset, got a time (2026-11-23T18:00:00)", "add Z for UTC, or an offset such as +09:00"),
        ("created_at = '2026-11-23T18:00:00'", "TYPE001", "created_at", 'expected a time with an offset, got text ("2026-11-23T18:00:00")', "add Z for UTC, or an offset such as +09:00"),
        ("created_at = 0001-01-01T00:00:00+01:00", "TYPE002", "created_at", "must be in the years 1 to 9999 in UTC, got a time (0001-01-01T00:00:00+01:00)", None),
        ("created_at = 5", "TYPE001", "created_at", "expected a time, got a whole number (5)", "write it as 2026-11-23T18:00:00Z"),
        ("security = 5", "TYPE001", "security", "expected a table, got a whole number (5)", None),
        ("custom = 'x'", "TYPE001", "custom", 'expected a table, got text ("x")', None),
        ("security.enabled = 'Yes'", "TYPE001", "security.enabled", 'expected true or false, got text ("Yes")', "write true or false, without quotes"),
        ("security.enabled = 1", "TYPE001", "security.enabled", "expected true or false, got a whole number (1)", None),
        ("monitoring.interval_seconds = '60'", "TYPE001", "monitoring.interval_seconds", 'expected a whole number, got text ("60")', "write 60 without quotes"),
        ("monitoring.interval_seconds = '6.5'", "TYPE001", "monitoring.interval_seconds", 'expected a whole number, got text ("6.5")', None),
        ("monitoring.interval_seconds = 60.0", "TYPE001", "monitoring.interval_seconds", "expected a whole number, got a number (60.0)", "write 60"),
        ("monitoring.interval_seconds = 6.5", "TYPE001", "monitoring.interval_seconds", "expected a whole number, got a number (6.5)", None),
        ("monitoring.interval_seconds = true", "TYPE001", "monitoring.interval_seconds", "expected a whole number, got true", None),
        ("monitoring.interval_seconds = 0", "TYPE002", "monitoring.interval_seconds", "must be between 1 and 2147483647, got 0", None),
        ("monitoring.interval_seconds = 2147483648", "TYPE002", "monitoring.interval_seconds", "must be between 1 and 2147483647, got 2147483648", None),
        ("security.encryption.key_size = -1", "TYPE002", "security.encryption.key_size", "must be between 0 and 2147483647, got -1", None),
        ("monitoring.metrics.sampling_rate = 1.5", "TYPE002", "monitoring.metrics.sampling_rate", "must be between 0 and 1, got 1.5", None),
        ("monitoring.metrics.sampling_rate = -0.5", "TYPE002", "monitoring.metrics.sampling_rate", "must be between 0 and 1, got -0.5", None),
        ("monitoring.metrics.sampling_rate = nan", "TYPE002", "monitoring.metrics.sampling_rate", "must be between 0 and 1, got nan", None),
        ("monitoring.metrics.sampling_rate = -inf", "TYPE002", "monitoring.metrics.sampling_rate", "must be between 0 and 1, got -inf", None),
        ("monitoring.metrics.sampling_rate = '0.5'", "TYPE001", "monitoring.metrics.sampling_rate", 'expected a number, got text ("0.5")', "write 0.5 without quotes"),
        ("monitoring.log_level = 'verbos'", "TYPE002", "monitoring.log_level", 'must be one of debug, info, warn, error; got "verbos"', None),
        ("monitoring.log_level = 'WARNING'", "TYPE002", "monitoring.log_level", 'must be one of debug, info, warn, error; got "WARNING"', 'did you mean "warn"?'),
        ("monitoring.log_level = 3", "TYPE001", "monitoring.log_level", "expected text, got a whole number (3)", "put it in quotes"),
        ("authentication.method = 'oauth'", "TYPE002", "authentication.method", 'must be one of none, basic, api_key, jwt, oauth2, mtls; got "oauth"', 'did you mean "oauth2"?'),
        ("security.tls.cipher_suites = 'A'", "TYPE001", "security.tls.cipher_suites", 'expected a list, got text ("A")', 'put it in brackets: ["A"]'),
        ("security.tls.cipher_suites = {a = 1}", "TYPE001", "security.tls.cipher_suites", "expected a list, got a table", None),
        ("security.tls.cipher_suites = ['A', 3]", "TYPE001", "security.tls.cipher_suites[1]", "expected text, got a whole number (3)", "put it in quotes"),
    ],
)  # fmt: skip
def test_what_is_said_of_toml(
    line: str, code: str, field: str, message: str, advice: str | None
) -> None:
    diagnostic = only(TOML + line, Format.TOML)
    assert (diagnostic.code, diagnostic.field) == (code, field)
    assert diagnostic.severity is Severity.HIGH
    assert diagnostic.message == message
    assert diagnostic.help == advice
    assert diagnostic.place is not None
    assert diagnostic.place.line == 4


@pytest.mark.parametrize(
    ("value", "message", "advice"),
    [
        ("no", "expected text, got false", "reads yes, no, on and off as true or false"),
        ("1.0", "expected text, got a number (1.0)", "reads it as a number"),
        ("0x10", "expected text, got a whole number (16)", "reads it as a number"),
        ("2026-11-23", "expected text, got a date (2026-11-23)", "reads it as a date or time"),
        ("", "expected text, got null", 'write ""'),
        ("[a]", "expected text, got a list", None),
        ("{a: b}", "expected text, got a mapping", None),
    ],
)
def test_yaml_says_what_it_made_of_the_words(value: str, message: str, advice: str | None) -> None:
    text = f"id: a\nname: b\nversion: {value}\n"
    diagnostic = only(text, Format.YAML)
    assert diagnostic.code == "TYPE001"
    assert diagnostic.message == message
    assert diagnostic.place is not None
    assert diagnostic.place.line == 3
    assert (advice or "") in (diagnostic.help or "")
    assert (diagnostic.help is None) is (advice is None)


def test_yaml_reads_an_exponent_without_a_point_as_text() -> None:
    diagnostic = only(YAML + "monitoring: {interval_seconds: 1e3}", Format.YAML)
    assert diagnostic.message == 'expected a whole number, got text ("1e3")'
    assert diagnostic.help == "write 1000 without quotes"


@pytest.mark.parametrize(
    ("form", "text", "word"),
    [
        (Format.TOML, TOML + "security = []", "a table"),
        (Format.YAML, YAML + "security: []", "a mapping"),
        (Format.JSON, JSON.replace("}", ', "security": []}'), "an object"),
    ],
)
def test_a_table_has_the_name_that_its_format_gives_it(form: Format, text: str, word: str) -> None:
    assert only(text, form).message == f"expected {word}, got a list"


def test_an_empty_section_of_yaml_is_explained() -> None:
    diagnostic = only(YAML + "security:\n", Format.YAML)
    assert diagnostic.message == "expected a mapping, got null"
    assert diagnostic.help == "leave it out, or write its fields below it"


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Format.TOML, "description = 'x'\n[security]\n"),
        (Format.YAML, "# c\nsecurity: {}\n"),
        (Format.JSON, ' {"security": {}}'),
    ],
)
def test_what_is_missing_is_said_at_the_top(form: Format, text: str) -> None:
    diagnostics = refused(text, form)
    assert [(item.code, item.field) for item in diagnostics] == [
        ("TYPE003", "id"),
        ("TYPE003", "name"),
        ("TYPE003", "version"),
    ]
    assert diagnostics[0].message == "id is missing"
    assert {item.place for item in diagnostics} == {Place(1, 1, 1, 1)}


def test_long_values_are_cut_and_stay_on_one_line() -> None:
    text = TOML + 'monitoring.interval_seconds = """\n' + "x" * 1000 + '"""'
    message = only(TOML + 'created_at = """a\nb""" ', Format.TOML).message
    assert message == 'expected a time, got text ("a\\nb")'
    assert len(only(text, Format.TOML).message) < 100


def test_a_secret_is_not_repeated() -> None:
    problem = ValidationError.from_exception_data(
        "x", [{"type": "int_type", "loc": ("custom", "api_key"), "input": "hunter2"}]
    )
    (diagnostic,) = type_errors(problem, Format.TOML)
    assert diagnostic.message == "expected a whole number, got text (***)"


def test_an_error_that_nobody_foresaw_is_still_told() -> None:
    problem = ValidationError.from_exception_data(
        "x", [{"type": "recursion_loop", "loc": ("custom", "a"), "input": date(2026, 1, 1)}]
    )
    (diagnostic,) = type_errors(problem, Format.TOML)
    assert diagnostic.code == "TYPE001"
    assert diagnostic.field == "custom.a"
    assert diagnostic.message.startswith("recursion error")


def test_every_error_of_a_file_is_told_at_once() -> None:
    text = TOML + (
        "[security]\nenabled = 'on'\n[security.tls]\nenforce = 0\nmin_versoin = 'x'\n"
        "[monitoring]\nlog_level = 'all'\n"
    )
    diagnostics = refused(text, Format.TOML)
    assert [(item.code, marked(text, item.place)) for item in diagnostics] == [
        ("TYPE001", "'on'"),
        ("TYPE001", "0"),
        ("FIELD001", "min_versoin"),
        ("TYPE002", "'all'"),
    ]


def test_no_message_is_pydantics_own() -> None:
    """Whatever the fields of the model can refuse has words of its own."""
    wrong: tuple[object, ...] = (None, True, 1, -1, 1.5, "x", [], {}, [None], date(2026, 1, 1))
    for value in wrong:
        for data in _each_field(value):
            try:
                PolicyConfig.model_validate(data)
            except ValidationError as problem:
                for item in type_errors(problem, Format.JSON):
                    assert not item.message.lower().startswith("input should"), item


def _each_field(value: object) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []

    def collect(section: type, wrap: list[str]) -> None:
        for name, field in section.model_fields.items():  # type: ignore[attr-defined]  # a Section
            data: object = value
            for step in reversed([*wrap, name]):
                data = {step: data}
            assert isinstance(data, dict)
            found.append({"id": "a", "name": "b", "version": "c", **data})
            if hasattr(field.annotation, "model_fields"):
                collect(field.annotation, [*wrap, name])

    collect(PolicyConfig, [])
    return found
