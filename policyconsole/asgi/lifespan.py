"""The life of a service, and of the engine that guards it."""

import asyncio
from typing import Protocol, runtime_checkable

from policyconsole.application.guard import Guard
from policyconsole.asgi.messages import Application, Message, Receive, Scope, Send


class GuardingEngine(Protocol):
    """What the middleware needs of an engine."""

    def guard(self, policy_id: str) -> Guard:
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


class Lifespan:
    """The life of a service, with an engine that lives as long if it does not run yet."""

    def __init__(self, app: Application, engine: GuardingEngine) -> None:
        self._app = app
        self._engine = engine
        self._ours: StartableEngine | None = None
        self._asked = False
        self._said = False
        self._failed = False

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start the engine before the application does, and stop it after."""

        async def asked() -> Message:
            message = await receive()
            self._asked = True
            if message["type"] == "lifespan.startup":
                await self._start()
            return message

        async def said(message: Message) -> None:
            self._said = True
            if message["type"] != "lifespan.startup.complete":
                await self._stop()
            await send(message)

        try:
            await self._app(scope, asked, said)
        except Exception:
            if self._said or self._failed:
                raise
            # An application may know nothing of lifespans, and raise. The engine is ours to keep.
            await self._alone(receive, send)
        finally:
            await self._stop()

    async def _alone(self, receive: Receive, send: Send) -> None:
        if not self._asked:
            await receive()
            await self._start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _start(self) -> None:
        engine = self._engine
        if isinstance(engine, StartableEngine) and not engine.alive:
            self._failed = True
            await asyncio.to_thread(engine.__enter__)
            self._failed, self._ours = False, engine

    async def _stop(self) -> None:
        engine, self._ours = self._ours, None
        if engine is not None:
            await asyncio.to_thread(engine.stop)
