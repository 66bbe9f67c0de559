"""Who may write to a file: a rule is about it (SEC014), and a chmod that changes its verdict is news."""

import json
import os
import sys
from pathlib import Path

import pytest

from policyconsole import EventType, ValidationLevel
from policyconsole.cli.main import main
from policyconsole.reading import writable_by_others
from policyconsole.watching.hints import WatcherKind
from tests.policies import toml
from tests.story import Story, watching
from tests.waiting import eventually

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="permissions are those of Unix")

FOR_ALL, FOR_THE_OWNER = 0o666, 0o600


def found(story: Story) -> list[list[str]]:
    """The codes of each event's diagnostics."""
    return [[finding.code for finding in event.diagnostics] for event in story.events]


def checked(folder: Path, capsys: pytest.CaptureFixture[str], level: str = "strict") -> list[str]:
    """The codes that ``check`` finds in the one file of a folder, which it does not refuse."""
    assert main(["check", "--format", "json", "--level", level, str(folder)]) == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    return [finding["code"] for finding in file["diagnostics"]]


@pytest.mark.parametrize(
    ("mode", "exposed"), [(0o600, False), (0o664, False), (0o602, True), (0o100666, True)]
)
def test_the_group_is_not_everybody(mode: int, exposed: bool) -> None:
    assert writable_by_others(mode) is exposed


async def test_a_chmod_that_changes_the_verdict_is_told_and_changes_nothing_in_force(
    folder: Path, kind: WatcherKind
) -> None:
    file = folder / "a.toml"
    file.write_text(toml())
    file.chmod(FOR_THE_OWNER)
    async with watching(folder, kind, level=ValidationLevel.STRICT) as story:
        before = story.engine.policies["a-policy"]
        file.chmod(FOR_ALL)
        await eventually(lambda: len(story.events) == 1)
        file.chmod(0o640)
        await eventually(lambda: len(story.events) == 2)
        assert found(story) == [["SEC014"], []]
        for event in story.events:
            assert (event.type, event.revision, event.changes) == (EventType.APPLIED, 1, ())
            assert event.digest == before.digest
        file.chmod(FOR_THE_OWNER)
        file.write_text(toml(requests_per_minute=90))
        await story.rate_becomes(90)
        assert len(story.events) == 3
        assert story.engine.policies["a-policy"].revision == 2


async def test_below_the_rules_level_no_chmod_is_news(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml())
    file.chmod(FOR_THE_OWNER)
    async with watching(folder) as story:
        file.chmod(FOR_ALL)
        await story.engine.revalidate()
        file.write_text(toml(requests_per_minute=90))
        await story.rate_becomes(90)
        assert found(story) == [[]]
        await story.engine.configure(ValidationLevel.STRICT, None)
        assert found(story)[-1] == ["SEC014"]


async def test_a_save_by_rename_brings_its_mode(folder: Path) -> None:
    file, beside = folder / "a.toml", folder / ".a.toml.tmp"
    file.write_text(toml())
    file.chmod(FOR_THE_OWNER)
    async with watching(folder, level=ValidationLevel.STRICT) as story:
        beside.write_text(toml())
        beside.chmod(FOR_ALL)
        os.rename(beside, file)
        await eventually(lambda: len(story.events) == 1)
        assert found(story) == [["SEC014"]]


async def test_check_says_what_the_engine_says_of_a_link_too(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text(toml())
    (folder / "a.toml").symlink_to(elsewhere)
    for mode, expected in ((FOR_ALL, ["SEC014"]), (FOR_THE_OWNER, [])):
        elsewhere.chmod(mode)
        async with watching(folder, level=ValidationLevel.STRICT) as story:
            file = story.engine.snapshot().files["a.toml"]
        assert [finding.code for finding in file.diagnostics] == expected
        assert [finding.place for finding in file.diagnostics] == [None] * len(expected)
        assert checked(folder, capsys) == expected
    elsewhere.chmod(FOR_ALL)
    assert checked(folder, capsys, "standard") == []
