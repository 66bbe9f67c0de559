"""What the middleware passes on, and what it makes of odd scopes: ASGI by hand."""

import asyncio
import logging
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from policyconsole import EngineThread, PolicyApplicationEngine, PolicyGuard
from policyconsole.application.authentication.credentials import Credentials
from policyconsole.application.request import Decision, Request
from policyconsole.application.target import Prepared, Transition
from policyconsole.application.targets.authenticator import Authenticator
from policyconsole.application.targets.monitor import Monitor
from policyconsole.asgi.guard import verified_name
from policyconsole.asgi.messages import Application, Message, Receive, Scope, Send
from tests.policies import toml

OPEN = toml(extra='authentication.method = "none"')


def scope(kind: str = "http", **more: Any) -> Scope:
    given: dict[str, Any] = {"type": kind, "path": "/a b", "query_string": b"q=1", "headers": []}
    return given | {"client": ("10.0.0.7", 1234), "method": "GET"} | more


async def exchange(
    app: Application, scope: Scope, messages: Sequence[Message] = ({"type": "http.request"},)
) -> list[Message]:
    """Serve one connection on which these messages come; gives what is sent."""
    coming, sent = list(messages), []

    async def receive() -> Message:
        return coming.pop(0) if coming else await asyncio.Future()

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


