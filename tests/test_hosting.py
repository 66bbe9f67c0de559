import threading
from collections.abc import Coroutine
from pathlib import Path

import pytest

from policyconsole import EngineThread, EventType, ValidationLevel
from policyconsole.snapshot import Loading
from policyconsole.watching.hints import WatcherKind
from tests.policies import REFUSED_AT_STRICT, toml
from tests.waiting import eventually_blocking


def test_a_synchronous_program_reads_the_policies_and_hears_the_events(folder: Path) -> None:
    (folder / "a.toml").write_text(toml(requests_per_minute=1))
    with EngineThread(folder) as engine:
        events = engine.events()
        assert engine.policies["a-policy"].revision == 1
        (folder / "a.toml").write_text(toml(requests_per_minute=2))
        event = events.get(timeout=10)
        assert event is not None
        assert (event.type, event.revision) == (EventType.APPLIED, 2)
        assert engine.policies["a-policy"].config.security.rate_limiting.requests_per_minute == 2
    assert [event.type for event in events] == [EventType.STOPPED]


def test_subscribing_before_the_start_misses_nothing(folder: Path) -> None:
    (folder / "a.toml").write_text(toml())
    engine = EngineThread(folder)
    subscription = engine.subscribe()
    engine.start()
    engine.stop()
    words = [event.type for event in subscription.drain()]
    assert words[-1] is EventType.STOPPED
    assert words in (
        [EventType.APPLIED, EventType.STARTED, EventType.STOPPED],
        [EventType.STOPPED],
    ), "either the first load was done before the stop or it was not"


def test_configuring_and_revalidating_return_at_once(folder: Path) -> None:
    (folder / "a.toml").write_text(REFUSED_AT_STRICT)
    with EngineThread(folder) as engine:
        subscription = engine.subscribe()
        engine.configure(ValidationLevel.STRICT, "staging")
        eventually_blocking(lambda: subscription.waiting == 2)
        configured, rejected = subscription.drain()
        assert (configured.type, rejected.type) == (EventType.CONFIGURED, EventType.REJECTED)
        assert engine.snapshot().level == "strict"
        engine.revalidate()


def test_no_thread_is_left_behind(folder: Path, kind: WatcherKind) -> None:
    before = set(threading.enumerate())
    engine = EngineThread(folder, watcher=kind)
    with engine:
        running = engine.alive
    assert (running, engine.alive) == (True, False)
    assert engine.failure is None
    engine.stop()
    eventually_blocking(lambda: set(threading.enumerate()) <= before)


def test_stopping_an_engine_that_never_started_is_no_mistake(folder: Path) -> None:
    EngineThread(folder).stop()


def test_an_engine_that_dies_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a fault of the tests")

    with EngineThread(folder) as engine:
        events = engine.events()
        monkeypatch.setattr("policyconsole.watching.tracker.FileTracker.take_due", fail)
        (folder / "a.toml").write_text(toml())
        last = list(events)[-1]
        assert last.type is EventType.STOPPED
        assert "a fault of the tests" in (last.message or "")
        eventually_blocking(lambda: not engine.alive)
        assert engine.failure == "a fault of the tests"


def test_a_thread_that_cannot_even_begin_leaves_nobody_waiting(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_loop(coroutine: Coroutine[object, object, None]) -> None:
        coroutine.close()
        raise OSError("too many open files")

    engine = EngineThread(folder)
    events = engine.events()
    monkeypatch.setattr("policyconsole.hosting.asyncio.run", no_loop)
    engine.start()
    assert list(events) == []
    eventually_blocking(lambda: not engine.alive)
    assert engine.failure == "too many open files"
    engine.stop()


def test_what_is_asked_before_the_start_is_done(folder: Path) -> None:
    (folder / "a.toml").write_text(REFUSED_AT_STRICT)
    engine = EngineThread(folder)
    engine.configure(ValidationLevel.STRICT, None)
    with engine:
        assert engine.snapshot().level == "strict"
        assert not engine.policies


def test_entering_an_engine_that_cannot_begin_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a fault of the tests")

    monkeypatch.setattr("policyconsole.engine.engine.warm_up", fail)
    with (
        pytest.raises(RuntimeError, match="could not begin: a fault of the tests"),
        EngineThread(folder),
    ):
        pass


def test_wake_is_called_with_each_event(folder: Path) -> None:
    woken = threading.Event()
    engine = EngineThread(folder)
    engine.subscribe(woken.set)
    with engine:
        assert woken.wait(timeout=10)


def test_how_far_the_first_load_is_can_be_seen_from_outside(tmp_path: Path) -> None:
    for number in range(2_000):
        source = toml(f"policy-{number}")
        (tmp_path / f"{number}.toml").write_text(source, encoding="utf-8")
    engine = EngineThread(tmp_path)
    seen: list[Loading] = []
    with engine.subscribe() as events:
        engine.start()
        try:
            while not any(event.type is EventType.STARTED for event in events.drain()):
                if (loading := engine.loading) is not None and loading not in seen[-1:]:
                    seen.append(loading)
            eventually_blocking(lambda: engine.loading is None)
        finally:
            engine.stop()
    assert {loading.found for loading in seen} == {2_000}
    assert [loading.done for loading in seen] == sorted(loading.done for loading in seen)
    assert any(0 < loading.done < 2_000 for loading in seen)
