"""Standard output and standard error as the commands use them."""

import errno
import os
import select
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper

from policyconsole.cli.arguments import PROGRAM
from policyconsole.escaping import printable

_DO_NOT_WAIT = getattr(os, "RWF_NOWAIT", 0)
_AT_THE_END = -1
_NOT_NOW = (errno.EAGAIN, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS, errno.ESPIPE)
"""A full pipe, and what a system answers that knows no such write: Linux before 6.5, for pipes."""


class OutputError(Exception):
    """Standard output takes no more, though somebody wants it: a full disk, say."""


def prepare() -> None:
    """Make both streams UTF-8, whatever the locale says, so that no character can stop a line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def tell(message: str) -> None:
    """Write a message about the program itself to standard error."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(f"{PROGRAM}: {printable(message)}\n")
            sys.stderr.flush()


class Output:
    """Standard output, line by line; once its reader has gone, lines go nowhere, quietly."""

    def __init__(self) -> None:
        self._flushed = 0
        self._open = sys.stdout is not None
        if self._open and sys.platform != "win32":
            # A parent may have left the pipe non-blocking; half a line would be lost then.
            with suppress(OSError, ValueError):
                os.set_blocking(sys.stdout.fileno(), True)
        self._at_once = _way_to_write_at_once() if self._open else None

    @property
    def open(self) -> bool:
        """Whether somebody may still read; false once a write has shown that nobody does."""
        return self._open

    @property
    def terminal(self) -> bool:
        """Whether it goes to a terminal, where control characters would do things."""
        return self._open and sys.stdout.isatty()

    @property
    def flushed(self) -> int:
        """How often something was handed on."""
        return self._flushed

    @property
    def coloured(self) -> bool:
        """Whether colours are wanted: on a terminal, unless NO_COLOR or FORCE_COLOR say otherwise."""
        if os.environ.get("NO_COLOR"):
            return False
        if os.environ.get("FORCE_COLOR", "0") not in {"", "0"}:
            return True
        return self.terminal and os.environ.get("TERM") != "dumb"

    @property
    def width(self) -> int | None:
        """How many cells a line of the terminal has; None where it is no terminal or does not say."""
        if self.terminal:
            with suppress(OSError, ValueError):
                return os.get_terminal_size(sys.stdout.fileno()).columns or None
        return None

    def write(self, text: str) -> None:
        """Write a text and the end of its line; raises :class:`OutputError`."""
        if self._open:
            self._try(lambda: sys.stdout.write(text + "\n"))

    def write_as_it_is(self, content: bytes) -> None:
        """Write bytes, and nothing after them; raises :class:`OutputError`."""
        if self._open:
            self.flush()
            self._try(lambda: sys.stdout.buffer.write(content))

    def flush(self) -> None:
        """Hand on what was written; raises :class:`OutputError`."""
        if self._open:
            self._try(sys.stdout.flush)
            self._flushed += 1

    @property
    def waits_for_nobody(self) -> bool:
        """Whether :meth:`write_at_once` always writes: to a file, which nobody has to read first."""
        return self._at_once is _write_to_file

    def write_at_once(self, text: str) -> bool:
        """Write a text and the end of its line past the buffer; False where that would have to wait.

        Only a pipe can say so, and a file has nobody to wait for. Nothing may be in the buffer.
        Raises :class:`OutputError`.
        """
        if self._at_once is None or not self._open:
            return False
        line = (text + "\n").encode(errors="backslashreplace")
        try:
            written = self._at_once(sys.stdout.fileno(), line)
        except BrokenPipeError:
            self._abandon()
            return True
        except OSError as problem:
            raise self._broken(problem) from problem
        self._flushed += written
        return written

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except BrokenPipeError:
            self._abandon()
        except OSError as problem:
            raise self._broken(problem) from problem

    def _broken(self, problem: OSError) -> OutputError:
        """Write nothing more; gives what to raise."""
        self._abandon()
        return OutputError(f"cannot write to standard output: {problem.strerror or problem}")

    def _abandon(self) -> None:
        """Send what is still buffered nowhere, or the interpreter complains about it at its end."""
        self._open = False
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


def _way_to_write_at_once() -> Callable[[int, bytes], bool] | None:
    """Give how standard output is written to where nobody has to wait for it; None for no such way."""
    if sys.platform == "win32":  # the ends of lines differ there
        return None
    with suppress(OSError, ValueError):
        mode = os.fstat(sys.stdout.fileno()).st_mode
        if stat.S_ISREG(mode):
            return _write_to_file
        if stat.S_ISFIFO(mode) and _DO_NOT_WAIT and hasattr(os, "pwritev"):
            return _write_to_pipe
    return None


def _write_to_file(descriptor: int, line: bytes) -> bool:
    while line:
        line = line[os.write(descriptor, line) :]
    return True


def _write_to_pipe(descriptor: int, line: bytes) -> bool:
    """Write a line as a whole or not at all: a pipe does so with up to PIPE_BUF bytes (pipe(7))."""
    if len(line) > select.PIPE_BUF:
        return False
    try:
        os.pwritev(descriptor, [line], _AT_THE_END, _DO_NOT_WAIT)
    except OSError as problem:
        if problem.errno not in _NOT_NOW:
            raise
        return False
    return True
