"""Does a thing soon after it is asked for, on a thread of its own, at most ten times a second."""

import threading
from collections.abc import Callable

INTERVAL = 0.1
"""Seconds from the end of one run to the next at the earliest."""

PULSE = 1.0
"""Seconds after which a run happens unasked, so that a death without a last word is noticed."""


class Ticker:
    """Runs ``tick`` on its own thread: at once when woken after a rest, never twice in ``interval``.

    What wakes it meanwhile is done by one later run. ``tick`` must not raise. The
    thread is a daemon: it never keeps a program from ending.
    """

    def __init__(
        self,
        tick: Callable[[], None],
        *,
        interval: float = INTERVAL,
        pulse: float = PULSE,
        rest: Callable[[float], bool] | None = None,
    ) -> None:
        """``rest`` waits so many seconds and tells whether the end has come; tests replace it."""
        self._tick = tick
        self._interval = interval
        self._pulse = pulse
        self._wanted = threading.Event()
        self._stopped = threading.Event()
        self._rest = rest or self._stopped.wait
        self._thread = threading.Thread(target=self.run, name="policy-console view", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Ask for a run; returns at once, from any thread."""
        self._wanted.set()

    def stop(self) -> None:
        """End, and wait until a run under way is over; a second call does nothing."""
        self._stopped.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        """Do the thread's work until :meth:`stop`."""
        while not self._stopped.is_set():
            self._wanted.wait(self._pulse)
            self._wanted.clear()
            if self._stopped.is_set():
                return
            self._tick()
            if self._rest(self._interval):
                return
