"""A history that cannot be kept: the engine goes on, and says so."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from policyconsole import EventType, PolicyApplicationEngine
from policyconsole.history import writer
from policyconsole.history.history import History
from policyconsole.history.housekeeping import Retention
from policyconsole.history.location import history_path
from policyconsole.history.records import RefusedContent
from policyconsole.history.store import HistoryStore
from policyconsole.history.writer import HistoryWriter
from policyconsole.snapshot import WatchState
from tests.history.test_restart import running
from tests.policies import NOT_WELL_FORMED, REFUSED_AT_STRICT, toml
from tests.waiting import eventually


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def database(folder: Path, state: Path) -> Path:
    return history_path(folder, state)


def damaged(database: Path) -> None:
    database.parent.mkdir(parents=True)
    database.write_bytes(b"no database" * 1000)


def in_the_way(database: Path) -> None:
    database.parent.parent.mkdir(parents=True)
    database.parent.write_text("a file where the folder should be")


def a_folder(database: Path) -> None:
    database.mkdir(parents=True)


def of_the_future(database: Path) -> None:
    HistoryStore.open(database).close()
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


@pytest.mark.parametrize("spoil", [damaged, in_the_way, a_folder, of_the_future])
async def test_what_cannot_be_opened_is_told_and_nothing_else_suffers(
    folder: Path, state: Path, database: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(database)
    (folder / "a.toml").write_text(toml())
    async with running(folder, state) as told:
        kinds = [event.type for event in told.events]
        assert kinds == [EventType.APPLIED, EventType.STARTED, EventType.DEGRADED]
        assert "history is off: the history" in told.message(EventType.DEGRADED)
        assert told.engine.snapshot().watch is WatchState.DEGRADED
        (folder / "a.toml").write_text(toml(requests_per_minute=77))
        await told.revision_becomes(2)
        (folder / "a.toml").unlink()
        await eventually(lambda: not told.engine.policies)
    assert [event.type for event in told.events][3:] == [
        EventType.APPLIED,
        EventType.REMOVED,
        EventType.STOPPED,
    ]


async def test_what_another_process_locks_is_not_waited_for(
    folder: Path, state: Path, database: Path
) -> None:
    (folder / "a.toml").write_text(toml())
    async with running(folder, state) as told:
        blocker = sqlite3.connect(database, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        (folder / "a.toml").write_text(toml(requests_per_minute=77))
        await told.revision_becomes(2)
        await eventually(lambda: told.events[-1].type is EventType.DEGRADED)
        assert "locked" in (told.events[-1].message or "")
        blocker.execute("ROLLBACK")
        blocker.close()
        (folder / "a.toml").write_text(toml(requests_per_minute=78))
        await told.revision_becomes(3)
        assert [kept.revision for kept in told.history.revisions("a-policy")] == [1]
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=79))
    async with running(folder, state) as told:
        assert told.engine.policies["a-policy"].revision == 2, "what is kept is what goes on"


async def test_a_disk_that_hangs_is_waited_for_at_most_the_limit(
    folder: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.toml").write_text(toml())
    async with running(folder, state) as told:
        blocked = _Blocked()
        monkeypatch.setattr(HistoryStore, "record", blocked)
        (folder / "a.toml").write_text(toml(requests_per_minute=77))
        await told.revision_becomes(2)
        assert blocked.entered.is_set()
        assert not blocked.released.is_set(), "nobody has waited for it"
        await eventually(lambda: told.events[-1].type is EventType.DEGRADED)
        assert "did not answer within 0.05 s" in (told.events[-1].message or "")
        blocked.released.set()


class _Blocked:
    """A write that does not come back until it is let go."""

    def __init__(self) -> None:
        self.entered, self.released = threading.Event(), threading.Event()

    def __call__(self, *_: object) -> dict[str, object]:
        self.entered.set()
        self.released.wait(30)
        return {}


async def test_a_failure_of_our_own_turns_it_off_like_any_other(
    folder: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("unforeseen")

    (folder / "a.toml").write_text(toml())
    async with running(folder, state) as told:
        monkeypatch.setattr(HistoryStore, "record", broken)
        (folder / "a.toml").write_text(toml(requests_per_minute=77))
        await told.revision_becomes(2)
        await eventually(lambda: told.events[-1].type is EventType.DEGRADED)
        assert "unforeseen" in (told.events[-1].message or "")


async def test_a_first_load_of_many_is_kept_in_slices(folder: Path, state: Path) -> None:
    count = 3 * writer.SLICE + 1
    for number in range(count):
        (folder / f"{number}.toml").write_text(toml(f"p{number}"))
    async with running(folder, state) as told:
        assert len(told.history.policies()) == count
    async with running(folder, state) as told:
        assert {active.revision for active in told.engine.policies.values()} == {1}
        assert told.engine.snapshot().watch is WatchState.WATCHING


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs to be root")
def test_a_state_folder_of_somebody_else_is_said(folder: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o755)
    code = (
        "import asyncio, os, sys\n"
        "from policyconsole import PolicyApplicationEngine\n"
        "import policyconsole.watching.hints, sqlite3, concurrent.futures.thread\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "async def main():\n"
        "    async with PolicyApplicationEngine(sys.argv[1], state_dir=sys.argv[2]) as engine:\n"
        "        print(engine.snapshot().message)\n"
        "asyncio.run(main())\n"
    )
    for above in (*tmp_path.parents, tmp_path):
        if above.is_relative_to("/tmp") and above != Path("/tmp"):
            above.chmod(above.stat().st_mode | 0o755)
    done = subprocess.run(
        [sys.executable, "-c", code, folder, locked],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Permission denied" in done.stdout, done


@pytest.mark.parametrize("count", [1, 120])
async def test_what_was_refused_last_is_written_before_the_end(database: Path, count: int) -> None:
    keeping = HistoryWriter(database, Retention())
    assert await keeping.begin(HistoryStore.numbers) == {}
    now = datetime.now(UTC)
    keeping.refuse([RefusedContent(f"{n}", None, None, now, None) for n in range(count)])
    await keeping.end()
    assert keeping._thread is not None
    assert not keeping._thread.is_alive(), "nobody has waited for it in vain"
    assert len(History(database).refusals()) == count
    assert not database.with_name(database.name + "-wal").exists()


async def test_a_pool_of_threads_that_is_busy_is_not_waited_for(folder: Path, state: Path) -> None:
    (folder / "a.toml").write_text(toml())
    over = threading.Event()
    loop = asyncio.get_running_loop()
    busy = [loop.run_in_executor(None, over.wait) for _ in range(64)]
    try:
        async with running(folder, state) as told:
            (folder / "a.toml").write_text(NOT_WELL_FORMED)
            await eventually(lambda: told.events[-1].type is EventType.REJECTED)
            (folder / "a.toml").write_text(REFUSED_AT_STRICT)
            await eventually(
                lambda: [event.type for event in told.events].count(EventType.REJECTED) == 2
            )
        assert told.events[-1].type is EventType.STOPPED
    finally:
        over.set()
        await asyncio.gather(*busy)


async def test_who_is_cancelled_twice_while_the_history_ends_tells_of_the_end(
    folder: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.toml").write_text(toml())
    ending, really_end = asyncio.Event(), writer.HistoryWriter.end

    async def end(ended: writer.HistoryWriter) -> None:
        ending.set()
        try:
            await asyncio.Event().wait()
        finally:
            await really_end(ended)

    monkeypatch.setattr(writer.HistoryWriter, "end", end)
    engine = PolicyApplicationEngine(folder, state_dir=state)
    with engine.subscribe() as events:
        task = asyncio.create_task(_run(engine))
        await eventually(lambda: engine.snapshot().watch is WatchState.WATCHING)
        task.cancel()
        await ending.wait()
        for running_still in asyncio.all_tasks() - {asyncio.current_task()}:
            running_still.cancel()
        await eventually(lambda: engine.snapshot().watch is WatchState.STOPPED)
        assert [event.type for event in events.drain()][-1] is EventType.STOPPED
    with pytest.raises(asyncio.CancelledError):
        await task


async def _run(engine: PolicyApplicationEngine) -> None:
    async with engine:
        await engine.wait()


async def test_refusals_do_not_wait_without_end(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policyconsole.history.writer.MOST_WAITING", 10)
    blocked = _Blocked()
    monkeypatch.setattr(HistoryStore, "refuse", blocked)
    keeping = HistoryWriter(database, Retention())
    await keeping.begin(HistoryStore.numbers)
    refused = [RefusedContent("a", None, None, datetime.now(UTC), None)]
    keeping.refuse(refused)
    await eventually(blocked.entered.is_set)
    for _ in range(10):
        keeping.refuse(refused)
    assert keeping.on
    keeping.refuse(refused)
    assert "11 refusals wait to be written" in (keeping.trouble or "")
    assert not keeping._refused
    blocked.released.set()
    await keeping.end()
