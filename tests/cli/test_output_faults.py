"""Standard output that nobody reads, or slowly, or in pieces, or that is not there at all."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import policies
from tests.cli.processes import PROGRAM, Event, environment
from tests.waiting import LIMIT, eventually_blocking

IMPATIENT = (
    sys.executable,
    "-c",
    (
        "import sys, policyconsole.cli.ending as ending; ending.PATIENCE = 0.3;"
        "from policyconsole.cli.main import main; sys.exit(main())"
    ),
)
"""The program with less patience for a reader that takes nothing."""


SHORT_QUEUE = (
    sys.executable,
    "-c",
    (
        "import sys, policyconsole.events as events;"
        "defaults = list(events.Subscription.__init__.__defaults__);"
        "defaults[defaults.index(events.QUEUE_LENGTH)] = 16;"
        "events.Subscription.__init__.__defaults__ = tuple(defaults);"
        "from policyconsole.cli.main import main; sys.exit(main())"
    ),
)
"""The program with room for few events that are not written yet."""


@contextmanager
def started(
    folder: Path, output: int, errors: int, program: tuple[str, ...] = PROGRAM
) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [*program, "watch", "--format", "jsonl", str(folder)],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def filled(folder: Path, count: int = 400) -> None:
    """More policies than a pipe holds events of."""
    for number in range(count):
        (folder / f"{number:04}.toml").write_text(policies.toml(f"policy-{number}"))


def is_full(reading: int) -> bool:
    """Whether the pipe holds about as much as it can: its writer waits."""
    import fcntl  # noqa: PLC0415 - not on every platform
    import termios  # noqa: PLC0415

    held = int.from_bytes(fcntl.ioctl(reading, termios.FIONREAD, b"\0" * 4), sys.byteorder)
    return held > 65536 - 4096


def read_all(reading: int, piece: int = 65536) -> list[Event]:
    text = b""
    while select.select([reading], [], [], LIMIT)[0]:
        read = os.read(reading, piece)
        if not read:
            break
        text += read
    assert text.endswith(b"\n")
    return [json.loads(line) for line in text.splitlines()]


def test_a_reader_that_has_gone_before_the_start_ends_it_quietly(folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with started(folder, writing, subprocess.PIPE) as process:
        os.close(writing)
        assert process.wait(LIMIT) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""


@pytest.mark.parametrize("together", [False, True], ids=["apart", "errors in the same pipe"])
def test_a_reader_that_never_reads_does_not_keep_it_from_ending(
    folder: Path, tmp_path: Path, together: bool
) -> None:
    filled(folder)
    reading, writing = os.pipe()
    with open(tmp_path / "errors", "wb") as errors:
        stderr = writing if together else errors.fileno()
        with started(folder, writing, stderr, IMPATIENT) as process:
            os.close(writing)
            eventually_blocking(lambda: is_full(reading))
            process.send_signal(signal.SIGTERM)
            assert process.wait(LIMIT) == -signal.SIGTERM
    os.close(reading)
    if not together:
        said = (tmp_path / "errors").read_text()
        assert said.startswith("policy-console: standard output took nothing for 0.3 s")


def test_the_engine_goes_on_while_its_reader_does_not_and_the_reader_gets_all_of_it(
    folder: Path,
) -> None:
    filled(folder)
    reading, writing = os.pipe()
    with started(folder, writing, subprocess.DEVNULL) as process:
        os.close(writing)
        eventually_blocking(lambda: is_full(reading))
        (folder / "last.toml").write_text(policies.toml("the-last"))
        os.set_blocking(reading, True)
        seen: list[Event] = []
        buffer = b""
        while not seen or seen[-1]["policy_id"] != "the-last":
            assert select.select([reading], [], [], LIMIT)[0]
            *lines, buffer = (buffer + os.read(reading, 4096)).split(b"\n")
            seen += [json.loads(line) for line in lines]
        process.send_signal(signal.SIGTERM)
        seen += read_all(reading)
        assert process.wait(LIMIT) == 0
    os.close(reading)
    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
    assert seen[-1]["type"] == "stopped"


def test_a_reader_of_half_lines_from_a_pipe_that_does_not_block_gets_whole_ones(
    folder: Path,
) -> None:
    filled(folder)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with started(folder, writing, subprocess.DEVNULL) as process:
        os.close(writing)
        eventually_blocking(lambda: is_full(reading))
        process.send_signal(signal.SIGTERM)
        events = read_all(reading, piece=97)
        assert process.wait(LIMIT) == 0
    os.close(reading)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["type"] == "stopped"


def test_a_file_gets_every_line_of_a_start_with_more_policies_than_the_queue_holds(
    folder: Path, tmp_path: Path
) -> None:
    filled(folder)
    file = tmp_path / "events"
    with (
        file.open("wb") as output,
        started(folder, output.fileno(), subprocess.DEVNULL, SHORT_QUEUE) as process,
    ):
        eventually_blocking(lambda: b'"type":"started"' in file.read_bytes())
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT) == 0
    events: list[Event] = [json.loads(line) for line in file.read_text().splitlines()]
    assert [event["seq"] for event in events] == list(range(1, 403))
    assert events[-1]["type"] == "stopped"


@pytest.mark.parametrize(
    ("command", "redirection", "code"),
    [
        ("watch", ">&-", 0),
        ("watch", ">&- 2>&-", 0),
        ("watch", "> /dev/full 2>&-", 2),
        ("check", ">&-", 0),
        ("check", ">&- 2>&-", 0),
        ("check", "2>&-", 0),
        ("check", "> /dev/full 2>&-", 2),
        ("check", "< /dev/null <&- >&- 2>&-", 0),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_streams_that_are_not_there_hurt_nothing(
    folder: Path, command: str, redirection: str, code: int
) -> None:
    file = folder / "a.toml"
    file.write_text(policies.toml())
    result = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", *PROGRAM, command, str(folder)],
        env=environment(),
        capture_output=True,
        timeout=LIMIT,
        check=False,
    )
    assert (result.returncode, result.stderr) == (code, b"")
    assert file.read_text() == policies.toml()
    assert [path.name for path in folder.iterdir()] == ["a.toml"]
