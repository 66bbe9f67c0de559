import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from policyconsole.watching.hints import WatcherKind
from policyconsole.watching.tracker import FileChange, Presence
from policyconsole.watching.watcher import PolicyWatcher, Sighting
from tests.waiting import eventually
from tests.writer import writer


async def changes(sightings: AsyncIterator[Sighting], count: int) -> list[FileChange]:
    """The next ``count`` changes."""
    seen: list[FileChange] = []
    async with asyncio.timeout(10):
        while len(seen) < count:
            seen.extend((await anext(sightings)).changes)
    return seen


async def test_the_first_sighting_holds_what_is_there(tmp_path: Path, kind: WatcherKind) -> None:
    (tmp_path / "a.toml").write_text("a")
    (tmp_path / "b.toml").write_text("b")
    async with aclosing(PolicyWatcher(tmp_path, kind).sightings()) as sightings:
        first = await anext(sightings)
    assert [(change.path, change.content) for change in first.changes] == [
        ("a.toml", b"a"),
        ("b.toml", b"b"),
    ]
    assert first.trouble is None


async def test_an_empty_folder_has_an_empty_first_sighting(
    tmp_path: Path, kind: WatcherKind
) -> None:
    async with aclosing(PolicyWatcher(tmp_path, kind).sightings()) as sightings:
        assert (await anext(sightings)).changes == ()


async def test_what_is_written_after_the_first_sighting_is_told(
    tmp_path: Path, kind: WatcherKind
) -> None:
    file = tmp_path / "a.toml"
    async with aclosing(PolicyWatcher(tmp_path, kind).sightings()) as sightings:
        await anext(sightings)
        file.write_text("one")
        (change,) = await changes(sightings, 1)
        assert (change.presence, change.content) == (Presence.CONTENT, b"one")
        assert change.changed_at is not None
        assert change.changed_at <= change.looked_at
        file.write_text("two")
        (change,) = await changes(sightings, 1)
        assert change.content == b"two"


async def test_a_deletion_is_told_twice_at_once_and_when_it_lasts(
    tmp_path: Path, kind: WatcherKind
) -> None:
    file = tmp_path / "a.toml"
    file.write_text("one")
    async with aclosing(PolicyWatcher(tmp_path, kind).sightings()) as sightings:
        await anext(sightings)
        file.unlink()
        seen = await changes(sightings, 2)
    assert [change.presence for change in seen] == [Presence.ABSENT, Presence.GONE]


async def test_a_touch_and_the_same_content_again_are_not_told(
    tmp_path: Path, kind: WatcherKind
) -> None:
    file = tmp_path / "a.toml"
    file.write_text("one")
    async with aclosing(PolicyWatcher(tmp_path, kind).sightings()) as sightings:
        await anext(sightings)
        file.touch()
        file.write_text("one")
        file.chmod(0o600)
        file.write_text("two")
        (change,) = await changes(sightings, 1)
    assert change.content == b"two"


async def test_a_missing_root_is_trouble_and_no_deletion(tmp_path: Path, kind: WatcherKind) -> None:
    root, away = tmp_path / "root", tmp_path / "away"
    root.mkdir()
    (root / "a.toml").write_text("one")
    told: list[FileChange] = []

    async def until(done: Callable[[Sighting], bool]) -> None:
        async with asyncio.timeout(10):
            while True:
                sighting = await anext(sightings)
                told.extend(sighting.changes)
                if done(sighting):
                    return

    async with aclosing(PolicyWatcher(root, kind).sightings()) as sightings:
        await anext(sightings)
        root.rename(away)
        await until(lambda sighting: "missing" in (sighting.trouble or ""))
        away.rename(root)
        await until(lambda sighting: sighting.trouble is None)
        (root / "a.toml").write_text("two")
        await until(lambda _: told[-1:] != [] and told[-1].content == b"two")
    assert Presence.GONE not in [change.presence for change in told]


async def test_closing_leaves_no_task_behind(tmp_path: Path, kind: WatcherKind) -> None:
    before = asyncio.all_tasks()
    async with aclosing(PolicyWatcher(tmp_path, kind).sightings()) as sightings:
        await anext(sightings)
        waiting = asyncio.ensure_future(anext(sightings))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert asyncio.all_tasks() == before


class CostOfLooks:
    """Stands in the watcher for ``time``: every look takes a tenth of a millisecond, nothing else."""

    def __init__(self, watcher: PolicyWatcher, monkeypatch: pytest.MonkeyPatch) -> None:
        self._now = 0.0
        look_at = watcher._tracker.look_at

        def costly(path: str, *, vouched: bool) -> FileChange | None:
            self._now += 0.0001
            return look_at(path, vouched=vouched)

        monkeypatch.setattr(watcher._tracker, "look_at", costly)
        monkeypatch.setattr("policyconsole.watching.watcher.time", self)

    def perf_counter(self) -> float:
        return self._now

    monotonic = staticmethod(time.monotonic)


async def test_polling_keeps_its_share_while_a_file_is_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The looks at that file come between those at all files, and count beside them."""
    monkeypatch.setattr("policyconsole.watching.watcher.POLL_EVERY", 0.005)
    for number in range(20):
        (tmp_path / f"{number}.toml").write_text("one")
    watcher = PolicyWatcher(tmp_path, WatcherKind.POLL)
    CostOfLooks(watcher, monkeypatch)
    intervals: list[float] = []
    interval = watcher._scan_interval

    def noted() -> float:
        intervals.append(interval())
        return intervals[-1]

    monkeypatch.setattr(watcher, "_scan_interval", noted)

    async def follow() -> None:
        async with aclosing(watcher.sightings()) as sightings:
            async for _ in sightings:
                pass

    with writer() as other:
        other.open(tmp_path / "0.toml")
        following = asyncio.create_task(follow())
        await eventually(lambda: len(intervals) == 10)
        following.cancel()
        await asyncio.wait([following])
        other.close(tmp_path / "0.toml")
    assert min(intervals) > 10 * 19 * 0.0001
