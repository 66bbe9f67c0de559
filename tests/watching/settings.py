"""The program in another setting: with limits and mounts of its own, or bound by permissions."""

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

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


def bound_by_permissions() -> tuple[str, ...]:
    """Start a command so that permissions concern it: root passes over them else (capabilities(7))."""
    if os.geteuid() != 0:
        return ()
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


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
