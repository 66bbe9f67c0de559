import os
from pathlib import Path

import pytest

from policyconsole.paths import relative_path


def test_a_path_is_the_same_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "policies").mkdir()
    base = str(tmp_path)
    for current, way in ((tmp_path, "policies/a.toml"), (tmp_path / "policies", "a.toml")):
        monkeypatch.chdir(current)
        assert relative_path(way, base) == "policies/a.toml"
        assert relative_path(os.path.abspath(way), base) == "policies/a.toml"


def test_without_a_folder_the_current_one_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert relative_path(str(tmp_path / "a.toml"), "") == "a.toml"


def test_what_is_elsewhere_is_named_by_the_way_to_it(tmp_path: Path) -> None:
    assert relative_path(str(tmp_path / "a.toml"), str(tmp_path / "b" / "c")) == "../../a.toml"


def test_two_ways_to_a_folder_are_one_and_a_linked_file_keeps_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "real"
    folder.mkdir()
    (folder / "a.toml").write_text("")
    (tmp_path / "link").symlink_to(folder)
    (folder / "b.toml").symlink_to("a.toml")
    assert relative_path(str(tmp_path / "link" / "b.toml"), str(folder)) == "b.toml"
    assert relative_path(str(folder / "b.toml"), str(tmp_path / "link")) == "b.toml"
