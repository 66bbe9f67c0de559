"""JUnit XML: a test case a file, readable by other programs whatever the policies hold."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from junitparser import Failure, JUnitXml

from policyconsole.cli.main import main
from policyconsole.cli.reports.junit_report import JunitReport
from policyconsole.cli.verdicts import Verdict
from tests import policies
from tests.cli.reports.reporting import VERDICTS, written


def test_another_program_reads_a_case_for_each_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.toml").write_text(policies.REFUSED_AT_STRICT)
    (tmp_path / "good.toml").write_text(policies.toml("good", version="1.0"))
    assert main(["check", "--level", "strict", "--format", "junit", str(tmp_path)]) == 1
    document = JUnitXml.fromstring(capsys.readouterr().out.encode())
    assert (document.tests, document.failures) == (2, 1)
    [suite] = document
    bad, good = suite
    assert bad.name == str(tmp_path / "bad.toml")
    [failure] = bad.result
    assert isinstance(failure, Failure)
    assert failure.type == "SEC003"
    assert ":6:15: error SEC003 (high)" in failure.text
    assert good.result == []
    assert "SYNTAX004" in good.system_out


@given(VERDICTS)
def test_whatever_was_found_it_is_well_formed(verdicts: list[Verdict]) -> None:
    root = ET.fromstring(written(JunitReport, verdicts).encode())
    assert root.get("tests") == str(len(verdicts))
    refused = [case for case in root.iter("testcase") if case.find("failure") is not None]
    assert len(refused) == sum(not item.judgement.accepted for item in verdicts)
