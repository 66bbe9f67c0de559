"""``policy-console convert``: what it writes, what it refuses, how it ends."""

import errno
import os
import stat
from pathlib import Path

import pytest

from policyconsole.cli.main import main
from policyconsole.loading.loader import PolicyLoader
from tests import policies
from tests.cli.processes import run


@pytest.fixture
def source(tmp_path: Path) -> Path:
    made = tmp_path / "a.toml"
    made.write_text(policies.toml(extra="an_unknown_field = 1\n"))
    return made


def convert(*arguments: str | Path) -> int:
    return main(["convert", *map(str, arguments)])


@pytest.mark.parametrize("name", ["b.yaml", "b.yml", "b.JSON", "b.toml"])
def test_the_target_is_the_same_policy_in_the_format_of_its_suffix(
    source: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target = source.parent / "other" / name
    target.parent.mkdir()
    assert convert(source, target) == 0
    assert PolicyLoader.load(target) == PolicyLoader.load(source)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert capsys.readouterr() == ("", "")


def test_a_policy_that_breaks_rules_is_converted_all_the_same(source: Path) -> None:
    source.write_text(policies.REFUSED_AT_STRICT)
    assert convert(source, source.with_suffix(".json")) == 0


def test_a_target_that_is_there_is_replaced_only_by_force(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = source.with_suffix(".json")
    target.write_text("old")
    target.chmod(0o644)
    assert convert(source, target) == 2
    assert target.read_text() == "old"
    assert capsys.readouterr().err == (
        f"policy-console: {target} is there already; --force replaces it\n"
    )
    assert convert(source, target, "--force") == 0
    assert PolicyLoader.load(target) == PolicyLoader.load(source)
    assert stat.S_IMODE(target.stat().st_mode) == 0o644


def test_a_target_that_appears_in_the_meantime_is_not_replaced(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = source.with_suffix(".json")
    fsync = os.fsync

    def appear(descriptor: int) -> None:
        target.write_text("newer")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", appear)
    assert convert(source, target) == 2
    assert target.read_text() == "newer"
    assert sorted(os.listdir(source.parent)) == ["a.json", "a.toml"]


def test_a_dangling_link_is_a_target_that_is_there(source: Path) -> None:
    target = source.with_suffix(".json")
    target.symlink_to("nowhere.json")
    assert convert(source, target) == 2
    assert os.listdir(source.parent).count("nowhere.json") == 0


def test_what_toml_cannot_hold_is_refused_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "a.yaml"
    source.write_text("id: a\nname: A\nversion: 1.0.0\ncustom:\n  x: ~\n")
    assert convert(source, tmp_path / "a.toml") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        f"{source}:5:6: error TYPE001 (high): custom.x: TOML has no null",
        "    5 │   x: ~",
        "      │      ^",
    ]
    assert os.listdir(tmp_path) == ["a.yaml"]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"id = ", "PARSE001"), (b'id = "a"\n', "TYPE003"), (b"\xff", "FILE003"), (None, "FILE001")],
)
def test_a_source_that_does_not_load_is_refused_with_the_reason(
    source: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, code: str
) -> None:
    if content is None:
        source.unlink()
        os.mkfifo(source)
    else:
        source.write_bytes(content)
    assert convert(source, source.with_suffix(".json")) == 1
    assert f"error {code} " in capsys.readouterr().out
    assert not source.with_suffix(".json").exists()


def test_lost_comments_and_an_id_that_is_there_twice_are_said(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source.write_text("# why\n" + policies.toml())
    target = source.with_suffix(".json")
    assert convert(source, target) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    comments, same_id = captured.err.splitlines()
    assert comments == f"policy-console: the comments of {source} are not in {target}"
    assert same_id.startswith(f"policy-console: {source} and {target} now claim the same id: ")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("a.toml", "-"), "names no format"),
        (("a.toml", "b.txt"), "names no format"),
        (("a.txt", "b.toml"), "names no format"),
        (("a.toml", "a.toml"), "the same file"),
        (("a.toml", "link.toml"), "the same file"),
        (("missing.toml", "b.json"), "does not exist"),
        (("a.toml", "pyproject.toml"), "never a policy"),
        (("a.toml", "folder.json"), "is a folder"),
        (("a.toml", "missing/b.json"), "cannot be written: No such file"),
    ],
)
def test_names_that_cannot_be_meant_are_wrong_usage(
    source: Path,
    names: tuple[str, str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(source.parent)
    (source.parent / "folder.json").mkdir()
    (source.parent / "link.toml").symlink_to("a.toml")
    before = source.read_bytes()
    assert convert(*names, "--force") == 2
    assert said in capsys.readouterr().err
    assert source.read_bytes() == before
    assert sorted(os.listdir(source.parent)) == ["a.toml", "folder.json", "link.toml"]


def test_a_full_disk_is_said_and_leaves_nothing(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert convert(source, source.with_suffix(".json")) == 2
    assert os.strerror(errno.ENOSPC) in capsys.readouterr().err
    assert os.listdir(source.parent) == ["a.toml"]


def test_as_a_process(source: Path) -> None:
    result = run("convert", source, source.with_suffix(".yaml"))
    assert (result.returncode, result.stdout) == (0, b"")
    assert run("convert", source).returncode == 2
    assert b"SOURCE" in run("convert", "--help").stdout
