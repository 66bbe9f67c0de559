"""A real terminal for a program: a pseudo-terminal."""

import os
import select
import time

from tests.waiting import LIMIT


class Terminal:
    """A pseudo-terminal: what is shown on it, and keys pressed on it."""

    def __init__(self) -> None:
        self._ours, self.theirs = os.openpty()
        self.shown = b""

    def read_until(self, text: bytes) -> None:
        end = time.monotonic() + 3 * LIMIT
        while text not in self.shown:
            ready, _, _ = select.select([self._ours], [], [], end - time.monotonic())
            assert ready, f"{text!r} did not come: {self.shown[-2000:]!r}"
            self.shown += os.read(self._ours, 65536)

    def press(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    def drain(self) -> None:
        """Take what is shown without looking, so that the program never waits for us."""
        while select.select([self._ours], [], [], 0)[0]:
            self.shown += os.read(self._ours, 65536)

    def close(self) -> None:
        os.close(self._ours)
        os.close(self.theirs)
