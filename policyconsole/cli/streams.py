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
_CANNOT = (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS, errno.ESPIPE)
"""What a system answers that knows no such write: Linux before 6.5, for pipes."""


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
        self._at_once = self._open and _can_refuse_to_wait()

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

    def write(self, text: str) -> None:
        """Write a text and the end of its line; raises :class:`OutputError`."""
        if self._open:
            self._try(lambda: sys.stdout.write(text + "\n"))

    def flush(self) -> None:
        """Hand on what was written; raises :class:`OutputError`."""
        if self._open:
            self._try(sys.stdout.flush)
            self._flushed += 1

    def write_at_once(self, text: str) -> bool:
        """Write a text and the end of its line past the buffer; False where that would have to wait.

        Only a pipe can say so. Nothing may be in the buffer.
        """
        line = (text + "\n").encode(errors="backslashreplace")
        if not self._at_once or not self._open or len(line) > select.PIPE_BUF:
            return False
        try:
            # A pipe takes up to PIPE_BUF bytes as a whole or not at all (pipe(7)).
            os.pwritev(sys.stdout.fileno(), [line], _AT_THE_END, _DO_NOT_WAIT)
        except BlockingIOError:
            return False
        except BrokenPipeError:
            self._abandon()
        except OSError as problem:
            if problem.errno not in _CANNOT:
                raise
            self._at_once = False
            return False
        self._flushed += 1
        return True

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except BrokenPipeError:
            self._abandon()
        except OSError as problem:
            self._abandon()
            raise OutputError(
                f"cannot write to standard output: {problem.strerror or problem}"
            ) from problem

    def _abandon(self) -> None:
        """Send what is still buffered nowhere, or the interpreter complains about it at its end."""
        self._open = False
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


def _can_refuse_to_wait() -> bool:
    """Whether standard output may be written to on the condition that nobody has to wait."""
    if not _DO_NOT_WAIT or not hasattr(os, "pwritev"):
        return False
    with suppress(OSError, ValueError):
        return stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)
    return False
