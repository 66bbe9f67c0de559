import os
from pathlib import Path

import pytest

from policyconsole.watching.folder import (
    FolderScan,
    RootLostError,
    find_policy_files,
    is_policy_name,
    is_reached,
    scan_in_slices,
)


@pytest.mark.parametrize(
    "name", ["a.toml", "A.TOML", "b.yaml", "c.yml", "d.json", "with space.toml", "ü.yaml"]
)
def test_policies_are_known_by_their_endings(name: str) -> None:
    assert is_policy_name(name)


@pytest.mark.parametrize(
    "name",
    [
        ".a.toml.swp", ".a.toml.swx", "a.toml~", "a~.toml", "#a.toml#", ".#a.toml", "~a.toml", "4913",
        "a.tmp", "a.toml.tmp", "a.toml.bak", ".hidden.toml", "sedXYZ", "a.toml___jb_tmp___",
        "policy-console.toml", "pyproject.toml", "notes.txt", "toml",
    ],
)  # fmt: skip
def test_what_editors_leave_behind_is_no_policy(name: str) -> None:
    """W14: leftovers of vim, Emacs, Kate, sed and JetBrains, and the program's own configuration."""
    assert not is_policy_name(name)


def test_files_at_any_depth_with_their_folders(tmp_path: Path) -> None:
    for name in ("a.toml", "x/b.yaml", "x/y/c.json", "x/notes.txt"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    scan = find_policy_files(tmp_path)
    assert sorted(scan.files) == ["a.toml", "x/b.yaml", "x/y/c.json"]
    assert sorted(scan.folders) == ["", "x", "x/y"]


def test_hidden_folders_and_packages_of_others_are_passed_over(tmp_path: Path) -> None:
    for folder in (".git", "node_modules", "__pycache__"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.toml").write_text("")
    assert find_policy_files(tmp_path).files == {}


def test_links_to_files_are_followed_and_links_to_folders_are_not(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "real.toml").write_text("")
    root = tmp_path / "root"
    root.mkdir()
    (root / "linked.toml").symlink_to(outside / "real.toml")
    (root / "folder").symlink_to(outside)
    (root / "folder.toml").symlink_to(outside)
    (root / "circle").symlink_to(root)
    (root / "dangling.toml").symlink_to(root / "nowhere")
    scan = find_policy_files(root)
    assert sorted(scan.files) == ["dangling.toml", "linked.toml"]
    assert scan.files["dangling.toml"] is None
    assert scan.files["linked.toml"] is not None


@pytest.mark.parametrize("target", ["loop.toml", "file.txt/x.toml"])
def test_w8_a_link_that_leads_nowhere_spoils_nothing(tmp_path: Path, target: str) -> None:
    (tmp_path / "a.toml").write_text("")
    (tmp_path / "file.txt").write_text("")
    (tmp_path / "loop.toml").symlink_to(tmp_path / target)
    scan = find_policy_files(tmp_path)
    assert sorted(scan.files) == ["a.toml", "loop.toml"]
    assert scan.files["loop.toml"] is None


def test_a_path_is_reached_by_real_folders_only(tmp_path: Path) -> None:
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    root = str(tmp_path)
    assert is_reached(root, "a.toml")
    assert is_reached(root, "real/deep/a.toml")
    assert not is_reached(root, "link/deep/a.toml")
    assert not is_reached(root, "real/.hidden/a.toml")


def test_a_fingerprint_tells_a_rewrite_a_rename_and_a_chmod(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("one")
    seen = [find_policy_files(tmp_path).files["a.toml"]]
    os.utime(file, (1, 1))
    seen.append(find_policy_files(tmp_path).files["a.toml"])
    other = tmp_path / "b"
    other.write_text("one")
    other.replace(file)
    seen.append(find_policy_files(tmp_path).files["a.toml"])
    file.chmod(0o600)
    seen.append(find_policy_files(tmp_path).files["a.toml"])
    assert len(set(seen)) == 4


def test_each_folder_is_told_before_it_is_listed(tmp_path: Path) -> None:
    """A file that appears while the watch on its folder is made is still found."""
    (tmp_path / "x").mkdir()

    def make_file(folder: str, _inode: int) -> None:
        (tmp_path / folder / "late.toml").write_text("")

    scan = FolderScan()
    for _ in scan_in_slices(tmp_path, scan, make_file):
        pass
    assert sorted(scan.files) == ["late.toml", "x/late.toml"]


def test_a_large_folder_is_scanned_in_slices(tmp_path: Path) -> None:
    for number in range(3000):
        (tmp_path / f"{number}.toml").touch()
    scan = FolderScan()
    pauses = sum(1 for _ in scan_in_slices(tmp_path, scan))
    assert len(scan.files) == 3000
    assert pauses > 1


@pytest.mark.parametrize("missing", ["gone", "file"])
def test_a_root_that_is_no_folder_is_lost(tmp_path: Path, missing: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RootLostError, match=missing):
        find_policy_files(tmp_path / missing)


def test_a_folder_that_vanishes_while_it_is_scanned_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()

    def remove(folder: str, _inode: int) -> None:
        if folder == "x":
            (tmp_path / "x").rmdir()

    scan = FolderScan()
    for _ in scan_in_slices(tmp_path, scan, remove):
        pass
    assert list(scan.folders) == [""]
    assert scan.unlisted == {}


def test_names_that_are_not_utf8_are_found(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.toml")).write_text("")
    assert list(find_policy_files(tmp_path).files) == ["caf\udce9.toml"]
