"""Nothing ends the engine: faults in its stages, in the system's calls, and in who listens."""

import asyncio
import errno
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from policyconsole import EngineThread, EventType, PolicyApplicationEngine, ValidationLevel
from policyconsole.enforcement.telling import Teller
from policyconsole.events import PolicyEvent
from policyconsole.loading.loader import parse
from policyconsole.loading.spans import place
from policyconsole.snapshot import Verdict, WatchState
from policyconsole.watching.settling import look
from tests.policies import toml
from tests.story import watching
from tests.waiting import eventually, eventually_blocking

SECRET = "hush-hush"


def failing_for(
    word: bytes | str, problem: BaseException, really: Callable[..., object], at: int = 0
) -> Callable[..., object]:
    """``really``, except that it raises where its argument number ``at`` holds ``word``."""

    def call(*arguments: object, **named: object) -> object:
        if word in arguments[at]:  # type: ignore[operator] # bytes or text, as the caller knows
            raise problem
        return really(*arguments, **named)

    return call


@pytest.mark.parametrize(
    "problem", [RuntimeError(SECRET), RecursionError(SECRET), MemoryError(), OSError(5, SECRET)]
)
@pytest.mark.parametrize("stage", ["parse", "place"])
async def test_one_file_that_a_stage_fails_on_is_refused_and_the_others_go_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, stage: str, problem: Exception
) -> None:
    (folder / "bad.toml").write_text(toml("bad", requests_per_minute=1))
    async with watching(folder, level=ValidationLevel.STRICT) as story:
        with monkeypatch.context() as patch:
            if stage == "parse":
                broken = failing_for(b"trouble", problem, parse)
            else:
                broken = failing_for("trouble", problem, place, at=1)
            patch.setattr(f"policyconsole.judging.{stage}", broken)
            (folder / "bad.toml").write_text("# trouble\n" + toml("bad", min_version="TLSv1.2"))
            if stage == "place":  # it has something to place only where there are findings
                (folder / "bad.toml").write_text("# trouble\n" + toml("bad", min_version="TLSv1.0"))
            (folder / "good.toml").write_text(toml("good"))
            await eventually(lambda: len({event.path for event in story.events}) == 2)
            (refused,) = story.of(EventType.REJECTED)
            assert [item.code for item in refused.diagnostics] == ["FILE005"]
            assert type(problem).__name__ in refused.diagnostics[0].message
            assert SECRET not in refused.to_json()
            assert (story.rate("bad"), story.rate("good")) == (1, 60)
        (folder / "bad.toml").write_text(toml("bad", requests_per_minute=2))
        await story.rate_becomes(2, "bad")


async def test_a_file_that_looking_itself_fails_on_is_looked_at_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "bad.toml").write_text(toml("bad", requests_per_minute=1))
    async with watching(folder) as story:
        with monkeypatch.context() as patch:
            broken = failing_for("bad.toml", MemoryError(), look)
            patch.setattr("policyconsole.watching.tracker.look", broken)
            (folder / "bad.toml").write_text(toml("bad", requests_per_minute=2))
            (folder / "good.toml").write_text(toml("good"))
            await eventually(lambda: len(story.events) == 2)
            assert sorted(story.words) == ["applied good.toml", "rejected bad.toml"]
            assert story.rate("bad") == 1
        # Nothing is written any more: reconciliation alone finds it.
        await story.rate_becomes(2, "bad")
        assert len(story.events) == 3


@pytest.mark.parametrize(
    "problem",
    [OSError(code, os.strerror(code)) for code in (errno.EMFILE, errno.ENOMEM, errno.EIO)]
    + [MemoryError(), RecursionError("deep"), ValueError("odd")],
    ids=lambda problem: f"{type(problem).__name__} {getattr(problem, 'errno', '')}",
)
async def test_a_look_at_the_folder_that_fails_is_degraded_and_tried_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    (folder / "a.toml").write_text(toml(requests_per_minute=1))
    monkeypatch.setattr("policyconsole.watching.watcher.RECONCILE_EVERY", 0.02)
    async with watching(folder) as story:
        with monkeypatch.context() as patch:
            patch.setattr(os, "scandir", failing_for(str(folder), problem, os.scandir))
            await eventually(lambda: story.of(EventType.DEGRADED))
            (folder / "a.toml").write_text(toml(requests_per_minute=2))
            await story.rate_becomes(2)
        await eventually(lambda: story.of(EventType.RECOVERED))
        assert story.engine.snapshot().watch is WatchState.WATCHING
        assert len(story.of(EventType.DEGRADED)) == 1
        assert story.of(EventType.REMOVED) == []


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
async def test_inotify_that_fails_is_told_and_polling_takes_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching(folder) as story:

        def fail(*_: object) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        monkeypatch.setattr("policyconsole.watching.hints.parse_events", fail)
        (folder / "a.toml").write_text(toml(requests_per_minute=2))
        await story.rate_becomes(2)
        await eventually(lambda: story.of(EventType.DEGRADED))
        assert "inotify failed" in (story.of(EventType.DEGRADED)[0].message or "")
        (folder / "a.toml").write_text(toml(requests_per_minute=3))
        await story.rate_becomes(3)


