"""PolicyGuard: an ASGI middleware that lets through what the policy in force lets through.

Plain ASGI, so that responses stream, background tasks run and disconnects arrive as if
it were not there. For servers that run on asyncio, as uvicorn does.
"""

import asyncio
import json
import logging
import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Literal
from urllib.parse import quote

from policyconsole.application.guard import NO_POLICY, NOBODY_ASKS, Guard
from policyconsole.application.request import Decision, Refusal, Request
from policyconsole.asgi.lifespan import GuardingEngine, StartableEngine, serve_lifespan
from policyconsole.asgi.messages import Application, Message, Receive, Scope, Send

THREADS = min(8, 2 * (os.cpu_count() or 1))
"""How many checks that take long are made at once; the application's own threads are left to it."""

STATUS = {
    Refusal.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Refusal.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Refusal.NO_POLICY: HTTPStatus.FORBIDDEN,
    Refusal.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Refusal.BAD_INPUT: HTTPStatus.BAD_REQUEST,
    Refusal.TOO_MANY_REQUESTS: HTTPStatus.TOO_MANY_REQUESTS,
}
"""The status of each refusal."""

_FAILED = "the request could not be judged"
_POLICY_VIOLATION, _INTERNAL_ERROR = 1008, 1011  # RFC 6455, section 7.4.1

_LOG = logging.getLogger(__name__)


class PolicyGuard:
    """Asks the guard of a policy about each request, and answers those that it refuses.

    ``policy`` is the policy's id, or a function that gives it for a request's scope, and
    None for one that is not guarded. An ``engine`` that does not run yet is started with
    the service and stopped with it, through the lifespan that servers give. Refusals are
    answered with 401, 403, 413, 400 or 429 as ``application/problem+json`` (RFC 9457), those of
    a websocket before it is accepted. A request that cannot be judged is answered with 500.

    Where the policy in force asks who somebody is and the engine has no target that can
    tell, everything is refused, unless ``authentication`` is ``"elsewhere"``: somebody else
    asks. ``client_name`` gives the name that the server has verified by TLS.
    """

    def __init__(
        self,
        app: Application,
        engine: GuardingEngine,
        policy: str | Callable[[Scope], str | None],
        *,
        authentication: Literal["policy", "elsewhere"] = "policy",
        client_name: Callable[[Scope], str | None] | None = None,
    ) -> None:
        """Raises ValueError for another ``authentication``."""
        if authentication not in {"policy", "elsewhere"}:
            raise ValueError('authentication is "policy" or "elsewhere"')
        self._app = app
        self._engine = engine
        self._policy = policy
        self._must_authenticate = authentication == "policy"
        self._guards: dict[str, Guard] = {}
        self._threads = ThreadPoolExecutor(THREADS, "policy-console check")
        self._client_name = client_name or verified_name
        self._told: set[str] = set()
        self._told_of_engine = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; raises ValueError for a kind that nobody can judge."""
        if scope["type"] == "lifespan":
            if isinstance(self._engine, StartableEngine) and not self._engine.alive:
                await serve_lifespan(self._app, self._engine, scope, receive, send)
            else:
                await self._app(scope, receive, send)
            return
        if scope["type"] not in {"http", "websocket"}:
            raise ValueError(f"no policy can judge a connection of the kind {scope['type']!r}")
        body = _Body(receive)
        try:
            refusal = await self._refusal(scope, body)
        except _GoneError:
            return
        except Exception:  # noqa: BLE001 - whatever it was, the request is not let through
            _LOG.exception("%s; it is refused", _FAILED)
            refusal = _Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, _FAILED)
        if refusal is None:
            await self._app(scope, body.again, send)
        else:
            await refusal.send(scope, receive, send)

    async def _refusal(self, scope: Scope, body: "_Body") -> "_Refusal | None":
        policy_id = self._policy if isinstance(self._policy, str) else self._policy(scope)
        if policy_id is None:
            return None
        guard = self._guard(policy_id)
        decision = await self._decide(guard, scope, body)
        if decision is NOBODY_ASKS:
            self._tell_once(policy_id)
        if decision.code is Refusal.NO_POLICY:
            self._tell_if_nothing_runs()
        return None if decision.allowed else _Refusal.of(decision, guard)

    def _guard(self, policy_id: str) -> Guard:
        """Give the guard of a policy; ids without one could be any number, and are not kept."""
        guard = self._guards.get(policy_id)
        if guard is None:
            guard = self._engine.guard(policy_id, must_authenticate=self._must_authenticate)
            if guard.active is not None:
                self._guards[policy_id] = guard
        return guard

    async def _decide(self, guard: Guard, scope: Scope, body: "_Body") -> Decision:
        request = _request(scope, self._client_name(scope))
        longest = guard.longest if scope["type"] == "http" else None
        enough = True
        if longest is not None:
            room = longest - len(request.path) - len(request.query)
            enough = _announced(request) <= room
            if enough:
                content = await body.read(room)
                request, enough = replace(request, body=content), len(content) <= room
        decision = await self._check(guard, request)
        if decision.allowed and not enough:  # by a policy that came into force meanwhile
            return _too_large(longest) if longest else NO_POLICY
        return decision

    async def _check(self, guard: Guard, request: Request) -> Decision:
        if not guard.takes_long(request):
            return guard.check(request)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, guard.check, request)

    def _tell_if_nothing_runs(self) -> None:
        engine = self._engine
        if isinstance(engine, StartableEngine) and not engine.alive and not self._told_of_engine:
            self._told_of_engine = True
            _LOG.error(
                "every request is refused: the engine does not run; start it yourself where the"
                " server gives no lifespan"
            )

    def _tell_once(self, policy_id: str) -> None:
        if policy_id not in self._told:
            self._told.add(policy_id)
            _LOG.error(
                "every request to the policy %s is refused: it asks who somebody is, and the engine"
                " cannot tell; give it an Authenticator with credentials among its targets, or"
                ' PolicyGuard(..., authentication="elsewhere") where somebody else asks',
                policy_id,
            )


def _too_large(longest: int | None) -> Decision:
    return Decision(False, f"longer than {longest} bytes", Refusal.TOO_LARGE)


def verified_name(scope: Scope) -> str | None:
    """Give the name of the client's certificate as ASGI's TLS extension has it, if it is verified.

    The name is that of the subject as in RFC 4514: ``CN=till.example,O=Example``. None
    where the server says nothing of it.
    """
    tls = (scope.get("extensions") or {}).get("tls") or {}
    name = tls.get("client_cert_name")
    return name if isinstance(name, str) and not tls.get("client_cert_error") else None


def _request(scope: Scope, client_name: str | None) -> Request:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope.get("headers", ()):
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name in headers:  # RFC 9110, section 5.2; RFC 9113, section 8.2.3 for cookies
            value = headers[name] + ("; " if name == "cookie" else ", ") + value
        headers[name] = value
    raw_path = scope.get("raw_path")
    path = quote(scope["path"]) if raw_path is None else raw_path.decode("latin-1")
    client = scope.get("client")
    return Request(
        client=client[0] if client else None,
        method=scope.get("method", "GET"),
        path=path,
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=headers,
        client_name=client_name,
    )


class _GoneError(Exception):
    """The client went away before all of its request had come."""


class _Body:
    """The body of a request, read once and handed on in one piece.

    The pieces that it came in are not kept: a client that sends it byte by byte would have
    hundreds of bytes kept for each.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._read: Message | None = None

    async def read(self, longest: int) -> bytes:
        """Give the body, or as much of it as says that it is longer than ``longest`` bytes."""
        content = bytearray()
        more = True
        while more and len(content) <= longest:
            message = await self._receive()
            if message["type"] != "http.request":
                raise _GoneError
            content += message.get("body", b"")
            more = message.get("more_body", False)
        body = bytes(content)
        self._read = {"type": "http.request", "body": body, "more_body": more}
        return body

    async def again(self) -> Message:
        """Give what was read, then the messages that come."""
        read, self._read = self._read, None
        return read or await self._receive()


