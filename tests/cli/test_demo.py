"""``demo``, ``--record`` and ``replay`` on a real terminal."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.processes import PROGRAM, environment
from tests.cli.terminal import Terminal
from tests.waiting import eventually_blocking

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")

QUIT = b"\x11"
"""Ctrl-Q."""


@contextmanager
def on_terminal(temporary: Path, *arguments: str) -> Iterator[Terminal]:
    """Run the program in a terminal, and quit it at the end."""
    terminal = Terminal()
    process = subprocess.Popen(
        [*PROGRAM, *arguments],
        env=environment(TERM="xterm-256color", COLUMNS="120", LINES="40", TMPDIR=str(temporary)),
        stdin=terminal.theirs,
        stdout=terminal.theirs,
        stderr=terminal.theirs,
        start_new_session=True,
    )

    def has_ended() -> bool:
        terminal.drain()
        return process.poll() is not None

    try:
        yield terminal
        terminal.press(QUIT)
        eventually_blocking(has_ended)
        terminal.drain()
        assert process.returncode == 0
        assert b"Traceback" not in terminal.shown
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        terminal.close()


def program(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*PROGRAM, *arguments],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
def test_a_demonstration_is_played_recorded_and_played_back(tmp_path: Path) -> None:
    temporary, recording = tmp_path / "tmp", tmp_path / "demo.jsonl"
    temporary.mkdir()
    with on_terminal(temporary, "demo", "--record", str(recording)) as terminal:
        terminal.read_until(b"A good change. An editor saves")
        (place,) = temporary.glob("policy-console-demo-*")
        terminal.press(b"n")
        terminal.read_until("✓ A good change".encode())
        terminal.press(b"n")
        terminal.read_until(b"stays in force")
        terminal.read_until(b"SEC003")
    assert not place.exists(), "nothing is left behind"
    assert recording.stat().st_mode & 0o077 == 0

    with on_terminal(temporary, "replay", "--speed", "100", str(recording)) as terminal:
        terminal.read_until(b"Recording of ")
        terminal.read_until(b"SEC003")
        terminal.read_until(b"ended")


@pytest.mark.slow
def test_by_itself_one_step_follows_the_other(tmp_path: Path) -> None:
    with on_terminal(tmp_path, "demo", "--automatic", "--pace", "0.1") as terminal:
        terminal.read_until("✓ A good change".encode())
        terminal.read_until("✓ Mended".encode())
        terminal.press(b"a")


def test_the_app_itself_records(tmp_path: Path) -> None:
    folder, recording = tmp_path / "policies", tmp_path / "r.jsonl"
    folder.mkdir()
    with on_terminal(tmp_path, "--record", str(recording), str(folder)) as terminal:
        terminal.read_until(b"No policy files here yet.")
    first, *_, last = recording.read_text(encoding="utf-8").splitlines()
    assert first.startswith('{"kind":"begun"')
    assert last.startswith('{"kind":"end"')


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    taken = tmp_path / "r.jsonl"
    taken.write_text("mine\n")
    terminal = Terminal()
    process = subprocess.Popen(
        [*PROGRAM, "--record", str(taken), str(tmp_path)],
        env=environment(TERM="xterm-256color"),
        stdin=terminal.theirs,
        stdout=terminal.theirs,
        stderr=terminal.theirs,
        start_new_session=True,
    )
    try:
        terminal.read_until(b"is there already: --record wants the name of a new file")
        assert process.wait(30) == 2
        assert taken.read_text() == "mine\n"
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        terminal.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["demo"], "the terminal app needs a terminal"),
        (["demo", "--pace", "soon"], "'soon' is no seconds from 0.1 to 3600"),
        (["replay", "nowhere.jsonl"], "nowhere.jsonl cannot be read: No such file or directory"),
        (["replay", __file__], "not a recording"),
        (["replay", "--speed", "nan", "x"], "'nan' is no speed from 0.1 to 100"),
    ],
)
def test_what_cannot_be_shown_is_said(arguments: list[str], words: str) -> None:
    done = program(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
