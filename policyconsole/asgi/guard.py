"""PolicyGuard: an ASGI middleware that lets through what the policy in force lets through.

Plain ASGI, so that responses stream, background tasks run and disconnects arrive as if
it were not there. For servers that run on asyncio, as uvicorn does.
"""

import asyncio
import json
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal
from urllib.parse import quote

from policyconsole.application.guard import Guard
from policyconsole.application.request import Decision, Refusal, Request
from policyconsole.asgi.lifespan import GuardingEngine, Lifespan
from policyconsole.asgi.messages import Application, Message, Receive, Scope, Send

LONGEST_ON_LOOP = 16 * 1024
"""Bytes of a body that are looked into on the loop: some 3 ms (docs/guards.md); more go to a thread."""

STATUS = {
    Refusal.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Refusal.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Refusal.NO_POLICY: HTTPStatus.FORBIDDEN,
    Refusal.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Refusal.BAD_INPUT: HTTPStatus.BAD_REQUEST,
    Refusal.TOO_MANY_REQUESTS: HTTPStatus.TOO_MANY_REQUESTS,
}
"""The status of each refusal."""

_NOBODY_ASKS = Decision(
    False, "the policy asks who you are, and this service cannot tell", Refusal.FORBIDDEN
)
_FAILED = "the request could not be judged"
_POLICY_VIOLATION = 1008  # RFC 6455, section 7.4.1

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
        self._elsewhere = authentication == "elsewhere"
        self._client_name = client_name or verified_name
        self._told: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await Lifespan(self._app, self._engine).serve(scope, receive, send)
            return
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
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
        guard = self._engine.guard(policy_id)
        decision = await self._decide(guard, scope, body)
        return None if decision.allowed else _Refusal.of(decision, guard)

    async def _decide(self, guard: Guard, scope: Scope, body: "_Body") -> Decision:
        active = guard.active
        if active is not None and not self._elsewhere and not guard.authenticates:
            section = active.config.authentication
            if section.enabled and section.method != "none":
                self._tell_once(guard.policy_id, section.method)
                return _NOBODY_ASKS
        longest = guard.longest
        wanted = longest is not None and longest > 0 and scope["type"] == "http"
        content = await body.read(scope, longest or 0) if wanted else None
        request = _request(scope, content, self._client_name(scope))
        slow = active is not None and active.config.authentication.method == "basic"
        if slow or len(content or b"") > LONGEST_ON_LOOP:
            return await asyncio.to_thread(guard.check, request)
        return guard.check(request)

    def _tell_once(self, policy_id: str, method: str) -> None:
        if policy_id not in self._told:
            self._told.add(policy_id)
            _LOG.error(
                "every request to the policy %s is refused: it asks for %s, and the engine cannot"
                " tell who asks; give it an Authenticator with credentials among its targets, or"
                ' PolicyGuard(..., authentication="elsewhere") where somebody else asks',
                policy_id,
                method,
            )


def verified_name(scope: Scope) -> str | None:
    """Give the name of the client's certificate as ASGI's TLS extension has it, if it is verified.

    The name is that of the subject as in RFC 4514: ``CN=till.example,O=Example``. None
    where the server says nothing of it.
    """
    tls = (scope.get("extensions") or {}).get("tls") or {}
    name = tls.get("client_cert_name")
    return name if isinstance(name, str) and not tls.get("client_cert_error") else None


def _request(scope: Scope, body: bytes | None, client_name: str | None) -> Request:
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
        body=body,
        client_name=client_name,
    )


class _GoneError(Exception):
    """The client went away before all of its request had come."""


class _Body:
    """The body of a request, read once and handed on as it came."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []

    async def read(self, scope: Scope, longest: int) -> bytes | None:
        """Give the body, or as much of it as says that it is longer than ``longest`` bytes.

        None where its announced length says so already.
        """
        if _announced(scope) > longest:
            return None
        parts: list[bytes] = []
        length = 0
        while True:
            message = await self._receive()
            if message["type"] != "http.request":
                raise _GoneError
            self._messages.append(message)
            parts.append(message.get("body", b""))
            length += len(parts[-1])
            if length > longest or not message.get("more_body", False):
                self._messages.reverse()
                return b"".join(parts)

    async def again(self) -> Message:
        """Give the messages that were read, then those that come."""
        return self._messages.pop() if self._messages else await self._receive()


def _announced(scope: Scope) -> int:
    for name, value in scope.get("headers", ()):
        if name.lower() == b"content-length" and value.isdigit():
            return int(value)
    return 0


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
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": ""})
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
        await send({"type": f"{kind}.response.body", "body": body})
