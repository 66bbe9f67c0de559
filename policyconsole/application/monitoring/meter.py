"""The requests to one service: counted all, timed as many as its policy says."""

from collections import Counter, deque
from dataclasses import dataclass
from threading import Lock

from policyconsole.application.request import Refusal
from policyconsole.latency import Histogram, percentile

# fmt: off
CHECK_BOUNDS = (
    5e-06, 1e-05, 2.5e-05, 5e-05, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
    0.05, 0.1, 0.25, 0.5, 1.0,
)
# fmt: on
"""Seconds: from a plain request (10 µs) to a password (0.14 s); docs/guards.md has the figures."""


@dataclass(frozen=True, slots=True)
class RequestReport:
    """The requests to a service since the report before.

    ``limited`` are those refused because the client asked too often, ``refused`` all others
    that were. ``p50`` and ``p99`` are of the checks that were timed, in seconds; None where
    none was.
    """

    allowed: int
    refused: int
    limited: int
    p50: float | None
    p99: float | None

    @property
    def total(self) -> int:
        """All requests."""
        return self.allowed + self.refused + self.limited


class RequestMeter:
    """What guards have answered for one policy; may be used from any thread.

    ``durations`` are those of the checks that were timed. ``buffer_size`` of them are
    kept for the next report, the newest.
    """

    def __init__(self, buffer_size: int) -> None:
        self.durations = Histogram(CHECK_BOUNDS)
        self._answers: Counter[Refusal | None] = Counter()
        self._reported: Counter[Refusal | None] = Counter()
        self._recent: deque[float] = deque(maxlen=buffer_size)
        self._due: float | None = None
        self._lock = Lock()

    def observe(self, code: Refusal | None, seconds: float | None, due: float) -> bool:
        """Count an answer, and time it where ``seconds`` are given.

        The first one after a report makes the next one ``due`` then; gives whether it did.
        """
        with self._lock:
            self._answers[code] += 1
            if seconds is not None:
                self.durations.observe(seconds)
                self._recent.append(seconds)
            if self._due is not None:
                return False
            self._due = due
            return True

    def answers(self) -> dict[Refusal | None, int]:
        """Give how often each answer was given; None stands for a request that was let through."""
        with self._lock:
            return dict(self._answers)

    def keep(self, buffer_size: int) -> None:
        """Keep as many durations for a report from now on."""
        with self._lock:
            if self._recent.maxlen != buffer_size:
                self._recent = deque(self._recent, buffer_size)

    def put_off(self, due: float) -> bool:
        """Have the next report at another time; False where none is due."""
        with self._lock:
            if self._due is None:
                return False
            self._due = due
            return True

    def report(self, due: float) -> RequestReport | None:
        """Give what is new since the last report, if the next is the one that is ``due``."""
        with self._lock:
            if self._due != due:
                return None
            self._due = None
            new = self._answers - self._reported
            self._reported = self._answers.copy()
            kept, self._recent = self._recent, deque(maxlen=self._recent.maxlen)
        recent = sorted(kept)
        allowed, limited = new[None], new[Refusal.TOO_MANY_REQUESTS]
        return RequestReport(
            allowed,
            new.total() - allowed - limited,
            limited,
            percentile(recent, 0.5) if recent else None,
            percentile(recent, 0.99) if recent else None,
        )