def _announced(request: Request) -> int:
    """Give the bytes that the body is said to have; 0 where that is not sure."""
    length = request.headers.get("content-length", "")
    sure = length.isascii() and length.isdigit() and "transfer-encoding" not in request.headers
    return int(length[:19]) if sure else 0


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What is answered to a request that does not get to the application."""

    status: HTTPStatus
    reason: str
    code: Refusal | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()

    @classmethod
    def of(cls, decision: Decision, guard: Guard) -> "_Refusal":
        """Say what a guard has decided."""
        headers: list[tuple[bytes, bytes]] = []
        if decision.retry_after is not None:
            headers.append((b"retry-after", str(max(1, math.ceil(decision.retry_after))).encode()))
        if decision.code is Refusal.UNAUTHENTICATED:
            headers += [(b"www-authenticate", text.encode("latin-1")) for text in guard.challenges]
        status = STATUS[decision.code] if decision.code else HTTPStatus.FORBIDDEN
        return cls(status, decision.reason, decision.code, tuple(headers))

    async def send(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; that of a websocket is an answer to its handshake."""
        kind, headers = "http", self.headers
        if scope["type"] == "websocket":
            await receive()  # the handshake, which has to be taken before it can be refused
            if "websocket.http.response" not in (scope.get("extensions") or {}):
                failed = self.status is HTTPStatus.INTERNAL_SERVER_ERROR
                code = _INTERNAL_ERROR if failed else _POLICY_VIOLATION
                await send({"type": "websocket.close", "code": code, "reason": ""})
                return
            kind = "websocket.http"
        problem = {"type": "about:blank", "title": self.status.phrase, "status": self.status.value}
        problem |= {"detail": self.reason} | ({"code": self.code.value} if self.code else {})
        body = json.dumps(problem).encode()
        start = (
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        )
        await send(
            {
                "type": f"{kind}.response.start",
                "status": self.status.value,
                "headers": [*start, *headers],
            }
        )
        sent = b"" if scope.get("method") == "HEAD" else body
        await send({"type": f"{kind}.response.body", "body": sent})
