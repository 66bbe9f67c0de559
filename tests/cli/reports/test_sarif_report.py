"""SARIF 2.1.0: valid by the published schema, places and fingerprints as viewers need them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from policyconsole.cli.main import main
from policyconsole.cli.reports.sarif_report import SarifReport
from policyconsole.cli.verdicts import Verdict
from policyconsole.diagnostics import Diagnostic, Kind, Place, Severity, error
from policyconsole.validation.catalogue import Catalogue
from policyconsole.validation.rule import Finding, Rule
from policyconsole.validation.ruleset import Ruleset
from tests import policies
from tests.cli.reports.reporting import VERDICTS, verdict, written

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text()),
    format_checker=Draft202012Validator.FORMAT_CHECKER,
)

WHOLE = error("FILE004", Severity.CRITICAL, "the file is empty")


def sarif(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    main(["check", "--format", "sarif", *map(str, arguments)])
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    SCHEMA.validate(document)
    return document["runs"][0]  # type: ignore[no-any-return]


def test_a_finding_has_its_rule_level_place_and_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ein Ordner").mkdir()
    Path("ein Ordner/a:b #1.toml").write_text(policies.REFUSED_AT_STRICT)
    run = sarif(capsys, "--level", "strict", "ein Ordner")
    [result] = [item for item in run["results"] if item["ruleId"] == "SEC003"]
    described = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert (result["level"], described["id"]) == ("error", "SEC003")
    assert described["properties"]["security-severity"] == "8.0"
    assert "8996" in described["help"]["text"]
    [location] = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "ein%20Ordner/a%3Ab%20%231.toml"},
        "region": {"startLine": 6, "startColumn": 15, "endLine": 6, "endColumn": 24},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "security.tls.min_version"}]
    assert run["columnKind"] == "unicodeCodePoints"


def test_a_file_as_a_whole_is_shown_at_its_first_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.toml").touch()
    [result] = sarif(capsys, tmp_path)["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 1}
    assert place["artifactLocation"]["uri"] == (tmp_path / "empty.toml").as_uri()


def prints(run: dict[str, Any]) -> dict[str, str]:
    return {
        item["ruleId"]: item["partialFingerprints"]["policyConsole/v1"] for item in run["results"]
    }


def test_a_fingerprint_stays_while_lines_move_and_other_findings_come(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.toml"
    file.write_text(policies.REFUSED_AT_STRICT)
    before = prints(sarif(capsys, "--level", "strict", file))
    file.write_text("\n# one more line\n" + policies.REFUSED_AT_STRICT + "nothing_known = 1\n")
    after = prints(sarif(capsys, "--level", "strict", file))
    assert "FIELD001" in after
    assert "FIELD001" not in before
    assert after["SEC003"] == before["SEC003"]


def test_two_alike_have_fingerprints_of_their_own() -> None:
    twice = error("SEC003", Severity.HIGH, "old", field="a", place=Place(1, 1, 1, 2))
    document = json.loads(written(SarifReport, [verdict("a.toml", [twice, twice], text="x\n")]))
    first, second = document["runs"][0]["results"]
    assert first["partialFingerprints"] != second["partialFingerprints"]
    assert first["ruleIndex"] == second["ruleIndex"]


def test_no_text_becomes_a_link() -> None:
    tricky = error("SEC003", Severity.HIGH, "see [here](https://example.org)")
    document = json.loads(written(SarifReport, [verdict("a.toml", [tricky])]))
    text = document["runs"][0]["results"][0]["message"]["text"]
    assert text == "see \\[here\\](https://example.org)"


@given(VERDICTS)
def test_whatever_was_found_the_log_is_valid(verdicts: list[Verdict]) -> None:
    document = json.loads(written(SarifReport, verdicts))
    SCHEMA.validate(document)
    found = sum(len(item.judgement.diagnostics) for item in verdicts)
    assert len(document["runs"][0]["results"]) == found


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("./p//a.toml", "p/a.toml"),
        ("p/../a.toml", "a.toml"),
        ("here/p/a.toml", "p/a.toml"),
        ("p/a%20b?.toml", "p/a%2520b%3F.toml"),
        ("p/\udcffå\U0001f600.toml", "p/%FF%C3%A5%F0%9F%98%80.toml"),
        ("c:/a.toml", "c%3A/a.toml"),
    ],
)
def test_a_path_counts_from_the_current_folder_and_is_encoded(
    path: str, uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").symlink_to(".")
    (tmp_path / "p").mkdir()
    monkeypatch.chdir(tmp_path)
    for given_path in (path, str(tmp_path / path)):
        document = json.loads(written(SarifReport, [verdict(given_path, [WHOLE])]))
        SCHEMA.validate(document)
        [result] = document["runs"][0]["results"]
        assert uri_of(result) == uri
    outside = json.loads(written(SarifReport, [verdict("../a b.toml", [WHOLE])]))
    assert uri_of(outside["runs"][0]["results"][0]) == f"{tmp_path.parent.as_uri()}/a%20b.toml"
    here = document["runs"][0]["invocations"][0]["workingDirectory"]["uri"]
    assert here == f"{tmp_path.as_uri()}/"


def uri_of(result: dict[str, Any]) -> str:
    uri: str = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    return uri


@pytest.mark.parametrize("also", [["nowhere"], ["notes.txt"], []])
def test_a_run_that_left_a_path_out_was_no_success(
    also: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.toml").write_text(policies.REFUSED_AT_STRICT)
    [invocation] = sarif(capsys, "--level", "strict", "a.toml", *also)["invocations"]
    assert invocation["executionSuccessful"] is (not also)


def test_a_rule_explains_itself_as_text_and_as_markdown_with_its_example() -> None:
    def documented() -> Finding:
        """What.

        Why.

        Example:
            a = 1

        Fix: Do.

        Source: RFC 1 (https://example.org/rfc1#a).
        """
        raise AssertionError

    own = Rule("OWN001", Kind.WARNING, documented.__doc__ or "")
    found = Diagnostic("OWN001", Kind.WARNING, "m")
    text = written(
        SarifReport,
        [verdict("a.toml", [found, replace(found, code="OWN002")])],
        rules=Ruleset(rules=Catalogue([own])),
    )
    SCHEMA.validate(json.loads(text))
    known, unknown = json.loads(text)["runs"][0]["tool"]["driver"]["rules"]
    assert known["shortDescription"]["text"] == "What."
    assert known["help"] == {
        "text": "Why.\n\nFix: Do.\n\nSource: RFC 1 (https://example.org/rfc1#a).",
        "markdown": "Why.\n\n```\na = 1\n```\n\n**Fix:** Do.\n\n"
        "Source: RFC 1 (https://example.org/rfc1#a).",
    }
    assert known["helpUri"] == "https://example.org/rfc1#a"
    assert known["properties"]["problem.severity"] == "warning"
    assert "security-severity" not in known["properties"]
    assert (unknown["id"], "help" in unknown) == ("OWN002", False)
