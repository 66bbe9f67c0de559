"""Running the service as a process, and asking it."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.waiting import LIMIT


@dataclass(frozen=True)
class Answer:
    """What a service has answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> dict[str, Any]:
        """The body as the JSON object that it is."""
        data: dict[str, Any] = json.loads(self.body)
        return data


def ask(
    port: int,
    path: str = "/",
    *,
    method: str = "GET",
    body: bytes | Iterator[bytes] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
    try:
        connection.request(
            method,
            path,
            body,
            dict(headers or {}),
            encode_chunked=body is not None and not isinstance(body, bytes),
        )
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, named, answer.read())
    finally:
        connection.close()


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """Run the service on a folder of policies; gives its port, once it answers."""
    command = [sys.executable, "-m", "tests.asgi.service", str(folder)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            assert ask(port, "/health").status == 200  # who connects waits until it serves
            yield port
        finally:
            process.terminate()
            assert process.wait(LIMIT) is not None
