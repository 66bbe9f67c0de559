"""The life of a service, and of the engine that guards it."""

import asyncio
import logging
from typing import Protocol, runtime_checkable

from policyconsole.application.guard import Guard
from policyconsole.asgi.messages import Application, Message, Receive, Scope, Send
from policyconsole.wording import cause

_LOG = logging.getLogger(__name__)

_LAST = {"lifespan.startup.failed", "lifespan.shutdown.complete", "lifespan.shutdown.failed"}
"""After one of these the server does not wait for the application any more."""


class GuardingEngine(Protocol):
    """What the middleware needs of an engine."""

    def guard(self, policy_id: str, *, must_authenticate: bool = False) -> Guard:
        """Give what is asked about each request to a policy."""


@runtime_checkable
class StartableEngine(Protocol):
    """An engine that the middleware can start and stop with the service: an EngineThread."""

    @property
    def alive(self) -> bool:
        """Whether it runs."""

    def __enter__(self) -> object:
        """Start, and wait until the first content is in force."""

    def stop(self) -> None:
        """End, and wait for the end."""


async def serve_lifespan(
    app: Application, engine: StartableEngine, scope: Scope, receive: Receive, send: Send
) -> None:
    """Start the engine, let the application live, and stop the engine.

    Where the engine cannot begin the server is told so, and the application is not called.
    An application that takes no part in the lifespan is stood in for: the engine is ours
    to keep.
    """
    waiting = [await receive()]
    try:
        await asyncio.to_thread(_begin, engine)
    except Exception as problem:  # noqa: BLE001 - whatever it was, the server is told
        _LOG.exception("the engine cannot begin")
        await send({"type": "lifespan.startup.failed", "message": cause(problem)})
        return
    said = stopped = False

    async def stop() -> None:
        nonlocal stopped
        if not stopped:
            stopped = True
            await asyncio.to_thread(engine.stop)

    async def asked() -> Message:
        return waiting.pop() if waiting else await receive()

    async def say(message: Message) -> None:
        nonlocal said
        said = True
        if message["type"] in _LAST:
            await stop()
        await send(message)

    try:
        try:
            await app(scope, asked, say)
        except Exception as problem:
            if said:
                raise
            _LOG.info("the application takes no part in the lifespan: %s", cause(problem))
        if not said:
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await say({"type": "lifespan.shutdown.complete"})
    finally:
        await stop()  # what was stopped is not waited for: the server may have ended its loop


def _begin(engine: StartableEngine) -> None:
    engine.__enter__()
    if not engine.alive:
        raise RuntimeError("an engine that was stopped does not start again")
