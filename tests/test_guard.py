"""What a service asks of a running engine."""

import threading
import time
from pathlib import Path

from policyconsole import EngineThread, PolicyApplicationEngine, Refusal, Request, RequestCounts
from policyconsole.application.request import Decision
from policyconsole.application.target import Prepared, Transition
from policyconsole.application.targets.monitor import Monitor
from policyconsole.application.targets.rate_limiter import RateLimiter
from tests.policies import toml
from tests.story import watching
from tests.waiting import eventually


async def test_a_guard_follows_the_file(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    async with watching(folder) as story:
        guard = story.engine.guard("a-policy")
        attack = guard.check(Request(client="b", query="a=%27 or 1=1"))
        assert attack.code is Refusal.BAD_INPUT
        burst = story.engine.policies["a-policy"].config.security.rate_limiting.burst_size
        answers = [guard.check(Request(client="a")) for _ in range(burst + 1)]
        assert [answer.allowed for answer in answers] == [True] * burst + [False]
        assert answers[-1].code is Refusal.TOO_MANY_REQUESTS
        file.write_text(toml(requests_per_minute=60_000))
        await story.rate_becomes(60_000)
        await eventually(lambda: guard.check(Request(client="a")).allowed)
        file.unlink()
        await story.rate_becomes(None)
        assert guard.check(Request(client="a")).code is Refusal.NO_POLICY
        file.write_text(toml(requests_per_minute=60))
        await story.rate_becomes(60)
        assert guard.check(Request(client="a")).allowed


async def test_a_guard_may_be_asked_for_before_there_is_anything(folder: Path) -> None:
    engine = PolicyApplicationEngine(folder)
    guard = engine.guard("a-policy")
    assert guard.check(Request()).code is Refusal.NO_POLICY
    (folder / "a.toml").write_text(toml(requests_per_minute=60))
    async with engine:
        assert guard.check(Request()).allowed
        assert engine.guard("another").check(Request()).code is Refusal.NO_POLICY


def test_any_thread_may_ask_while_the_file_changes(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    allowed = [0] * 2
    stop, begin = threading.Event(), time.monotonic()
    with EngineThread(folder) as engine:
        burst = engine.policies["a-policy"].config.security.rate_limiting.burst_size

        def ask(number: int) -> None:
            guard = engine.guard("a-policy")
            while not stop.is_set():
                allowed[number] += guard.check(Request(client="a")).allowed

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        with engine.events() as events:
            try:
                for version in range(4):
                    file.write_text(toml(requests_per_minute=2 - version % 2))
                    assert events.get(timeout=20) is not None
            finally:
                stop.set()
        for thread in threads:
            thread.join()
    made_good = (time.monotonic() - begin) * 2 / 60
    assert burst <= sum(allowed) <= burst + made_good + 1


class CountingLimiter(RateLimiter):
    """A rate limiter that notes what it is asked to prepare."""

    def __init__(self) -> None:
        super().__init__()
        self.prepared: list[tuple[str, ...]] = []

    async def prepare(self, transition: Transition) -> Prepared:
        self.prepared.append(transition.sections)
        return await super().prepare(transition)


class CountingMonitor(Monitor):
    """A monitor that notes what it is asked to prepare."""

    def __init__(self) -> None:
        super().__init__()
        self.prepared: list[tuple[str, ...]] = []

    async def prepare(self, transition: Transition) -> Prepared:
        self.prepared.append(transition.sections)
        return await super().prepare(transition)


async def test_only_targets_of_changed_sections_are_prepared(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml(log_level="info", requests_per_minute=60))
    limiter, monitor = CountingLimiter(), CountingMonitor()
    async with watching(folder, targets=[limiter, monitor]) as story:
        assert (len(limiter.prepared), len(monitor.prepared)) == (1, 1)
        file.write_text(toml(log_level="warn", requests_per_minute=60))
        await eventually(lambda: len(story.words) == 1)
        assert (len(limiter.prepared), monitor.prepared[1:]) == (1, [("monitoring",)])
        file.write_text(toml(log_level="warn", requests_per_minute=61))
        await eventually(lambda: len(story.words) == 2)
        assert (limiter.prepared[1:], len(monitor.prepared)) == ([("security",)], 2)
        file.write_text(toml(log_level="warn", requests_per_minute=61) + "# a comment\n")
        await eventually(lambda: len(story.words) == 3)
        file.write_text(toml(name="Another", log_level="warn", requests_per_minute=61))
        await eventually(lambda: len(story.words) == 4)
        assert (len(limiter.prepared), len(monitor.prepared)) == (2, 2)
        assert story.words == ["applied a.toml"] * 4


class Witness(Monitor):
    """A target that notes what it is told of the guard's answers."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, int, Refusal | None]] = []

    def observe(
        self, policy_id: str, revision: int, request: Request, decision: Decision, seconds: float
    ) -> None:
        assert seconds >= 0
        self.seen.append((policy_id, revision, decision.code))


async def test_answers_are_counted_and_told(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=60))
    witness = Witness()
    async with PolicyApplicationEngine(folder, targets=[witness, RateLimiter()]) as engine:
        guard = engine.guard("a-policy")
        burst = engine.policies["a-policy"].config.security.rate_limiting.burst_size
        for _ in range(burst + 2):
            guard.check(Request(client="a"))
        engine.guard("made-up").check(Request())
        assert engine.requests == {
            "a-policy": RequestCounts(burst, {Refusal.TOO_MANY_REQUESTS: 2}),
        }
        file.unlink()
        await eventually(lambda: "a-policy" not in engine.policies)
        guard.check(Request(client="a"))
        assert engine.requests["a-policy"].refused[Refusal.NO_POLICY] == 1
        assert engine.requests["a-policy"].total == burst + 3
    assert witness.seen == [
        *[("a-policy", 1, None)] * burst,
        *[("a-policy", 1, Refusal.TOO_MANY_REQUESTS)] * 2,
        ("made-up", 0, Refusal.NO_POLICY),
        ("a-policy", 0, Refusal.NO_POLICY),
    ]
