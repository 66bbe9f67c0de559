"""The program as users run it: a process of its own, with real pipes."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.waiting import LIMIT

PROGRAM = (sys.executable, "-m", "policyconsole")

Event = dict[str, Any]


def environment(**changes: str) -> dict[str, str]:
    """The environment of this process without what decides about colours, plus ``changes``."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}
    }
    return kept | changes


def run(
    *arguments: str | os.PathLike[str],
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run the program to its end, with nothing on standard input."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=cwd,
        env=env or environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )


def in_another_process(code: str, *arguments: str | os.PathLike[str]) -> None:
    """Run Python code in a process of its own, which imports nothing of ours, to its end."""
    subprocess.run([sys.executable, "-I", "-S", "-c", code, *arguments], check=True, timeout=60)


class Watching:
    """``watch`` on a folder, read line by line."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        format: str = "jsonl",  # noqa: A002 - the option's name
        env: Mapping[str, str] | None = None,
        through: Sequence[str] = (),
    ) -> None:
        """``through`` is a command that starts the one that follows it in another setting."""
        self.process = subprocess.Popen(
            [*through, *PROGRAM, "watch", "--format", format, *options, str(folder)],
            env=env or environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._buffer = b""
        self._ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def line(self) -> str | None:
        """The next line, without its end; None where the output has ended."""
        assert self.process.stdout is not None
        end = time.monotonic() + LIMIT
        while b"\n" not in self._buffer and not self._ended:
            ready, _, _ = select.select([self.process.stdout], [], [], end - time.monotonic())
            assert ready, "no line came in time"
            read = os.read(self.process.stdout.fileno(), 65536)
            self._buffer += read
            self._ended = not read
        if not self._buffer:
            return None
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode("utf-8")

    def event(self) -> Event:
        """The next line as the JSON object that it is."""
        event: Event = json.loads(self._line_that_comes())
        return event

    def until(self, event_type: str) -> Event:
        """The next event of a type; those before it are passed over."""
        while True:
            event = self.event()
            if event["type"] == event_type:
                return event

    def until_line(self, text: str) -> str:
        """The next line with ``text`` in it; those before it are passed over."""
        while text not in (line := self._line_that_comes()):
            pass
        return line

    def rest(self) -> list[Event]:
        """All that comes until the output ends."""
        events = []
        while (line := self.line()) is not None:
            events.append(json.loads(line))
        return events

    def _line_that_comes(self) -> str:
        line = self.line()
        assert line is not None, f"the output has ended: {self.errors()}"
        return line

    def close_output(self) -> None:
        """Go away as a reader."""
        assert self.process.stdout is not None
        self.process.stdout.close()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, read what still comes, and give the exit code."""
        self.process.send_signal(number)
        return self.code()

    def code(self) -> int:
        """Wait for the exit code."""
        return self.process.wait(LIMIT)

    def errors(self) -> str:
        """What the process wrote to standard error; for one that has ended."""
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()


def lines_of(output: bytes) -> Sequence[str]:
    """Standard output as lines of text."""
    return output.decode("utf-8").splitlines()
