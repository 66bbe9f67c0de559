"""Workflow commands: one a finding, and no text from a policy ever becomes one of its own."""

import re
from pathlib import Path

import pytest
from hypothesis import given

from policyconsole.cli.main import main
from policyconsole.cli.reports.github_report import GithubReport
from policyconsole.cli.verdicts import Verdict
from policyconsole.diagnostics import Kind, Place, Severity, error
from tests import policies
from tests.cli.reports.reporting import VERDICTS, verdict, written

COMMAND = re.compile(r"::(?P<name>error|warning|notice) (?P<properties>[^:\n]+)::(?P<text>[^\n]*)")
COMMANDS = {Kind.ERROR: "error", Kind.WARNING: "warning", Kind.RECOMMENDATION: "notice"}


def test_a_refused_file_is_an_error_at_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a,b.toml").write_text(policies.REFUSED_AT_STRICT)
    assert main(["check", "--level", "strict", "--format", "github", "a,b.toml"]) == 1
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.startswith(
        "::error file=a%2Cb.toml,line=6,endLine=6,col=15,endColumn=24,title=SEC003 (high)::"
    )
    assert "%0A" in first  # the help is on a line of its own
    assert last.startswith("1 file checked")


def test_columns_of_several_lines_are_left_out() -> None:
    long = error("PARSE001", Severity.CRITICAL, "m", place=Place(2, 3, 4, 5))
    [command, _] = written(GithubReport, [verdict("a.toml", [long])]).splitlines()
    assert command == "::error file=a.toml,line=2,endLine=4,title=PARSE001 (critical)::m"


def test_a_path_is_named_as_the_repository_does() -> None:
    whole = error("FILE004", Severity.CRITICAL, "m")
    [command, _] = written(GithubReport, [verdict("./p//a.toml", [whole])]).splitlines()
    assert command == "::error file=p/a.toml,title=FILE004 (critical)::m"


def test_what_looks_like_an_escape_in_a_name_or_a_value_stays_what_it_is() -> None:
    found = error("SEC003", Severity.HIGH, "100 %0A")
    [command, _] = written(GithubReport, [verdict("50%2C.toml", [found])]).splitlines()
    assert command == "::error file=50%252C.toml,title=SEC003 (high)::100 %250A"


@given(VERDICTS)
def test_there_is_one_command_for_each_finding_whatever_they_say(verdicts: list[Verdict]) -> None:
    lines = written(GithubReport, verdicts).split("\n")
    commands = [line for line in lines if line.startswith("::")]
    wanted = [COMMANDS[item.kind] for one in verdicts for item in one.judgement.diagnostics]
    matches = [COMMAND.fullmatch(command) for command in commands]
    assert [match["name"] for match in matches if match] == wanted
    assert len(lines) == len(commands) + (2 if verdicts else 1)
