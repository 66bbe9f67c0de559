"""W13 of the failure modes: network and container mounts, and edits that keep what a look goes by.

tmpfs, overlayfs and a bind mount are made in a namespace of the watching process; the other
side writes through ``/proc/PID/root``. A FUSE mount stands for every network folder: what
happens behind it no event tells.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from policyconsole.watching.hints import WatcherKind
from tests.cli.processes import Event, Watching
from tests.convergence import converging, folded
from tests.policies import toml
from tests.story import watching
from tests.waiting import eventually_blocking, holds
from tests.watching.settings import allows, in_own_namespace, is_watched
from tests.writer import writer

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="these mounts are those of Linux")

MOUNTS = {
    "tmpfs": "mount -t tmpfs tmpfs {folder}; cp {other}/a.toml {folder}",
    "overlay": "mount -t overlay overlay -o lowerdir={other},upperdir={upper},workdir={work},"
    "userxattr {folder}",
    "bind": "mount --bind {other} {folder}",
}


@linux_only
@pytest.mark.parametrize("mount", MOUNTS)
def test_w13_a_folder_of_a_container(
    tmp_path: Path, folder: Path, kind: WatcherKind, mount: str
) -> None:
    places = {name: tmp_path / name for name in ("other", "upper", "work")}
    for place in places.values():
        place.mkdir()
    (places["other"] / "a.toml").write_text(toml(requests_per_minute=1))
    preparation = MOUNTS[mount].format(folder=folder, **places)
    if not allows(preparation):
        pytest.skip(f"no {mount} in a user namespace here")
    for leftover in (folder / "a.toml", *places["upper"].iterdir()):
        leftover.unlink(missing_ok=True)
    with Watching(
        folder, "--watcher", kind.value, through=in_own_namespace(preparation)
    ) as process:
        events = [process.event(), process.event()]
        seen = Path(f"/proc/{process.process.pid}/root") / folder.relative_to("/")
        with writer() as other:
            other.replace(seen / "a.toml", toml(requests_per_minute=2))
            events.append(process.event())
            half = toml(requests_per_minute=3)
            other.open(seen / "a.toml")
            other.write(seen / "a.toml", half[: half.index("[monitoring]")])
            other.replace(seen / "b.toml", toml("b-policy"))
            events.append(process.event())
            other.write(seen / "a.toml", half[half.index("[monitoring]") :])
            other.close(seen / "a.toml")
            events.append(process.event())
        (seen / "b.toml").unlink()
        events.append(process.event())
        assert process.end() == 0
    assert words(events) == [
        "applied a.toml 1",
        "started None None",
        "applied a.toml 2",
        "applied b.toml 1",
        "applied a.toml 3",
        "removed b.toml 1",
    ]
    assert set(folded(events).in_force) == {"a-policy"}


@linux_only
def test_w13_a_mount_that_comes_and_goes_while_the_folder_is_watched(folder: Path) -> None:
    """No event tells of a mount; the next look finds it and moves the watch to it.

    inotify only: watchfiles watches on what it found at its start, polling watches nothing.
    """
    if not allows("true"):
        pytest.skip("no user namespaces here")
    (folder / "sub").mkdir()
    with Watching(folder, "--watcher", "inotify", through=in_own_namespace("true")) as process:
        assert process.event()["type"] == "started"
        pid = process.process.pid
        enter = ["nsenter", f"--target={pid}", "--user", "--mount", "--preserve-credentials"]
        subprocess.run([*enter, "mount", "-t", "tmpfs", "tmpfs", folder / "sub"], check=True)
        mounted = Path(f"/proc/{pid}/root") / (folder / "sub").relative_to("/")
        eventually_blocking(lambda: is_watched(pid, mounted))
        (mounted / "a.toml").write_text(toml())
        event = process.event()
        assert (event["type"], event["path"]) == ("applied", "sub/a.toml")
        subprocess.run([*enter, "umount", folder / "sub"], check=True)
        event = process.event()
        assert (event["type"], event["path"]) == ("removed", "sub/a.toml")
        assert process.end() == 0


def words(events: list[Event]) -> list[str]:
    return [f"{event['type']} {event['path']} {event['revision']}" for event in events]


@pytest.fixture
def shared(tmp_path: Path, folder: Path) -> Iterator[Path]:
    """The folder behind a FUSE mount on ``folder``: what is written there no event tells."""
    if shutil.which("bindfs") is None:
        pytest.skip("bindfs is not installed (Debian's package of that name)")
    behind = tmp_path / "behind"
    behind.mkdir()
    options = "attr_timeout=0,entry_timeout=0,negative_timeout=0"
    made = subprocess.run(
        ["bindfs", "-o", options, behind, folder], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        pytest.skip(f"no FUSE here: {made.stderr}")
    try:
        yield behind
    finally:
        leave = ["umount", "-l"] if os.geteuid() == 0 else ["fusermount", "-u", "-z"]
        subprocess.run([*leave, folder], check=True)


@linux_only
@pytest.mark.usefixtures("looks_often")
async def test_w13_what_is_written_behind_a_network_folder(
    folder: Path, kind: WatcherKind, shared: Path
) -> None:
    """A lease is granted beside a writer behind the mount: it proves nothing here.

    Half a file that is no valid policy is not told while it is written.
    """
    file = shared / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    async with converging(folder, kind) as story:
        with writer() as other:
            other.open(file)
            other.write(file, 'id = "a-pol')
            await holds(lambda: story.words == [], seconds=0.35)
            other.truncate(file)
            other.write(file, toml(requests_per_minute=2))
            other.close(file)
            await story.rate_becomes(2)
            other.replace(file, toml(requests_per_minute=3))
            await story.rate_becomes(3)
        assert story.words == ["applied a.toml"] * 2


@linux_only
async def test_w13_what_is_written_through_a_network_folder_waits_for_no_quiet(
    folder: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """inotify's event vouches for it; watchfiles and polling have none, and wait 100 ms."""
    (folder / "a.toml").write_text(toml(requests_per_minute=1))
    async with watching(folder, WatcherKind.INOTIFY) as story:
        monkeypatch.setattr("policyconsole.watching.tracker.QUIET_IF_VALID", 1000.0)
        monkeypatch.setattr("policyconsole.watching.tracker.QUIET_IF_REFUSED", 1000.0)
        for rate in (2, 3, 4):
            (folder / "a.toml").write_text(toml(requests_per_minute=rate))
            await story.rate_becomes(rate)
        assert story.words == ["applied a.toml"] * 3


