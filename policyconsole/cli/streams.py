"""Standard output and standard error as the commands use them."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper

from policyconsole.cli.arguments import PROGRAM
from policyconsole.escaping import printable


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

    @property
    def open(self) -> bool:
        """Whether somebody may still read; false once a write has shown that nobody does."""
        return self._open

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
        return self._open and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"

    def write(self, text: str) -> None:
        """Write a text and the end of its line; raises :class:`OutputError`."""
        if self._open:
            self._try(lambda: sys.stdout.write(text + "\n"))

    def flush(self) -> None:
        """Hand on what was written; raises :class:`OutputError`."""
        if self._open:
            self._try(sys.stdout.flush)
            self._flushed += 1

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
