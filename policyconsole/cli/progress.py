"""How far ``check`` has come, on a terminal, where it takes long."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

AFTER = 1.0
"""Seconds of work before anything is shown."""

EVERY = 0.1
"""Seconds between two changes of what is shown."""

_ERASE = "\r\x1b[K"


class Progress:
    """One line on standard error, changed in place; nothing where that is no terminal.

    ``total`` is how many files there are, ``clock`` gives seconds.
    """

    def __init__(self, total: int, clock: Callable[[], float] = monotonic) -> None:
        self._total = total
        self._clock = clock
        self._done = 0
        self._next = clock() + AFTER
        self._shown = False
        self._wanted = _is_terminal()

    def advance(self) -> None:
        """Count one more file."""
        self._done += 1
        if self._wanted and self._clock() >= self._next:
            self._next = self._clock() + EVERY
            self._put(f"{_ERASE}{self._done:,} of {self._total:,} files checked")
            self._shown = True

    def erase(self) -> None:
        """Take the line away, so that something else can be written."""
        if self._shown:
            self._put(_ERASE)
            self._shown = False

    def _put(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()


def _is_terminal() -> bool:
    with suppress(OSError, ValueError):
        return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return False
