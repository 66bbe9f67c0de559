"""W18 of the failure modes: permission withdrawn and given back, seen by a real process that it binds."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from policyconsole.watching.hints import WatcherKind
from tests.cli.processes import PROGRAM, Watching, in_another_process
from tests.convergence import folded
from tests.policies import toml
from tests.waiting import eventually_blocking
from tests.watching.settings import bound_by_permissions, is_watched

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="permissions are those of Unix")


WITHOUT_PERMISSION_FIRST = """
import os, sys, time
with open(os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY, 0), "w") as file:
    file.write(sys.argv[2])
time.sleep(0.05)
os.chmod(sys.argv[1], 0o644)
"""


@contextmanager
def empty_folder() -> Iterator[Path]:
    """A folder to watch, whatever its permissions are at the end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "policies")
        folder.mkdir()
        yield folder


def save(path: Path, rate: int) -> None:
    """Write a file in place."""
    path.write_text(toml(path.stem, requests_per_minute=rate))


def test_w18_permission_for_a_file(kind: WatcherKind) -> None:
    """It is refused while it lasts, and last known good stays in force."""
    with empty_folder() as folder:
        file = folder / "a.toml"
        save(file, 1)
        with Watching(folder, "--watcher", kind.value, through=bound_by_permissions()) as process:
            events = [process.event(), process.event()]
            file.chmod(0)
            events.append(process.event())
            assert events[-1]["type"] == "rejected"
            assert events[-1]["message"] == "revision 1 stays in force"
            (refusal,) = events[-1]["diagnostics"]
            assert refusal["code"] == "FILE001"
            assert "Permission denied" in refusal["message"]
            assert "read permission" in refusal["help"]
            file.chmod(0o600)
            events.append(process.event())
            assert (events[-1]["type"], events[-1]["revision"]) == ("applied", 1)
            save(file, 2)
            events.append(process.event())
            assert (events[-1]["type"], events[-1]["revision"]) == ("applied", 2)
        assert set(folded(events).in_force) == {"a"}


@pytest.mark.parametrize("which", ["subfolder", "root"])
def test_w18_permission_for_a_folder(kind: WatcherKind, which: str) -> None:
    """A folder that cannot be listed is a lost watch: its policies stay, and it is watched again."""
    with empty_folder() as root:
        folder = root
        if which == "subfolder":
            folder = root / "sub"
            folder.mkdir()
        save(root / "z.toml", 1)
        save(folder / "a.toml", 1)
        with Watching(root, "--watcher", kind.value, through=bound_by_permissions()) as process:
            events = [process.event() for _ in range(3)]
            folder.chmod(0)
            events.append(process.event())
            assert events[-1]["type"] == "degraded"
            assert "cannot be listed: Permission denied" in events[-1]["message"]
            if which == "subfolder":
                (root / "z.toml").unlink()
                events.append(process.event())
                assert (events[-1]["type"], events[-1]["path"]) == ("removed", "z.toml")
            folder.chmod(0o700)
            events.append(process.event())
            assert events[-1]["type"] == "recovered"
            for rate in (2, 3):
                save(folder / "a.toml", rate)
                events.append(process.event())
                assert (events[-1]["type"], events[-1]["revision"]) == ("applied", rate)
            assert process.end() == 0
        assert set(folded(events).in_force) == ({"a"} if which == "subfolder" else {"a", "z"})


def test_w18_a_file_made_before_its_permission_is_no_refusal(kind: WatcherKind) -> None:
    """As many a deployment does it: the content is there, and the mode follows a moment later."""
    with (
        empty_folder() as folder,
        Watching(folder, "--watcher", kind.value, through=bound_by_permissions()) as process,
    ):
        assert process.event()["type"] == "started"
        in_another_process(WITHOUT_PERMISSION_FIRST, folder / "a.toml", toml())
        event = process.event()
        assert (event["type"], event["path"]) == ("applied", "a.toml")
        assert process.end() == 0


def test_w18_a_folder_that_may_not_be_entered_at_the_start_is_said_as_such() -> None:
    with empty_folder() as folder:
        (folder / "a.toml").write_text(toml(), encoding="utf-8")
        folder.chmod(0)
        ran = subprocess.run(
            [*bound_by_permissions(), *PROGRAM, "watch", str(folder)],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        folder.chmod(0o700)
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
    first = ran.stderr.splitlines()[0]
    assert first.startswith(f"{folder}: error CONF001")
    assert first.endswith("is in this folder: it may not be entered")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("kind", [WatcherKind.INOTIFY, WatcherKind.WATCHFILES])
def test_w18_a_subfolder_without_permission_at_the_start_spoils_no_watch(
    kind: WatcherKind,
) -> None:
    """watchfiles would watch nothing beside it. Polling watches nothing anyway."""
    with empty_folder() as folder:
        (folder / "sub").mkdir()
        (folder / "sub").chmod(0)
        with Watching(folder, "--watcher", kind.value, through=bound_by_permissions()) as process:
            assert [process.event()["type"] for _ in range(2)] == ["started", "degraded"]
            pid = process.process.pid
            # Many times in a row: each attempt that fails holds a watch for a moment too.
            eventually_blocking(lambda: all(is_watched(pid, folder) for _ in range(100)))
            assert process.end() == 0
            assert [event["type"] for event in process.rest()] == ["stopped"]
        (folder / "sub").chmod(0o700)
