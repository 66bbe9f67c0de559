"""By what a finding is known again: not by its line, and never by a secret."""

from pathlib import Path

import pytest

from policyconsole.diagnostics import Diagnostic, Kind, Place, Severity, error
from policyconsole.excerpt import LARGEST
from policyconsole.fingerprint import fingerprints
from policyconsole.judging import judge
from policyconsole.loading.formats import Format
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.ruleset import Ruleset

STRICT = Ruleset(ValidationLevel.CUSTOM)
TABLES = """
[security.encryption]
key_size = 128
[security.tls]
min_version = "TLSv1.0"
"""
SOURCES = {
    Format.TOML: 'id = "a"\nname = "a"\nversion = "1.0.0"\n' + TABLES,
    Format.YAML: (
        "id: a\nname: a\nversion: 1.0.0\nsecurity:\n  encryption: {key_size: 128}\n"
        "  tls:\n    min_version: TLSv1.0\n"
    ),
    Format.JSON: (
        '{"id": "a", "name": "a", "version": "1.0.0", "security":\n'
        '{"encryption": {"key_size": 128},\n"tls": {"min_version": "TLSv1.0"}}}'
    ),
}


def known(source: str, form: Format = Format.TOML, path: str = "a.toml") -> dict[str, str]:
    """The fingerprints of a source's findings by code; a code found twice has a number behind it."""
    judgement = judge(source.encode(), form, STRICT, path)
    given = fingerprints(path, judgement.text, judgement.diagnostics)
    named: dict[str, str] = {}
    for diagnostic, fingerprint in zip(judgement.diagnostics, given, strict=True):
        name = diagnostic.code
        while name in named:
            name += "'"
        named[name] = fingerprint
    return named


@pytest.mark.parametrize("form", Format)
def test_it_stays_while_lines_move_and_other_findings_come_and_go(form: Format) -> None:
    source = SOURCES[form]
    before = known(source, form)
    assert {"SEC001", "SEC003"} <= set(before)
    for fingerprint in before.values():
        assert len(fingerprint) == 32
        int(fingerprint, 16)
    moved = known("\n\n" + source.replace("\n", "\n\n"), form)
    assert moved == before
    other = known(source.replace("1.0.0", "one"), form)
    assert "SYNTAX004" in set(other) - set(before)
    assert before.items() <= other.items()
    mended = known(source.replace("128", "256"), form)
    of_the_key = {"SEC001", "LOGIC011"}
    assert mended == {code: known for code, known in before.items() if code not in of_the_key}


@pytest.mark.parametrize("form", Format)
def test_a_value_that_gets_worse_is_a_new_finding(form: Format) -> None:
    before = known(SOURCES[form], form)
    after = known(SOURCES[form].replace("128", "64"), form)
    assert after["SEC001"] != before["SEC001"]
    assert after["SEC003"] == before["SEC003"]


SUITES = {
    Format.TOML: '[security.tls]\ncipher_suites = [\n  "TLS_AES_128_GCM_SHA256",\n  "WORSE",\n]\n',
    Format.YAML: "security:\n  tls:\n    cipher_suites:\n    - TLS_AES_128_GCM_SHA256\n    - WORSE\n",
    Format.JSON: '{"security": {"tls": {"cipher_suites": [\n"TLS_AES_128_GCM_SHA256",\n"WORSE"\n]}}}',
}


@pytest.mark.parametrize("form", Format)
def test_an_item_that_gets_worse_is_a_new_finding_on_a_line_of_its_own_too(form: Format) -> None:
    source = {
        Format.TOML: 'id = "a"\nname = "a"\nversion = "1.0.0"\n' + SUITES[Format.TOML],
        Format.YAML: "id: a\nname: a\nversion: 1.0.0\n" + SUITES[Format.YAML],
        Format.JSON: '{"id": "a", "name": "a", "version": "1.0.0", ' + SUITES[Format.JSON][1:],
    }[form]
    weak = source.replace("WORSE", "TLS_RSA_WITH_RC4_128_SHA")
    none = source.replace("WORSE", "TLS_RSA_WITH_NULL_SHA")
    assert known(weak, form)["SEC009"] != known(none, form)["SEC009"]
    on_one_line = weak.replace("[\n", "[").replace(",\n", ",").replace("\n]", "]")
    assert known(on_one_line, form)["SEC009"] == known(weak, form)["SEC009"]


def test_how_a_value_is_written_is_no_matter() -> None:
    before = known(SOURCES[Format.TOML])
    other = SOURCES[Format.TOML].replace('= "TLSv1.0"', "    =   'TLSv1.0' # why")
    assert known(other) == before
    dotted = SOURCES[Format.TOML].replace("[security.encryption]\nkey", "security.encryption.key")
    assert known(dotted) == before


