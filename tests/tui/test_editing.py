"""`o`: a real editor on a real terminal, and back."""

import asyncio
import base64
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.processes import PROGRAM, environment
from tests.cli.terminal import Terminal
from tests.policies import REFUSED_AT_STRICT, toml
from tests.tui.showing import showing
from tests.waiting import LIMIT, eventually, eventually_blocking

needs_terminal = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")

QUIT = b"\x11"
SHOWN = b"\x1b[?1049h"
"""What takes the screen over: the app does so at the start and when it comes back."""


def script(path: Path, body: str) -> Path:
    """A program of one's own, in the shell."""
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@contextmanager
def app_in_terminal(folder: Path, **variables: str) -> Iterator[Terminal]:
    """The program on a pseudo-terminal of 120 x 40; it is quit at the end, and must be able to."""
    terminal = Terminal()
    process = subprocess.Popen(
        [*PROGRAM, "--level", "strict", str(folder)],
        env={
            **{k: v for k, v in environment().items() if k not in {"VISUAL", "EDITOR"}},
            "TERM": "xterm-256color",
            "COLUMNS": "120",
            "LINES": "40",
            **variables,
        },
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
        assert process.returncode == 0
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        terminal.close()


@needs_terminal
@pytest.mark.slow
def test_o_opens_the_file_at_the_line_and_what_is_saved_is_there_when_back(
    folder: Path, tmp_path: Path
) -> None:
    file = folder / "a.toml"
    file.write_text(REFUSED_AT_STRICT)
    mended = tmp_path / "mended.toml"
    mended.write_text(toml("mended-meanwhile"))
    told = tmp_path / "told"
    # Called vim, so that it is told the line; it has the terminal, and edits the file.
    editor = script(
        tmp_path / "vim",
        f'test -t 0 && test -t 1 && echo EDITOR-HAS-IT; printf "%s\\n" "$@" > {told};'
        f' read answer; cp {mended} "$3"',
    )
    with app_in_terminal(folder, VISUAL=f"{editor} -n") as terminal:
        terminal.read_until(b"SEC003")
        assert terminal.shown.count(SHOWN) == 1
        terminal.press(b"o")
        terminal.read_until(b"EDITOR-HAS-IT")
        eventually_blocking(lambda: told.exists() and told.read_text().count("\n") == 3)
        terminal.press(b"done\n")
        terminal.read_until(b"mended-meanwhile")
        assert terminal.shown.count(SHOWN) == 2
    option, line, path = told.read_text().splitlines()
    place = next(
        number
        for number, text in enumerate(REFUSED_AT_STRICT.splitlines(), start=1)
        if "min_version" in text
    )
    assert (option, line, path) == ("-n", f"+{place}", str(file))


@needs_terminal
@pytest.mark.slow
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, b"No editor is set"),
        ("no-such-editor-here", b"cannot be started"),
        ("sh -c 'exit 3'", b"exit code 3"),
        ("sh -c 'kill -INT $PPID; kill -INT $$'", b"signal 2"),
    ],
)
def test_what_goes_wrong_is_said_and_the_app_goes_on(
    value: str | None, said: bytes, folder: Path
) -> None:
    (folder / "a.toml").write_text(toml("a-policy"))
    variables = {} if value is None else {"EDITOR": value}
    with app_in_terminal(folder, **variables) as terminal:
        terminal.read_until(b"a-policy")
        terminal.press(b"o")
        terminal.read_until(said)
        terminal.press(b"?")
        terminal.read_until(b"esc leaves")


@needs_terminal
@pytest.mark.slow
def test_y_copies_through_the_terminal(folder: Path) -> None:
    (folder / "a.toml").write_text(toml("a-policy"))
    with app_in_terminal(folder) as terminal:
        terminal.read_until(b"a-policy")
        terminal.press(b"y")
        terminal.read_until(b"\x1b]52;c;" + base64.b64encode(b"a-policy") + b"\a")
        terminal.read_until(b"Copied: a-policy")


async def test_an_editor_with_a_window_runs_beside_the_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, end = tmp_path / "told", tmp_path / "end"
    os.mkfifo(end)
    editor = script(tmp_path / "code", f'printf "%s\\n" "$@" > {told}; read _ < {end}; exit 4')
    monkeypatch.setenv("VISUAL", str(editor))
    async with showing() as shown:
        shown.engine.folder = tmp_path
        (tmp_path / "staging.toml").write_text("")
        await shown.press("o")
        await eventually(lambda: told.exists() and told.read_text().count("\n") == 2)
        assert told.read_text() == f"--goto\n{tmp_path}/staging.toml:16\n"
        await shown.press("z")
        assert shown.console.has_class("-zoom"), "keys are answered meanwhile"
        await asyncio.to_thread(end.write_text, "now\n")
        await eventually(lambda: "exit code 4" in shown.screen, 2 * LIMIT)


async def test_a_file_that_is_gone_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "vim")
    async with showing() as shown:
        await shown.press("o")
        await eventually(lambda: "is not there any more" in shown.screen)


async def test_without_a_terminal_to_give_away_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a browser: the app runs, but there is nothing to suspend."""
    monkeypatch.setenv("VISUAL", "vim")
    async with showing() as shown:
        shown.engine.folder = tmp_path
        (tmp_path / "staging.toml").write_text("")
        await shown.press("o")
        await eventually(lambda: "no terminal here for" in shown.screen)
