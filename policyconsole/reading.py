"""Reading a policy file: regular files only, never more than the limit, never blocking.

``check`` and the watcher read through here, so that what one refuses the other
refuses too.
"""

import errno
import hashlib
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from policyconsole.diagnostics import Diagnostic, Severity, error

SIZE_LIMIT = 10 * 1024 * 1024
"""The largest policy file that is read, in bytes."""

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_OPEN_FLAGS |= getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


class UnreadableError(Exception):
    """A file is there and cannot be read; ``diagnostic`` (FILE001 or FILE002) says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def digest(content: bytes) -> str:
    """Give ``sha256:`` and the SHA-256 of ``content`` in hexadecimal."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def writable_by_others(mode: int) -> bool:
    """Tell from a mode (``st_mode``) whether every user may write to the file; never on Windows."""
    return sys.platform != "win32" and bool(mode & stat.S_IWOTH)


def read_file(path: str | os.PathLike[str]) -> bytes:
    """Read a whole regular file, following links; raises as :func:`read_with_mode` does."""
    return read_with_mode(path)[0]


def read_with_mode(path: str | os.PathLike[str]) -> tuple[bytes, int]:
    """Read a whole regular file, following links; give its mode (``st_mode``) too.

    Raises :class:`UnreadableError` for everything that is not a readable regular file
    of at most ``SIZE_LIMIT`` bytes, a missing one included.
    """
    try:
        with opened(path) as descriptor:
            return read_open(descriptor), os.fstat(descriptor).st_mode
    except FileNotFoundError as problem:
        dangling = Path(path).is_symlink()
        raise UnreadableError(
            error(
                "FILE001",
                Severity.CRITICAL,
                "the link points at nothing" if dangling else "the file does not exist",
                help="mend or remove the link" if dangling else "check the path",
            )
        ) from problem


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[int]:
    """Open a regular file for reading and give its descriptor.

    Raises FileNotFoundError where nothing is there, :class:`UnreadableError` where
    something is that cannot be read. A pipe or device is not even opened.
    """
    descriptor = -1
    try:
        try:
            _require_regular(os.stat(path).st_mode)
            descriptor = os.open(path, _OPEN_FLAGS)
            _require_regular(os.fstat(descriptor).st_mode)
        except (FileNotFoundError, NotADirectoryError) as problem:
            raise FileNotFoundError(problem.errno, problem.strerror) from problem
        except OSError as problem:
            raise UnreadableError(cannot_read(problem)) from problem
        except ValueError as problem:  # a NUL or a lone surrogate: no file has such a name
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from problem
        yield descriptor
    finally:
        if descriptor >= 0:
            with suppress(OSError):
                os.close(descriptor)


def read_open(descriptor: int) -> bytes:
    """Read a regular file to its end from the start; raises :class:`UnreadableError`."""
    try:
        size = os.fstat(descriptor).st_size
        chunks: list[bytes] = []
        length = 0
        while chunk := os.read(descriptor, min(max(size - length + 1, 4096), SIZE_LIMIT + 1)):
            chunks.append(chunk)
            length += len(chunk)
            if length > SIZE_LIMIT:
                raise UnreadableError(_too_large())
            if len(chunk) < 4096 and length >= size:
                break
    except OSError as problem:
        raise UnreadableError(cannot_read(problem)) from problem
    return b"".join(chunks)


def _require_regular(mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    kind = next((name for is_kind, name in _KINDS if is_kind(mode)), "not a regular file")
    raise UnreadableError(
        error(
            "FILE001",
            Severity.CRITICAL,
            f"cannot be read: it is {kind}",
            help="put a regular file there, or rename it so that it is not taken for a policy",
        )
    )


def cannot_read(problem: OSError) -> Diagnostic:
    """Say that and why the system would not let a file be read (FILE001)."""
    advice = {
        errno.EACCES: "give the user that runs policy-console read permission",
        errno.EPERM: "give the user that runs policy-console read permission",
        errno.ELOOP: "mend the links: they lead in a circle",
        errno.EMFILE: "raise the limit of open files (ulimit -n)",
    }.get(problem.errno or 0, "check the file and its file system")
    return error(
        "FILE001",
        Severity.CRITICAL,
        f"cannot be read: {os.strerror(problem.errno) if problem.errno else problem}",
        help=advice,
    )


def _too_large() -> Diagnostic:
    return error(
        "FILE002",
        Severity.CRITICAL,
        f"too large: more than {SIZE_LIMIT // (1024 * 1024)} MiB",
        help="split it, or keep the data elsewhere: a policy is settings only",
    )
