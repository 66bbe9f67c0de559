import errno
import hashlib
import os
import socket
import stat
import sys
from pathlib import Path

import pytest

from policyconsole import reading
from policyconsole.diagnostics import Severity
from policyconsole.reading import SIZE_LIMIT, UnreadableError, digest, opened, read_file, read_open


def refused(path: str | Path) -> UnreadableError:
    with pytest.raises(UnreadableError) as caught:
        read_file(path)
    diagnostic = caught.value.diagnostic
    assert diagnostic.severity is Severity.CRITICAL
    assert diagnostic.place is None
    assert diagnostic.help
    return caught.value


@pytest.mark.parametrize("length", [0, 1, 4095, 4096, 4097, 1_000_000])
def test_a_file_is_read_to_its_end(tmp_path: Path, length: int) -> None:
    content = bytes(range(256)) * (length // 256 + 1)
    (tmp_path / "a.toml").write_bytes(content[:length])
    assert read_file(tmp_path / "a.toml") == content[:length]


def test_a_file_of_just_the_limit_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"x" * SIZE_LIMIT)
    assert len(read_file(tmp_path / "a.toml")) == SIZE_LIMIT


def test_a_file_beyond_the_limit_is_not(tmp_path: Path) -> None:
    with (tmp_path / "a.toml").open("wb") as file:
        file.truncate(SIZE_LIMIT + 1)
    found = refused(tmp_path / "a.toml").diagnostic
    assert found.code == "FILE002"
    assert "10 MiB" in found.message


def test_a_terabyte_is_refused_without_being_read(tmp_path: Path) -> None:
    with (tmp_path / "a.toml").open("wb") as file:
        file.truncate(1024**4)
    assert refused(tmp_path / "a.toml").diagnostic.code == "FILE002"


def test_a_system_that_gives_little_at_a_time_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytes(range(256)) * 100
    (tmp_path / "a.toml").write_bytes(content)
    read = os.read
    with opened(tmp_path / "a.toml") as descriptor:
        monkeypatch.setattr(os, "read", lambda file, length: read(file, min(length, 1000)))
        assert read_open(descriptor) == content


def test_a_file_that_grows_without_end_is_read_no_further_than_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, asked = tmp_path / "a.toml", 0
    path.write_bytes(b"x" * 4096)
    read = os.read

    def grow(descriptor: int, length: int) -> bytes:
        nonlocal asked
        with path.open("ab") as file:
            file.write(b"x" * 4_000_000)
        chunk = read(descriptor, length)
        asked += len(chunk)
        return chunk

    monkeypatch.setattr(os, "read", grow)
    monkeypatch.setattr(reading, "SIZE_LIMIT", 64 * 1024)
    assert refused(path).diagnostic.code == "FILE002"
    assert asked <= 2 * 64 * 1024


def test_a_file_that_shrinks_while_it_is_read_gives_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"x" * 20_000)
    read = os.read

    def shrink(descriptor: int, length: int) -> bytes:
        os.truncate(path, 10_000)
        return read(descriptor, length)

    monkeypatch.setattr(os, "read", shrink)
    assert read_file(path) == b"x" * 10_000


def test_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"x")
    (tmp_path / "a.toml").symlink_to("real")
    assert read_file(tmp_path / "a.toml") == b"x"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.toml").mkdir()
    found = refused(tmp_path / "a.toml").diagnostic
    assert found.code == "FILE001"
    assert "a folder" in found.message


def test_a_pipe_is_not_even_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "a.toml")
    monkeypatch.setattr(os, "open", None)
    assert "a named pipe" in refused(tmp_path / "a.toml").diagnostic.message


def test_a_pipe_that_takes_the_place_of_a_file_does_not_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"x")
    regular = os.stat(path)
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(os, "stat", lambda *_, **__: regular)
    assert "a named pipe" in refused(path).diagnostic.message


def test_a_socket_and_a_device_are_no_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("a.toml")
        assert "a socket" in refused("a.toml").diagnostic.message
    Path("zero.toml").symlink_to("/dev/zero")
    assert "a device" in refused("zero.toml").diagnostic.message


@pytest.mark.parametrize(
    ("mode", "words"),
    [(stat.S_IFBLK, "a device"), (0, "not a regular file")],
    ids=["block", "unknown"],
)
def test_other_kinds_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, words: str
) -> None:
    status = os.stat_result((mode, *range(9)))
    monkeypatch.setattr(os, "stat", lambda *_, **__: status)
    assert words in refused(tmp_path / "a.toml").diagnostic.message


def test_what_is_missing_is_said_to_be(tmp_path: Path) -> None:
    found = refused(tmp_path / "a.toml").diagnostic
    assert (found.code, found.message) == ("FILE001", "the file does not exist")


def test_a_link_to_nothing_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "a.toml").symlink_to("nothing")
    assert refused(tmp_path / "a.toml").diagnostic.message == "the link points at nothing"


def test_a_circle_of_links_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "a.toml").symlink_to("b.toml")
    (tmp_path / "b.toml").symlink_to("a.toml")
    found = refused(tmp_path / "a.toml").diagnostic
    assert found.code == "FILE001"
    assert "circle" in (found.help or "")


def test_a_file_taken_for_a_folder_is_missing(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    assert refused(tmp_path / "a" / "b.toml").diagnostic.message == "the file does not exist"


@pytest.mark.parametrize("name", ["a\0b.toml", "\ud800.toml"])
def test_a_name_that_no_file_can_have_is_missing(tmp_path: Path, name: str) -> None:
    assert refused(tmp_path / name).diagnostic.message == "the file does not exist"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_not_utf_8_is_read(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.toml")
    Path(path).write_bytes(b"x")
    assert read_file(path) == b"x"


def test_a_missing_permission_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "denied")

    (tmp_path / "a.toml").write_bytes(b"x")
    monkeypatch.setattr(os, "open", refuse)
    found = refused(tmp_path / "a.toml").diagnostic
    assert found.message == f"cannot be read: {os.strerror(errno.EACCES)}"
    assert "permission" in (found.help or "")


def test_an_error_while_reading_is_a_diagnostic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bytes:
        raise OSError(errno.EIO, "broken")

    (tmp_path / "a.toml").write_bytes(b"x")
    monkeypatch.setattr(os, "read", fail)
    found = refused(tmp_path / "a.toml").diagnostic
    assert found.code == "FILE001"
    assert found.message == f"cannot be read: {os.strerror(errno.EIO)}"


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files as Linux does")
def test_no_descriptor_is_left_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.toml").write_bytes(b"x")
    before = os.listdir("/proc/self/fd")
    read_file(tmp_path / "a.toml")
    monkeypatch.setattr(reading, "SIZE_LIMIT", 0)
    refused(tmp_path / "a.toml")
    with pytest.raises(FileNotFoundError), opened(tmp_path / "b.toml"):
        pass
    assert os.listdir("/proc/self/fd") == before


def test_a_digest_names_its_kind() -> None:
    assert digest(b"x") == "sha256:" + hashlib.sha256(b"x").hexdigest()