def test_what_is_missing_stays_the_same_whatever_stands_beside_it() -> None:
    for form, empty, fuller in (
        (Format.TOML, "[security]\n", '# first\n[security]\ndescription = "x"\n'),
        (Format.YAML, "security:\n  enabled: true\n", "# first\nsecurity: {enabled: true, x: 1}\n"),
        (Format.JSON, '{"security": {}}', '{\n"security": {"enabled": true, "x": 1}}'),
    ):
        before, after = known(empty, form), known(fuller, form)
        assert {"TYPE003", "TYPE003'", "TYPE003''"} <= set(before)
        assert {code: after[code] for code in before} == before


def test_path_code_and_field_tell_findings_apart() -> None:
    one = error("SEC001", Severity.HIGH, "m", field="a")
    others = [
        one,
        error("SEC002", Severity.HIGH, "m", field="a"),
        error("SEC001", Severity.LOW, "m", field="b"),
    ]
    given = {*fingerprints("a", None, others), *fingerprints("b", None, others)}
    assert len(given) == 6
    # What is said of it, and how bad it is, may change with a release or a configuration.
    reworded = error("SEC001", Severity.LOW, "other words", field="a", help="h")
    assert fingerprints("a", None, [reworded]) == fingerprints("a", None, [one])


def test_the_same_finding_twice_differs_by_which_it_is() -> None:
    found = error("OWN001", Severity.LOW, "m", field="custom")
    first, second, third = fingerprints("a", None, [found, found, found])
    assert len({first, second, third}) == 3
    assert fingerprints("a", None, [found, found]) == (first, second)


def test_without_a_field_the_line_counts() -> None:
    def of(source: str, line: int) -> str:
        place = Place(line, 3, line, 4)
        return fingerprints("a", source, [error("PARSE001", Severity.HIGH, "m", place=place)])[0]

    assert of("a\nb  ==\r\n", 2) == of("x\ny\n  b ==", 3)
    assert of("a\nb ==", 2) != of("a\nc ==", 2)


def test_no_secret_is_in_it_not_even_hashed() -> None:
    def of(secret: str, field: str | None) -> str:
        source = f'[custom]\napi_token = "{secret}"\nx = 1\n'
        place = Place(2, 13, 2, 15 + len(secret))
        return fingerprints(
            "a", source, [error("X1", Severity.HIGH, "m", field=field, place=place)]
        )[0]

    for field in ("custom.api_token", None):
        assert of("hunter2", field) == of("correct horse", field)


def test_a_table_is_the_same_whether_it_has_a_header_or_dotted_keys() -> None:
    protections = ("sql_injection_protection = false", "xss_protection = false")
    head = 'id = "a"\nname = "a"\nversion = "1.0.0"\n'
    header = head + "[security.input_validation]\n" + "\n".join(protections)
    dotted = head + "\n".join(f"security.input_validation.{line}" for line in protections)
    quoted = dotted.replace("input_validation", '"input_validation"')
    assert "LOGIC003" in known(header)
    assert known(header)["LOGIC003"] == known(dotted)["LOGIC003"] == known(quoted)["LOGIC003"]


def test_a_value_of_several_lines_counts_as_the_field_alone() -> None:
    def of(source: str) -> str:
        found = error("X1", Severity.HIGH, "m", field="a", place=Place(1, 5, 2, 10))
        return fingerprints("a", source, [found])[0]

    assert of('a = """x\nlonger"""') == of('a = """z\nlonger"""')


def test_a_list_or_a_table_on_one_line_counts_as_on_several() -> None:
    for one, other in (("[1]", "[2]"), ("{x = 1}", "{x = 2}")):
        found = error("X1", Severity.HIGH, "m", field="a", place=Place(1, 5, 1, 5 + len(one)))
        assert fingerprints("a", f"a = {one}", [found]) == fingerprints(
            "a", f"a = {other}", [found]
        )


def test_a_source_that_is_too_large_or_has_no_such_line_gives_one_all_the_same() -> None:
    found = Diagnostic("X1", Kind.WARNING, "m", place=Place(3, 1, 3, 2))
    without = fingerprints("a", None, [found])
    assert fingerprints("a", "x = 1", [found]) == without
    source = "\n\nx = 1\n"
    assert fingerprints("a", source, [found]) != without
    assert fingerprints("a", source + "#" * LARGEST, [found]) == without


def test_a_path_may_hold_anything(tmp_path: Path) -> None:
    found = [error("FILE001", Severity.CRITICAL, "m")]
    paths = ["a\udcff", "a\\udcff", "a\n", 'a"', "å", str(tmp_path)]
    assert len({fingerprints(path, None, found) for path in paths}) == len(paths)
