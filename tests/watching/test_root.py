"""W9 of the failure modes: the folder itself goes away, comes back, or is another one."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from policyconsole import EventType, PolicyApplicationEngine
from policyconsole.snapshot import WatchState
from policyconsole.watching.hints import WatcherKind
from tests.convergence import converging
from tests.policies import toml
from tests.story import Story
from tests.waiting import eventually, holds
from tests.watching.exchange import exchange

pytestmark = pytest.mark.usefixtures("looks_often")


async def lost_and_found(story: Story, back: Callable[[], object]) -> None:
    """Wait until the loss is told, do what brings the folder back, and wait until that is told."""
    await eventually(lambda: story.of(EventType.DEGRADED))
    assert story.rate() == 1
    assert story.engine.snapshot().watch is WatchState.DEGRADED
    back()
    await eventually(lambda: story.of(EventType.RECOVERED))
    assert story.engine.snapshot().watch is WatchState.WATCHING


async def still_watched(story: Story, folder: Path) -> None:
    """Change a policy twice: the first change may be found by the look that found the folder."""
    for rate in (2, 3):
        (folder / "a.toml").write_text(toml(requests_per_minute=rate))
        await story.rate_becomes(rate)
    assert story.of(EventType.REMOVED) == []
    assert story.words == ["applied a.toml"] * 2


async def test_w9_the_folder_is_deleted_and_made_anew(folder: Path, kind: WatcherKind) -> None:
    (folder / "a.toml").write_text(toml(requests_per_minute=1))

    def make_anew() -> None:
        folder.mkdir()
        (folder / "a.toml").write_text(toml(requests_per_minute=1))

    async with converging(folder, kind) as story:
        shutil.rmtree(folder)
        await lost_and_found(story, make_anew)
        await still_watched(story, folder)
        told = [event.type for event in story.events if event.path is None]
        assert told == [EventType.DEGRADED, EventType.RECOVERED]


async def test_w9_the_folder_is_renamed_away_and_back(folder: Path, kind: WatcherKind) -> None:
    (folder / "a.toml").write_text(toml(requests_per_minute=1))
    away = folder.parent / "away"
    async with converging(folder, kind) as story:
        folder.rename(away)
        await lost_and_found(story, lambda: away.rename(folder))
        assert "missing" in (story.of(EventType.DEGRADED)[0].message or "")
        await still_watched(story, folder)


async def test_w9_the_folder_above_is_renamed_away_and_back(
    folder: Path, kind: WatcherKind
) -> None:
    """No event tells of it: the folder itself has not moved."""
    root = folder / "deep" / "policies"
    root.mkdir(parents=True)
    (root / "a.toml").write_text(toml(requests_per_minute=1))
    away = folder / "away"
    async with converging(root, kind) as story:
        (folder / "deep").rename(away)
        await lost_and_found(story, lambda: away.rename(folder / "deep"))
        await still_watched(story, root)


@pytest.mark.parametrize("how", ["made anew at once", "renamed over", "exchanged"])
async def test_w9_another_folder_takes_its_place(folder: Path, kind: WatcherKind, how: str) -> None:
    """It is there at every look, so nothing is degraded; nor is anything retired."""
    another = folder.parent / "another"
    for place in (folder, another):
        place.mkdir(exist_ok=True)
        (place / "a.toml").write_text(toml(requests_per_minute=1))
    async with converging(folder, kind) as story:
        if how == "exchanged":
            exchange(folder, another)
        elif how == "renamed over":
            folder.rename(folder.parent / "former")
            another.rename(folder)
        else:
            shutil.rmtree(folder)
            folder.mkdir()
            (folder / "a.toml").write_text(toml(requests_per_minute=1))
        await still_watched(story, folder)
        assert story.engine.snapshot().watch is WatchState.WATCHING


async def test_w9_nothing_is_retired_before_anybody_has_looked_at_the_new_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next look is a second away: longer than the 250 ms for which a file may be missing.

    With inotify only: watchfiles and polling notice the new folder sooner.
    """
    monkeypatch.setattr("policyconsole.watching.watcher.RECONCILE_EVERY", 1.0)
    (folder / "a.toml").write_text(toml(requests_per_minute=1))
    async with converging(folder, WatcherKind.INOTIFY) as story:
        shutil.rmtree(folder)
        await eventually(lambda: story.of(EventType.DEGRADED))
        folder.mkdir()
        await holds(lambda: story.rate() == 1, seconds=0.4)
        (folder / "a.toml").write_text(toml(requests_per_minute=2))
        await story.rate_becomes(2)
        assert story.of(EventType.REMOVED) == []


async def test_w9_a_folder_that_is_missing_at_the_start_is_waited_for(
    folder: Path, kind: WatcherKind
) -> None:
    folder.rmdir()
    async with converging(folder, kind) as story:
        await eventually(lambda: story.engine.snapshot().watch is WatchState.DEGRADED)
        folder.mkdir()
        for rate in (1, 2):
            (folder / "a.toml").write_text(toml(requests_per_minute=rate))
            await story.rate_becomes(rate)
        assert story.engine.snapshot().watch is WatchState.WATCHING


async def test_w9_a_file_in_its_place_is_a_lost_folder(folder: Path, kind: WatcherKind) -> None:
    (folder / "a.toml").write_text(toml(requests_per_minute=1))
    away = folder.parent / "away"

    def back() -> None:
        folder.unlink()
        away.rename(folder)

    async with converging(folder, kind) as story:
        folder.rename(away)
        folder.touch()
        await lost_and_found(story, back)
        assert "not a folder" in (story.of(EventType.DEGRADED)[-1].message or "")


async def test_a_link_to_the_folder_that_is_switched_over_changes_all_files_together(
    tmp_path: Path, kind: WatcherKind
) -> None:
    """As releases are rolled out. No event tells of it: the link is outside the folder."""
    for release in (1, 2):
        (tmp_path / f"release-{release}").mkdir()
        for name in ("a", "b"):
            text = toml(f"{name}-policy", requests_per_minute=release)
            (tmp_path / f"release-{release}" / f"{name}.toml").write_text(text)
    current = tmp_path / "current"
    current.symlink_to("release-1")
    async with converging(current, kind) as story:
        before = story.engine.policies.generation
        (tmp_path / "new").symlink_to("release-2")
        (tmp_path / "new").replace(current)
        await story.rate_becomes(2)
        assert story.rate("b-policy") == 2
        assert {event.generation for event in story.events} == {before + 1}
        (tmp_path / "release-2" / "a.toml").write_text(toml("a-policy", requests_per_minute=3))
        await story.rate_becomes(3)
        assert story.words == ["applied a.toml", "applied b.toml", "applied a.toml"]


async def test_a_relative_folder_stays_the_same_when_the_process_changes_its_own(
    folder: Path, kind: WatcherKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "sub").mkdir()
    monkeypatch.chdir(folder.parent)
    engine = PolicyApplicationEngine(folder.name, watcher=kind)
    monkeypatch.chdir(folder)
    async with engine:
        story = Story(engine)
        monkeypatch.chdir("/")
        (folder / "sub" / "a.toml").write_text(toml(requests_per_minute=1))
        await story.rate_becomes(1)
