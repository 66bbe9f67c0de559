"""What the middleware reads, in which thread it judges, and what a change meanwhile makes of it."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from policyconsole import EngineThread, PolicyGuard, Refusal
from policyconsole.application.authentication.credentials import Credentials
from policyconsole.application.authentication.passwords import hash_password
from policyconsole.application.guard import Guard
from policyconsole.application.request import Decision, Request
from policyconsole.application.targets.authenticator import Authenticator
from policyconsole.application.targets.input_validator import InputValidator
from policyconsole.asgi.messages import Message, Receive, Scope, Send
from tests.asgi.test_guard import OPEN, exchange, nothing, scope
from tests.policies import toml
from tests.waiting import eventually, eventually_blocking

ALLOWED = [{"type": "app"}]
LIMITED = OPEN + "[security.input_validation]\nmax_input_length = 20\n"
CHUNKED = (b"transfer-encoding", b"chunked")


def body(*chunks: bytes) -> list[Message]:
    last = len(chunks) - 1
    return [
        {"type": "http.request", "body": chunk, "more_body": number < last}
        for number, chunk in enumerate(chunks)
    ]


@pytest.fixture
def file(folder: Path) -> Path:
    path = folder / "a.toml"
    path.write_text(LIMITED)
    return path


@pytest.fixture
def engine(file: Path) -> Iterator[EngineThread]:
    with EngineThread(file.parent) as running:
        yield running


async def judged(
    guarded: PolicyGuard, given: Scope, messages: list[Message]
) -> tuple[int | None, int]:
    """Serve one connection; gives the status of a refusal, and how many messages were not read."""
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await guarded(given, receive, send)
    return sent[0].get("status"), len(messages)


@pytest.mark.parametrize(
    ("length", "answer"),
    [(b"13", (None, 0)), (b"14", (413, 1)), (b"9" * 5000, (413, 1)), (b"\xb2", (None, 0))],
    ids=["fits", "too long", "5,000 digits", "no digit"],
)
async def test_path_and_query_count_before_the_body_is_read(
    engine: EngineThread, length: bytes, answer: tuple[int | None, int]
) -> None:
    given = scope(query_string=b"q=", path="/abcd", headers=[(b"content-length", length)])
    guarded = PolicyGuard(nothing, engine, "a-policy")
    assert await judged(guarded, given, body(b"x" * 13)) == answer


async def test_no_more_is_read_than_the_limit_leaves(engine: EngineThread) -> None:
    """The length that is announced beside ``transfer-encoding`` counts for nothing (RFC 9112, 6.3)."""
    guarded = PolicyGuard(nothing, engine, "a-policy")
    for length in (b"1", b"99"):
        given = scope(
            path="/abcd", query_string=b"", headers=[CHUNKED, (b"content-length", length)]
        )
        assert await judged(guarded, given, body(*[b"xxxxx"] * 9)) == (413, 5)
        assert await judged(guarded, given, body(*[b"xxxxx"] * 3)) == (None, 0)


async def test_a_refusal_of_a_head_request_has_no_body(engine: EngineThread) -> None:
    start, end = await exchange(PolicyGuard(nothing, engine, "b"), scope(method="HEAD"))
    assert (start["status"], end["body"]) == (403, b"")
    assert int(dict(start["headers"])[b"content-length"]) > 0


async def test_what_is_no_request_is_served_to_nobody(engine: EngineThread) -> None:
    with pytest.raises(ValueError, match="gopher"):
        await exchange(PolicyGuard(nothing, engine, "a-policy"), scope("gopher"))


async def test_a_handshake_that_cannot_be_judged_is_closed_as_a_fault(
    engine: EngineThread,
) -> None:
    def choose(_: Scope) -> str:
        raise RuntimeError("a mistake of the service's own")

    handshake = [{"type": "websocket.connect"}]
    (closed,) = await exchange(PolicyGuard(nothing, engine, choose), scope("websocket"), handshake)
    assert (closed["type"], closed["code"]) == ("websocket.close", 1011)


async def test_a_refusal_because_nobody_asks_is_counted(engine: EngineThread, file: Path) -> None:
    file.write_text(toml())
    await eventually(lambda: engine.policies["a-policy"].revision == 2)
    start, end = await exchange(PolicyGuard(nothing, engine, "a-policy"), scope())
    assert start["status"] == 403
    assert "cannot tell" in json.loads(end["body"])["detail"]
    assert engine.requests["a-policy"].refused == {Refusal.FORBIDDEN: 1}


async def test_guards_are_kept_for_policies_and_not_for_what_is_asked_for(
    engine: EngineThread,
) -> None:
    guarded = PolicyGuard(nothing, engine, lambda given: str(given["path"][1:]))
    for number in range(5):
        start, _ = await exchange(guarded, scope(path=f"/{number}"))
        assert start["status"] == 403
    for _ in range(2):
        assert await exchange(guarded, scope(path="/a-policy")) == ALLOWED
    assert list(guarded._guards) == ["a-policy"]


def meanwhile(monkeypatch: pytest.MonkeyPatch, do: Callable[[], None]) -> None:
    """Do something at the moment after the body is read and before the request is judged."""
    check = Guard.check

    def late(guard: Guard, request: Request) -> Decision:
        do()
        return check(guard, request)

    monkeypatch.setattr(Guard, "check", late)


async def test_a_policy_that_comes_meanwhile_lets_no_body_in_that_was_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EngineThread(folder) as engine:

        def come() -> None:
            (folder / "a.toml").write_text(OPEN)
            eventually_blocking(lambda: "a-policy" in engine.policies)

        meanwhile(monkeypatch, come)
        guarded = PolicyGuard(nothing, engine, "a-policy")
        assert await judged(guarded, scope(), body(b"' or 1=1 --")) == (403, 1)


@pytest.mark.parametrize("headers", [[CHUNKED], [(b"content-length", b"45")]])
async def test_a_wider_limit_that_comes_meanwhile_lets_no_body_in_that_was_not_read(
    engine: EngineThread,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    headers: list[tuple[bytes, bytes]],
) -> None:
    def widen() -> None:
        file.write_text(OPEN)
        eventually_blocking(lambda: engine.policies["a-policy"].revision == 2)

    meanwhile(monkeypatch, widen)
    guarded = PolicyGuard(nothing, engine, "a-policy")
    status, left = await judged(guarded, scope(headers=headers), body(*[b"xxxxx"] * 9))
    assert status == 413
    assert left > 0


async def test_authentication_that_is_asked_for_meanwhile_lets_nobody_in_unasked(
    engine: EngineThread, file: Path
) -> None:
    """Who sends slowly is judged by the policy in force at the end, for who it is too."""
    guarded = PolicyGuard(nothing, engine, "a-policy")
    sent: list[Message] = []

    async def receive() -> Message:
        file.write_text(toml())
        await eventually(lambda: engine.policies["a-policy"].revision == 2)
        return {"type": "http.request", "body": b"x"}

    async def send(message: Message) -> None:
        sent.append(message)

    await guarded(scope(), receive, send)
    assert sent[0].get("status") == 403


async def test_long_texts_are_looked_into_beside_the_loop(folder: Path) -> None:
    (folder / "a.toml").write_text(OPEN)
    beside: list[bool] = []

    class Watched(InputValidator):
        def check(self, policy_id: str, request: Request, now: float) -> Decision | None:
            beside.append(threading.current_thread() is not threading.main_thread())
            return super().check(policy_id, request, now)

    with EngineThread(folder, targets=[Watched()]) as engine:
        guarded = PolicyGuard(nothing, engine, "a-policy")
        for given, messages in [
            (scope(), body(b"x" * 100)),
            (scope(), body(b"x" * 5000)),
            (scope(query_string=b"x" * 5000), body(b"")),
            (scope(headers=[(b"cookie", b"x" * 5000)]), body(b"")),
        ]:
            assert await exchange(guarded, given, messages) == ALLOWED
    assert beside == [False, True, True, True]


@pytest.mark.parametrize("method", ["basic", "api_key"])
async def test_passwords_are_checked_beside_the_loop(folder: Path, method: str) -> None:
    (folder / "a.toml").write_text(toml(extra=f'authentication.method = "{method}"'))
    beside: list[str] = []

    class Watched(Authenticator):
        def check(self, policy_id: str, request: Request, now: float) -> Decision | None:
            beside.append(threading.current_thread().name)
            return super().check(policy_id, request, now)

    users = {"ada": hash_password("correct horse", iterations=1000)}
    with EngineThread(folder, targets=[Watched(Credentials(users=users, api_keys={}))]) as engine:
        start, _ = await exchange(PolicyGuard(nothing, engine, "a-policy"), scope())
    assert start["status"] == 401
    assert beside[0].startswith("policy-console check") == (method == "basic")


async def test_a_path_that_came_decoded_only_is_encoded_again(folder: Path) -> None:
    (folder / "a.toml").write_text(OPEN)
    paths: list[str] = []

    class Watched(InputValidator):
        def check(self, policy_id: str, request: Request, now: float) -> Decision | None:
            paths.append(request.path)
            return None

    async def app(given: Scope, receive: Receive, send: Send) -> None:
        assert given["path"] == "/a%ü"

    with EngineThread(folder, targets=[Watched()]) as engine:
        await exchange(PolicyGuard(app, engine, "a-policy"), scope(path="/a%ü", raw_path=None))
    assert paths == ["/a%25%C3%BC"]
