"""Garbage: when Python looks for objects in cycles, so that it is never while somebody waits.

A policy is some 150 objects. With 10,000 of them, and a threshold of 50,000, looking through
the younger half of everything stopped the program for 280 ms under 1,000 changes a second, and
looking through all of it for 930 ms (benchmarks/terminal_load.py, two cores). What changes
under load is no garbage in cycles: it goes as soon as nobody holds it.
"""

import gc
import time
from collections.abc import Callable

MANY = 100_000
"""New objects after which all are set aside under load: that takes no time, looking would."""

WORTH_IT = 20_000
"""As many are looked through in a quiet moment, in 5 to 10 ms."""

QUIET = 1.0
"""Seconds without a change or a key that make a quiet moment."""

IDLE = 60.0
"""Seconds likewise, after which what was set aside may be looked through, ..."""

ROUNDS = 50
"""... if something was set aside so many times."""

_HELD_UP = 2_000_000
"""New objects after which Python looks by itself: only where nothing is drawn at all."""


class Garbage:
    """Looks for garbage in quiet moments; :meth:`start` takes over from Python, :meth:`stop` gives back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` gives seconds that only grow."""
        self._clock = clock
        self._busy = clock()
        self._before = gc.get_threshold()
        self._rounds = 0

    def start(self) -> None:
        """Take over from Python."""
        self._before = gc.get_threshold()
        gc.set_threshold(_HELD_UP)

    def stop(self) -> None:
        """Let Python look as it did before, at everything."""
        gc.set_threshold(*self._before)
        gc.unfreeze()

    def busy(self) -> None:
        """Note that something goes on."""
        self._busy = self._clock()

    def look(self) -> None:
        """Look for garbage, if this is a quiet moment and there may be some."""
        quiet, young = self._clock() - self._busy, gc.get_count()[0]
        if quiet >= IDLE and self._rounds >= ROUNDS:
            self._rounds = 0
            gc.unfreeze()
            gc.collect()
            gc.freeze()
        elif quiet >= QUIET and young >= WORTH_IT:
            gc.collect(0)
            self._set_aside()
        elif young >= MANY:
            self._set_aside()

    def _set_aside(self) -> None:
        self._rounds += 1
        gc.freeze()
