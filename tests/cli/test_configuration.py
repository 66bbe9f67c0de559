"""The configuration as the commands take it: real processes, edited by other real processes."""

import json
from pathlib import Path

import pytest

from policyconsole.cli.main import main
from tests.cli.processes import Watching, environment, in_another_process, lines_of, run
from tests.cli.test_watch import IN_PLACE, IN_TWO_HALVES, THROUGH_RENAME, WITH_BACKUP
from tests.policies import REFUSED_AT_STRICT, toml

SAVES = {
    "in place": IN_PLACE,
    "through a rename": THROUGH_RENAME,
    "with a backup": WITH_BACKUP,
    "in two halves": IN_TWO_HALVES,
}


MISTAKE = """\
policy-console.toml:1:9: error CONF003 (high): must be one of basic, standard, strict or custom; got "strickt"
    1 │ level = "strickt"
      │         ^^^^^^^^^
      = help: did you mean "strict"?

policy-console: the configuration cannot be used: 1 mistake
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "policies"
    made.mkdir()
    (made / "security.toml").write_text(REFUSED_AT_STRICT)
    return made


@pytest.fixture
def file(folder: Path) -> Path:
    return folder.parent / "policy-console.toml"


def test_each_source_is_stronger_than_the_one_before(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def level(*arguments: str | Path) -> object:
        assert main(["check", "--format", "json", *map(str, arguments)]) in (0, 1)
        return json.loads(capsys.readouterr().out)["level"]

    other = file.with_name("other.toml")
    other.write_text('level = "standard"\n')
    assert level(folder) == "standard"
    file.write_text('level = "strict"\n')
    assert level(folder) == "strict"
    assert level("--config", other, folder) == "standard"
    monkeypatch.setenv("POLICY_CONSOLE_LEVEL", "custom")
    assert level("--config", other, folder) == "custom"
    assert level("--level", "basic", folder) == "basic"
    monkeypatch.delenv("POLICY_CONSOLE_LEVEL")
    monkeypatch.setenv("POLICY_CONSOLE_CONFIG", str(other))
    assert level(folder) == "standard"


@pytest.mark.parametrize("command", ["check", "watch"])
def test_a_mistake_at_the_start_is_said_like_a_compiler_does(
    folder: Path, file: Path, command: str
) -> None:
    file.write_text('level = "strickt"\n')
    done = run(command, "policies", cwd=folder.parent)
    assert (done.returncode, done.stdout) == (2, b"")
    assert lines_of(done.stderr) == MISTAKE.splitlines()


def test_a_mistake_in_a_variable_is_said_with_its_name(folder: Path) -> None:
    done = run("check", folder, env=environment(POLICY_CONSOLE_LEVEL="q"))
    assert done.returncode == 2
    assert lines_of(done.stderr)[0].startswith("POLICY_CONSOLE_LEVEL: error CONF003 (high): ")


def test_help_does_not_mind_a_mistake(folder: Path, file: Path) -> None:
    file.write_text("level = \n")
    done = run("check", "--help", cwd=folder)
    assert done.returncode == 0
    assert b"--config FILE" in done.stdout


def test_no_control_character_of_a_configuration_reaches_the_terminal(
    folder: Path, file: Path
) -> None:
    file.write_text('level = "\\u001b[31m"\n"\\u001b[2J" = 1\n')
    assert b"\x1b" not in run("check", folder).stderr


def test_each_path_goes_by_its_own_nearest_configuration(folder: Path, file: Path) -> None:
    other = folder.parent / "other"
    other.mkdir()
    (other / "security.toml").write_text(REFUSED_AT_STRICT)
    (other / "policy-console.toml").write_text('level = "basic"\nenvironment = "staging"\n')
    file.write_text('level = "strict"\n')
    both = run("check", "--format", "json", folder, other / "security.toml")
    document = json.loads(both.stdout)
    assert [item["valid"] for item in document["files"]] == [False, True]
    assert (document["level"], document["environment"]) == (None, None)
    text = run("check", folder, other)
    assert b"2 files checked at level strict and basic: 1 refused, 1 valid" in text.stdout


def test_include_and_exclude_are_about_what_a_folder_holds(folder: Path, file: Path) -> None:
    (folder / "old").mkdir()
    (folder / "old" / "b.toml").write_text(toml("b"))
    (folder / "c.draft.toml").write_text(toml("c"))
    (folder / "d.yaml").write_text("id: d\nname: D\nversion: 1.0.0\n")
    file.write_text('include = ["*.toml"]\nexclude = ["policies/old/", "*.draft.toml"]\n')
    document = json.loads(run("check", "--format", "json", folder).stdout)
    assert [item["path"] for item in document["files"]] == [str(folder / "security.toml")]
    named = run("check", "--format", "json", folder / "c.draft.toml", folder / "old")
    assert [item["path"] for item in json.loads(named.stdout)["files"]] == [
        str(folder / "c.draft.toml")
    ]
    assert b"no policy file in" in named.stderr


def test_own_rules_count_in_check(folder: Path, file: Path) -> None:
    file.write_text(
        '[[rules]]\ncode = "TEAM001"\nkind = "error"\nseverity = "high"\nmessage = "no owner"\n'
        "require = 'has(policy.custom.owner)'\n"
    )
    done = run("check", folder)
    assert done.returncode == 1
    assert b"error TEAM001 (high): no owner" in done.stdout


@pytest.mark.parametrize("save", SAVES.values(), ids=SAVES)
def test_watch_takes_over_what_an_editor_saves(folder: Path, file: Path, save: str) -> None:
    file.write_text('level = "standard"\n' + "# padding\n" * 100)
    with Watching(folder) as watching:
        seq = watching.until("started")["seq"]
        in_another_process(save, file, '# padding\nlevel = "strict"\n')
        configured, rejected = watching.event(), watching.event()
        assert (configured["type"], configured["seq"]) == ("configured", seq + 1)
        assert configured["changes"] == [{"field": "level", "old": "standard", "new": "strict"}]
        assert (rejected["type"], rejected["path"]) == ("rejected", "security.toml")
        assert rejected["message"] == "revision 1 stays in force"
        in_another_process(save, file, "level = \n")
        degraded = watching.event()
        assert (degraded["type"], degraded["path"]) == ("degraded", "../policy-console.toml")
        [found] = degraded["diagnostics"]
        assert (found["code"], found["line"], found["column"]) == ("CONF001", 1, 9)
        in_another_process(save, file, 'level = "basic"\n')
        assert [watching.event()["type"] for _ in range(3)] == [
            "configured",
            "applied",
            "recovered",
        ]


def test_watch_tells_people_what_is_wrong_and_what_to_do(folder: Path) -> None:
    file = folder / "policy-console.toml"
    file.write_text('level = "strict"\n')
    with Watching(folder, format="text") as watching:
        watching.until_line("started")
        in_another_process(IN_PLACE, file, 'level = "strickt"\n')
        line = watching.until_line("degraded")
        assert "policy-console.toml:1:9: CONF003: must be one of" in line
        assert "error CONF003 (high)" in (watching.line() or "")
        assert 'did you mean "strict"?' in (watching.line() or "")


def test_the_file_that_configures_is_never_a_policy_whatever_its_name(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = folder.parent / "elsewhere.toml"
    elsewhere.write_text('level = "strict"\n')
    settings = folder / "settings.toml"
    settings.symlink_to(elsewhere)
    assert main(["check", "--config", str(settings), "--format", "json", str(folder)]) == 1
    files = json.loads(capsys.readouterr().out)["files"]
    assert [file["path"] for file in files] == [str(folder / "security.toml")]
    with Watching(folder, "--config", str(settings)) as watching:
        assert watching.event()["path"] == "security.toml"
        assert watching.event()["type"] == "started"
