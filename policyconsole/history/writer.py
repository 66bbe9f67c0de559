"""HistoryWriter: the thread that writes the history, so that nobody waits for a disk for long."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

from policyconsole.escaping import printable
from policyconsole.history.housekeeping import Housekeeping, Retention
from policyconsole.history.records import NewRevision, Recorded, RefusedContent, Retirement
from policyconsole.history.store import HistoryError, HistoryStore
from policyconsole.wording import cause

_LOG = logging.getLogger(__name__)

LONGEST_WAIT = 0.05
"""Seconds that the engine waits for one step of the history (architecture, decision 6)."""

LONGEST_BEGINNING = 5.0
"""Seconds that a start waits for the history to be opened and read."""

SLICE = 50
"""Contents that are one step: some 2 ms of writing, so that a large first load can keep the limit."""

_BUSY = 0.04
_ENDING = 2.0

Result = TypeVar("Result")
_Job: TypeAlias = Callable[[HistoryStore | None], None]
"""Something to be done with the store; with None, where there is none any more."""


class HistoryWriter:
    """Writes the history of one folder on a thread of its own.

    :meth:`begin` opens it. What an engine is about to commit is awaited, for at most
    :data:`LONGEST_WAIT` a step; refusals are written when nothing else is. Once anything
    has failed or taken too long nothing more is written, and ``trouble`` says why. For one
    loop.
    """

    def __init__(self, path: Path, retention: Retention) -> None:
        self.path = path
        self.trouble: str | None = None
        self._retention = retention
        self._urgent: deque[_Job] = deque()
        self._refused: deque[RefusedContent] = deque()
        self._arrived = threading.Event()
        self._ending = False
        self._thread: threading.Thread | None = None

    @property
    def on(self) -> bool:
        """Whether the history is kept."""
        return self._thread is not None and self.trouble is None and not self._ending

    async def begin(self, question: Callable[[HistoryStore], Result]) -> Result | None:
        """Open the history, and give what it answers; None where it cannot."""
        self._thread = threading.Thread(
            target=self._work, name="policy-console history", daemon=True
        )
        self._thread.start()
        return await self.ask(question)

    async def ask(self, question: Callable[[HistoryStore], Result]) -> Result | None:
        """Give what the history answers at the start; None where it cannot."""
        return await self._ask(question, LONGEST_BEGINNING)

    async def keep(
        self,
        entries: Sequence[NewRevision],
        retirements: Sequence[Retirement],
        known: Mapping[str, int],
    ) -> dict[str, Recorded]:
        """Keep what is about to come into force and to leave it; give the numbers.

        Where history is off or goes off, those that are missing have none.
        """
        recorded: dict[str, Recorded] = {}
        for begin in range(0, len(entries), SLICE):
            part = entries[begin : begin + SLICE]
            recorded |= await self._ask(partial(_record, part, known)) or {}
        for begin in range(0, len(retirements), SLICE):
            leaving = retirements[begin : begin + SLICE]
            await self._ask(partial(_retire, leaving))
        return recorded

    def refuse(self, refused: Sequence[RefusedContent]) -> None:
        """Keep contents that did not come into force, when there is time."""
        if self.on:
            self._refused.extend(refused)
            self._arrived.set()

    async def end(self) -> None:
        """Write what is left, for at most two seconds, and close the history."""
        self._ending = True
        self._arrived.set()
        if self._thread is not None and self._thread.is_alive():
            await asyncio.to_thread(self._thread.join, _ENDING)

    async def _ask(
        self, question: Callable[[HistoryStore], Result], limit: float = LONGEST_WAIT
    ) -> Result | None:
        if not self.on:
            return None
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result | None] = loop.create_future()

        def tell(result: Result | None) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_settle, answer, result)

        def work(store: HistoryStore | None) -> None:
            try:
                tell(None if store is None else question(store))
            except HistoryError as problem:
                self._off(str(problem))
                tell(None)

        self._urgent.append(work)
        self._arrived.set()
        waiting = loop.call_later(limit, self._late, answer, limit)
        try:
            return await answer
        finally:
            waiting.cancel()

    def _late(self, answer: "asyncio.Future[Result | None]", limit: float) -> None:
        if not answer.done():
            self._off(
                f"{printable(str(self.path))} did not answer within {limit:g} s:"
                " see to its disk, or use another --state-dir"
            )
            answer.set_result(None)

    def _off(self, trouble: str) -> None:
        self.trouble = self.trouble or f"history is off: {trouble}"
        self._arrived.set()

    def _work(self) -> None:
        """Do what is asked for, first what somebody waits for."""
        try:
            with (
                HistoryStore.open(self.path, busy_seconds=_BUSY) as store,
                Housekeeping(self.path, self._retention),
            ):
                self._serve(store)
        except HistoryError as problem:
            self._off(str(problem))
        except Exception as problem:  # noqa: BLE001 - the history never ends the engine
            _LOG.debug("keeping the history failed", exc_info=problem)
            self._off(f"{printable(str(self.path))}: {cause(problem)}")
        while self._urgent:
            self._urgent.popleft()(None)

    def _serve(self, store: HistoryStore) -> None:
        while self.trouble is None:
            self._arrived.clear()
            ending = self._ending
            while self._urgent:
                self._urgent.popleft()(store)
            if self._refused:
                count = min(len(self._refused), SLICE)
                store.refuse([self._refused.popleft() for _ in range(count)])
            elif ending:
                return
            else:
                self._arrived.wait()


def _record(
    entries: Sequence[NewRevision], known: Mapping[str, int], store: HistoryStore
) -> dict[str, Recorded]:
    return store.record(entries, known)


def _retire(entries: Sequence[Retirement], store: HistoryStore) -> None:
    store.retire(entries)


def _settle(answer: "asyncio.Future[Result | None]", result: Result | None) -> None:
    if not answer.done():
        answer.set_result(result)
