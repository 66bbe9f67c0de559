"""The options of ``check`` that choose rules, and the baseline."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from policyconsole.cli.arguments import FAIL_ON, SEVERITIES, WEIGHTS
from policyconsole.cli.main import main
from policyconsole.diagnostics import Severity
from policyconsole.validation.choice import FailOn, Weight
from tests.cli.processes import Watching
from tests.policies import NOT_WELL_FORMED, toml

FAULTY = toml(version="1.0", min_version="TLSv1.0", requests_per_minute=5000)
"""At Strict: SYNTAX004 and SEC004, warnings, and SEC003, an error high."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "a.toml").write_text(FAULTY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """Run ``check`` on the folder; gives the exit code and the codes found."""
    capsys.readouterr()
    code = main(["check", "--level", "strict", "--format", "json", "policies", *options])
    document: Any = json.loads(capsys.readouterr().out)
    return code, " ".join(
        sorted(item["code"] for file in document["files"] for item in file["diagnostics"])
    )


def text(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, str]:
    """Run ``check`` on the folder; gives the exit code, its last line, and the messages."""
    capsys.readouterr()
    code = main(["check", "--level", "strict", "policies", *options])
    said = capsys.readouterr()
    return code, said.out.splitlines()[-1] if said.out else "", said.err


def test_the_words_of_the_options_are_those_of_the_values() -> None:
    assert tuple(Severity) == SEVERITIES
    assert tuple(Weight) == WEIGHTS
    assert tuple(FailOn) == FAIL_ON


@pytest.mark.parametrize(
    ("options", "code", "found"),
    [
        ("", 1, "SEC003 SEC004 SYNTAX004"),
        ("--select SEC", 1, "SEC003 SEC004"),
        ("--select SEC003,SYNTAX", 1, "SEC003 SYNTAX004"),
        ("--select SEC003 --select SYNTAX", 1, "SEC003 SYNTAX004"),
        ("--ignore SEC003", 0, "SEC004 SYNTAX004"),
        ("--ignore=SEC,SYNTAX", 0, ""),
        ("--ignore ALL", 0, ""),
        ("--select SEC003 --ignore SEC", 1, "SEC003"),
        ("--severity SEC003=warning", 0, "SEC003 SEC004 SYNTAX004"),
        ("--severity SEC004=low", 1, "SEC003 SEC004 SYNTAX004"),
        ("--severity SEC=off --severity SEC004=low", 1, "SEC004 SYNTAX004"),
        ("--block-on critical", 0, "SEC003 SEC004 SYNTAX004"),
        ("--block-on high", 1, "SEC003 SEC004 SYNTAX004"),
        ("--fail-on refused", 1, "SEC003 SEC004 SYNTAX004"),
        ("--fail-on critical", 0, "SEC003 SEC004 SYNTAX004"),
        ("--fail-on high", 1, "SEC003 SEC004 SYNTAX004"),
        ("--fail-on low --block-on critical", 1, "SEC003 SEC004 SYNTAX004"),
        ("--fail-on low --ignore SEC003", 0, "SEC004 SYNTAX004"),
        ("--fail-on warning --ignore SEC003", 1, "SEC004 SYNTAX004"),
        ("--fail-on warning --ignore SEC,SYNTAX", 0, ""),
        ("--fail-on warning --severity ALL=recommendation", 0, "SEC003 SEC004 SYNTAX004"),
        ("--fail-on recommendation --severity ALL=recommendation", 1, "SEC003 SEC004 SYNTAX004"),
        ("--fail-on never", 0, "SEC003 SEC004 SYNTAX004"),
    ],
)
def test_what_is_found_and_how_it_ends(
    options: str, code: int, found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(capsys, *options.split()) == (code, found)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--ignore TYPE001", "nothing to put in force"),
        ("--ignore FILE", "nothing to put in force"),
        ("--severity PARSE=low", "nothing to put in force"),
        ("--severity SET001=off", "nothing to put in force"),
        ("--ignore SEC999", 'there is no rule "SEC999"'),
        ("--select sec", 'there is no rule "sec"'),
        ("--ignore SEC003,", "blank"),
        ("--severity SEC003", "not CODE=LEVEL"),
        ("--severity SEC003=awful", "not CODE=LEVEL"),
        ("--block-on warning", "invalid choice"),
        ("--fail-on medium-rare", "invalid choice"),
        ("--baseline nowhere.json", "does not exist"),
        ("--write-baseline no/where.json", "cannot write"),
        ("--write-baseline policies/baseline.json", "taken for a policy"),
    ],
)
def test_what_makes_no_sense_ends_with_2(
    options: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code: str | int | None
    try:
        code = main(["check", "policies", *options.split()])
    except SystemExit as end:
        code = end.code
    output = capsys.readouterr()
    assert (code, output.out) == (2, "")
    assert said in output.err


def test_what_is_suppressed_is_counted_in_the_text(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    comment = "# policy-console: ignore-file[SEC003, SEC004] the load test needs it\n"
    (folder / "policies" / "a.toml").write_text(comment + FAULTY)
    assert text(capsys)[:2] == (
        0,
        "1 file checked at level strict: valid (1 warning, 2 suppressed)",
    )
    assert check(capsys) == (0, "SYNTAX004")


def test_a_baseline_lets_a_folder_start_clean(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, last, messages = text(capsys, "--write-baseline", "known.json")
    assert (code, last) == (0, "1 file checked at level strict: valid (3 in the baseline)")
    assert messages == "policy-console: 3 findings written to known.json\n"
    assert text(capsys, "--baseline", "known.json") == (code, last, "")
    (folder / "policies" / "a.toml").write_text(FAULTY + "sampling = 1\n")
    assert check(capsys, "--baseline", "known.json") == (0, "FIELD001")


def test_a_baseline_can_be_used_from_anywhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "policies", "--level=strict", "--write-baseline", "known.json"]) == 0
    monkeypatch.chdir(folder / "policies")
    for path in (os.curdir, "a.toml", str(folder / "policies")):
        capsys.readouterr()
        assert main(["check", path, "--level=strict", "--baseline", "../known.json"]) == 0
        assert "3 in the baseline" in capsys.readouterr().out


def test_written_again_a_baseline_holds_what_there_is_now(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text(capsys, "--write-baseline", "known.json")
    first = (folder / "known.json").read_bytes()
    (folder / "policies" / "a.toml").write_text("# moved\n" + FAULTY)
    text(capsys, "--baseline", "known.json", "--write-baseline", "known.json")
    assert (folder / "known.json").read_bytes() == first
    (folder / "policies" / "a.toml").write_text(toml())
    text(capsys, "--write-baseline", "known.json")
    assert json.loads((folder / "known.json").read_bytes())["findings"] == []


@pytest.mark.parametrize(
    ("change", "options", "gone"),
    [
        (FAULTY, (), None),
        (toml(version="1.0", requests_per_minute=5000), (), "1 finding of the baseline is"),
        (toml(), (), "3 findings of the baseline are"),
        (None, (), "3 findings of the baseline are"),
        (toml(), ("--level", "standard"), "1 finding of the baseline is"),
        (toml(), ("--ignore", "SEC"), "1 finding of the baseline is"),
        (NOT_WELL_FORMED, (), None),
    ],
)
def test_what_is_no_longer_there_is_told(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    change: str | None,
    options: tuple[str, ...],
    gone: str | None,
) -> None:
    (folder / "policies" / "b.toml").write_text(toml("b"))
    text(capsys, "--write-baseline", "known.json")
    path = folder / "policies" / "a.toml"
    path.unlink() if change is None else path.write_text(change)
    *_, messages = text(capsys, "--baseline", "known.json", *options)
    expected = f"{gone} no longer there: write it again with --write-baseline\n"
    assert messages == (f"policy-console: {expected}" if gone else "")


def test_a_file_that_is_not_looked_at_may_still_have_what_the_baseline_holds(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "policies" / "b.toml").write_text(toml("b"))
    text(capsys, "--write-baseline", "known.json")
    capsys.readouterr()
    assert main(["check", "policies/b.toml", "--level=strict", "--baseline=known.json"]) == 0
    assert capsys.readouterr().err == ""


def test_what_is_no_longer_there_is_told_once_for_all_paths(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "more").mkdir()
    (folder / "more" / "b.toml").write_text(toml("b"))
    text(capsys, "more", "--write-baseline", "known.json")
    (folder / "policies" / "a.toml").rename(folder / "policies" / "c.toml")
    *_, messages = text(capsys, "more", "--baseline", "known.json")
    assert "policy-console: 3 findings of the baseline are no longer there" in messages


def test_what_cannot_be_loaded_is_refused_whatever_is_chosen(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "policies" / "a.toml").write_text(NOT_WELL_FORMED)
    assert check(capsys, "--ignore=ALL", "--block-on=critical") == (1, "PARSE001")
    assert check(capsys, "--write-baseline=known.json") == (1, "PARSE001")


def test_two_files_with_one_id_are_refused_whatever_is_chosen(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "policies" / "b.toml").write_text(FAULTY)
    assert check(capsys, "--ignore=ALL", "--block-on=critical") == (1, "SET001")
    assert check(capsys, "--write-baseline=known.json") == (1, "SET001")


@pytest.mark.parametrize(
    ("options", "note"),
    [
        (("--level=strict", "--environment=production"), "(production) run at level custom only"),
        (("--level=standard",), "(development) run at level custom only"),
        (("--level=custom", "--environment=production"), None),
        (("--level=strict", "--environment=production", "--ignore=ENV"), None),
        (("--level=strict", "--select=SEC", "--environment=production"), None),
    ],
)
def test_environments_whose_rules_did_not_run_are_told(
    folder: Path, options: tuple[str, ...], note: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    custom = '[custom]\nenvironment = "development"\n' if "standard" in options[0] else ""
    (folder / "policies" / "a.toml").write_text(toml() + custom)
    main(["check", "policies", *options])
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("1 file checked") if note is None else last.endswith(note)


def test_of_many_environments_some_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(5):
        custom = f'[custom]\nenvironment = "e\\u001b{number}"\n'
        (folder / "policies" / f"{number}.toml").write_text(toml(f"p{number}") + custom)
    main(["check", "policies"])
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.isprintable()
    assert last.count("e\\x1b") == 3
    assert "…" in last


def test_watch_chooses_as_check_does(folder: Path) -> None:
    options = ("--level=strict", "--ignore=SYNTAX", "--severity=SEC004=low", "--block-on=critical")
    with Watching(folder / "policies", *options) as watching:
        event = watching.event()
    assert event["type"] == "applied"
    assert [(item["code"], item["severity"]) for item in event["diagnostics"]] == [
        ("SEC003", "high"),
        ("SEC004", "low"),
    ]


def test_watch_takes_the_baseline_that_check_has_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text(capsys, "--write-baseline", "known.json")
    with Watching(folder / "policies", "--level=strict", "--baseline=known.json") as watching:
        event = watching.event()
        assert (event["type"], event["diagnostics"]) == ("applied", [])
        (folder / "policies" / "b.toml").write_text(FAULTY.replace("a-policy", "b"))
        assert watching.until("rejected")["path"] == "b.toml"


@pytest.mark.parametrize(
    ("options", "configuration", "idle"),
    [
        (("--select=SEC003,LOGIC",), "", ["SEC003"]),
        (("--select=SEC003,ENV001",), "", ["SEC003", "ENV001"]),
        (("--select=SEC003", "--level=strict"), "", []),
        (("--select=ALL",), "", []),
        ((), 'select = ["SEC", "LOGIC"]', []),
        ((), 'select = ["SEC"]', ["SEC"]),
        ((), "select = []", []),
        (("--level=custom",), 'select = ["SEC"]', []),
    ],
)
def test_what_is_selected_and_does_not_run_is_told(
    folder: Path,
    options: tuple[str, ...],
    configuration: str,
    idle: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / "policy-console.toml").write_text(configuration)
    main(["check", "policies", *options])
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[1] for line in lines] == idle
    assert all("does not run at level standard: --level" in line for line in lines)


def test_what_does_not_run_is_told_once_however_many_folders_are_checked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "more").mkdir()
    (folder / "more" / "b.toml").write_text(toml("b"))
    main(["check", "policies", "more", "--select", "SEC"])
    assert capsys.readouterr().err.count("does not run at level standard") == 1


def test_a_baseline_never_takes_the_place_of_a_policy(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "policies/a.toml", "--write-baseline", "policies/a.toml"]) == 2
    assert "is one of the files to check" in capsys.readouterr().err
    assert (folder / "policies" / "a.toml").read_text() == FAULTY


@pytest.mark.parametrize(
    "path", ["policies/.known.json", "policies/.meta/k.json", "policies/x.json"]
)
def test_a_baseline_may_be_what_is_no_policy(
    folder: Path, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    (folder / "policies" / ".meta").mkdir()
    (folder / "policy-console.toml").write_text('exclude = ["x.json"]\n')
    assert text(capsys, "--write-baseline", path)[0] == 0
    assert (folder / path).exists()
