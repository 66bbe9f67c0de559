"""A cell that is run again closes what it has made before."""

import gc
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from policyconsole.notebook import PolicyConsole, cell
from policyconsole.notebook.cell import Run, running, take_the_place
from tests.notebook.scripted import Page
from tests.policies import toml

Running = Callable[[str | None, str], None]


class Shell:
    """What IPython gives in a kernel."""

    parent: object = None

    def get_parent(self) -> object:
        return self.parent


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Running:
    """Says which cell runs, and in which run."""
    shell = Shell()
    monkeypatch.setattr(cell, "get_ipython", lambda: shell)
    monkeypatch.setattr(cell, "_made", {})

    def begin(name: str | None, request: str) -> None:
        metadata = {} if name is None else {"cellId": name}
        shell.parent = {"header": {"msg_id": request}, "metadata": metadata}

    return begin


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.toml").write_text(toml("a"), encoding="utf-8")
    return tmp_path


def closed(*consoles: PolicyConsole) -> list[bool]:
    return [console.closed for console in consoles]


def views() -> int:
    return [thread.name for thread in threading.enumerate()].count("policy-console view")


def test_running_it_again_leaves_one_console(
    run: Running, folder: Path, pages: dict[str, Page]
) -> None:
    run("one", "1")
    first = PolicyConsole(folder)
    sibling = PolicyConsole(folder, level="strict")
    assert closed(first, sibling) == [False, False], "a run may make several"
    run("one", "2")
    with PolicyConsole(folder) as again:
        assert closed(first, sibling) == [True, True]
        assert again.engine is first.engine, "the watch went on"
        assert first.engine.alive
        assert not sibling.engine.alive
        assert views() == 1
    assert not again.engine.alive
    assert views() == 0


def test_another_cell_closes_nothing(run: Running, folder: Path, pages: dict[str, Page]) -> None:
    run("one", "1")
    with PolicyConsole(folder) as first:
        run("two", "2")
        with PolicyConsole(folder):
            assert closed(first) == [False]


@pytest.mark.parametrize("parent", [None, {}, {"header": {}, "metadata": None}, {"header": 1, "metadata": {"cellId": "a"}},
                                    {"header": {"msg_id": "1"}, "metadata": {"cellId": 5}}])  # fmt: skip
def test_where_nothing_says_which_cell_runs_nothing_is_closed(
    parent: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = Shell()
    shell.parent = parent
    monkeypatch.setattr(cell, "get_ipython", lambda: shell)
    assert running() is None
    monkeypatch.setattr(cell, "get_ipython", lambda: None)
    assert running() is None


def test_what_is_gone_anyway_is_not_kept(run: Running) -> None:
    class Thing:
        def close(self) -> None: ...

    thing = Thing()
    assert take_the_place(thing, Run("one", "1")) == []
    del thing
    gc.collect()
    assert take_the_place(Thing(), Run("one", "2")) == []
