"""Which command is meant, what the program says of itself, and how wrong usage ends."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from policyconsole.cli.arguments import COMMANDS, WATCHERS
from policyconsole.cli.main import main, split
from policyconsole.validation.levels import ValidationLevel
from policyconsole.watching.hints import WatcherKind
from tests import policies
from tests.cli.processes import environment, run


@pytest.mark.parametrize(
    ("arguments", "command", "rest"),
    [
        (["check", "a"], "check", ["a"]),
        (["--level", "strict", "check", "a"], "check", ["--level", "strict", "a"]),
        (["--level=strict", "watch", "a"], "watch", ["--level=strict", "a"]),
        (["--level", "check", "a"], None, ["--level", "check", "a"]),
        (["./check"], None, ["./check"]),
        (["--", "check"], None, ["--", "check"]),
        (["a", "check"], None, ["a", "check"]),
        (["check", "check"], "check", ["check"]),
        ([], None, []),
    ],
)
def test_the_first_argument_that_is_no_option_names_the_command(
    arguments: list[str], command: str | None, rest: list[str]
) -> None:
    assert split(arguments) == (command, rest)


def test_the_watchers_offered_are_those_that_there_are() -> None:
    assert set(WATCHERS) == {kind.value for kind in WatcherKind}


def exit_code(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_help_names_every_command_option_and_exit_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert exit_code("--help") == 0
    shown = capsys.readouterr().out
    for word in ("[FOLDER]", *COMMANDS, "--level", "--environment", "--watcher", "--version"):
        assert word in shown
    for code in ("  0  ", "  1  ", "  2  "):
        assert code in shown


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("check", ["PATH...", "--level", "--environment", "text", "json", "examples:"]),
        ("watch", ["FOLDER", "--level", "--environment", "--watcher", "jsonl", "examples:"]),
    ],
)
def test_each_command_has_its_help(
    capsys: pytest.CaptureFixture[str], command: str, words: list[str]
) -> None:
    assert exit_code(command, "--help") == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in words)
    assert all(level in shown for level in ValidationLevel)


def test_the_help_of_rule_knows_no_level(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code("rule", "--help") == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("[CODE]", "text", "json", "exit codes:", "examples:"))
    assert "--level" not in shown


def test_the_help_of_schema_says_what_it_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code("schema", "--help") == 0
    shown = capsys.readouterr().out
    assert "docs/editors.md" in shown
    assert "policy-console schema > " in shown


def test_help_ends_quietly_when_nobody_reads_it() -> None:
    reading, writing = os.pipe()
    os.close(reading)

    with os.fdopen(writing, "wb") as nobody:
        result = subprocess.run(
            [sys.executable, "-m", "policyconsole", "--help"],
            stdout=nobody,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert (result.returncode, result.stderr) == (0, b"")


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code("--version") == 0
    assert capsys.readouterr().out == f"policy-console {version('policy-console')}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "--level", "harsh", "x"], "basic, standard, strict, custom"),
        (["check", "--format", "xml", "x"], "'text', 'json'"),
        (["check", "--lev", "strict", "x"], "--lev"),
        (["check"], "PATH"),
        (["watch"], "FOLDER"),
        (["watch", "--watcher", "fsevents", "x"], "'inotify'"),
        (["watch", "--environment", " ", "x"], "an environment needs a name"),
        (["check", "--\x1b[31m", "x"], "--\\x1b[31m"),
        (["--format", "json"], "--format"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert exit_code(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert "--help" in captured.err
    assert "\x1b" not in captured.err


def test_without_a_terminal_the_app_names_watch(tmp_path: Path) -> None:
    (tmp_path / "my policies").mkdir()
    result = run("my policies", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stdout == b""
    assert b"policy-console watch 'my policies'" in result.stderr


@pytest.mark.parametrize(("made", "expected"), [("policies", "policies"), ("other", ".")])
def test_the_usual_folder_is_policies_if_there_is_one(
    tmp_path: Path, made: str, expected: str
) -> None:
    (tmp_path / made).mkdir()
    result = run(cwd=tmp_path)
    assert result.returncode == 2
    assert f"policy-console watch {expected}'".encode() in result.stderr


def test_a_folder_that_does_not_exist_is_no_command_either(tmp_path: Path) -> None:
    result = run("rules", cwd=tmp_path)
    assert result.returncode == 2
    assert b"the folder rules does not exist" in result.stderr
    assert b"did you mean 'policy-console rule'?" in result.stderr
    result = run("policy", cwd=tmp_path)
    assert b"--help" in result.stderr


def test_a_folder_called_like_a_command_is_named_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "check").mkdir()
    (tmp_path / "check" / "a.toml").write_text(policies.toml())
    assert run("check", "check", cwd=tmp_path).returncode == 0
    result = run("./check", cwd=tmp_path)
    assert b"policy-console watch ./check" in result.stderr


def test_the_installed_program_is_the_same(tmp_path: Path) -> None:
    program = shutil.which("policy-console", path=str(Path(sys.executable).parent))
    assert program is not None
    (tmp_path / "a.toml").write_text(policies.toml())

    result = subprocess.run(
        [program, "check", "a.toml"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0
    assert result.stdout == b"1 file checked at level standard: valid\n"


def test_a_mistyped_command_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wacth", "policies"]) == 2
    assert "did you mean 'policy-console watch'?" in capsys.readouterr().err


def test_two_folders_are_one_too_many(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "another"]) == 2
    assert "another is one too many" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
@pytest.mark.parametrize("option", ["--version", "--help"])
def test_a_full_disk_is_told_without_a_traceback(option: str) -> None:
    with open("/dev/full", "w") as full:
        run = subprocess.run(
            [sys.executable, "-m", "policyconsole", option],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert run.returncode == 2
    assert "cannot write to standard output" in run.stderr
    assert "Traceback" not in run.stderr