async def test_what_could_not_be_settled_is_settled_later(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policyconsole.engine.engine.FIRST_RETRY", 0.02)
    (folder / "a.toml").write_text(toml("a"))
    (folder / "b.toml").write_text(toml("b"))
    async with watching(folder) as story:

        def fail(*_: object) -> None:
            raise RuntimeError("a fault of the tests")

        with monkeypatch.context() as patch:
            patch.setattr(Teller, "outcome", fail)
            (folder / "a.toml").unlink()
            await eventually(lambda: story.of(EventType.DEGRADED))
            (folder / "b.toml").write_text(toml("b", requests_per_minute=2))
            assert "a fault of the tests" in (story.events[0].message or "")
        await eventually(lambda: story.of(EventType.RECOVERED))
        await eventually(lambda: list(story.engine.policies) == ["b"])
        await story.rate_becomes(2, "b")
        assert story.engine.file("a.toml") is None
        assert len(story.of(EventType.DEGRADED)) == 1


async def test_a_cancellation_that_nobody_asked_for_is_told_as_the_reason(folder: Path) -> None:
    engine = PolicyApplicationEngine(folder)
    subscription = engine.subscribe()
    async with engine:
        assert engine._task is not None
        engine._task.cancel()
        last = [event async for event in subscription][-1]
    assert last.type is EventType.STOPPED
    assert last.message == "the engine has ended: somebody cancelled it"


def test_a_loop_that_is_stopped_under_the_engine_is_told(folder: Path) -> None:
    engine = EngineThread(folder)
    events = engine.events()
    with engine:
        assert engine._loop is not None
        engine._loop.call_soon_threadsafe(engine._loop.stop)
        assert list(events)[-1].type is EventType.STOPPED
        eventually_blocking(lambda: not engine.alive)
        assert "stopped before" in (engine.failure or "")


def test_descriptors_that_run_out_are_told_and_made_good(folder: Path) -> None:
    """A process of its own: the limit is lowered to what is open, and raised again."""
    subprocess.run([sys.executable, __file__, str(folder)], check=True, timeout=60)


def _run_out_of_descriptors(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    with EngineThread(folder) as engine:
        events: list[PolicyEvent] = []
        subscription = engine.subscribe()

        def told(kind: EventType) -> bool:
            events.extend(subscription.drain())
            return any(event.type is kind for event in events)

        def rate() -> int:
            return engine.policies["a-policy"].config.security.rate_limiting.requests_per_minute

        writing = os.open(file, os.O_WRONLY)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        os.pwrite(writing, toml(requests_per_minute=2).encode(), 0)
        eventually_blocking(lambda: told(EventType.DEGRADED))
        eventually_blocking(lambda: told(EventType.REJECTED))
        assert (rate(), engine.alive) == (1, True)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        os.close(writing)
        eventually_blocking(lambda: rate() == 2)
        eventually_blocking(lambda: told(EventType.RECOVERED))
        assert not told(EventType.REMOVED)
        status = engine.file("a.toml")
        assert status is not None
        assert status.verdict is Verdict.IN_FORCE


@pytest.mark.parametrize(
    "problem", [RuntimeError("no"), SystemExit(3), asyncio.CancelledError()], ids=repr
)
def test_a_subscriber_whose_wake_goes_wrong_ends_nothing(
    folder: Path, problem: BaseException
) -> None:
    def wake() -> None:
        raise problem

    with EngineThread(folder) as engine:
        broken, sound = engine.subscribe(wake), engine.events()
        for rate in (1, 2):
            (folder / "a.toml").write_text(toml(requests_per_minute=rate))
            event = sound.get(timeout=10)
            assert event is not None
            assert event.type is EventType.APPLIED
        eventually_blocking(lambda: broken.waiting == 2)
    assert engine.failure is None


def test_a_subscriber_may_ask_everything_of_the_engine_that_wakes_it(folder: Path) -> None:
    asked: list[tuple[int, int]] = []
    with EngineThread(folder) as engine:

        def wake() -> None:
            seq = engine.snapshot().seq
            asked.append((seq, len(engine.policies)))
            if len(asked) == 1:
                engine.configure(ValidationLevel.STRICT, None)
            engine.file("a.toml")
            engine.subscribe().close()

        subscription = engine.subscribe(wake)
        (folder / "a.toml").write_text(toml())
        eventually_blocking(lambda: len(asked) == 2)
        assert [event.type for event in subscription.drain()] == [
            EventType.APPLIED,
            EventType.CONFIGURED,
        ]
        assert engine.snapshot().level == "strict"
    assert [count for _, count in asked[:2]] == [1, 1]


def test_a_subscriber_may_stop_the_engine_that_wakes_it(folder: Path) -> None:
    engine = EngineThread(folder)
    returned: list[bool] = []

    def wake() -> None:
        engine.stop()
        returned.append(True)

    with engine:
        engine.subscribe(wake)
        (folder / "a.toml").write_text(toml())
        eventually_blocking(lambda: not engine.alive)
    assert engine.failure is None
    assert returned


def test_subscribers_come_and_go_while_events_pour(folder: Path) -> None:
    over = threading.Event()
    gaps: list[tuple[int, int]] = []

    with EngineThread(folder) as engine:

        def come_and_go() -> None:
            while not over.is_set():
                with engine.events() as events:
                    seqs = [event.seq for _ in range(3) if (event := events.get(timeout=0.05))]
                gaps.extend(pair for pair in pairwise(seqs) if pair[1] != pair[0] + 1)

        all_along = engine.events()
        threads = [threading.Thread(target=come_and_go) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(200):
            (folder / f"{number % 20}.toml").write_text(
                toml(f"p{number % 20}", requests_per_minute=number + 1)
            )
        eventually_blocking(
            lambda: all(
                f"p{number % 20}" in engine.policies
                and engine.policies[
                    f"p{number % 20}"
                ].config.security.rate_limiting.requests_per_minute
                == number + 1
                for number in range(180, 200)
            )
        )
        over.set()
        for thread in threads:
            thread.join()
        last = engine.snapshot().seq
    seqs = [event.seq for event in all_along]
    assert gaps == []
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    assert seqs[0] <= 2
    assert seqs[-1] == last + 1  # stopped


if __name__ == "__main__":
    _run_out_of_descriptors(Path(sys.argv[1]))
