"""What a server is told of the engine's life, whatever the application makes of the lifespan."""

import logging
from pathlib import Path
from typing import Self

import pytest

from policyconsole import EngineThread, PolicyGuard
from policyconsole.asgi.messages import Application, Message, Receive, Scope, Send
from tests.asgi.test_guard import COMPLETE, LIFE, OPEN, confused, exchange, polite, scope


@pytest.fixture
def engine(folder: Path) -> EngineThread:
    (folder / "a.toml").write_text(OPEN)
    return EngineThread(folder)


async def told(app: Application, engine: EngineThread) -> list[tuple[str, bool]]:
    """Play a server's lifespan: what it is told, and whether the engine ran then."""
    steps: list[tuple[str, bool]] = []
    coming = list(LIFE)

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        steps.append((message["type"], engine.alive))

    await PolicyGuard(app, engine, "a-policy")({"type": "lifespan"}, receive, send)
    return steps


async def test_an_application_that_returns_at_once_is_stood_in_for(engine: EngineThread) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            raise AssertionError(scope)

    assert await told(app, engine) == [(COMPLETE[0], True), (COMPLETE[1], False)]


async def test_an_application_that_returns_after_the_start_keeps_its_engine(
    engine: EngineThread,
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": COMPLETE[0]})

    assert await told(app, engine) == [(COMPLETE[0], True)]
    assert not engine.alive, "nothing tells it of the end any more"


async def test_an_application_that_cannot_begin_leaves_no_engine(engine: EngineThread) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed"})

    assert await told(app, engine) == [("lifespan.startup.failed", False)]
    assert not engine.alive


async def test_an_application_that_breaks_leaves_no_engine(engine: EngineThread) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": COMPLETE[0]})
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        await told(app, engine)
    assert not engine.alive


@pytest.mark.parametrize("app", [polite, confused])
async def test_a_service_whose_engine_cannot_begin_does_not_begin(
    folder: Path, app: Application
) -> None:
    """An exception would not do: uvicorn takes it for an application without lifespan, and serves."""

    class Unable(EngineThread):
        def __enter__(self) -> Self:
            raise RuntimeError("it could not begin")

    sent = await exchange(PolicyGuard(app, Unable(folder), "a"), {"type": "lifespan"}, list(LIFE))
    assert sent == [{"type": "lifespan.startup.failed", "message": "it could not begin"}]


async def test_an_engine_that_was_stopped_is_not_served_with(engine: EngineThread) -> None:
    engine.start()
    engine.stop()
    assert await told(polite, engine) == [("lifespan.startup.failed", False)]


async def test_without_a_lifespan_everything_is_refused_and_said_once(
    engine: EngineThread, caplog: pytest.LogCaptureFixture
) -> None:
    guarded = PolicyGuard(polite, engine, "a-policy")
    for _ in range(2):
        start, _body = await exchange(guarded, scope())
        assert start["status"] == 403
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "does not run" in record.getMessage()


@pytest.mark.parametrize("app", [polite, confused])
async def test_nothing_is_waited_for_after_the_server_has_heard_of_the_end(
    folder: Path, app: Application
) -> None:
    """A server may end its loop then, and what still waits is cancelled, with an error in the log."""
    stops: list[str] = []

    class Counting(EngineThread):
        def stop(self) -> None:
            stops.append("stop")
            super().stop()

    await told(app, Counting(folder))
    assert stops == ["stop"]
