"""``policy-console check`` with ``--fix``, ``--diff`` and ``--unsafe-fixes``."""

import errno
import json
import os
import pty
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from policyconsole.cli.main import main
from policyconsole.diagnostics import Diagnostic, Kind
from policyconsole.validation.plugins import PluginRules
from tests import policies
from tests.cli.processes import PROGRAM, Watching, environment, run

STRICT = ("--level", "strict")
MENDED = policies.REFUSED_AT_STRICT.replace("TLSv1.0", "TLSv1.2")
SECURITY_OFF = "[authentication]\nrequire_mfa = false\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "a.toml"
    made.write_text(policies.REFUSED_AT_STRICT)
    return made


def check(*arguments: str | Path) -> int:
    return main(["check", *map(str, arguments)])


def test_fix_mends_the_file_and_reports_what_is_left(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.chmod(0o640)
    assert check("--fix", *STRICT, file) == 0
    assert file.read_text() == MENDED
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    lines = capsys.readouterr().out.splitlines()
    assert "REC002" in lines[0]
    assert lines[-4:-1] == [
        "fixed 1 finding in 1 file",
        f"  {file}: SEC003",
        "1 fixable with --fix --unsafe-fixes",
    ]
    assert lines[-1].startswith("1 file checked at level strict: valid")


def test_a_second_fix_changes_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check("--fix", *STRICT, file)
    inode = file.stat().st_ino
    capsys.readouterr()
    assert check("--fix", *STRICT, file) == 0
    assert file.stat().st_ino == inode
    assert "fixed" not in capsys.readouterr().out


def test_without_fix_nothing_is_written_and_the_report_says_how_much_could_be(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(policies.REFUSED_AT_STRICT + SECURITY_OFF)
    before = file.stat()
    assert check(*STRICT, file) == 1
    assert file.stat() == before
    said = capsys.readouterr().out.splitlines()[-2]
    assert said == "1 fixable with --fix, 1 more with --fix --unsafe-fixes"


def test_what_cannot_be_mended_is_not_called_fixable(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(policies.toml(extra="[authentication]\nenforce = true\n"))
    check(file)
    assert "fixable" not in capsys.readouterr().out


def test_unsafe_fixes_too(file: Path) -> None:
    file.write_text(policies.toml() + SECURITY_OFF)
    assert check("--fix", file) == 0
    assert file.read_text() == policies.toml() + SECURITY_OFF
    assert check("--fix", "--unsafe-fixes", file) == 0
    assert file.read_text() == policies.toml() + SECURITY_OFF.replace("false", "true")


def test_a_file_that_stays_refused_decides_the_exit_code(file: Path) -> None:
    (file.parent / "b.toml").write_text(policies.NOT_WELL_FORMED)
    assert check("--fix", *STRICT, file.parent) == 1
    assert file.read_text() == MENDED
    assert (file.parent / "b.toml").read_text() == policies.NOT_WELL_FORMED


def test_json_says_what_is_left_and_standard_error_what_was_mended(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("--fix", "--format", "json", *STRICT, file) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert [item["code"] for item in document["files"][0]["diagnostics"]] == ["REC002"]
    assert f"policy-console:   {file}: SEC003\n" in captured.err


def test_a_report_in_a_file_says_it_too(file: Path) -> None:
    report = file.parent / "report.txt"
    assert check("--fix", "--output", report, *STRICT, file) == 0
    lines = report.read_text().splitlines()
    first = lines.index("fixed 1 finding in 1 file")
    assert lines[first + 1] == f"  {file}: SEC003"


def test_where_the_report_has_no_place_nothing_is_mended(file: Path) -> None:
    for report in (file.parent / "missing" / "report.txt", file):
        assert check("--fix", "--output", report, *STRICT, file) == 2
        assert file.read_text() == policies.REFUSED_AT_STRICT


def test_what_a_comment_suppresses_is_not_mended(file: Path) -> None:
    text = policies.REFUSED_AT_STRICT.replace(
        '"TLSv1.0"', '"TLSv1.0" # policy-console: ignore[SEC003] the old gateway'
    )
    file.write_text(text)
    assert check("--fix", *STRICT, file) == 0
    assert file.read_text() == text


def test_a_fix_that_is_held_back_is_said(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = policies.toml().replace("min_version", "min_versoin").replace("v1.3", "v1.2")
    file.write_text(text)
    assert check("--fix", file) == 0
    assert file.read_text() == text
    assert capsys.readouterr().err == (
        f"policy-console: {file}: FIELD001 of security.tls.min_versoin is not fixed: "
        "it would bring REC002\n"
    )


def test_a_file_that_cannot_be_written_is_said_and_decides_the_exit_code(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = file.parent / "b.toml"
    other.write_text(policies.toml("b", version="1.0"))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert check("--fix", file.parent) == 1
    captured = capsys.readouterr()
    assert captured.err == (f"policy-console: {other} was not fixed: {os.strerror(errno.ENOSPC)}\n")
    assert "fixed" not in captured.out
    assert '"1.0"' in other.read_text()


def test_a_mended_file_does_not_take_the_id_of_one_that_is_in_force(file: Path) -> None:
    other = file.parent / "b.toml"
    other.write_text(policies.toml())
    assert check("--fix", *STRICT, file.parent) == 1
    assert file.read_text() == policies.REFUSED_AT_STRICT
    other.unlink()
    assert check("--fix", *STRICT, file.parent) == 0


def test_of_two_refused_files_with_one_id_only_one_is_mended(file: Path) -> None:
    other = file.parent / "b.toml"
    other.write_text(policies.REFUSED_AT_STRICT)
    assert check("--fix", *STRICT, file.parent) == 1
    assert file.read_text() == MENDED
    assert other.read_text() == policies.REFUSED_AT_STRICT


def test_a_file_with_a_taken_id_is_mended_in_everything_else(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = file.parent / "b.toml"
    file.write_text(policies.toml())
    other.write_text(policies.toml(version="1.0"))
    assert check(file.parent) == 1
    assert capsys.readouterr().out.splitlines()[-2] == "1 fixable with --fix"
    assert check("--fix", file.parent) == 1
    assert other.read_text() == policies.toml()


def test_what_the_permissions_bring_is_neither_fixable_nor_in_the_way(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.chmod(0o666)
    assert check(*STRICT, file) == 1
    out = capsys.readouterr().out
    assert "SEC014" in out
    assert out.splitlines()[-2] == "1 fixable with --fix"
    assert check("--fix", *STRICT, file) == 0
    assert file.read_text() == MENDED
    assert stat.S_IMODE(file.stat().st_mode) == 0o666
    assert "SEC014" in capsys.readouterr().out


def test_two_names_of_one_file_are_mended_once(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link = file.parent / "z" / "link.toml"
    link.parent.mkdir()
    link.symlink_to(file)
    assert check("--fix", *STRICT, file, link) == 0
    assert link.is_symlink()
    assert file.read_text() == MENDED
    assert "fixed 1 finding in 1 file" in capsys.readouterr().out


@pytest.mark.skipif(shutil.which("patch") is None, reason="wants patch")
def test_the_diff_is_what_fix_writes(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = ("a.toml", "b.json", "c with spaces.toml")
    (tmp_path / names[2]).write_text(policies.toml("c", version="1.0"))
    (tmp_path / "b.json").write_bytes(b'\xef\xbb\xbf{"id": "b", "name": "B",\r\n "version": "1.0"}')
    result = run("check", "--diff", *STRICT, ".", cwd=tmp_path)
    assert result.returncode == 1
    assert file.read_text() == policies.REFUSED_AT_STRICT
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in names:
        shutil.copy(tmp_path / name, copy)
    subprocess.run(
        ["patch", "--binary", "-p0"], input=result.stdout, cwd=copy, check=True, capture_output=True
    )
    shutil.move(str(copy), tmp_path.parent / "patched")
    assert check("--fix", *STRICT, ".") == 0
    for name in names:
        assert (tmp_path.parent / "patched" / name).read_bytes() == (tmp_path / name).read_bytes()


def test_the_diff_fails_where_something_would_change_or_is_refused(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("--diff", *STRICT, file) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith(f"--- {file}\n+++ {file}\n@@ ")
    assert captured.err == (
        "policy-console: would fix 1 finding in 1 file\n"
        "policy-console: 1 file refused as it stands: see 'policy-console check'\n"
    )
    file.write_text(policies.toml())
    assert check("--diff", file) == 0
    assert capsys.readouterr() == ("", "")
    file.write_text(policies.NOT_WELL_FORMED)
    assert check("--diff", file) == 1
    assert capsys.readouterr().out == ""
    assert check("--diff", file, "missing") == 2


def test_on_a_terminal_the_diff_shows_no_secret_and_does_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        'id = "a"\nname = "\u202e"\nversion = "1.0"\n'
        '[custom]\npassword = "hunter2"\nx = "\u009b31m"\n'
    )
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, "check", "--diff", str(tmp_path)], env=environment(), stdout=theirs
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            read = os.read(ours, 65536)
        except OSError:  # Linux, when the other end is closed
            break
        if not read:
            break
        shown += read
    os.close(ours)
    assert process.wait(10) == 1
    text = shown.decode()
    assert '+version = "1.0.0"' in text
    assert "hunter2" not in text
    assert "***" in text
    assert "\\u202e" in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--unsafe-fixes"], "--unsafe-fixes goes with --fix or --diff"),
        (["--fix", "--diff"], "not allowed with"),
        (["--diff", "--format", "json"], "--diff writes a diff and no report"),
        (["--diff", "--output", "report.txt"], "--diff writes a diff and no report"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(
    file: Path, arguments: list[str], said: str
) -> None:
    result = run("check", *arguments, file)
    assert result.returncode == 2
    assert said in result.stderr.decode()
    assert file.read_text() == policies.REFUSED_AT_STRICT


def test_while_a_plug_in_is_broken_nothing_is_fixed(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = PluginRules(problems=(Diagnostic("RULE003", Kind.WARNING, "broken"),))
    monkeypatch.setattr("policyconsole.cli.check.plugin_rules", lambda: broken)
    assert check("--fix", *STRICT, file) == 2
    assert file.read_text() == policies.REFUSED_AT_STRICT
    assert "nothing is fixed" in capsys.readouterr().err


def test_an_engine_that_watches_sees_one_change(tmp_path: Path, file: Path) -> None:
    with Watching(tmp_path, *STRICT) as watching:
        assert watching.event()["type"] == "rejected"
        watching.until("started")
        assert run("check", "--fix", *STRICT, tmp_path).returncode == 0
        event = watching.event()
        assert (event["type"], event["path"]) == ("applied", "a.toml")
        assert watching.end() == 0
        assert [event["type"] for event in watching.rest()] == ["stopped"]
