"""Reporter: gives alerts and reports on a thread of its own, so that nobody waits for a log."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush
from time import monotonic

from policyconsole.events import PolicyEvent

_LOG = logging.getLogger(__name__)

MOST_ALERTS = 8192
"""How many alerts may wait; the oldest are lost then, and that is said."""


class Reporter:
    """Gives alerts at once and reports when they are due, one after the other.

    There is one thread for all policies, and only while something waits for it. What it
    calls may take as long as it likes and raise what it likes. May be used from any thread.
    """

    def __init__(
        self,
        alert: Callable[[PolicyEvent], None],
        report: Callable[[str, float], None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """``report`` is given a policy's id and the time, by ``clock``, at which it was due."""
        self._give_alert = alert
        self._give_report = report
        self._clock = clock
        self._alerts: deque[PolicyEvent] = deque()
        self._lost = 0
        self._due: list[tuple[float, str]] = []
        self._changed = threading.Condition()
        self._running = False
        self._over = False

    def alert(self, event: PolicyEvent) -> None:
        """Have an alert given."""
        with self._changed:
            if len(self._alerts) >= MOST_ALERTS:
                self._alerts.popleft()
                self._lost += 1
            self._alerts.append(event)
            self._attend()

    def remind(self, policy_id: str, due: float) -> None:
        """Have a report given when it is due."""
        with self._changed:
            if not self._over:
                heappush(self._due, (due, policy_id))
                self._attend()

    def end(self) -> None:
        """Have all reports given now, and none from now on; returns at once."""
        with self._changed:
            self._over = True
            self._changed.notify()

    def _attend(self) -> None:
        """See to it that the thread sees what has changed; call it with the lock."""
        if self._running:
            self._changed.notify()
            return
        try:
            threading.Thread(target=self._run, name="policy-console monitor", daemon=True).start()
            self._running = True
        except RuntimeError as problem:  # no thread is to be had; the next change tries again
            _LOG.warning("alerts and reports wait for a thread: %s", problem)

    def _run(self) -> None:
        while (task := self._next()) is not None:
            try:
                task()
            except Exception:  # noqa: BLE001 - a service's own code
                _LOG.exception("an alert or a report could not be given")

    def _next(self) -> Callable[[], None] | None:
        """Wait for what is to be done next; None, for good, where nothing is left to wait for."""
        with self._changed:
            while True:
                if lost := self._lost:
                    self._lost = 0
                    return partial(_LOG.warning, "%d alerts were lost", lost)
                if self._alerts:
                    return partial(self._give_alert, self._alerts.popleft())
                if not self._due:
                    self._running = False
                    return None
                due, policy_id = self._due[0]
                wait = 0.0 if self._over else due - self._clock()
                if wait <= 0:
                    heappop(self._due)
                    return partial(self._give_report, policy_id, due)
                self._changed.wait(min(wait, threading.TIMEOUT_MAX))
