"""What is on disk, looked at as plainly as it goes."""

import errno
import os
import stat
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tests.model.contents import SMALL_LIMIT

Inode: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Trouble:
    """Something that cannot be read: the contracts' FILE001, or FILE002 for what is too large."""

    what: str

    @property
    def code(self) -> str:
        """The code of its diagnostic."""
        return "FILE002" if self.what == "too_large" else "FILE001"


@dataclass(frozen=True)
class Unfinished:
    """Somebody has the file open for writing."""


Seen: TypeAlias = bytes | Trouble | Unfinished


def observe(root: Path, writing: AbstractSet[Inode] = frozenset()) -> dict[str, Seen]:
    """Look at every policy file below ``root``; ``writing`` are the files that somebody writes."""
    seen: dict[str, Seen] = {}
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in [*folders, *files]:
            path = Path(folder, name)
            if name.startswith(".") or path.suffix not in (".toml", ".yaml", ".json"):
                continue
            what = _look(path, writing)
            if what is not None:
                seen[path.relative_to(root).as_posix()] = what
    return seen


def _look(path: Path, writing: AbstractSet[Inode]) -> Seen | None:
    try:
        status = path.stat()
    except OSError as problem:
        return Trouble("circle" if problem.errno == errno.ELOOP else "dangling")
    if stat.S_ISDIR(status.st_mode):
        return None if path.is_symlink() else Trouble("folder")
    if stat.S_ISFIFO(status.st_mode):
        return Trouble("fifo")
    if stat.S_ISCHR(status.st_mode):
        return Trouble("device")
    if (status.st_dev, status.st_ino) in writing:
        return Unfinished()
    return Trouble("too_large") if status.st_size > SMALL_LIMIT else path.read_bytes()
