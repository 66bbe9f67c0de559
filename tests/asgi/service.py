"""A service of its own process: Starlette under uvicorn, guarded by a folder of policies.

    python -m tests.asgi.service FOLDER

The first line that it writes is the port.
"""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from policyconsole import EngineThread, PolicyGuard
from policyconsole.application.authentication.credentials import Credentials, hash_api_key
from policyconsole.application.authentication.passwords import hash_password
from policyconsole.application.targets.authenticator import Authenticator
from policyconsole.application.targets.input_validator import InputValidator
from policyconsole.application.targets.rate_limiter import RateLimiter
from policyconsole.asgi.messages import Scope

BACKGROUND: list[str] = []


def credentials() -> Credentials:
    """What the service knows its clients by."""
    return Credentials(
        users={"ada": hash_password("correct horse", iterations=1000)},
        api_keys={"shop": hash_api_key("k" * 32)},
    )


def make(folder: str) -> PolicyGuard:
    """Give the service, guarded."""
    engine = EngineThread(
        folder, targets=[RateLimiter(), Authenticator(credentials()), InputValidator()]
    )

    async def echo(request: Request) -> JSONResponse:
        body = await request.body()
        active = engine.policies.get("a-policy")
        return JSONResponse(
            {
                "body": body.decode("latin-1"),
                "name": active.config.name if active else None,
                "rate": active.config.security.rate_limiting.requests_per_minute if active else 0,
            },
            background=BackgroundTask(BACKGROUND.append, "done"),
        )

    async def stream(_: Request) -> StreamingResponse:
        async def parts() -> AsyncIterator[str]:
            for number in range(3):
                yield f"{number}\n"
                await asyncio.sleep(0)

        return StreamingResponse(parts(), media_type="text/plain")

    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"background": len(BACKGROUND)})

    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.close()

    service = Starlette(
        routes=[
            Route("/", echo, methods=["GET", "POST"]),
            Route("/stream", stream),
            Route("/health", health),
            Route("/{policy}", echo, methods=["GET", "POST"]),
            WebSocketRoute("/talk", talk),
        ]
    )
    return PolicyGuard(service, engine, policy_of)


def policy_of(scope: Scope) -> str | None:
    """Give the policy of a request: that of its path."""
    if scope["path"] == "/broken":
        raise RuntimeError("a mistake of the service's own")
    known = {"/health": None, "/": "a-policy", "/stream": "a-policy", "/talk": "a-policy"}
    path = str(scope["path"])
    return known.get(path, path.strip("/"))


def main() -> None:
    """Serve until told to stop."""
    listening = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(make(sys.argv[1]), log_level="warning")
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
