"""``policy-console FOLDER`` on a real terminal."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import policies
from tests.cli.processes import PROGRAM, environment
from tests.cli.terminal import Terminal
from tests.waiting import LIMIT, eventually_blocking

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")

QUIT = b"\x11"
"""Ctrl-Q."""


def test_on_a_terminal_the_app_shows_the_folder_until_it_is_quit(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(policies.toml("shown-on-screen"))
    terminal = Terminal()
    process = subprocess.Popen(
        [*PROGRAM, "--level", "strict", str(tmp_path)],
        env=environment(TERM="xterm-256color", COLUMNS="120", LINES="40"),
        stdin=terminal.theirs,
        stdout=terminal.theirs,
        stderr=terminal.theirs,
        start_new_session=True,
    )

    def has_ended() -> bool:
        terminal.drain()
        return process.poll() is not None

    try:
        terminal.read_until(b"shown-on-screen")
        terminal.press(QUIT)
        eventually_blocking(has_ended)
        assert process.returncode == 0
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        terminal.close()


def test_on_a_terminal_a_broken_configuration_is_said_and_nothing_is_shown(tmp_path: Path) -> None:
    (tmp_path / "policy-console.toml").write_text('level = "strickt"\n')
    terminal = Terminal()
    process = subprocess.Popen(
        [*PROGRAM, str(tmp_path)],
        env=environment(TERM="xterm-256color"),
        stdin=terminal.theirs,
        stdout=terminal.theirs,
        stderr=terminal.theirs,
        start_new_session=True,
    )
    try:
        terminal.read_until(b"the configuration cannot be used: 1 mistake\r\n")
        assert process.wait(LIMIT) == 2
        assert b"policy-console.toml:1:9: error CONF003" in terminal.shown
        assert b"\x1b[?1049h" not in terminal.shown, "the screen was never taken"
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        terminal.close()
