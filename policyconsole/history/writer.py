"""HistoryWriter: the thread that writes the history, so that nobody waits for a disk for long."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
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

MOST_WAITING = 50_000
"""Refusals that may wait: more than a start on any folder gives at once, and no end of them."""

LONGEST_QUESTION = 0.5
"""Seconds that the engine waits, once, to hear whether a rollback forces what is refused."""

SLICE, SLICE_BYTES = 50, 1 << 20
"""Contents that are one step, and their bytes: some 4 ms of writing, so that a large load keeps the limit."""

_BUSY = 0.04
_ENDING, _LOOK_EVERY = 2.0, 0.002

_LOG = logging.getLogger(__name__)

Result = TypeVar("Result")


class _Job(Generic[Result]):
    """A question to the store; ``tell`` is called once there is an answer, or none."""

    def __init__(
        self, question: Callable[[HistoryStore], Result], tell: Callable[[], object]
    ) -> None:
        self._question = question
        self.tell = tell
        self.answer: Result | None = None

    def work(self, store: HistoryStore) -> None:
        """Ask; raises what the store raises. :attr:`tell` is called by the caller."""
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

    async def ask(
        self, question: Callable[[HistoryStore], Result], limit: float = LONGEST_BEGINNING
    ) -> Result | None:
        """Give what the history answers within ``limit`` seconds; None where it cannot."""
        if not self.on:
            return None
        loop, answered = asyncio.get_running_loop(), asyncio.Event()

        def tell() -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(answered.set)

        # No thread of the loop's pool: those of whoever has the loop may all be busy.
        job = _Job(question, tell)
        self._jobs.put(job)
        try:
            async with asyncio.timeout(limit):
                await answered.wait()
        except TimeoutError:
            self._late(limit)
            return None
        return job.answer

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
        for part in _slices(entries, lambda entry: len(entry.content)):
            recorded |= self._ask(lambda store, part=part: store.record(part, known)) or {}  # type: ignore[misc] # mypy knows no default of a lambda
            await asyncio.sleep(0)
        for leaving in _slices(retirements, lambda _: 0):
            self._ask(lambda store, leaving=leaving: store.retire(leaving))  # type: ignore[misc] # as above
            await asyncio.sleep(0)
        return recorded

    async def forced(self, contents: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Give those of the contents (id and digest) that a rollback forces.

        Waits beside the loop and longer than for what is kept: it is only asked of what is
        refused, and a busy machine must not turn the history off for it.
        """
        return await self.ask(lambda store: _forced(store, contents), LONGEST_QUESTION) or set()

    async def fail(self, policy_id: str, revision: int, good: int, path: str) -> None:
        """Note that a revision has failed its probation, and that ``good`` is in force again."""
        self._ask(lambda store: store.fail(policy_id, revision, good, path))

    def refuse(self, refused: Sequence[RefusedContent]) -> None:
        """Keep contents that did not come into force, when there is time."""
        if refused and self.on:
            self._refused.extend(refused)
            self._jobs.put(None)
        if self.on and len(self._refused) > MOST_WAITING:
            self._off(
                f"{len(self._refused):,} refusals wait to be written to"
                f" {printable(str(self.path))}: see to its disk, or use another --state-dir"
            )
        if self.trouble is not None:
            self._refused.clear()

    async def end(self) -> None:
        """Write what is left, for at most two seconds, and close the history."""
        self._ending = True
        self._jobs.put(None)
        clock = asyncio.get_running_loop().time
        end = clock() + _ENDING
        while self._thread is not None and self._thread.is_alive() and clock() < end:  # noqa: ASYNC110 - the end of a thread sets no event
            await asyncio.sleep(_LOOK_EVERY)

    def _ask(self, question: Callable[[HistoryStore], Result]) -> Result | None:
        if not self.on:
            return None
        answered = threading.Lock()
        answered.acquire()
        job = _Job(question, answered.release)
        self._jobs.put(job)
        if not answered.acquire(timeout=LONGEST_WAIT):
            self._late(LONGEST_WAIT)
            return None
        return job.answer

    def _late(self, limit: float) -> None:
        self._off(
            f"{printable(str(self.path))} did not answer within {limit:g} s:"
            " see to its disk, or use another --state-dir"
        )

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
                store.begin_log()
                self._serve(store)
        except Exception as problem:  # noqa: BLE001 - the history never ends the engine
            self._fail(problem)
        while not self._jobs.empty():
            if (job := self._jobs.get()) is not None:
                job.tell()

    def _serve(self, store: HistoryStore) -> None:
        while self.trouble is None:
            if self._refused and self._jobs.empty():
                store.refuse(self._next_refused())
            elif self._ending and self._jobs.empty():
                return
            elif (job := self._jobs.get()) is not None:
                try:
                    job.work(store)
                except Exception as problem:  # noqa: BLE001 - as above; told before anybody goes on
                    self._fail(problem)
                finally:
                    job.tell()

    def _next_refused(self) -> list[RefusedContent]:
        """Take as many as are one step, at least one: somebody may begin to wait meanwhile."""
        taken = [self._refused.popleft()]
        size = len(taken[0].content or b"")
        while self._refused and len(taken) < SLICE and size <= SLICE_BYTES:
            taken.append(self._refused.popleft())
            size += len(taken[-1].content or b"")
        return taken


def _forced(store: HistoryStore, contents: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    return {
        (policy_id, digest) for policy_id, digest in contents if store.forced(policy_id, digest)
    }


Item = TypeVar("Item")


def _slices(items: Sequence[Item], size_of: Callable[[Item], int]) -> Iterator[Sequence[Item]]:
    """Part items into steps; one that is larger than a step is one of its own."""
    begin = size = 0
    for end, item in enumerate(items):
        size += size_of(item)
        if end > begin and (end - begin == SLICE or size > SLICE_BYTES):
            yield items[begin:end]
            begin, size = end, size_of(item)
    if begin < len(items):
        yield items[begin:]
