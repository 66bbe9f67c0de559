"""SQLite's log is moved and begun by those whom nobody waits for; nothing is left at the end."""

import threading
from pathlib import Path

import pytest

from policyconsole.history.housekeeping import Housekeeping, Retention
from policyconsole.history.store import HistoryStore
from tests.history.test_restart import running
from tests.history.test_store import keep
from tests.policies import toml
from tests.waiting import eventually_blocking


def begun(store: HistoryStore) -> bytes:
    """What SQLite's log says of when it was begun; empty where there is none."""
    log = store.path.with_name(f"{store.path.name}-wal")
    return log.read_bytes()[12:24] if log.exists() else b""


def test_who_keeps_a_revision_does_not_begin_the_log(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite3"
    HistoryStore.open(path).close()
    with HistoryStore.open(path) as store:
        assert begun(store) == b""
        store.begin_log()
        first = begun(store)
        keep(store, b"a")
        assert begun(store) == first != b""
        store.tidy()
        second = begun(store)
        assert second != first, "what was written is in the database, and the log begun anew"
        keep(store, b"b")
        assert begun(store) == second


async def test_the_log_is_begun_when_an_engine_starts(folder: Path, tmp_path: Path) -> None:
    (folder / "a.toml").write_text(toml())
    async with running(folder, tmp_path):
        pass
    async with running(folder, tmp_path) as told:
        with HistoryStore.open(told.history.path, create=False) as store:
            assert begun(store) != b""


def test_the_log_is_only_moved_when_something_was_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policyconsole.history.housekeeping.TIDY_EVERY", 0.01)
    looks, moves = [], []
    extent, tidy = HistoryStore.extent, HistoryStore.tidy

    def look(store: HistoryStore) -> tuple[int, int]:
        looks.append(extent(store))
        return looks[-1]

    def move(store: HistoryStore) -> None:
        moves.append(extent(store))
        tidy(store)

    monkeypatch.setattr(HistoryStore, "extent", look)
    monkeypatch.setattr(HistoryStore, "tidy", move)
    path = tmp_path / "history.sqlite3"
    with HistoryStore.open(path) as store, Housekeeping(path, Retention()):
        eventually_blocking(lambda: len(looks) > 5)
        assert moves == [(0, 0)], "at first, for what was forgotten"
        keep(store, b"a", b"b")
        eventually_blocking(lambda: len(moves) > 1)
        seen = len(looks)
        eventually_blocking(lambda: len(looks) > seen + 5)
        assert moves[-1] == (2, 0)
        assert len(moves) <= 3


async def test_no_thread_is_left_at_the_end(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def prune(*_: object) -> int:
        entered.set()
        go_on.wait(0.3)
        return 0

    before = set(threading.enumerate())
    monkeypatch.setattr("policyconsole.history.housekeeping.TIDY_EVERY", 0.01)
    monkeypatch.setattr(HistoryStore, "prune", prune)
    async with running(folder, tmp_path):
        assert entered.wait(10)
    left = {thread.name for thread in set(threading.enumerate()) - before}
    assert not {"policy-console history", "policy-console housekeeping"} & left
