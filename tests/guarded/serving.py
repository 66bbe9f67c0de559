"""Running the guarded service, and asking it over connections that stay open."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
"""The repository: where the process of the service runs."""

SECONDS_TO_END = 20
"""How long the service may take to end before it is killed, which fails whoever waits."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; the names of the headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Connection:
    """One HTTP/1.1 connection that is kept open from request to request."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connect to the service."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(
        self, target: str, *, method: str = "GET", body: bytes | None = None, headers: str = ""
    ) -> Reply:
        """Send a request and read the reply; ``headers`` are lines that end with CRLF."""
        length = "" if body is None else f"content-length: {len(body)}\r\n"
        head = f"{method} {target} HTTP/1.1\r\nhost: service\r\n{length}{headers}\r\n"
        return await self.send(head.encode() + (body or b""), no_body=method == "HEAD")

    async def send(self, request: bytes, *, no_body: bool = False) -> Reply:
        """Send bytes as they are and read one reply; raises IncompleteReadError if it is cut off."""
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(_header(line) for line in head[1:] if line)
        length = 0 if no_body else int(headers.get("content-length", "0"))
        return Reply(int(head[0].split()[1]), headers, await self._reader.readexactly(length))

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()
        await self._writer.wait_closed()


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.lower(), value.strip()


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Connection]:
    """A connection that is closed at the end."""
    connection = await Connection.open(port)
    try:
        yield connection
    finally:
        await connection.close()


@contextmanager
def served(folder: Path, module: str = "tests.guarded.service") -> Iterator[int]:
    """Run a service on a free port of loopback, and end it; gives the port.

    The socket listens before the process is there: nobody has to wait until it does. What
    the service writes to standard error goes to that of this process.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        descriptor = listening.fileno()
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(folder), str(descriptor)],
            cwd=ROOT,
            pass_fds=[descriptor],
        )
        port: int = listening.getsockname()[1]
        try:
            yield port
            assert process.poll() is None, "the service has ended by itself"
        finally:
            process.terminate()
            try:
                code = process.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
            assert code == 0, "the service did not end in good order"
