import threading
from pathlib import Path

import pytest

from policyconsole.notebook import PolicyConsole
from policyconsole.validation.levels import ValidationLevel
from tests.policies import toml
from tests.waiting import eventually_blocking


def engine_threads() -> int:
    return sum(thread.name == "policy-console engine" for thread in threading.enumerate())


@pytest.fixture(autouse=True)
def nothing_runs_before_or_after() -> None:
    assert engine_threads() == 0


def test_running_the_cell_again_does_not_watch_twice(folder: Path) -> None:
    (folder / "a.toml").write_text(toml())
    first = PolicyConsole(folder)
    again = PolicyConsole(folder)
    assert again.engine is first.engine
    assert engine_threads() == 1
    first.close()
    assert engine_threads() == 1
    eventually_blocking(lambda: "a-policy" in again.engine.policies)
    again.close()
    again.close()
    eventually_blocking(lambda: engine_threads() == 0)


def test_other_settings_are_another_engine(folder: Path) -> None:
    with PolicyConsole(folder) as standard, PolicyConsole(folder, level="strict") as strict:
        assert standard.engine is not strict.engine
        assert engine_threads() == 2
    eventually_blocking(lambda: engine_threads() == 0)


def test_an_engine_that_was_set_otherwise_meanwhile_is_not_shared(folder: Path) -> None:
    with PolicyConsole(folder) as first:
        first.engine.configure(ValidationLevel.CUSTOM, None)
        eventually_blocking(lambda: first.engine.snapshot().level == "custom")
        with PolicyConsole(folder) as second:
            assert second.engine is not first.engine


def test_after_the_last_one_closed_a_new_engine_begins(folder: Path) -> None:
    with PolicyConsole(folder) as first:
        former = first.engine
    with PolicyConsole(folder) as second:
        assert second.engine is not former
