"""How far check has come: on a terminal only, after a second, and never in the way."""

import os
import pty
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from policyconsole.cli.arguments import check_parser
from policyconsole.cli.check import run as check
from policyconsole.cli.progress import AFTER, EVERY, Progress
from tests import policies
from tests.waiting import eventually_blocking


@contextmanager
def a_terminal() -> Iterator[int]:
    """A terminal as standard error; what is shown there can be read from it."""
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    with open(theirs, "w", encoding="utf-8") as stream, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERM", "xterm")
        patch.setattr(sys, "stderr", stream)  # not in a fixture: capturing sets it for each phase
        yield ours
    os.close(ours)


END = "<end of what is shown>"


def shown(terminal: int) -> str:
    """What has been shown since the last time; the terminal hands it on in pieces of its own."""
    sys.stderr.write(END)
    sys.stderr.flush()
    pieces: list[str] = []

    def all_there() -> bool:
        with suppress(BlockingIOError):
            pieces.append(os.read(terminal, 65536).decode())
        return "".join(pieces).endswith(END)

    eventually_blocking(all_there)
    return "".join(pieces).removesuffix(END)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_nothing_is_shown_within_the_first_second() -> None:
    with a_terminal() as terminal:
        clock = Clock()
        progress = Progress(3000, clock)
        clock.now = AFTER - 0.01
        progress.advance()
        progress.erase()
        assert shown(terminal) == ""


def test_one_line_is_changed_in_place_and_erased() -> None:
    with a_terminal() as terminal:
        clock = Clock()
        progress = Progress(3000, clock)
        clock.now = AFTER
        progress.advance()
        progress.advance()  # too soon after the first
        assert shown(terminal) == "\r\x1b[K1 of 3,000 files checked"
        clock.now = AFTER + EVERY
        progress.advance()
        assert shown(terminal) == "\r\x1b[K3 of 3,000 files checked"
        progress.erase()
        progress.erase()
        assert shown(terminal) == "\r\x1b[K"


def test_a_pipe_gets_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    progress = Progress(1, clock)
    clock.now = AFTER
    progress.advance()
    progress.erase()
    assert capsys.readouterr().err == ""


def test_check_shows_how_far_it_is_and_takes_it_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        (tmp_path / f"{number}.toml").write_text(policies.toml(f"p{number}"))
    monkeypatch.setattr("policyconsole.cli.progress.AFTER", 0.0)
    with a_terminal() as terminal:
        assert check(check_parser().parse_args([str(tmp_path)])) == 0
        seen = shown(terminal)
    assert "1 of 3 files checked" in seen
    assert seen.endswith("\r\x1b[K")
    assert capsys.readouterr().out == "3 files checked at level standard: all valid\n"
