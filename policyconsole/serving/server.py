"""PageServer: the page, its files, and the websocket behind which an app runs."""

import asyncio
import html
import json
import socket
from collections.abc import Sequence
from importlib.resources import files
from string import Template

import textual_serve
from aiohttp import WSCloseCode, WSMsgType, web
from aiohttp.typedefs import Handler

from policyconsole.serving.admission import ONLY_OPENED, Admission
from policyconsole.serving.session import Session, bounded, reason_of

MOST_PAGES = 8
"""How many pages may be open at once: each is a process with an engine of its own."""

HEARTBEAT = 15.0
"""Seconds between two pings; half of it later a page that has not answered has gone."""

LONGEST_MESSAGE = 1024 * 1024
"""Bytes of one message of a page: what somebody may paste."""

SMALLEST_FONT, USUAL_FONT, LARGEST_FONT = 6, 16, 48
"""Sizes of the page's font in pixels."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), clipboard-read=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self';"
    " img-src 'self' data:; connect-src {connect}; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
"""What a page may load: only what this server has; xterm.js writes its styles into the page."""


class PageServer:
    """Answers browsers: one process of the app for each page."""

    def __init__(self, arguments: Sequence[str], title: str, admission: Admission) -> None:
        """``arguments`` start the app; ``title`` is the page's, any text."""
        self._arguments = arguments
        self._title = title
        self._admission = admission
        self._page = Template((files(__package__) / "page" / "index.html").read_text("utf-8"))
        self._open: dict[web.WebSocketResponse, Session | None] = {}
        self._ending = False

    async def serve(self, listening: socket.socket, until: asyncio.Event) -> None:
        """Answer on a socket that listens until ``until`` is set; then no app runs any more."""
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.SockSite(runner, listening).start()
            await until.wait()
        finally:
            await runner.cleanup()

    def _application(self) -> web.Application:
        app = web.Application(middlewares=[self._admit])
        app.router.add_get("/", self._index)
        app.router.add_get("/ws", self._drive)
        app.router.add_static("/page", str(files(__package__) / "page"))
        app.router.add_static("/static", str(files(textual_serve) / "static"))
        app.on_response_prepare.append(self._protect)
        app.on_shutdown.append(self._end)
        return app

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let nobody in who may not: on every way there is, and on those that there are not."""
        admission = self._admission
        drives = request.path == "/ws"
        if words := admission.refusal(request.headers, drives=drives):
            return web.Response(status=403, text=f"{words}\n")
        opened = request.path == "/" and admission.opens(request.query.get("token"))
        if not opened and not admission.proves(request.cookies.get(admission.cookie)):
            return web.Response(status=403, text=f"{ONLY_OPENED}\n")
        response = await handler(request)
        if opened:
            response.set_cookie(
                admission.cookie,
                admission.proof,
                httponly=True,
                samesite="Strict",
                secure=(admission.public_origin or "").startswith("https:"),
            )
        return response

    async def _protect(self, request: web.Request, response: web.StreamResponse) -> None:
        """Say what the page may do: nothing with any other host."""
        response.headers.update(_HEADERS)
        # Not every browser takes 'self' for the websocket too. The host was looked at by now.
        connect = "'self'"
        if response.status == 200:
            connect += f" ws://{request.host} wss://{request.host}"
        response.headers["Content-Security-Policy"] = _POLICY.format(connect=connect)

    async def _index(self, request: web.Request) -> web.Response:
        asked = _number(request.query.get("fontsize"), 0)
        size = min(max(asked, SMALLEST_FONT), LARGEST_FONT) if asked else ""
        page = self._page.substitute(title=html.escape(self._title), font_size=size)
        return web.Response(text=page, content_type="text/html")

    async def _drive(self, request: web.Request) -> web.StreamResponse:
        """Run an app for as long as its page is open."""
        websocket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LONGEST_MESSAGE)
        await websocket.prepare(request)
        if self._ending or len(self._open) >= MOST_PAGES:
            words = f"{MOST_PAGES} pages are open already: close one of them, then reload"
            await websocket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=reason_of(words))
            return websocket
        self._open[websocket] = None
        session = Session(self._arguments, websocket)
        try:
            size = (_number(request.query.get(name), 80) for name in ("width", "height"))
            try:
                await session.start(*bounded(*size))
            except OSError as problem:
                words = f"could not start: {problem.strerror or problem}"
                await websocket.close(code=WSCloseCode.INTERNAL_ERROR, message=reason_of(words))
            self._open[websocket] = session
            await _obey(websocket, session)
        finally:
            await session.stop()
            del self._open[websocket]
        return websocket

    async def _end(self, _app: web.Application) -> None:
        """Tell every page, and wait until every app has ended."""
        self._ending = True
        reason = reason_of("the server has ended")
        pages = dict(self._open)
        await asyncio.gather(
            *(page.close(code=WSCloseCode.GOING_AWAY, message=reason) for page in pages),
            *(session.stop() for session in pages.values() if session is not None),
        )


async def _obey(websocket: web.WebSocketResponse, session: Session) -> None:
    """Do what the page says until it has gone; what is no message of textual.js is passed over."""
    async for message in websocket:
        if message.type is not WSMsgType.TEXT:
            continue
        try:
            said = json.loads(message.data)
        except (ValueError, RecursionError):
            continue
        match said:
            case ["stdin", str(keys)]:
                await session.send_bytes(keys.encode(errors="replace"))
            case ["resize", {"width": int(width), "height": int(height)}]:
                await session.set_terminal_size(width, height)
            case ["ping", str(sent)]:
                await websocket.send_json(["pong", sent])
            case ["focus"]:
                await session.focus()
            case ["blur"]:
                await session.blur()


def _number(text: str | None, otherwise: int) -> int:
    """Give the number that a query names, in at most four digits."""
    if text is not None and text.isascii() and text.isdigit() and len(text) <= 4:
        return int(text)
    return otherwise
