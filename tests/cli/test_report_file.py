"""``check --output FILE``: the whole report or none, and never in the place of a policy."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from policyconsole.cli.main import main
from policyconsole.cli.report_file import report_file
from policyconsole.cli.streams import OutputError
from policyconsole.cli.verdicts import Found
from tests import policies
from tests.cli.processes import PROGRAM, environment, run

FORMATS = ("text", "json", "sarif", "github", "junit")


@pytest.fixture
def policy(folder: Path) -> Path:
    file = folder / "a.toml"
    file.write_text(policies.toml())
    return file


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_report_never_takes_the_place_of_a_policy(
    policy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link = tmp_path / "report"
    link.symlink_to(policy)
    for output in (policy, link):
        assert main(["check", "--output", str(output), str(policy.parent)]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert f"{output} is one of the files to check" in captured.err
        assert policy.read_text() == policies.toml()
    assert os.listdir(policy.parent) == ["a.toml"]


@pytest.mark.parametrize(
    ("output", "refused"),
    [
        ("policies/report.json", True),
        ("policies/below/report.YAML", True),
        ("policies/report.sarif", False),
        ("policies/.report.json", False),
        ("policies/.reports/report.json", False),
        ("policies/left-out/report.json", False),
        ("report.json", False),
    ],
)
def test_a_report_never_becomes_a_policy(
    output: str,
    refused: bool,
    policy: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy-console.toml").write_text('exclude = ["policies/left-out"]')
    (tmp_path / output).parent.mkdir(exist_ok=True)
    for _ in range(2):  # again: nothing has changed by the first time
        code = main(["check", "--format", "json", "--output", output, str(policy.parent)])
        assert code == (2 if refused else 0)
        assert ("would be taken for a policy" in capsys.readouterr().err) == refused
        assert (tmp_path / output).exists() != refused


@pytest.mark.parametrize("option", ["--output", "--write-baseline"])
def test_a_report_never_takes_the_place_of_the_configuration(
    option: str, policy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "policy-console.toml"
    file.write_text('level = "strict"')
    assert main(["check", option, str(file), str(policy)]) == 2
    assert f"{file} configures policy-console" in capsys.readouterr().err
    assert file.read_text() == 'level = "strict"'


@pytest.mark.parametrize("option", ["--baseline", "--write-baseline"])
def test_a_report_never_takes_the_place_of_the_baseline(
    option: str, policy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "known"
    assert main(["check", "--write-baseline", str(file), str(policy)]) == 0
    known = file.read_text()
    (tmp_path / "link").symlink_to(file)
    capsys.readouterr()
    assert main(["check", option, str(file), "--output", str(tmp_path / "link"), str(policy)]) == 2
    assert f"--output and {option} name the same file" in capsys.readouterr().err
    assert file.read_text() == known


def test_a_new_report_has_the_usual_mode_and_an_old_one_keeps_its_own(
    policy: Path, tmp_path: Path
) -> None:
    before = os.umask(0o027)
    try:
        assert main(["check", "--output", str(tmp_path / "new"), str(policy)]) == 0
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert mode(tmp_path / "new") == 0o640
    (tmp_path / "old").write_text("old")
    (tmp_path / "old").chmod(0o600)
    assert main(["check", "--output", str(tmp_path / "old"), str(policy)]) == 0
    assert (tmp_path / "old").read_text().startswith("1 file checked")
    assert mode(tmp_path / "old") == 0o600


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev")
@pytest.mark.parametrize("output", ["/dev/null", "/dev/stdout"])
def test_a_pipe_or_a_device_is_written_to_as_it_is(policy: Path, output: str) -> None:
    result = run("check", "--format", "json", "--output", output, policy)
    assert (result.returncode, result.stderr) == (0, b"")
    assert (b'"version": 1' in result.stdout) == (output == "/dev/stdout")
    assert b"1 file checked at level standard: valid: see " in result.stdout


@pytest.mark.parametrize("where", ["nowhere/report", ".", "policies/a.toml/report"])
def test_what_cannot_be_written_is_said_before_anything_is_checked(
    where: str,
    policy: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def judge(*_: object) -> None:
        pytest.fail("a file was judged")

    monkeypatch.setattr("policyconsole.cli.verdicts._judge_file", judge)
    monkeypatch.chdir(tmp_path)
    assert main(["check", "--output", where, str(policy)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"policy-console: cannot write {where}: ")


@pytest.mark.parametrize("problem", [KeyboardInterrupt(), OSError(errno.ENOSPC, "full")])
def test_a_report_that_is_not_finished_leaves_the_old_one(
    tmp_path: Path, problem: BaseException
) -> None:
    def write_half(path: Path) -> None:
        with report_file(str(path), []) as line:
            line("half")
            raise problem

    (tmp_path / "report").write_text("old")
    with pytest.raises((KeyboardInterrupt, OutputError)):
        write_half(tmp_path / "report")
    assert (tmp_path / "report").read_text() == "old"
    assert os.listdir(tmp_path) == ["report"]


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_is_said_and_is_no_verdict(policy: Path, form: str) -> None:
    policy.write_text(policies.NOT_WELL_FORMED)
    result = run("check", "--format", form, "--output", "/dev/full", policy)
    assert result.returncode == 2
    assert result.stdout == b""
    assert result.stderr == b"policy-console: cannot write /dev/full: No space left on device\n"


def test_a_file_that_is_gone_meanwhile_is_no_reason_to_refuse(tmp_path: Path) -> None:
    (tmp_path / "report").touch()
    with report_file(str(tmp_path / "report"), [Found((str(tmp_path / "gone.toml"),))]) as line:
        line("å\udcff")
    assert (tmp_path / "report").read_bytes() == "å\\udcff\n".encode()


def test_colours_are_for_the_terminal_alone(policy: Path, tmp_path: Path) -> None:
    policy.write_text(policies.NOT_WELL_FORMED)
    result = subprocess.run(
        [*PROGRAM, "--output", str(tmp_path / "report"), "check", str(policy)],
        env=environment(FORCE_COLOR="1"),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 1
    assert b"\x1b[1;31m1 refused" in result.stdout
    assert b"PARSE001" not in result.stdout
    written = (tmp_path / "report").read_bytes()
    assert b"PARSE001" in written
    assert b"\x1b" not in written
