import os
import stat
import threading
from pathlib import Path

import pytest

from policyconsole.loading import atomic
from policyconsole.loading.atomic import write_atomically


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.toml", b"x")
    assert (tmp_path / "a.toml").read_bytes() == b"x"
    assert mode(tmp_path / "a.toml") == 0o600
    assert os.listdir(tmp_path) == ["a.toml"]


@pytest.mark.parametrize("kept", [0o644, 0o640, 0o400, 0o666])
def test_the_mode_is_kept(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"old")
    path.chmod(kept)
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert mode(path) == kept


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may")
def test_the_owner_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"old")
    os.chown(path, 1234, 2345)
    path.chmod(0o640)
    write_atomically(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid, mode(path)) == (1234, 2345, 0o640)


def test_an_owner_that_cannot_be_kept_is_no_reason_to_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    path = tmp_path / "a.toml"
    path.write_bytes(b"old")
    path.chmod(0o644)
    monkeypatch.setattr(os, "fchown", refuse)
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert mode(path) == 0o644


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    target = tmp_path / "shared" / "real.toml"
    target.write_bytes(b"old")
    (tmp_path / "middle.toml").symlink_to("shared/real.toml")
    (tmp_path / "a.toml").symlink_to("middle.toml")
    write_atomically(tmp_path / "a.toml", b"new")
    assert (tmp_path / "a.toml").is_symlink()
    assert target.read_bytes() == b"new"
    assert not target.is_symlink()
    assert os.listdir(tmp_path / "shared") == ["real.toml"]


def test_a_dangling_link_gets_its_target(tmp_path: Path) -> None:
    (tmp_path / "a.toml").symlink_to("b.toml")
    write_atomically(tmp_path / "a.toml", b"new")
    assert (tmp_path / "b.toml").read_bytes() == b"new"


@pytest.mark.parametrize("step", ["fsync", "replace", "fchmod"])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "a.toml"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.toml"]


def test_the_content_is_on_disk_before_the_name_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        assert stat.S_ISDIR(os.fstat(descriptor).st_mode) or os.fstat(descriptor).st_size == 3
        fsync(descriptor)

    def noted_replace(source: str, target: Path) -> None:
        steps.append("rename")
        assert Path(source).name.startswith(".")
        assert not source.endswith((".toml", ".yaml", ".yml", ".json"))
        assert Path(source).parent == target.parent
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    write_atomically(tmp_path / "a.toml", b"new")
    assert steps == ["file", "rename", "folder"]


def test_a_folder_that_cannot_be_flushed_is_no_reason_to_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def only_files(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(22, "Invalid argument")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", only_files)
    write_atomically(tmp_path / "a.toml", b"new")
    assert (tmp_path / "a.toml").read_bytes() == b"new"


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "folder.toml").mkdir()
    for name in ("pipe.toml", "folder.toml"):
        with pytest.raises(OSError, match="not a regular file"):
            write_atomically(tmp_path / name, b"new")
    assert sorted(os.listdir(tmp_path)) == ["folder.toml", "pipe.toml"]


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    name = "x" * 250 + ".toml"
    write_atomically(tmp_path / name, b"new")
    assert os.listdir(tmp_path) == [name]


def test_a_reader_never_sees_a_part(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    contents = [b"a" * 100_000, b"b" * 50_000]
    write_atomically(path, contents[0])
    seen: set[bytes] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(50):
        write_atomically(path, contents[number % 2])
    done.set()
    reader.join()
    assert seen <= set(contents)
    assert atomic.__doc__
