"""Session: the app of one page, in a process of its own."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

from aiohttp import WSCloseCode, web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from policyconsole.escaping import printable

DRIVER = "policyconsole.tui.page_driver:PageDriver"
"""The textual driver of the process."""

PATIENCE = 5.0
"""Seconds that an app may take to end once it was told to, and again once it was sent SIGTERM."""

WIDEST, HIGHEST = 1000, 500
"""The largest terminal in cells: a screen of 8K pixels has no more at a legible size."""

_BEGINS = b"__GANGLION__\n"
"""What textual's driver writes first."""

_LONGEST_REASON = 123
"""Bytes that the reason of a websocket's end may have (RFC 6455, 5.5)."""


class Session(AppService):
    """textual-serve's app of one page, so that no process outlives its page.

    Unlike there, no shell is between, a process that does not end when asked is ended,
    one that never began says why on the page, and nothing is written to standard output.
    """

    def __init__(self, arguments: Sequence[str], page: web.WebSocketResponse) -> None:
        """``arguments`` are the program and its arguments, ``page`` the open websocket."""
        super().__init__(
            "",
            write_bytes=page.send_bytes,
            write_str=page.send_str,
            close=self._wait_for_end,
            download_manager=DownloadManager(),
        )
        self._arguments = arguments
        self._page = page
        self._last_words = ""
        self._running: tuple[Process, asyncio.Task[None]] | None = None
        self._stopping: asyncio.Task[None] | None = None

    async def start(self, width: int, height: int) -> None:
        """Begin at a size in cells. Raises OSError where there can be no process."""
        width, height = bounded(width, height)
        process = await asyncio.create_subprocess_exec(
            *self._arguments,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._build_environment(width, height) | {"TEXTUAL_DRIVER": DRIVER},
            # Ctrl-C is for the server, which tells each app to end.
            start_new_session=os.name == "posix",
        )
        self._stdin = process.stdin
        self._running = process, asyncio.create_task(self._run(process))

    async def stop(self) -> None:
        """End the process, and wait until it has ended; also more than once."""
        if self._running is None:
            return
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._stop(*self._running))
        await asyncio.shield(self._stopping)

    async def _stop(self, process: Process, running: asyncio.Task[None]) -> None:
        asked = asyncio.create_task(self.send_meta({"type": "quit"}))
        await asyncio.wait({running}, timeout=PATIENCE)
        for end in (process.terminate, process.kill):
            if not running.done():
                with suppress(ProcessLookupError):
                    end()
                await asyncio.wait({running}, timeout=PATIENCE)
        asked.cancel()
        await running

    async def set_terminal_size(self, width: int, height: int) -> None:
        """Tell the app how many cells there are."""
        await super().set_terminal_size(*bounded(width, height))

    async def _run(self, process: Process) -> None:
        """Hand on what the app draws until its process has ended, then close the page."""
        output = cast("asyncio.StreamReader", process.stdout)
        errors = asyncio.create_task(
            self._tell_errors(cast("asyncio.StreamReader", process.stderr))
        )
        begun = False
        try:
            begun = await output.readline() == _BEGINS
            while begun:
                await self._hand_on(output)
        except asyncio.IncompleteReadError:
            pass  # it has ended
        except ConnectionError:
            # The page has gone; a process whose output nobody takes could not end.
            while await output.read(65536):
                pass
        await errors
        await self._close(begun, await process.wait())

    async def _hand_on(self, output: asyncio.StreamReader) -> None:
        """Hand on one packet: its kind, its length, and what it holds."""
        kind = await output.readexactly(1)
        payload = await output.readexactly(int.from_bytes(await output.readexactly(4), "big"))
        if kind == b"D":
            await self.on_data(payload)
        elif kind == b"M":
            await self.on_meta(payload)

    async def _close(self, begun: bool, code: int) -> None:
        if begun and code == 0:
            await self._page.close()
            return
        words = self._last_words or f"its process ended with {code}"
        reason = words if begun else f"could not start: {words}"
        await self._page.close(code=WSCloseCode.INTERNAL_ERROR, message=reason_of(reason))

    async def _wait_for_end(self) -> None:
        """Do nothing when the app says that it ends: the page is closed when it has."""

    async def _tell_errors(self, errors: asyncio.StreamReader) -> None:
        """Write what the process says on standard error there, and keep the last line."""
        with suppress(ValueError):  # a line of more than 64 kB
            while line := await errors.readline():
                text = printable(line.decode(errors="replace").rstrip("\r\n"))
                if text.strip():
                    self._last_words = text.strip().removeprefix("policy-console: ")
                if sys.stderr is not None:
                    with suppress(OSError):
                        sys.stderr.write(text + "\n")
        while await errors.read(65536):
            pass


def bounded(width: int, height: int) -> tuple[int, int]:
    """Give a size in cells that an app can have, whatever a page asks for."""
    return min(max(width, 1), WIDEST), min(max(height, 1), HIGHEST)


def reason_of(text: str) -> bytes:
    """Give a text as the reason of a websocket's end, as much of it as there is room for."""
    encoded = text.encode()
    if len(encoded) <= _LONGEST_REASON:
        return encoded
    kept = encoded[: _LONGEST_REASON - len("…".encode())].decode(errors="ignore")
    return f"{kept}…".encode()
