"""LogFile: a file that lines are appended to, whatever else happens to it."""

import errno
import os
import sys
from collections.abc import Callable

STANDARD_ERROR = "-"
"""The path that stands for standard error."""

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
_OWNER_ONLY = 0o600


class LogFile:
    """Appends lines to a file that may be moved away, deleted or truncated meanwhile.

    It looks before each line whether the path still leads to the file that it has open,
    and opens it anew where it does not: logrotate needs no signal, and ``copytruncate``
    works too. A new file can be read by its owner only; one that is there keeps its mode.

    A line that cannot be written is lost, and the next one tries again. ``complain`` is
    told of the first of them, and of the first after some that could be written.
    """

    def __init__(self, path: str, complain: Callable[[str], None]) -> None:
        """Open the file now, so that a mistake in the path is told at once."""
        self._path = path
        self._complain = complain
        self._descriptor: int | None = None
        self._torn = False
        self._in_trouble = False
        self._try(self._open)

    def write(self, line: str) -> bool:
        """Append a line and its end; False where that cannot be."""
        content = (line + "\n").encode(errors="backslashreplace")
        return self._try(lambda: self._append(content))

    def close(self) -> None:
        """Close the file; standard error stays open."""
        if self._descriptor is not None and self._path != STANDARD_ERROR:
            os.close(self._descriptor)
        self._descriptor = None

    def _try(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except OSError as problem:
            if not self._in_trouble:
                self._complain(
                    f"cannot write to the log {self._path}: {problem.strerror or problem}"
                )
            self._in_trouble = True
            return False
        self._in_trouble = False
        return True

    def _append(self, content: bytes) -> None:
        descriptor = self._descriptor
        if descriptor is None or self._has_moved(descriptor):
            self.close()
            descriptor = self._open()
        if self._torn:  # so that half a line spoils no other
            content = b"\n" + content
        while content:
            written = os.write(descriptor, content)
            content = content[written:]
            self._torn = bool(content)

    def _has_moved(self, descriptor: int) -> bool:
        """Whether the path leads elsewhere than to what is open."""
        if self._path == STANDARD_ERROR:
            return False
        try:
            there = os.stat(self._path)
        except FileNotFoundError:
            return True
        return not os.path.samestat(there, os.fstat(descriptor))

    def _open(self) -> int:
        if self._path == STANDARD_ERROR:
            if sys.stderr is None:  # its number may be that of any other file by now
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))
            self._descriptor = sys.stderr.fileno()
            return self._descriptor
        # A pipe that nobody reads is an error then, where it would be waited for.
        descriptor = os.open(self._path, _FLAGS | getattr(os, "O_NONBLOCK", 0), _OWNER_ONLY)
        os.set_blocking(descriptor, True)
        self._descriptor, self._torn = descriptor, False
        return descriptor
