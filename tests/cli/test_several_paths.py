"""``check`` on several PATHs: each file once, judged beside all its neighbours."""

import json
import os
from itertools import permutations
from pathlib import Path

import pytest

from policyconsole.cli.main import main
from policyconsole.cli.verdicts import Found, each_once
from tests import policies


def verdicts(
    capsys: pytest.CaptureFixture[str], *paths: str | Path
) -> tuple[int, dict[str, list[str]]]:
    """The exit code, and the codes of the errors by path; fails where a path comes twice."""
    code = main(["check", "--format", "json", *map(str, paths)])
    files = json.loads(capsys.readouterr().out)["files"]
    found = {
        file["path"]: [item["code"] for item in file["diagnostics"] if item["kind"] == "error"]
        for file in files
    }
    assert len(found) == len(files)
    return code, found


@pytest.fixture
def twins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two files of one id in a folder, of which the current folder holds no other."""
    Path(tmp_path, "p", "below").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    Path("p/a.toml").write_text(policies.toml())
    Path("p/b.toml").write_text(policies.toml())
    Path("p/below/c.toml").write_text(policies.toml("another"))


@pytest.mark.usefixtures("twins")
@pytest.mark.parametrize("paths", permutations(["p/b.toml", "p/below", "p", "p/a.toml"], 4))
def test_naming_a_file_besides_its_folder_hides_no_conflict(
    paths: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = verdicts(capsys, *paths)
    assert code == 1
    assert found == {"p/a.toml": [], "p/b.toml": ["SET001"], "p/below/c.toml": []}


@pytest.mark.usefixtures("twins")
@pytest.mark.parametrize("again", ["./p", "p/", "p/../p", "link", "link/../link"])
def test_a_folder_by_another_name_is_reported_once(
    again: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("link").symlink_to("p")
    assert verdicts(capsys, "p", again) == verdicts(capsys, "p")
    assert len(verdicts(capsys, again, "p")[1]) == 3


@pytest.mark.usefixtures("twins")
def test_two_files_of_one_content_are_two(capsys: pytest.CaptureFixture[str]) -> None:
    """As for the engine: a link to a file is a file of its own name."""
    Path("p/link.toml").symlink_to("below/c.toml")
    code, found = verdicts(capsys, "p", "p/link.toml")
    assert code == 1
    assert found["p/link.toml"] == ["SET001"]


def test_a_folder_that_cannot_be_listed_is_reported_once() -> None:
    one = Found(("p/a.toml",), {"p/closed": "why", "p/other": "why"})
    two = Found((), {os.path.abspath("p/closed"): "why"})
    assert each_once([two, one]) == [Found(), one]


def test_paths_that_share_nothing_stay_as_they_are() -> None:
    found = [Found(("p/a.toml", "p/b.toml")), Found(("q/a.toml",)), Found((), {"r": "why"})]
    assert each_once(found) == found