async def test_w13_an_edit_that_keeps_size_and_modification_time_is_found(
    folder: Path, kind: WatcherKind
) -> None:
    """By content where it polls, by its event, or by the change time otherwise."""
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    times = file.stat()
    async with converging(folder, kind) as story:
        for rate in (2, 3):
            temporary = folder / ".new"
            temporary.write_text(toml(requests_per_minute=rate))
            os.utime(temporary, ns=(times.st_atime_ns, times.st_mtime_ns))
            temporary.replace(file)
            await story.rate_becomes(rate)
            assert (file.stat().st_mtime_ns, file.stat().st_size) == (
                times.st_mtime_ns,
                times.st_size,
            )
        assert story.words == ["applied a.toml"] * 2


@pytest.mark.usefixtures("looks_often")
async def test_w13_an_edit_that_no_event_tells_and_that_keeps_the_times_is_found(
    folder: Path, kind: WatcherKind
) -> None:
    """Through another name of the same file, outside: by content, or by the change time."""
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    times = file.stat()
    outside = folder.parent / "outside"
    os.link(file, outside)
    async with converging(folder, kind) as story:
        outside.write_text(toml(requests_per_minute=2))
        os.utime(outside, ns=(times.st_atime_ns, times.st_mtime_ns))
        await story.rate_becomes(2)
        assert story.words == ["applied a.toml"]