class Seen(Monitor):
    """A target that lets everything through and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []

    def check(self, policy_id: str, request: Request, now: float) -> Decision | None:
        self.requests.append(request)
        return None


async def unused(message: Message) -> None:
    raise AssertionError(message)


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "app"})


async def test_a_request_is_judged_as_it_came(folder: Path) -> None:
    (folder / "a.toml").write_text(OPEN)
    seen = Seen()
    async with PolicyApplicationEngine(folder, targets=[seen]) as engine:
        guarded = PolicyGuard(nothing, engine, "a-policy")
        headers = [
            (b"X-One", b"1"),
            (b"x-one", b"2"),
            (b"cookie", b"a=1"),
            (b"cookie", b"b=\xff"),
        ]
        tls = {"tls": {"client_cert_name": "CN=till", "client_cert_error": None}}
        body: list[Message] = [
            {"type": "http.request", "body": b"ab", "more_body": True},
            {"type": "http.request", "body": b"c"},
        ]
        await exchange(
            guarded, scope(raw_path=b"/a%20b", headers=headers, extensions=tls, method="PUT"), body
        )
        await exchange(guarded, scope(client=None))
    assert seen.requests[0] == Request(
        client="10.0.0.7",
        method="PUT",
        path="/a%20b",
        query="q=1",
        headers={"x-one": "1, 2", "cookie": "a=1; b=\xff"},
        body=b"abc",
        client_name="CN=till",
    )
    assert seen.requests[1] == Request(path="/a%20b", query="q=1", body=b"")


async def test_the_application_gets_the_body_in_one_piece_and_the_disconnect(folder: Path) -> None:
    (folder / "a.toml").write_text(OPEN)
    got: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        got.extend([await receive() for _ in range(2)])

    coming: list[Message] = [
        {"type": "http.request", "body": b"ab", "more_body": True},
        {"type": "http.request", "body": b"c", "more_body": False},
        {"type": "http.disconnect"},
    ]
    async with PolicyApplicationEngine(folder) as engine:
        await exchange(PolicyGuard(app, engine, "a-policy"), scope(), coming)
    assert got == [{"type": "http.request", "body": b"abc", "more_body": False}, coming[-1]]


async def test_a_body_that_comes_in_tiny_pieces_takes_no_more_room_than_it_has(
    folder: Path,
) -> None:
    (folder / "a.toml").write_text(OPEN)
    left, got = 50_000, list[Message]()

    async def receive() -> Message:
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": b"%d" % (left % 10), "more_body": left > 0}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        got.append(await receive())

    async with PolicyApplicationEngine(folder) as engine:
        guarded = PolicyGuard(app, engine, "a-policy")
        tracemalloc.start()
        try:
            await guarded(scope(), receive, unused)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert len(got[0]["body"]) == 50_000
    assert most < 2_000_000  # 16 MB where every message is kept


async def test_who_goes_away_before_all_has_come_is_answered_by_nobody(folder: Path) -> None:
    (folder / "a.toml").write_text(OPEN)
    coming: list[Message] = [
        {"type": "http.request", "body": b"ab", "more_body": True},
        {"type": "http.disconnect"},
    ]
    async with PolicyApplicationEngine(folder) as engine:
        assert await exchange(PolicyGuard(nothing, engine, "a-policy"), scope(), coming) == []


async def test_a_body_is_left_alone_where_the_policy_looks_into_none(folder: Path) -> None:
    (folder / "a.toml").write_text(OPEN + "[security.input_validation]\nenabled = false\n")
    async with PolicyApplicationEngine(folder) as engine:
        guarded = PolicyGuard(nothing, engine, "a-policy")
        assert await exchange(guarded, scope(), []) == [{"type": "app"}]


async def test_a_policy_that_asks_who_comes_lets_nobody_in_where_nobody_can_tell(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "a.toml").write_text(toml())
    async with PolicyApplicationEngine(folder) as engine:
        guarded = PolicyGuard(nothing, engine, "a-policy")
        for _ in range(2):
            start, _body = await exchange(guarded, scope())
            assert start["status"] == 403
        elsewhere = PolicyGuard(nothing, engine, "a-policy", authentication="elsewhere")
        assert await exchange(elsewhere, scope()) == [{"type": "app"}]
    told = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(told) == 1
    assert "Authenticator" in told[0].getMessage()
    async with PolicyApplicationEngine(
        folder, targets=[Monitor(), Authenticator(Credentials(client_names={"CN=till"}))]
    ) as engine:
        start, _body = await exchange(PolicyGuard(nothing, engine, "a-policy"), scope())
        assert start["status"] == 403, "oauth2, and no issuer was given"
    with pytest.raises(ValueError, match='"policy" or "elsewhere"'):
        PolicyGuard(nothing, engine, "a-policy", authentication="none")  # type: ignore[arg-type] # wrong on purpose


def test_a_name_counts_only_where_it_is_verified() -> None:
    assert verified_name(scope()) is None
    assert verified_name(scope(extensions={"tls": {}})) is None
    wrong = {"client_cert_name": "CN=till", "client_cert_error": "expired"}
    assert verified_name(scope(extensions={"tls": wrong})) is None


async def test_a_websocket_is_judged_before_it_is_accepted(folder: Path) -> None:
    (folder / "a.toml").write_text(OPEN)
    handshake = [{"type": "websocket.connect"}]
    async with PolicyApplicationEngine(folder) as engine:
        allowed = PolicyGuard(nothing, engine, "a-policy")
        assert await exchange(allowed, scope("websocket"), handshake) == [{"type": "app"}]
        refused = PolicyGuard(nothing, engine, "made-up")
        (closed,) = await exchange(refused, scope("websocket"), handshake)
        assert (closed["type"], closed["code"]) == ("websocket.close", 1008)
        able = scope("websocket", extensions={"websocket.http.response": {}})
        start, body = await exchange(refused, able, handshake)
        assert (start["type"], start["status"]) == ("websocket.http.response.start", 403)
        assert body["type"] == "websocket.http.response.body"


class Broken(Monitor):
    """A target whose check fails."""

    def check(self, policy_id: str, request: Request, now: float) -> Decision | None:
        raise RuntimeError("secret")

    async def prepare(self, transition: Transition) -> Prepared:
        return await super().prepare(transition)


async def test_a_check_that_fails_lets_nobody_through(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "a.toml").write_text(OPEN)
    async with PolicyApplicationEngine(folder, targets=[Broken()]) as engine:
        start, body = await exchange(PolicyGuard(nothing, engine, "a-policy"), scope())
    assert start["status"] == 500
    assert b"secret" not in body["body"]
    assert "could not be judged" in caplog.text


async def test_what_fails_in_the_application_is_the_application_s(folder: Path) -> None:
    (folder / "a.toml").write_text(OPEN)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("its own")

    async with PolicyApplicationEngine(folder) as engine:
        with pytest.raises(RuntimeError, match="its own"):
            await exchange(PolicyGuard(app, engine, "a-policy"), scope())
        with pytest.raises(RuntimeError, match="its own"):
            await exchange(PolicyGuard(app, engine, lambda _: None), scope())


LIFE: list[Message] = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
COMPLETE = ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def polite(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that knows of lifespans."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def ignorant(scope: Scope, receive: Receive, send: Send) -> None:
    raise KeyError(scope["type"])


async def confused(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    raise KeyError("no such message")


@pytest.mark.parametrize("app", [polite, ignorant, confused])
async def test_an_engine_lives_as_long_as_the_service(folder: Path, app: Application) -> None:
    (folder / "a.toml").write_text(OPEN)
    engine = EngineThread(folder)
    alive: list[tuple[str, bool, int]] = []

    guarded = PolicyGuard(app, engine, "a-policy")
    coming = list(LIFE)

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        alive.append((message["type"], engine.alive, len(engine.policies)))

    await guarded({"type": "lifespan"}, receive, send)
    assert alive == [(COMPLETE[0], True, 1), (COMPLETE[1], False, 1)]


async def test_an_engine_that_runs_already_is_left_alone(folder: Path) -> None:
    with EngineThread(folder) as engine:
        sent = await exchange(
            PolicyGuard(polite, engine, "a-policy"), {"type": "lifespan"}, list(LIFE)
        )
        assert [message["type"] for message in sent] == COMPLETE
        assert engine.alive
    async with PolicyApplicationEngine(folder) as own:
        sent = await exchange(
            PolicyGuard(polite, own, "a-policy"), {"type": "lifespan"}, list(LIFE)
        )
        assert [message["type"] for message in sent] == COMPLETE
