"""W11 and W12 of the failure modes: the limits of inotify, reached for real by real processes."""

import errno
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from policyconsole.watching.hints import WatcherKind
from tests.cli.processes import Event, Watching, in_another_process
from tests.convergence import folded, fresh_start, same_as_fresh
from tests.policies import toml
from tests.story import watching
from tests.waiting import eventually, eventually_blocking
from tests.watching.settings import allows, in_own_namespace

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")

MORE_THAN_FITS = """
import os, sys
folder, events, first, last = sys.argv[1:]
def save(name, text):
    with open(os.path.join(folder, name), "w") as file:
        file.write(text)
save("first.toml", first)
one, other = os.path.join(folder, "one.tmp"), os.path.join(folder, "other.tmp")
open(one, "w").close()
for _ in range(int(events) // 4 + 1):
    os.rename(one, other)
    os.rename(other, one)
save("last.toml", last)
save("new.toml", last.replace("last-policy", "new-policy"))
os.unlink(os.path.join(folder, "gone.toml"))
"""
"""Each rename is two events, and none is like the one before it, so that none is left out."""


def queue_length() -> int:
    return int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())


@pytest.mark.skipif(
    sys.platform == "linux" and queue_length() > 200_000, reason="a queue too long to fill"
)
async def test_w11_what_overflows_the_queue_of_a_stopped_watcher_is_made_good(
    folder: Path, kind: WatcherKind
) -> None:
    """One change fits into the queue, three come when it is full; watchfiles does not tell.

    watchfiles has a queue of its own and drops the notice (its issue 348), polling has
    none: both converge all the same, without a word of it.
    """
    for name in ("first", "last", "gone"):
        (folder / f"{name}.toml").write_text(toml(f"{name}-policy", requests_per_minute=1))
    with Watching(folder, "--watcher", kind.value) as process:
        events = [process.event() for _ in range(4)]
        assert events[-1]["type"] == "started"
        process.process.send_signal(signal.SIGSTOP)
        eventually_blocking(lambda: state_of(process.process.pid) == "T")
        changed = [toml(f"{name}-policy", requests_per_minute=2) for name in ("first", "last")]
        count = str(queue_length() + 4000)
        in_another_process(MORE_THAN_FITS, folder, count, *changed)
        process.process.send_signal(signal.SIGCONT)
        fresh = await fresh_start(folder)
        read_until(process, events, lambda: same_as_fresh(folded(events), fresh))
        assert set(folded(events).in_force) == {"first-policy", "last-policy", "new-policy"}
        if kind is WatcherKind.INOTIFY:
            read_until(process, events, lambda: "recovered" in {event["type"] for event in events})
        (folder / "last.toml").write_text(toml("last-policy", requests_per_minute=3))
        event = process.event()
        assert (event["type"], event["path"]) == ("applied", "last.toml")
        assert process.end() == 0
    words = [event["type"] for event in events if event["path"] is None]
    told = ["degraded", "recovered"] if kind is WatcherKind.INOTIFY else []
    assert words == ["started", *told]
    changes = sorted(f"{event['type']} {event['path']}" for event in events[4:] if event["path"])
    assert changes == [
        "applied first.toml",
        "applied last.toml",
        "applied new.toml",
        "removed gone.toml",
    ]


def read_until(process: Watching, events: list[Event], done: Callable[[], bool]) -> None:
    """Take in events until a condition on them holds."""
    while not done():
        events.append(process.event())


def state_of(pid: int) -> str:
    """The letter that /proc gives: T for a process that is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


LIMITS = {
    "watches": "echo 1 > /proc/sys/user/max_inotify_watches",
    "instances": "echo 0 > /proc/sys/user/max_inotify_instances",
}


@pytest.mark.parametrize("limit", LIMITS)
def test_w12_where_a_limit_is_reached_it_polls_and_says_so(
    folder: Path, kind: WatcherKind, limit: str
) -> None:
    """In a user namespace of its own, so that the limit is nobody else's; polling needs no watch."""
    if kind is WatcherKind.POLL and limit == "instances":
        pytest.skip("polling needs neither: one limit shows it")
    if not allows(LIMITS[limit]):
        pytest.skip("no user namespaces here; the test below puts the fault in instead")
    (folder / "sub").mkdir()
    file = folder / "sub" / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    with Watching(
        folder, "--watcher", kind.value, through=in_own_namespace(LIMITS[limit])
    ) as process:
        events = [process.event(), process.event()]
        if kind is not WatcherKind.POLL:
            events.append(process.event())
            assert events[-1]["type"] == "degraded"
            assert "250 ms" in events[-1]["message"]
        file.write_text(toml(requests_per_minute=2))
        events.append(process.event())
        assert (events[-1]["type"], events[-1]["revision"]) == ("applied", 2)
        (folder / "sub" / "deep").mkdir()
        (folder / "sub" / "deep" / "b.toml").write_text(toml("b-policy"))
        events.append(process.event())
        assert (events[-1]["type"], events[-1]["path"]) == ("applied", "sub/deep/b.toml")
        file.unlink()
        events.append(process.event())
        assert (events[-1]["type"], events[-1]["path"]) == ("removed", "sub/a.toml")
        assert process.end() == 0
        events.extend(process.rest())
    assert [event["type"] for event in events if event["path"] is None] == [
        "started",
        *(["degraded"] if kind is not WatcherKind.POLL else []),
        "stopped",
    ]
    assert set(folded(events).in_force) == {"b-policy"}


@pytest.mark.parametrize(
    ("number", "ends"), [(errno.ENOSPC, True), (errno.ENOMEM, True), (errno.ENAMETOOLONG, False)]
)
async def test_w12_only_a_lack_of_watches_ends_inotify(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, ends: bool
) -> None:
    """The same with the fault put in: the engine goes on by polling, and says so."""

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("inotify_simple.INotify.add_watch", refuse)
    async with watching(folder, WatcherKind.INOTIFY) as story:
        if ends:
            await eventually(lambda: story.engine.snapshot().message)
            assert "250 ms" in (story.engine.snapshot().message or "")
        (folder / "a.toml").write_text(toml())
        await eventually(lambda: story.rate() == 60)
        assert bool(story.engine.snapshot().message) is ends
