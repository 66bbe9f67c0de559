"""Housekeeping: forgetting what is old, and what SQLite puts off, on a thread that nobody waits for."""

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Self

from policyconsole.history.store import HistoryError, HistoryStore

TIDY_EVERY = 10.0
"""Seconds between two looks at SQLite's log, which grows by some 10 kB a save meanwhile."""

PRUNE_EVERY = 3600.0
"""Seconds between two times that what is old is forgotten."""

LONGEST_END = 1.0
"""Seconds that the end waits for what is being done."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Retention:
    """How much is kept: revisions of a policy (and refusals of a file), and for how many days."""

    keep_revisions: int = 200
    keep_days: int = 365


class Housekeeping:
    """Keeps a history from growing for as long as a ``with`` block lasts.

    What fails is tried again the next time: nothing is lost by it but room.
    """

    def __init__(self, path: Path, retention: Retention) -> None:
        self._path = path
        self._retention = retention
        self._over = threading.Event()
        self._thread = threading.Thread(
            target=self._work, name="policy-console housekeeping", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(LONGEST_END)

    def _work(self) -> None:
        prune_at, extent = monotonic(), (0, 0)
        while not self._over.wait(TIDY_EVERY):
            try:
                with HistoryStore.open(self._path, create=False) as store:
                    if pruning := monotonic() >= prune_at:
                        keep = self._retention
                        store.prune(keep.keep_revisions, keep.keep_days, datetime.now(UTC))
                        prune_at = monotonic() + PRUNE_EVERY
                    if pruning or store.extent() != extent:
                        extent = store.extent()
                        store.tidy()
            except HistoryError as problem:
                _LOG.debug("the history could not be tidied: %s", problem)
