"""EngineThread: the engine in a thread of its own, for both faces and for synchronous programs."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Self

from policyconsole.application.policy_set import PolicySet
from policyconsole.application.target import Target
from policyconsole.engine import PolicyApplicationEngine
from policyconsole.events import BlockingSubscription, Subscription
from policyconsole.latency import Statistics
from policyconsole.snapshot import EngineSnapshot, FileStatus
from policyconsole.validation.levels import ValidationLevel
from policyconsole.watching.hints import WatcherKind


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
        level: ValidationLevel = ValidationLevel.STANDARD,
        environment: str | None = None,
        watcher: WatcherKind = WatcherKind.AUTO,
        targets: Sequence[Target] | None = None,
    ) -> None:
        self._engine = PolicyApplicationEngine(
            folder, level=level, environment=environment, watcher=watcher, targets=targets
        )
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._running = Event()
        self._ready = Event()
        self._lock = Lock()
        self._failure: str | None = None
        self._handed_over: set[asyncio.Task[None]] = set()

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
    def policies(self) -> PolicySet:
        """The policies in force, by id: one immutable generation."""
        return self._engine.policies

    @property
    def statistics(self) -> Statistics:
        """Events by type, and the figures of every stage."""
        return self._engine.statistics

    def recent(self, stage: str, count: int) -> list[float]:
        """Give the newest ``count`` timings of a stage in milliseconds, oldest first."""
        return self._engine.recent(stage, count)

    def file(self, path: str) -> FileStatus | None:
        """Give the status of a file by its path in the folder; None for one that is not there."""
        return self._engine.file(path)

    def snapshot(self) -> EngineSnapshot:
        """Give the whole state with the number of the event that it belongs to."""
        return self._engine.snapshot()

    def subscribe(self, wake: Callable[[], None] = lambda: None) -> Subscription:
        """Give a queue to drain; ``wake`` is called on the engine's thread with each event."""
        subscription = Subscription(wake, on_close=self._engine.detach)
        self._engine.attach(subscription)
        return subscription

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

    def start(self) -> None:
        """Start the thread and return as soon as it runs; a second call does nothing."""
        with self._lock:
            if self._thread is not None:
                return
            self._thread = Thread(target=self._main, name="policy-console engine", daemon=True)
            self._thread.start()
        self._running.wait()

    def stop(self) -> None:
        """Stop the engine and wait until its thread has ended; a second call does nothing."""
        with self._lock:
            thread, loop, stopping = self._thread, self._loop, self._stopping
        if thread is None or loop is None or stopping is None:
            return
        with suppress(RuntimeError):  # the loop is closed: the thread has ended or is about to
            loop.call_soon_threadsafe(stopping.set)
        thread.join()

    def __enter__(self) -> Self:
        self.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _hand_over(self, request: Callable[[], Coroutine[object, object, None]]) -> None:
        def begin() -> None:
            task = asyncio.ensure_future(request())
            self._handed_over.add(task)
            task.add_done_callback(self._handed_over.discard)

        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(begin)

    def _main(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as problem:  # noqa: BLE001 - whatever it was, the faces must say it
            self._failure = str(problem) or type(problem).__name__
        finally:
            self._engine.end_subscriptions()  # also when the engine never began
            self._running.set()
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._running.set()
        stop = asyncio.ensure_future(self._stopping.wait())
        serve = asyncio.ensure_future(self._run_engine())
        await asyncio.wait([stop, serve], return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not serve.done():
            serve.cancel()
            await asyncio.wait([serve])
        if not serve.cancelled():
            serve.result()

    async def _run_engine(self) -> None:
        async with self._engine as engine:
            self._ready.set()
            await engine.wait()
