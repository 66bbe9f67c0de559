"""Alarm: wakes the app where something is new, and once a second for the ages; else it sleeps.

Ten looks a second cost 1.2 % of a core at rest (benchmarks/terminal_load.py, two cores),
though none of them found anything.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

TICK = 0.1
"""Seconds between two looks at what the engine has told, while it tells something."""

REST = 1.0
"""Seconds between two looks while it tells nothing: ages are said in seconds."""


class Alarm:
    """Has ``look`` done on the app's loop; ``restless`` says whether to look again soon in any case."""

    def __init__(self, look: Callable[[], None], restless: Callable[[], bool]) -> None:
        self._look = look
        self._restless = restless
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next: asyncio.TimerHandle | None = None
        self._do: Callable[[Callable[[], None]], object] = lambda look: look()
        self._last = 0.0
        self._woken = False

    def start(self, do: Callable[[Callable[[], None]], object]) -> None:
        """Begin, on the app's loop; ``do`` has the app itself call what it is given."""
        self._loop = asyncio.get_running_loop()
        self._do = do
        self._last = self._loop.time()
        self._next = self._loop.call_later(TICK, self._ring)

    def stop(self) -> None:
        """Look no more."""
        self._loop = None
        if self._next is not None:
            self._next.cancel()

    def wake(self) -> None:
        """Say that something is new, from any thread; it costs next to nothing where that is known."""
        loop = self._loop
        if loop is not None and not self._woken:
            self._woken = True
            with suppress(RuntimeError):  # the loop is closed: nobody looks any more
                loop.call_soon_threadsafe(self._hurry)

    def _hurry(self) -> None:
        if self._loop is not None and self._next is not None:
            self._next.cancel()
            self._next = self._loop.call_at(self._last + TICK, self._ring)

    def _ring(self) -> None:
        if self._loop is None:
            return
        self._woken = False
        self._last = self._loop.time()
        self._do(self._look)
        wait = TICK if self._restless() else REST
        self._next = self._loop.call_later(wait, self._ring)
