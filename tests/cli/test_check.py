"""``policy-console check``: what it finds, how it says it, how it ends."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from policyconsole.cli.main import main
from tests import policies
from tests.cli.processes import PROGRAM, environment, lines_of, run


@pytest.fixture
def refused(tmp_path: Path) -> Path:
    file = tmp_path / "security.toml"
    file.write_text(policies.REFUSED_AT_STRICT)
    return file


def in_json(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, Any]:
    code = main(["check", "--format", "json", *map(str, arguments)])
    return code, json.loads(capsys.readouterr().out)


def codes(file: dict[str, Any], kind: str = "error") -> list[str]:
    return [item["code"] for item in file["diagnostics"] if item["kind"] == kind]


def test_the_json_document_is_that_of_the_contracts(
    refused: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document = in_json(capsys, "--level", "strict", refused)
    assert code == 1
    assert list(document) == ["version", "level", "environment", "files", "summary"]
    assert (document["version"], document["level"], document["environment"]) == (1, "strict", None)
    [file] = document["files"]
    assert list(file) == ["path", "policy_id", "valid", "digest", "diagnostics"]
    assert (file["path"], file["policy_id"], file["valid"]) == (str(refused), "a-policy", False)
    assert file["digest"].startswith("sha256:")
    assert codes(file) == ["SEC003"]
    found = next(item for item in file["diagnostics"] if item["code"] == "SEC003")
    assert list(found) == [
        "code",
        "kind",
        "severity",
        "impact",
        "message",
        "field",
        "line",
        "column",
        "end_line",
        "end_column",
        "help",
    ]
    assert (found["severity"], found["impact"]) == ("high", None)
    assert (found["field"], found["line"]) == ("security.tls.min_version", 6)
    assert document["summary"]["errors"] == 1
    assert list(document["summary"]) == [
        "files",
        "valid",
        "invalid",
        "errors",
        "warnings",
        "recommendations",
    ]


def test_the_level_decides(refused: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert in_json(capsys, refused)[0] == 0
    assert in_json(capsys, "--level=strict", refused)[0] == 1


def test_the_environment_is_that_of_policies_that_name_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = policies.toml() + "\n[authentication]\nrequire_mfa = false\n"
    (tmp_path / "none.toml").write_text(text)
    (tmp_path / "own.toml").write_text(
        text.replace("a-policy", "own") + '[custom]\nenvironment = "staging"\n'
    )
    code, document = in_json(capsys, "--level", "custom", "--environment", "production", tmp_path)
    assert code == 1
    assert document["environment"] == "production"
    assert {os.path.basename(file["path"]): codes(file) for file in document["files"]} == {
        "none.toml": ["ENV002"],
        "own.toml": [],
    }


def test_a_path_is_that_given_joined_with_the_part_below_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p" / "below").mkdir(parents=True)
    (tmp_path / "p" / "b.yaml").write_text("id: b\nname: b\nversion: 1.0.0\n")
    (tmp_path / "p" / "below" / "a.json").write_text('{"id":"a","name":"a","version":"1.0.0"}')
    monkeypatch.chdir(tmp_path)
    for given in ("p/", "./p", str(tmp_path / "p")):
        code, document = in_json(capsys, given)
        assert code == 0
        assert [file["path"] for file in document["files"]] == [
            os.path.join(given, "b.yaml"),
            os.path.join(given, "below/a.json"),
        ]


def test_an_id_claimed_twice_is_refused_in_the_later_file_and_says_who_holds_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("b.toml", "a.toml", "c.yaml"):
        (tmp_path / name).write_text(
            policies.toml() if name.endswith("toml") else "id: a-policy\nname: c\nversion: 1.0.0\n"
        )
    code, document = in_json(capsys, tmp_path)
    first, second, third = document["files"]
    assert code == 1
    assert (first["valid"], second["valid"], third["valid"]) == (True, False, False)
    for file in (second, third):
        [found] = [item for item in file["diagnostics"] if item["code"] == "SET001"]
        assert first["path"] in found["message"]
        assert (found["field"], found["line"]) == ("id", 1)


def test_a_refused_file_claims_no_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.toml").write_text(policies.REFUSED_AT_STRICT)
    (tmp_path / "b.toml").write_text(policies.toml())
    _, document = in_json(capsys, "--level", "strict", tmp_path)
    assert [codes(file) for file in document["files"]] == [["SEC003"], []]


def test_ids_are_unique_in_each_path_by_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.toml").write_text(policies.toml())
    assert in_json(capsys, tmp_path / "one", tmp_path / "two")[0] == 0
    assert in_json(capsys, tmp_path / "one/a.toml", tmp_path / "two/a.toml")[0] == 0
    assert in_json(capsys, tmp_path)[0] == 1


def test_a_path_named_twice_is_checked_once(
    refused: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert in_json(capsys, refused, refused)[1]["summary"]["files"] == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FILE004"),
        (b"\xff\xfe\x00", "FILE003"),
        (policies.NOT_WELL_FORMED.encode(), "PARSE001"),
        (b'id = "a"\nid = "b"\n', "PARSE002"),
        (b"name = 1\n", "TYPE001"),
    ],
)
def test_whatever_is_wrong_in_a_file_is_a_diagnostic(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, code: str
) -> None:
    (tmp_path / "a.toml").write_bytes(content)
    exit_code, document = in_json(capsys, tmp_path)
    assert exit_code == 1
    assert code in codes(document["files"][0])
    assert document["files"][0]["digest"] is not None


def test_what_cannot_be_read_has_no_digest_and_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "fifo.toml")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "dangling.yaml").symlink_to("nowhere")
    (tmp_path / "good.toml").write_text(policies.toml())
    code, document = in_json(capsys, tmp_path)
    assert code == 1
    verdicts = {
        os.path.basename(file["path"]): (codes(file), file["digest"] is None, file["policy_id"])
        for file in document["files"]
    }
    assert verdicts == {
        "dangling.yaml": (["FILE001"], True, None),
        "fifo.toml": (["FILE001"], True, None),
        "folder.json": (["FILE001"], True, None),
        "good.toml": ([], False, "a-policy"),
    }


def test_a_link_to_nothing_given_as_path_is_a_diagnostic(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dangling.yaml").symlink_to("nowhere")
    code, document = in_json(capsys, tmp_path / "dangling.yaml")
    assert code == 1
    assert codes(document["files"][0]) == ["FILE001"]


def test_a_folder_that_cannot_be_listed_is_a_diagnostic(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "good.toml").write_text(policies.toml())
    (tmp_path / "closed").mkdir()
    scandir = os.scandir

    def refuse(path: str) -> object:
        if os.path.basename(path) == "closed":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    code, document = in_json(capsys, tmp_path)
    assert code == 1
    assert [codes(file) for file in document["files"]] == [["FILE001"], []]
    assert document["files"][0]["path"] == str(tmp_path / "closed")
    assert "Permission denied" in document["files"][0]["diagnostics"][0]["message"]
    assert main(["check", str(tmp_path / "closed")]) == 2
    assert "cannot be listed" in capsys.readouterr().err


def test_a_path_that_does_not_exist_is_wrong_usage_and_the_others_are_checked(
    refused: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["check", str(refused), str(refused.parent / "missing\x1b")])
    captured = capsys.readouterr()
    assert code == 2
    assert "1 file checked" in captured.out
    assert captured.err == f"policy-console: {refused.parent}/missing\\x1b does not exist\n"


@pytest.mark.parametrize("name", ["", "missing", "missing.toml", "policy.toml/below"])
def test_a_missing_path_says_so_on_standard_error_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "policy.toml").write_text(policies.toml())
    monkeypatch.chdir(tmp_path)
    assert main(["check", name]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "does not exist" in captured.err


def test_a_folder_without_policies_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").touch()
    (tmp_path / ".hidden.toml").write_text(policies.toml())
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "a.toml").write_text(policies.toml())
    assert main(["check", str(tmp_path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "no policy file in" in captured.err


@pytest.mark.parametrize("name", ["prod.tml", "empty"])
def test_a_path_that_was_named_and_not_checked_does_not_pass(
    refused: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """A slip in a name beside good files must not let a policy through unseen."""
    other = refused.parent / name
    if name == "empty":
        other.mkdir()
    else:
        other.touch()
    assert main(["check", str(refused), str(other)]) == 2
    captured = capsys.readouterr()
    assert str(other) in captured.err
    assert "1 file checked" in captured.out


@pytest.mark.parametrize("name", ["pyproject.toml", "policy-console.toml"])
def test_a_file_that_configures_is_said_and_decides_only_when_alone(
    refused: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    other = refused.parent / name
    other.touch()
    assert main(["check", str(other)]) == 2
    assert str(other) in capsys.readouterr().err
    assert main(["check", str(other), str(refused)]) == 0
    assert str(other) in capsys.readouterr().err


def test_a_file_given_by_name_is_checked_even_if_a_folder_would_pass_it_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".hidden.TOML").write_text(policies.toml())
    assert in_json(capsys, tmp_path / ".hidden.TOML")[0] == 0


def test_text_shows_the_line_the_marker_and_what_to_do(
    refused: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(refused.parent)
    assert main(["check", "security.toml", "--level", "strict"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("security.toml:6:15: error SEC003 (high): ")
    assert lines[1] == '    6 │ min_version = "TLSv1.0"'
    assert lines[2] == "      │               ^^^^^^^^^"
    assert lines[3].startswith("      = help: ")
    assert lines[-2] == "1 fixable with --fix"
    assert lines[-1].startswith("1 file checked at level strict: 1 refused, 0 valid (1 error")


def test_text_says_recommendations_without_their_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.toml"
    file.write_text(policies.toml(min_version="TLSv1.2"))
    assert main(["check", str(file)]) == 0
    out = capsys.readouterr().out
    assert f"{file}:6:15: recommendation REC002 (security): " in out
    assert "│" not in out
    assert "1 file checked at level standard: valid (1 recommendation)" in out


def test_text_of_valid_files_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(policies.toml(name))
    assert main(["check", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "2 files checked at level standard: all valid\n"


def test_hostile_names_and_values_come_escaped_in_text_and_exact_in_json(tmp_path: Path) -> None:
    name = b"\x1b[31m\n\xff.toml"
    with open(os.fsencode(tmp_path) + b"/" + name, "w") as file:
        file.write(policies.REFUSED_AT_STRICT.replace("TLSv1.0", "\\u001b[2J\\u202e"))
    text = run("check", "--level", "strict", tmp_path)
    assert text.returncode == 1
    assert b"\x1b" not in text.stdout
    assert lines_of(text.stdout)[0].startswith(f"{tmp_path}/\\x1b[31m\\n\\udcff.toml:6:15: ")
    result = run("check", "--level", "strict", "--format", "json", tmp_path)
    document = json.loads(result.stdout.decode("utf-8"))
    assert os.fsencode(os.path.basename(document["files"][0]["path"])) == name


def test_output_is_utf8_whatever_the_locale_says(refused: Path) -> None:
    plain = environment(LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    result = run("check", "--level", "strict", refused, env=plain)
    assert result.returncode == 1
    assert '6 │ min_version = "TLSv1.0"' in result.stdout.decode("utf-8")


def test_colours_are_for_terminals_unless_the_environment_says_otherwise(refused: Path) -> None:
    def coloured(**changes: str) -> bool:
        result = run("check", "--level", "strict", refused, env=environment(**changes))
        return b"\x1b[" in result.stdout

    assert not coloured()
    assert coloured(FORCE_COLOR="1")
    assert not coloured(FORCE_COLOR="1", NO_COLOR="1")
    result = run("check", "--format=json", refused, env=environment(FORCE_COLOR="1"))
    assert b"\x1b" not in result.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_on_a_terminal_text_is_coloured(refused: Path) -> None:
    def shown(**changes: str) -> bytes:
        reading, writing = os.openpty()
        try:
            subprocess.run(
                [*PROGRAM, "check", str(refused)],
                env=environment(TERM="xterm", **changes),
                stdin=subprocess.DEVNULL,
                stdout=writing,
                timeout=60,
                check=True,
            )
            return os.read(reading, 65536)
        finally:
            os.close(reading)
            os.close(writing)

    assert b"\x1b[" in shown()
    assert b"\x1b[" not in shown(NO_COLOR="1")


@pytest.mark.parametrize("format_name", ["text", "json"])
def test_a_closed_pipe_is_quiet_and_the_exit_code_stays_true(
    tmp_path: Path, format_name: str
) -> None:
    for number in range(300):
        (tmp_path / f"{number}.toml").write_text(policies.NOT_WELL_FORMED)
    process = subprocess.Popen(
        [*PROGRAM, "check", "--format", format_name, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 1


def test_where_nobody_reads_a_file_that_comes_later_still_counts(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.toml").write_text(policies.toml(f"p{number}", version="1.0"))
    (tmp_path / "last.toml").write_text(policies.NOT_WELL_FORMED)
    reading, writing = os.pipe()
    os.close(reading)
    result = subprocess.run(
        [*PROGRAM, "check", str(tmp_path)],
        env=environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert (result.returncode, result.stderr) == (1, b"")


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_a_full_disk_is_said_and_is_no_verdict(refused: Path) -> None:
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [*PROGRAM, "check", str(refused)],
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert result.returncode == 2
    assert result.stderr == (
        b"policy-console: cannot write to standard output: No space left on device\n"
    )


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "junit"])
def test_a_report_goes_to_a_file_and_the_counts_to_people(
    refused: Path, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["check", "--level", "strict", "--format", form, str(refused)]
    assert main(arguments) == 1
    said = capsys.readouterr().out
    file = tmp_path / "report"
    assert main([*arguments, "--output", str(file)]) == 1
    written = file.read_text()
    if form != "junit":  # which holds how long it took
        assert written == said
    assert "SEC003" in written
    assert capsys.readouterr().out == (
        f"1 file checked at level strict: 1 refused, 0 valid (1 error): see {file}\n"
    )


def test_a_report_that_cannot_be_written_is_wrong_usage(
    refused: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = tmp_path / "nowhere" / "report"
    assert main(["check", "--output", str(nowhere), str(refused)]) == 2
    assert f"cannot write {nowhere}: No such file" in capsys.readouterr().err


def test_a_file_that_two_paths_hold_is_reported_once(
    refused: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, document = in_json(capsys, refused, refused.parent, os.path.relpath(refused))
    assert [file["path"] for file in document["files"]] == [str(refused)]
