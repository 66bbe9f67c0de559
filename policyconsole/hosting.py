"""EngineThread: the engine in a thread of its own, for both faces and for synchronous programs."""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread, current_thread
from typing import Self, TypeAlias

from policyconsole.application.guard import Guard
from policyconsole.application.policy_set import PolicySet
from policyconsole.application.probation import OnProbation
from policyconsole.application.tally import RequestCounts
from policyconsole.application.target import Target
from policyconsole.configuration.model import Configuration
from policyconsole.engine import PolicyApplicationEngine
from policyconsole.events import BlockingSubscription, Subscription
from policyconsole.history.history import History
from policyconsole.latency import Statistics
from policyconsole.rollback.plan import RollbackError
from policyconsole.snapshot import EngineSnapshot, FileStatus, Loading, Verdict
from policyconsole.validation.levels import ValidationLevel
from policyconsole.watching.hints import WatcherKind
from policyconsole.wording import cause

_LOG = logging.getLogger(__name__)

_ENDED = "the engine has ended"

Request: TypeAlias = Callable[[], Coroutine[object, object, None]]
"""Something to be done on the engine's loop."""


class EngineThread:
    """Runs a :class:`PolicyApplicationEngine` on a thread and a loop of its own.

    Takes what the engine takes. Every method may be called from any thread; none
    waits for the engine except ``stop`` and, in a ``with`` block, entering, which
    returns when the folder's first content is in force.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        level: ValidationLevel | None = None,
        environment: str | None = None,
        watcher: WatcherKind | None = None,
        targets: Sequence[Target] | None = None,
        configuration: Configuration | None = None,
        state_dir: str | os.PathLike[str] | None = None,
    ) -> None:
        self._engine = PolicyApplicationEngine(
            folder,
            level=level,
            environment=environment,
            watcher=watcher,
            targets=targets,
            configuration=configuration,
            state_dir=state_dir,
        )
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._running = Event()
        self._ready = Event()
        self._lock = Lock()
        self._failure: str | None = None
        self._early: list[Request] = []
        self._handed_over: set[asyncio.Task[None]] = set()
        self._answers: set[Future[int]] = set()
        self._over = False

    @property
    def folder(self) -> Path:
        """The folder that is watched."""
        return self._engine.folder

    @property
    def alive(self) -> bool:
        """Whether the engine's thread runs."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def failure(self) -> str | None:
        """What ended the thread though nobody asked it to; None if nothing did."""
        return self._failure

    @property
    def loading(self) -> Loading | None:
        """How far the first load is, once the files are found; None when it is over, and before."""
        return self._engine.loading

    @property
    def policies(self) -> PolicySet:
        """The policies in force, by id: one immutable generation."""
        return self._engine.policies

    @property
    def configuration(self) -> Configuration:
        """The configuration in force, without what was asked for beside it."""
        return self._engine.configuration

    @property
    def statistics(self) -> Statistics:
        """Events by type, and the figures of every stage."""
        return self._engine.statistics

    def recent(self, stage: str, count: int) -> list[float]:
        """Give the newest ``count`` timings of a stage in milliseconds, oldest first."""
        return self._engine.recent(stage, count)

    def histogram(self, stage: str, bounds: Sequence[float]) -> list[int]:
        """Count the last 10,000 timings of a stage up to each bound in milliseconds, the rest at the end."""
        return self._engine.histogram(stage, bounds)

    def file(self, path: str) -> FileStatus | None:
        """Give the status of a file by its path in the folder; None for one that is not there."""
        return self._engine.file(path)

    def files_with(self, verdict: Verdict) -> int:
        """Give how many files have a verdict; waits for nothing."""
        return self._engine.files_with(verdict)

    def snapshot(self) -> EngineSnapshot:
        """Give the whole state with the number of the event that it belongs to."""
        return self._engine.snapshot()

    def guard(self, policy_id: str, *, must_authenticate: bool = False) -> Guard:
        """Give what a service asks about its requests; see the engine's own ``guard``."""
        return self._engine.guard(policy_id, must_authenticate=must_authenticate)

    @property
    def history(self) -> History | None:
        """What was in force and what was refused so far; None where nothing is kept."""
        return self._engine.history

    @property
    def on_probation(self) -> Mapping[str, OnProbation]:
        """The policies that have just changed and are on probation, by id."""
        return self._engine.on_probation

    @property
    def requests(self) -> dict[str, RequestCounts]:
        """What the guards have answered so far, by the policy's id."""
        return self._engine.requests

    def subscribe(self, wake: Callable[[], None] = lambda: None) -> Subscription:
        """Give a queue to drain; ``wake`` is called on the engine's thread with each event.

        It has to return at once: the engine waits for it.
        """
        subscription = Subscription(wake, on_close=self._engine.detach)
        self.attach(subscription)
        return subscription

    def attach(self, subscription: Subscription) -> None:
        """Hand a subscription of the caller's own every event from now on."""
        self._engine.attach(subscription)

    def detach(self, subscription: Subscription) -> None:
        """Hand it no more."""
        self._engine.detach(subscription)

    def events(self) -> BlockingSubscription:
        """Give an iterator that waits for the next event, until the engine stops."""
        subscription = BlockingSubscription(on_close=self._engine.detach)
        self._engine.attach(subscription)
        return subscription

    def configure(self, level: ValidationLevel, environment: str | None) -> None:
        """Ask the engine to validate at another level or for another environment."""
        self._hand_over(lambda: self._engine.configure(level, environment))

    def revalidate(self) -> None:
        """Ask the engine to judge every file again."""
        self._hand_over(self._engine.revalidate)

    def rollback(self, policy_id: str, revision: int, *, force: bool = False) -> Future[int]:
        """Ask the engine to write an earlier revision back to its file.

        Gives the revision that is in force then, or a
        :class:`~policyconsole.rollback.plan.RollbackError`; the engine's end is one too.
        """
        answer: Future[int] = Future()

        async def roll_back() -> None:
            if not answer.set_running_or_notify_cancel():
                return
            try:
                answer.set_result(await self._engine.rollback(policy_id, revision, force=force))
            except asyncio.CancelledError:
                answer.set_exception(RollbackError(_ENDED))
                raise
            except Exception as problem:  # noqa: BLE001 - whoever asked is told
                answer.set_exception(problem)

        with self._lock:
            if self._loop is None or self._over:
                answer.set_exception(RollbackError("the engine does not run"))
                return answer
            self._answers.add(answer)
        answer.add_done_callback(self._answers.discard)
        self._hand_over(roll_back)
        return answer

    def start(self) -> None:
        """Start the thread and return as soon as it runs; a second call does nothing."""
        with self._lock:
            if self._thread is None:
                thread = Thread(target=self._main, name="policy-console engine", daemon=True)
                thread.start()
                self._thread = thread
        self._running.wait()

    def stop(self) -> None:
        """Stop the engine and wait until its thread has ended; a second call does nothing."""
        thread = self._thread
        if thread is None:
            return
        self._running.wait()
        if self._loop is not None and self._stopping is not None:
            with suppress(RuntimeError):  # the loop is closed: the thread is about to end
                self._loop.call_soon_threadsafe(self._stopping.set)
        if thread is not current_thread():  # else a target or a subscriber asks, and ends first
            thread.join()

    def __enter__(self) -> Self:
        """Start; raises RuntimeError where the engine ends before it has begun."""
        self.start()
        self._ready.wait()
        if self._failure is not None:
            raise RuntimeError(f"the engine could not begin: {self._failure}")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _hand_over(self, request: Request) -> None:
        """Have a request done on the engine's loop; one made before the start is done first."""
        with self._lock:
            if self._loop is None:
                self._early.append(request)
                return
        with suppress(RuntimeError):  # the loop is closed: the engine has stopped
            self._loop.call_soon_threadsafe(self._begin, request)

    def _begin(self, request: Request) -> None:
        task = asyncio.ensure_future(request())
        self._handed_over.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._handed_over.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            _LOG.error("what was asked of the engine failed", exc_info=problem)

    def _main(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as problem:  # noqa: BLE001 - whatever it was, the faces must say it
            self._failure = cause(problem)
        finally:
            self._engine.end_subscriptions()  # also when the engine never began
            self._answer_everybody()
            self._running.set()
            self._ready.set()

    def _answer_everybody(self) -> None:
        """Leave nobody waiting for what the loop, which is closed, will not do any more."""
        with self._lock:
            self._over = True
            left = [answer for answer in tuple(self._answers) if not answer.done()]
        for answer in left:
            if answer.running() or answer.set_running_or_notify_cancel():
                answer.set_exception(RollbackError(_ENDED))

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()
        with self._lock:
            self._loop = asyncio.get_running_loop()
            early, self._early = self._early, []
        self._running.set()
        for request in early:
            await request()
        stop = asyncio.ensure_future(self._stopping.wait())
        serve = asyncio.ensure_future(self._run_engine())
        await asyncio.wait([stop, serve], return_when=asyncio.FIRST_COMPLETED)
        asked = stop.done()
        stop.cancel()
        if not serve.done():
            serve.cancel()
            await asyncio.wait([serve])
        if not serve.cancelled():
            serve.result()
        elif not asked:
            raise RuntimeError("the engine was cancelled")

    async def _run_engine(self) -> None:
        async with self._engine as engine:
            self._ready.set()
            await engine.wait()
