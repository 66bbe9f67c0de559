"""The program in another setting: with limits of its own, with mounts of its own, as another user."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NOBODY = 65534
"""The user and group whom permissions concern, where the tests run as root, whom none does."""

_OWN_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")


def in_own_namespace(preparation: str) -> tuple[str, ...]:
    """Start a command after a line of shell that changes its own limits and mounts only."""
    return (*_OWN_NAMESPACE, "sh", "-ec", f'{preparation}\nexec "$@"', "sh")


def allows(preparation: str) -> bool:
    """Whether this machine lets that line of shell pass."""
    if shutil.which("unshare") is None:
        return False
    command = [*in_own_namespace(preparation), "true"]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0


def as_ordinary_user() -> tuple[str, ...]:
    """Start a command as a user whom permissions concern."""
    if os.geteuid() != 0:
        return ()
    return ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


@contextmanager
def folder_of_ordinary_user() -> Iterator[Path]:
    """An empty folder that belongs to that user, below one that everybody may enter."""
    above = Path(tempfile.mkdtemp())
    try:
        above.chmod(0o755)
        folder = above / "policies"
        folder.mkdir()
        give(folder)
        yield folder
    finally:
        shutil.rmtree(above)


def give(path: Path) -> None:
    """Make a file or folder that user's own."""
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)


def is_watched(pid: int, folder: Path) -> bool:
    """Whether a process has an inotify watch on just this folder."""
    status = folder.stat()
    device = os.major(status.st_dev) << 20 | os.minor(status.st_dev)
    watch = f"ino:{status.st_ino:x} sdev:{device:x} "
    for file in Path(f"/proc/{pid}/fdinfo").iterdir():
        with suppress(FileNotFoundError):  # closed since it was listed
            if watch in file.read_text():
                return True
    return False
