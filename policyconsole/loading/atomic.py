"""Replacing a file in one step: a reader sees the old content or the new, never a part."""

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_PREFIX, _SUFFIX = ".policy-console-", ".tmp"
"""A temporary file begins with a dot and ends unlike a policy: no watcher takes it for one."""


def write_atomically(
    path: str | os.PathLike[str], content: bytes, last_look: Callable[[], None] | None = None
) -> None:
    """Write ``content`` to a temporary file beside ``path``, flush it to disk, and rename it.

    A link is followed, so that it stays one. Mode and (where permitted) owner of an
    existing file are kept; a new file can be read and written by its owner only. The
    temporary file is removed if anything fails. ``last_look`` is called when everything
    but the renaming is done, and may raise to leave the file as it is. Raises OSError.
    """
    with replacing(path, last_look=last_look) as file:
        file.write(content)


@contextmanager
def replacing(
    path: str | os.PathLike[str],
    *,
    private: bool = True,
    last_look: Callable[[], None] | None = None,
) -> Iterator[BinaryIO]:
    """Give a file to write the new content of ``path`` to, as write_atomically does.

    It takes its place when the block has ended, and never if the block raises. A new
    file that is not ``private`` has the mode that the process gives to its files.
    """
    target = Path(os.path.realpath(path))
    before = _status(target)
    descriptor, temporary = tempfile.mkstemp(_SUFFIX, _PREFIX, target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            if before is not None:
                _keep_owner_and_mode(file.fileno(), before)
            elif not private:
                _give_usual_mode(file.fileno())
            file.flush()
            os.fsync(file.fileno())
        if last_look is not None:
            last_look()
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    _flush_folder(target.parent)


def _status(target: Path) -> os.stat_result | None:
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        raise FileExistsError(f"not a regular file: {target}")
    return status


def _keep_owner_and_mode(descriptor: int, before: os.stat_result) -> None:
    if hasattr(os, "fchown"):
        with suppress(PermissionError):
            os.fchown(descriptor, before.st_uid, before.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(before.st_mode))


def _give_usual_mode(descriptor: int) -> None:
    if hasattr(os, "fchmod"):
        mask = os.umask(0o077)  # the one way to learn it is to set it
        os.umask(mask)
        os.fchmod(descriptor, 0o666 & ~mask)


def _flush_folder(folder: Path) -> None:
    """Make the rename durable; not every file system and platform can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
