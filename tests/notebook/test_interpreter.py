"""While a console is live, no thread keeps the interpreter for long; afterwards all is as before."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from policyconsole.notebook import PolicyConsole
from policyconsole.notebook.interpreter import LONGEST_TURN
from tests.notebook.scripted import Page


@pytest.fixture(autouse=True)
def as_python_has_it() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.005)
    yield
    sys.setswitchinterval(before)


def test_turns_are_short_until_the_last_console_closes(
    tmp_path: Path, pages: dict[str, Page]
) -> None:
    first, second = PolicyConsole(tmp_path), PolicyConsole(tmp_path)
    assert sys.getswitchinterval() == pytest.approx(LONGEST_TURN)
    first.close()
    first.close()
    assert sys.getswitchinterval() == pytest.approx(LONGEST_TURN)
    second.close()
    assert sys.getswitchinterval() == pytest.approx(0.005)


@pytest.mark.parametrize("meanwhile", [0.002, 0.01])
def test_what_somebody_else_has_set_stays(
    tmp_path: Path, pages: dict[str, Page], meanwhile: float
) -> None:
    with PolicyConsole(tmp_path):
        sys.setswitchinterval(meanwhile)
    assert sys.getswitchinterval() == pytest.approx(meanwhile)


def test_shorter_turns_than_ours_stay(tmp_path: Path, pages: dict[str, Page]) -> None:
    sys.setswitchinterval(0.0002)
    shorter = sys.getswitchinterval()
    with PolicyConsole(tmp_path):
        assert sys.getswitchinterval() == shorter
    assert sys.getswitchinterval() == shorter
