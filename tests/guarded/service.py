"""A small Starlette service behind PolicyGuard, as a process of its own.

``python -m tests.guarded.service FOLDER FD`` serves on the listening socket FD until it
is told to end. Its policy is POLICY_ID in FOLDER. ``/state`` is guarded by nobody and says
what the engine has in force; the others give back the body of the request.
"""

import signal
import socket
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from policyconsole import EngineThread, EventType, PolicyGuard
from policyconsole.asgi.messages import Scope

POLICY_ID = "guarded"
"""The id of the policy that judges."""


def application(engine: EngineThread) -> Starlette:
    """Make the service; the engine begins and ends with it."""

    def choose(scope: Scope) -> str | None:
        return None if scope["path"] == "/state" else POLICY_ID

    async def state(_: Request) -> Response:
        active = engine.policies.get(POLICY_ID)
        counts = engine.statistics.events
        return JSONResponse(
            {
                "version": active.config.version if active else None,
                "rejected": counts[EventType.REJECTED],
            }
        )

    async def echo(request: Request) -> Response:
        return Response(await request.body())

    return Starlette(
        routes=[
            Route("/state", state),
            Route("/echo", echo, methods=["GET", "POST"]),
        ],
        middleware=[
            Middleware(PolicyGuard, engine=engine, policy=choose, authentication="elsewhere")
        ],
    )


def main(folder: str, descriptor: int) -> None:
    """Serve on a socket that listens already."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # uvicorn raises it again when it has ended
    engine = EngineThread(folder)
    config = uvicorn.Config(application(engine), log_level="warning", lifespan="on")
    uvicorn.Server(config).run([socket.socket(fileno=descriptor)])
    if engine.alive:
        sys.exit("the engine runs though the service has ended")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
