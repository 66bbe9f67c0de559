import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from policyconsole import EventType
from policyconsole.reading import read_open
from policyconsole.watching import settling
from policyconsole.watching.folder import Fingerprint, fingerprint
from policyconsole.watching.hints import WatcherKind
from policyconsole.watching.settling import QUIET_WHILE_OPEN, Proof, look
from tests.convergence import converging
from tests.policies import toml
from tests.writer import writer

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="leases are there on Linux only")


def test_a_file_at_rest_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(b"x" * 20_000)
    found = look(str(file))
    assert found.content == b"x" * 20_000
    assert found.stable
    assert found.fingerprint is not None
    assert found.fingerprint.size == 20_000


def test_nothing_there_is_told_from_a_link_to_nothing(tmp_path: Path) -> None:
    absent = look(str(tmp_path / "a.toml"))
    assert (absent.fingerprint, absent.problem) == (None, None)
    (tmp_path / "link.toml").symlink_to(tmp_path / "nowhere")
    dangling = look(str(tmp_path / "link.toml"))
    assert dangling.problem is not None
    assert dangling.problem.code == "FILE001"
    assert "link" in dangling.problem.message


@linux_only
def test_the_lease_tells_whether_anyone_is_writing(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    with writer() as other:
        other.open(file)
        other.write(file, "half")
        assert look(str(file)).proof is Proof.WRITER
        assert look(str(file)).content is None
        other.close(file)
    found = look(str(file))
    assert found.proof is Proof.NO_WRITER
    assert found.content == b"half"


@linux_only
def test_someone_who_only_reads_is_no_writer(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("x")
    with file.open():
        assert look(str(file)).proof is Proof.NO_WRITER


@linux_only
def test_a_file_kept_open_is_read_once_it_has_been_quiet(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    with writer() as other:
        other.open(file)
        other.write(file, "quiet")
        seen = look(str(file)).fingerprint
        found = look(str(file), seen, unchanged_for=QUIET_WHILE_OPEN)
    assert (found.proof, found.content) == (Proof.WRITER, b"quiet")


@linux_only
def test_no_lease_is_left_behind(tmp_path: Path) -> None:
    """A lease that stayed would make the next writer wait until the kernel breaks it."""
    file = tmp_path / "a.toml"
    file.write_text("x")
    before = Path("/proc/locks").read_text().count("LEASE")
    for _ in range(50):
        look(str(file))
    assert Path("/proc/locks").read_text().count("LEASE") == before
    descriptor = os.open(file, os.O_WRONLY | os.O_NONBLOCK)
    os.close(descriptor)


@pytest.mark.parametrize("kind", ["pipe", "socket", "folder", "device"])
def test_what_is_no_regular_file_is_not_even_opened(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "a.toml"
    match kind:
        case "pipe":
            os.mkfifo(file)
        case "socket":
            socket.socket(socket.AF_UNIX).bind(str(file))
        case "folder":
            file.mkdir()
        case "device":
            file.symlink_to("/dev/zero")
    problem = look(str(file)).problem
    assert problem is not None
    assert problem.code == "FILE001"
    assert kind in problem.message.replace("named ", "")


HOLDER = """
import fcntl, os, signal, sys, time
descriptor = os.open(sys.argv[1], os.O_RDWR)
def let_go(*_):
    time.sleep(0.4)
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    os.close(descriptor)
signal.signal(signal.SIGIO, let_go)
fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print("held", flush=True)
sys.stdin.read()
"""


@linux_only
async def test_a_file_that_another_program_keeps_to_itself_is_waited_for(
    folder: Path, kind: WatcherKind
) -> None:
    """A file server (Samba) holds a lease and gives it back when asked: that is no refusal."""
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", HOLDER, file],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == b"held\n"
        try:
            async with converging(folder, kind) as story:
                await story.rate_becomes(1)
                assert story.words == ["applied a.toml"]
                assert story.engine.statistics.events[EventType.REJECTED] == 0
        finally:
            holder.stdin.close()


@pytest.mark.parametrize("size", [10, 30_000], ids=["shrinks", "grows"])
def test_a_file_that_changes_while_it_is_read_is_not_stable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(b"x" * 20_000)
    read = os.read

    def change(descriptor: int, length: int) -> bytes:
        os.truncate(file, size)
        return read(descriptor, length)

    monkeypatch.setattr(os, "read", change)
    found = look(str(file))
    assert found.problem is None
    assert not found.stable


@linux_only
def test_a_file_truncated_before_and_after_a_finished_state_is_not_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One writer has just truncated it; while the lease is asked it is done; the next one truncates."""
    file = tmp_path / "a.toml"
    file.touch()
    probe, reading = settling._probe, read_open

    def done_meanwhile(descriptor: int) -> tuple[Proof, int | None]:
        file.write_text("whole")
        return probe(descriptor)

    def truncated_again(descriptor: int) -> bytes:
        file.write_text("")
        return reading(descriptor)

    def within_one_tick(status: os.stat_result) -> Fingerprint:
        return replace(fingerprint(status), mtime_ns=0, ctime_ns=0)

    monkeypatch.setattr(settling, "_probe", done_meanwhile)
    monkeypatch.setattr(settling, "read_open", truncated_again)
    monkeypatch.setattr(settling, "fingerprint", within_one_tick)
    found = look(str(file))
    assert (found.content, found.proof) == (b"", Proof.NO_WRITER)
    assert not found.stable
