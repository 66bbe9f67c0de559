"""Pace: when the next picture may be drawn, so that keys are answered while a thousand files change."""

import sys
import time
from collections.abc import Callable

SHARE = 3
"""After a picture, at least this many times as long as it took belongs to everything else."""

ANSWERING = 0.08
"""Seconds after a key or a click in which no picture is begun: the answer is drawn first."""

LONGEST = 0.5
"""Seconds after which a picture is drawn all the same, also while a key is held down."""


KEPT = 0.02
"""Seconds for which a thread may keep the interpreter while a key is answered.

The engine lets go of it with each file it reads; the face, which only computes, would have to
hand it over forty times in the 20 ms that an answer takes.
"""


class Pace:
    """Says when a picture is due; where nothing is slow and nobody types, always."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` gives seconds that only grow."""
        self._clock = clock
        self._begun = clock()
        self._interval = sys.getswitchinterval()
        self._wait_until = self._begun

    @property
    def is_due(self) -> bool:
        """Whether a picture may be begun."""
        return self._clock() >= min(self._wait_until, self._begun + LONGEST)

    def begin(self) -> None:
        """Begin a picture."""
        sys.setswitchinterval(self._interval)
        self._begun = self._clock()

    def end(self) -> None:
        """Note that it is on the screen: the longer it took, the longer until the next."""
        now = self._clock()
        self._wait_until = max(self._wait_until, now + SHARE * (now - self._begun))

    def give_way(self) -> None:
        """Let what somebody asked for be drawn first."""
        sys.setswitchinterval(KEPT)
        self._wait_until = max(self._wait_until, self._clock() + ANSWERING)
