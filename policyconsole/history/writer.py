"""HistoryWriter: the thread that writes the history, so that nobody waits for a disk for long."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from policyconsole.escaping import printable
from policyconsole.history.housekeeping import Housekeeping, Retention
from policyconsole.history.records import NewRevision, Recorded, RefusedContent, Retirement
from policyconsole.history.store import HistoryError, HistoryStore
from policyconsole.wording import cause

LONGEST_WAIT = 0.05
"""Seconds that the engine waits for one step of the history (architecture, decision 6)."""

LONGEST_BEGINNING = 5.0
"""Seconds that a start waits for the history to be opened and read."""

SLICE = 50
"""Contents that are one step: some 4 ms of writing, so that a large first load can keep the limit."""

_BUSY = 0.04
_ENDING = 2.0

_LOG = logging.getLogger(__name__)

Result = TypeVar("Result")


class _Job(Generic[Result]):
    """A question to the store; ``answered`` can be acquired once there is an answer, or none."""

    def __init__(self, question: Callable[[HistoryStore], Result]) -> None:
        self._question = question
        self.answer: Result | None = None
        self.answered = threading.Lock()
        self.answered.acquire()

    def work(self, store: HistoryStore) -> None:
        """Ask; raises what the store raises. :attr:`answered` is released by the caller."""
        self.answer = self._question(store)


class HistoryWriter:
    """Writes the history of one folder on a thread of its own.

    :meth:`begin` opens it. For what an engine is about to commit it is waited, for at most
    :data:`LONGEST_WAIT` a step; refusals are written when nothing else is. Once anything
    has failed or taken too long nothing more is written, and ``trouble`` says why.
    """

    def __init__(self, path: Path, retention: Retention) -> None:
        self.path = path
        self.trouble: str | None = None
        self._retention = retention
        self._jobs: SimpleQueue[_Job[Any] | None] = SimpleQueue()
        self._refused: deque[RefusedContent] = deque()
        self._ending = False
        self._thread: threading.Thread | None = None
        # One thread that waits for the other, and not one of the program's more each time.
        self._waiting = ThreadPoolExecutor(1, "policy-console history, waited for")

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
        """Give what the history answers to what nobody hurries for; None where it cannot."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._waiting, self._ask, question, LONGEST_BEGINNING)

    async def keep(
        self,
        entries: Sequence[NewRevision],
        retirements: Sequence[Retirement],
        known: Mapping[str, int],
    ) -> dict[str, Recorded]:
        """Keep what is about to come into force and to leave it; give the numbers.

        Where history is off or goes off, those that are missing have none.

        The loop is held up meanwhile, for a tenth of a millisecond a save as a rule: to have
        it woken by another thread would take three times as long.
        """
        recorded: dict[str, Recorded] = {}
        for part in _slices(entries):
            recorded |= self._ask(lambda store, part=part: store.record(part, known)) or {}  # type: ignore[misc] # mypy knows no default of a lambda
            await asyncio.sleep(0)
        for leaving in _slices(retirements):
            self._ask(lambda store, leaving=leaving: store.retire(leaving))  # type: ignore[misc] # as above
            await asyncio.sleep(0)
        return recorded

    async def forced(self, contents: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Give those of the contents (id and digest) that a rollback forces.

        Waits like :meth:`ask`, beside the loop: it is only asked of what is refused, and a
        busy machine must not turn the history off for it.
        """
        return await self.ask(lambda store: _forced(store, contents)) or set()

    async def fail(self, policy_id: str, revision: int) -> None:
        """Note that a revision has failed its probation."""
        self._ask(lambda store: store.fail(policy_id, revision))

    def refuse(self, refused: Sequence[RefusedContent]) -> None:
        """Keep contents that did not come into force, when there is time."""
        if refused and self.on:
            self._refused.extend(refused)
            self._jobs.put(None)

    async def end(self) -> None:
        """Write what is left, for at most two seconds, and close the history."""
        self._ending = True
        self._jobs.put(None)
        if self._thread is not None and self._thread.is_alive():
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._waiting, self._thread.join, _ENDING)
        self._waiting.shutdown(wait=False)

    def _ask(
        self, question: Callable[[HistoryStore], Result], limit: float = LONGEST_WAIT
    ) -> Result | None:
        if not self.on:
            return None
        job = _Job(question)
        self._jobs.put(job)
        if not job.answered.acquire(timeout=limit):
            self._off(
                f"{printable(str(self.path))} did not answer within {limit:g} s:"
                " see to its disk, or use another --state-dir"
            )
            return None
        return job.answer

    def _off(self, trouble: str) -> None:
        self.trouble = self.trouble or f"history is off: {trouble}"
        self._jobs.put(None)

    def _fail(self, problem: Exception) -> None:
        if isinstance(problem, HistoryError):
            self._off(str(problem))
        else:
            _LOG.debug("keeping the history failed", exc_info=problem)
            self._off(f"{printable(str(self.path))}: {cause(problem)}")

    def _work(self) -> None:
        """Do what is asked for, first what somebody waits for."""
        try:
            with (
                HistoryStore.open(self.path, busy_seconds=_BUSY) as store,
                Housekeeping(self.path, self._retention),
            ):
                self._serve(store)
        except Exception as problem:  # noqa: BLE001 - the history never ends the engine
            self._fail(problem)
        while not self._jobs.empty():
            if (job := self._jobs.get()) is not None:
                job.answered.release()

    def _serve(self, store: HistoryStore) -> None:
        while self.trouble is None:
            if self._refused and self._jobs.empty():
                count = min(len(self._refused), SLICE)
                store.refuse([self._refused.popleft() for _ in range(count)])
            elif (job := self._jobs.get()) is not None:
                try:
                    job.work(store)
                except Exception as problem:  # noqa: BLE001 - as above; told before anybody goes on
                    self._fail(problem)
                finally:
                    job.answered.release()
            elif self._ending and not self._refused and self._jobs.empty():
                return


def _forced(store: HistoryStore, contents: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    return {
        (policy_id, digest) for policy_id, digest in contents if store.forced(policy_id, digest)
    }


Item = TypeVar("Item")


def _slices(items: Sequence[Item]) -> list[Sequence[Item]]:
    return [items[begin : begin + SLICE] for begin in range(0, len(items), SLICE)]
