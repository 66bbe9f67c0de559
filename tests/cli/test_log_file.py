"""A file that lines are appended to, whatever else happens to it."""

import os
import stat
import sys
from pathlib import Path

import pytest

from policyconsole.cli.log_file import LogFile


class Opened:
    """A log file and what it complained of."""

    def __init__(self, path: Path | str) -> None:
        self.complaints: list[str] = []
        self.file = LogFile(str(path), self.complaints.append)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log"


def test_lines_are_appended_and_a_new_file_is_the_owners_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        opened = Opened(path)
    finally:
        os.umask(before)
    assert opened.file.write("one")
    assert opened.file.write("caf\udce9")
    opened.file.close()
    assert path.read_text() == "one\ncaf\\udce9\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    again = Opened(path)
    assert again.file.write("two")
    again.file.close()
    assert path.read_text() == "one\ncaf\\udce9\ntwo\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert opened.complaints + again.complaints == []


def test_a_file_that_is_moved_deleted_or_truncated_is_no_trouble(path: Path) -> None:
    opened = Opened(path)
    opened.file.write("one")
    path.rename(path.with_suffix(".1"))
    opened.file.write("two")
    assert path.with_suffix(".1").read_text() == "one\n"
    assert path.read_text() == "two\n"
    path.unlink()
    opened.file.write("three")
    assert path.read_text() == "three\n"
    os.truncate(path, 0)
    opened.file.write("four")
    assert path.read_text() == "four\n"
    path.with_suffix(".2").write_text("")
    path.with_suffix(".2").replace(path)
    opened.file.write("five")
    assert path.read_text() == "five\n"
    opened.file.close()
    assert opened.complaints == []


def test_what_cannot_be_written_is_said_once_until_it_can(path: Path) -> None:
    folder = path / "below"
    opened = Opened(folder / "log")
    complaint = f"cannot write to the log {folder / 'log'}: No such file or directory"
    assert opened.complaints == [complaint]
    assert [opened.file.write("lost") for _ in range(3)] == [False] * 3
    assert opened.complaints == [complaint]
    folder.mkdir(parents=True)
    assert opened.file.write("kept")
    (folder / "log").unlink()
    folder.rmdir()
    assert not opened.file.write("lost")
    assert opened.complaints == [complaint] * 2
    opened.file.close()


def test_half_a_line_spoils_no_other(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Opened(path)
    write, room = os.write, [6]

    def into_little_room(descriptor: int, content: bytes) -> int:
        if not room[0]:
            raise OSError(28, "No space left on device")
        written = write(descriptor, content[: room[0]])
        room[0] -= written
        return written

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", into_little_room)
        assert opened.file.write("one")
        assert not opened.file.write("twenty")
        assert opened.complaints == [f"cannot write to the log {path}: No space left on device"]
    assert opened.file.write("three")
    opened.file.close()
    assert path.read_text() == "one\ntw\nthree\n"


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_a_full_disk_is_said_once() -> None:
    opened = Opened("/dev/full")
    assert [opened.file.write("lost") for _ in range(3)] == [False] * 3
    opened.file.close()
    assert opened.complaints == ["cannot write to the log /dev/full: No space left on device"]


def test_a_pipe_that_nobody_reads_is_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    opened = Opened(path)
    assert not opened.file.write("lost")
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    assert opened.file.write("read")
    assert os.read(reader, 100) == b"read\n"
    os.close(reader)
    assert not opened.file.write("lost")
    opened.file.close()
    assert len(opened.complaints) == 2


def test_standard_error_stays_open_and_may_not_be_there(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with capfd.disabled():
        number = os.dup(2)
    with os.fdopen(number, "w") as standard_error:
        monkeypatch.setattr(sys, "stderr", standard_error)
        opened = Opened("-")
        opened.file.close()
        os.fstat(number)
    monkeypatch.setattr(sys, "stderr", None)
    without = Opened("-")
    assert not without.file.write("lost")
    assert without.complaints == ["cannot write to the log -: Bad file descriptor"]
