"""Events reach a pipe on the engine's thread where nobody waits, and the main thread otherwise."""

import errno
import os
import select
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from policyconsole import EventType, PolicyEvent
from policyconsole.cli.delivery import EventWriter
from policyconsole.cli.streams import Output, OutputError
from policyconsole.events import Subscription
from tests.waiting import eventually_blocking

needs_rwf_nowait = pytest.mark.skipif(
    not hasattr(os, "RWF_NOWAIT"), reason="only Linux lets a write refuse to wait"
)


def text_of(told: PolicyEvent) -> str:
    return told.message or ""


class Pipe:
    """Standard output as a pipe, read when the test wants it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._reading, writing = os.pipe()
        self._stdout = os.fdopen(writing, "w", encoding="utf-8", errors="backslashreplace")
        self._monkeypatch = monkeypatch

    def main(self, line: Callable[[PolicyEvent], str] = text_of) -> "Main":
        """Start a main thread that writes here."""
        return Main(self.writer(line))

    def writer(self, line: Callable[[PolicyEvent], str] = text_of) -> EventWriter:
        """Give a writer to this pipe; pytest has a standard output of its own for each phase."""
        self._monkeypatch.setattr(sys, "stdout", self._stdout)
        return EventWriter(line, Output())

    def fill(self) -> int:
        """Write until nothing more fits; give how many bytes that took."""
        descriptor, length = self._stdout.fileno(), 0
        os.set_blocking(descriptor, False)
        try:
            while True:
                length += os.write(descriptor, b"x" * select.PIPE_BUF)
        except BlockingIOError:
            os.set_blocking(descriptor, True)
            return length

    def read(self, length: int = 1 << 20) -> str:
        """Read what is there, waiting for the first byte."""
        return os.read(self._reading, length).decode()

    @property
    def empty(self) -> bool:
        """Whether nothing is there to read."""
        return not select.select([self._reading], [], [], 0)[0]

    def hang_up(self) -> None:
        os.close(self._reading)
        self._reading = -1

    def close(self) -> None:
        self._stdout.close()
        if self._reading >= 0:
            os.close(self._reading)


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipe]:
    pipe = Pipe(monkeypatch)
    yield pipe
    pipe.close()


def event(message: str) -> PolicyEvent:
    return PolicyEvent(EventType.DEGRADED, message=message)


class Main:
    """The main thread of ``watch``; the test's own thread stands for the engine's."""

    def __init__(self, writer: EventWriter) -> None:
        self.failure: Exception | None = None
        self.writer = writer
        self.events = Subscription(self.writer.wake)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        eventually_blocking(lambda: self.writer._events is not None)

    def _run(self) -> None:
        try:
            self.writer.write_until_over(self.events)
        except Exception as problem:  # noqa: BLE001 - the test looks at it
            self.failure = problem

    @property
    def over(self) -> bool:
        return not self._thread.is_alive()

    def end(self) -> None:
        self.events.close()
        self._thread.join(timeout=10)
        assert self.over


@needs_rwf_nowait
def test_a_line_is_out_when_the_engine_has_told_it(pipe: Pipe) -> None:
    """Though no main thread runs: the engine's own thread has written it."""
    writer = pipe.writer()
    events = writer._events = Subscription(writer.wake)
    events.push(event("first"))
    assert pipe.read() == "first\n"
    events.push(event("é\udc80"))
    assert pipe.read() == "é\\udc80\n"


def test_a_full_pipe_keeps_nobody_waiting_and_no_line_is_lost(pipe: Pipe) -> None:
    main = pipe.main()
    filled = pipe.fill()
    for number in range(100):
        main.events.push(event(str(number)))  # returns, or the time limit of the test ends it
    read = ""
    while "99\n" not in read:
        read += pipe.read()
    assert read == "x" * filled + "".join(f"{number}\n" for number in range(100))
    main.events.push(event("after"))
    eventually_blocking(lambda: not pipe.empty)
    assert pipe.read() == "after\n"
    main.end()


def test_a_line_that_a_pipe_may_take_in_parts_is_written_whole(pipe: Pipe) -> None:
    main = pipe.main()
    long = "y" * (3 * select.PIPE_BUF)
    for text in ("before", long, "after"):
        main.events.push(event(text))
    read = ""
    while not read.endswith("after\n"):
        read += pipe.read()
    assert read == f"before\n{long}\nafter\n"
    main.end()


def test_what_is_told_before_the_end_is_written(pipe: Pipe) -> None:
    main = pipe.main()
    filled = pipe.fill()
    main.events.push(event("last"))
    main.events.close()
    read = ""
    while not read.endswith("last\n"):
        read += pipe.read()
    assert len(read) == filled + len("last\n")
    main.end()


def test_a_reader_that_has_gone_ends_it_quietly(pipe: Pipe) -> None:
    main = pipe.main()
    pipe.hang_up()
    main.events.push(event("nobody"))
    eventually_blocking(lambda: main.over)
    assert main.failure is None
    main.events.push(event("nobody at all"))


def test_a_line_that_cannot_be_made_ends_the_command_and_not_the_engine(pipe: Pipe) -> None:
    def refuse(_: PolicyEvent) -> str:
        raise ValueError("no line")

    main = pipe.main(refuse)
    main.events.push(event("first"))
    eventually_blocking(lambda: main.over)
    assert str(main.failure) == "no line"


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_an_output_that_takes_no_more_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        main = Main(EventWriter(text_of, Output()))
        main.events.push(event("first"))
        eventually_blocking(lambda: main.over)
    assert isinstance(main.failure, OutputError)


@needs_rwf_nowait
def test_a_pipe_that_fails_at_once_is_an_output_that_takes_no_more(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    main = pipe.main()
    monkeypatch.setattr(os, "pwritev", fail)
    main.events.push(event("first"))
    eventually_blocking(lambda: main.over)
    assert isinstance(main.failure, OutputError)
    assert str(main.failure) == "cannot write to standard output: Input/output error"
    assert not main.writer._output.open


needs_files_at_once = pytest.mark.skipif(
    sys.platform == "win32", reason="the ends of lines differ there"
)


@needs_files_at_once
def test_a_line_is_in_a_file_when_the_engine_has_told_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it is."""
    long = "y" * (3 * select.PIPE_BUF)
    with (tmp_path / "events").open("w") as output:
        monkeypatch.setattr(sys, "stdout", output)
        writer = EventWriter(text_of, Output())
        events = writer._events = Subscription(writer.wake)
        events.push(event("first"))
        events.push(event(long))
        assert (tmp_path / "events").read_text() == f"first\n{long}\n"


@needs_files_at_once
def test_a_burst_into_a_file_falls_behind_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the main thread is writing when it begins: the engine waits for its line."""
    begun, go_on = threading.Event(), threading.Event()

    def slowly(told: PolicyEvent) -> str:
        if told.message == "first":
            begun.set()
            go_on.wait(10)
        return text_of(told)

    with (tmp_path / "events").open("w") as output:
        monkeypatch.setattr(sys, "stdout", output)
        writer = EventWriter(slowly, Output())
        events = Subscription(writer.wake, length=4)
        events.push(event("first"))
        main = threading.Thread(target=writer.write_until_over, args=(events,))
        main.start()
        assert begun.wait(10)
        threading.Timer(0.05, go_on.set).start()
        for number in range(1000):
            events.push(event(str(number)))
        events.push(event("stopped"))
        events.close()
        main.join(timeout=10)
        assert not main.is_alive()
    lines = (tmp_path / "events").read_text().splitlines()
    assert lines == ["first", *(str(number) for number in range(1000)), "stopped"]
