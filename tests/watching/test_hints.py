import asyncio
import sys
from pathlib import Path

import pytest

from policyconsole import EventType
from policyconsole.watching import settling
from policyconsole.watching.hints import WatcherKind, open_hints
from policyconsole.watching.settling import Proof
from tests.policies import toml
from tests.story import watching
from tests.waiting import eventually
from tests.writer import writer

inotify_only = pytest.mark.skipif(sys.platform != "linux", reason="inotify is there on Linux only")


class Sink:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def path_hint(self, path: str, *, vouched: bool) -> None:
        self.told.append(f"{path} {'done' if vouched else 'changed'}")

    def folder_hint(self) -> None:
        self.told.append("folder")

    def hints_lost(self, message: str) -> None:
        self.told.append(f"lost: {message}")

    def hints_ended(self, message: str) -> None:
        self.told.append(f"ended: {message}")


@inotify_only
async def test_inotify_tells_who_is_done_and_who_is_not(tmp_path: Path) -> None:
    sink = Sink()
    hints = open_hints(WatcherKind.INOTIFY, str(tmp_path), sink)
    hints.watch("", tmp_path.stat().st_ino)
    with writer() as other:
        other.open(tmp_path / "a.toml")
        other.write(tmp_path / "a.toml", "half")
        assert hints.read_now()
        assert set(sink.told) == {"a.toml changed"}
        other.close(tmp_path / "a.toml")
        other.open(tmp_path / "notes.txt")
    assert hints.read_now()
    assert sink.told[-1] == "a.toml done"
    (tmp_path / "folder").mkdir()
    assert hints.read_now()
    assert sink.told[-1] == "folder"
    await hints.close()


@inotify_only
async def test_a_stream_of_events_leaves_the_loop_its_turns(tmp_path: Path) -> None:
    """One who writes without end must not keep everyone else from running."""
    sink = Sink()
    hints = open_hints(WatcherKind.INOTIFY, str(tmp_path), sink)
    hints.watch("", tmp_path.stat().st_ino)
    for number in range(2000):
        (tmp_path / f"{number}.toml").touch()
    assert not hints.read_now()
    told = len(sink.told)
    await eventually(lambda: "1999.toml done" in sink.told)
    assert told < len(sink.told)
    await hints.close()


@inotify_only
async def test_lost_hints_are_degraded_then_recovered(folder: Path) -> None:
    async with watching(folder, WatcherKind.INOTIFY) as story:
        story.engine._watcher.hints_lost("too much at once")
        await eventually(lambda: len(story.events) == 2)
        degraded, recovered = story.events
        assert (degraded.type, degraded.message) == (EventType.DEGRADED, "too much at once")
        assert recovered.type is EventType.RECOVERED


@inotify_only
async def test_w3_without_leases_no_half_file_is_judged(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of another owner: only events tell, and the next save may have begun already."""
    monkeypatch.setattr(settling, "_probe", lambda _descriptor: (Proof.UNKNOWN, None))
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1000))
    async with watching(folder, WatcherKind.INOTIFY) as story:
        with writer() as other:
            texts = [toml(requests_per_minute=rate) for rate in range(1, 801)]
            await asyncio.to_thread(other.rewrite, file, texts)
        await story.rate_becomes(800)
        assert story.of(EventType.REJECTED) == []
