"""What an engine does about targets in trouble: who waits, what is told, what is made good."""

import asyncio
import threading
import time
from pathlib import Path

import pytest

from policyconsole import EventType, PolicyConfig
from policyconsole.application.changes import changed_fields
from policyconsole.application.target import Transition
from policyconsole.events import Change
from policyconsole.snapshot import Verdict, WatchState
from tests.policies import NOT_WELL_FORMED, toml
from tests.story import watching
from tests.waiting import eventually


class Gauge:
    """A target that holds the rate of each policy, and goes wrong in the steps named.

    ``fails`` and ``hangs`` hold steps such as ``commit``; ``log`` every call, with its policy.
    """

    def __init__(self, name: str, section: str = "security") -> None:
        self.name = name
        self.sections = frozenset({section})
        self.fails: set[str] = set()
        self.hangs: set[str] = set()
        self.holds: dict[str, int] = {}
        self.log: list[tuple[str, str]] = []
        self.hanging = asyncio.Event()

    async def prepare(self, transition: Transition) -> "_Setting":
        await self.step("prepare", transition)
        return _Setting(self, transition, self.holds.get(transition.policy_id))

    async def step(self, step: str, transition: Transition) -> None:
        self.log.append((step, transition.policy_id))
        if step in self.hangs:
            self.hanging.set()
            await asyncio.Event().wait()
        if step in self.fails:
            raise RuntimeError("no")

    def set(self, policy_id: str, rate: int | None) -> None:
        if rate is None:
            self.holds.pop(policy_id, None)
        else:
            self.holds[policy_id] = rate


class _Setting:
    def __init__(self, gauge: Gauge, transition: Transition, before: int | None) -> None:
        self.gauge, self.transition, self.before = gauge, transition, before

    async def commit(self) -> None:
        await self.gauge.step("commit", self.transition)
        self.gauge.set(self.transition.policy_id, _rate(self.transition.new))

    async def undo(self) -> None:
        await self.gauge.step("undo", self.transition)
        self.gauge.set(self.transition.policy_id, self.before)


def _rate(config: PolicyConfig | None) -> int | None:
    return config.security.rate_limiting.requests_per_minute if config else None


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyconsole.enforcement.retries.FIRST_RETRY", 0.02)
    monkeypatch.setattr("policyconsole.enforcement.retries.LAST_RETRY", 0.1)
    monkeypatch.setattr("policyconsole.application.applier.apply_all.__defaults__", (0.05,))
    monkeypatch.setattr("policyconsole.application.applier.answers.__defaults__", (0.05,))
    monkeypatch.setattr("policyconsole.application.applier.CLEANING_UP", 0.02)


@pytest.mark.parametrize("way", ["fails", "hangs"])
@pytest.mark.parametrize("step", ["prepare", "commit"])
async def test_a_change_that_a_target_refuses_is_told_once_and_made_good(
    folder: Path, step: str, way: str
) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    targets = [Gauge(name) for name in "abc"]
    async with watching(folder, targets=targets) as story:
        getattr(targets[1], way).add(step)
        file.write_text(toml(requests_per_minute=2))
        await eventually(lambda: targets[1].log.count((step, "a-policy")) >= 4)
        (failed,) = story.events
        assert failed.type is EventType.APPLY_FAILED
        assert (failed.message or "").startswith("b ")
        status = story.engine.file("a.toml")
        assert status is not None
        assert (status.verdict, status.in_force_id) == (Verdict.FAILED, "a-policy")
        assert story.rate() == 1
        getattr(targets[1], way).clear()
        await story.rate_becomes(2)
        assert [event.type for event in story.events] == [EventType.APPLY_FAILED, EventType.APPLIED]
        assert [target.holds["a-policy"] for target in targets] == [2, 2, 2]


async def test_a_policy_that_moves_to_another_file_goes_to_no_target(folder: Path) -> None:
    (folder / "a.toml").write_text(toml(requests_per_minute=1))
    target = Gauge("a")
    async with watching(folder, targets=[target]) as story:
        target.fails.add("prepare")
        (folder / "a.toml").rename(folder / "b.toml")
        await eventually(lambda: story.words == ["applied b.toml"])
        await eventually(lambda: story.engine.file("a.toml") is None)
        assert target.log == [("prepare", "a-policy"), ("commit", "a-policy")]


async def test_another_failure_is_told_too(folder: Path) -> None:
    file = folder / "a.toml"
    target = Gauge("a")
    async with watching(folder, targets=[target]) as story:
        target.fails.add("prepare")
        file.write_text(toml())
        await eventually(lambda: len(target.log) >= 3)
        target.fails = {"commit"}
        await eventually(lambda: ("commit", "a-policy") in target.log[-2:])
        await eventually(lambda: len(story.events) == 2)
        messages = [event.message for event in story.of(EventType.APPLY_FAILED)]
        assert messages == ["a failed to prepare: no", "a failed to commit: no"]


@pytest.mark.parametrize("step", ["prepare", "commit"])
async def test_a_target_that_hangs_costs_its_time_once_however_many_files_concern_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr("policyconsole.enforcement.retries.FIRST_RETRY", 30.0)
    monkeypatch.setattr("policyconsole.enforcement.retries.LAST_RETRY", 30.0)
    stuck, other = Gauge("stuck"), Gauge("other", "monitoring")
    for number in range(10):
        (folder / f"{number}.toml").write_text(toml(f"p{number}"))
    async with watching(folder, targets=[stuck, other]) as story:
        stuck.hangs.add(step)
        before = len(stuck.log)
        for number in range(10):
            (folder / f"{number}.toml").write_text(toml(f"p{number}", requests_per_minute=2))
            await eventually(lambda count=number + 1: len(story.events) == count)  # type: ignore[misc] # a lambda cannot say what it takes
        assert {event.message for event in story.events} == {f"stuck did not {step} within 0.05 s"}
        asked = [policy_id for called, policy_id in stuck.log[before:] if called == step]
        assert asked == ["p0"]
        (folder / "1.toml").write_text(toml("p1", log_level="debug"))
        await eventually(lambda: story.events[-1].path == "1.toml")
        assert story.events[-1].sections == ("monitoring",), (
            "it does not concern the one that hangs"
        )
        assert story.engine.policies["p1"].config.monitoring.log_level == "debug"


async def test_nobody_waits_while_a_target_that_hung_is_asked_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, other = Gauge("stuck"), Gauge("other", "monitoring")
    for name in ("a", "b"):
        (folder / f"{name}.toml").write_text(toml(name, requests_per_minute=1))
    async with watching(folder, targets=[stuck, other]) as story:
        stuck.hangs.add("prepare")
        monkeypatch.setattr("policyconsole.application.applier.answers.__defaults__", (3600,))
        (folder / "a.toml").write_text(toml("a", requests_per_minute=2))
        await stuck.hanging.wait()
        stuck.hanging.clear()
        await stuck.hanging.wait()  # it is asked again now, and has an hour for it
        asked = len(stuck.log)
        (folder / "b.toml").write_text(toml("b", requests_per_minute=1, log_level="debug"))
        await eventually(lambda: story.engine.policies["b"].config.monitoring.log_level == "debug")
        (folder / "b.toml").write_text(toml("b", requests_per_minute=2, log_level="debug"))
        await eventually(lambda: len(story.of(EventType.APPLY_FAILED)) == 2)
        assert len(stuck.log) == asked
        assert len({event.message for event in story.of(EventType.APPLY_FAILED)}) == 1


async def test_a_target_that_hangs_in_each_commit_is_tried_ever_more_seldom(folder: Path) -> None:
    """It answers whenever it is asked to prepare, and then holds the others up for its time."""
    stuck = Gauge("stuck")
    async with watching(folder, targets=[stuck]) as story:
        stuck.hangs.add("commit")
        (folder / "a.toml").write_text(toml())
        delays: list[float] = []

        def tried(times: int) -> bool:
            hung = story.engine._enforcement.hanging._hung.get("stuck")
            if hung is not None and hung.delay not in delays:
                delays.append(hung.delay)
            return stuck.log.count(("commit", "a-policy")) >= times

        await eventually(lambda: tried(6))
        assert delays == [0.02, 0.04, 0.08, 0.1]


async def test_what_a_target_could_not_undo_is_degraded_and_made_good(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    first, second = Gauge("first"), Gauge("second")
    async with watching(folder, targets=[first, second]) as story:
        first.fails.add("undo")
        second.fails.add("commit")
        file.write_text(toml(requests_per_minute=2))
        await eventually(lambda: story.of(EventType.DEGRADED))
        assert "first failed to undo: no" in (story.of(EventType.DEGRADED)[0].message or "")
        assert "a-policy" in (story.of(EventType.DEGRADED)[0].message or "")
        assert story.engine.snapshot().watch is WatchState.DEGRADED
        assert (story.rate(), first.holds["a-policy"]) == (1, 2)
        second.fails.clear()
        await eventually(lambda: story.of(EventType.RECOVERED))
        assert story.rate() == first.holds["a-policy"] == second.holds["a-policy"] == 2
        assert [event.type for event in story.events] == [
            EventType.APPLY_FAILED,
            EventType.DEGRADED,
            EventType.APPLIED,
            EventType.RECOVERED,
        ]


@pytest.mark.parametrize("meanwhile", ["refused", "restored", "gone"])
async def test_a_target_is_set_right_also_where_the_file_is_another_meanwhile(
    folder: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    first, second = Gauge("first"), Gauge("second")
    async with watching(folder, targets=[first, second]) as story:
        monkeypatch.setattr("policyconsole.enforcement.retries.FIRST_RETRY", 30.0)
        first.fails.add("undo")
        second.fails.add("commit")
        file.write_text(toml(requests_per_minute=2))
        await eventually(lambda: story.of(EventType.DEGRADED))
        assert first.holds["a-policy"] == 2
        second.fails.clear()
        if meanwhile == "gone":
            file.unlink()
        else:
            file.write_text(
                NOT_WELL_FORMED if meanwhile == "refused" else toml(requests_per_minute=1)
            )
        await eventually(lambda: story.of(EventType.RECOVERED))
        right = {} if meanwhile == "gone" else {"a-policy": 1}
        if meanwhile == "gone":
            await eventually(lambda: story.of(EventType.REMOVED))
        assert first.holds == second.holds == right
        assert story.rate() == right.get("a-policy")


async def test_a_policy_that_never_came_into_force_is_taken_back_once_its_file_is_refused(
    folder: Path,
) -> None:
    file = folder / "a.toml"
    first, second = Gauge("first"), Gauge("second")
    async with watching(folder, targets=[first, second]) as story:
        first.fails.add("undo")
        second.fails.add("commit")
        file.write_text(toml(requests_per_minute=2))
        await eventually(lambda: story.of(EventType.DEGRADED))
        assert first.holds == {"a-policy": 2}
        file.unlink()
        await eventually(lambda: story.engine.file("a.toml") is None)
        second.fails.clear()
        await eventually(lambda: story.of(EventType.RECOVERED))
        assert first.holds == second.holds == {}


@pytest.mark.parametrize("step", ["prepare", "commit", "undo"])
async def test_an_engine_that_is_stopped_in_a_step_undoes_and_says_what_it_could_not(
    folder: Path, step: str
) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    first, second = Gauge("first"), Gauge("second")
    async with watching(folder, targets=[first, second]) as story:
        (first if step == "undo" else second).hangs.add(step)
        if step == "undo":
            second.fails.add("commit")
        file.write_text(toml(requests_per_minute=2))
        await (first if step == "undo" else second).hanging.wait()
    stopped = story.events[-1]
    assert stopped.type is EventType.STOPPED
    if step == "undo":
        assert "first did not undo" in (stopped.message or "")
    else:
        assert stopped.message is None
        assert first.holds["a-policy"] == second.holds["a-policy"] == 1
    assert story.rate() == 1


async def test_a_policy_that_cannot_be_compared_keeps_only_itself_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(old: PolicyConfig, new: PolicyConfig) -> tuple[Change, ...]:
        if new.id == "bad":
            raise RecursionError
        return changed_fields(old, new)

    target = Gauge("a")
    for name in ("bad", "good"):
        (folder / f"{name}.toml").write_text(toml(name, requests_per_minute=1))
    async with watching(folder, targets=[target]) as story:
        with monkeypatch.context() as patch:
            patch.setattr("policyconsole.enforcement.enforcement.changed_fields", fail)
            for name in ("bad", "good"):
                (folder / f"{name}.toml").write_text(toml(name, requests_per_minute=2))
            await story.rate_becomes(2, "good")
            await eventually(lambda: story.of(EventType.APPLY_FAILED))
            assert "RecursionError" in (story.of(EventType.APPLY_FAILED)[0].message or "")
            assert (story.rate("bad"), target.holds["bad"]) == (1, 1)
        await story.rate_becomes(2, "bad")
        assert sorted(story.words) == [
            "applied bad.toml",
            "applied good.toml",
            "apply_failed bad.toml",
        ]


async def test_a_policy_that_cannot_be_compared_moves_with_its_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or it would be in force from a file that is gone."""

    def fail(*_: object) -> None:
        raise RecursionError

    (folder / "a.toml").write_text(toml(requests_per_minute=1))
    async with watching(folder, targets=[Gauge("a")]) as story:
        with monkeypatch.context() as patch:
            patch.setattr("policyconsole.enforcement.enforcement.changed_fields", fail)
            (folder / "a.toml").rename(folder / "b.toml")
            (folder / "b.toml").write_text(toml(requests_per_minute=2))
            await eventually(lambda: story.words == ["apply_failed b.toml"])
            await eventually(lambda: story.engine.file("a.toml") is None)
            assert (story.rate(), story.engine.policies["a-policy"].path) == (1, "b.toml")
            status = story.engine.file("b.toml")
            assert status is not None
            assert (status.verdict, status.in_force_id) == (Verdict.FAILED, "a-policy")
        await story.rate_becomes(2)
        assert story.words == ["apply_failed b.toml", "applied b.toml"]


async def test_who_reads_all_the_time_sees_whole_generations_only(folder: Path) -> None:
    """Two policies always change in one look: the moves of an id from file to file."""
    over = threading.Event()
    seen: set[tuple[int, tuple[tuple[str, int], ...]]] = set()
    target = Gauge("a")
    (folder / "a.toml").write_text(toml("p0", requests_per_minute=1))
    async with watching(folder, targets=[target]) as story:

        def read() -> None:
            while not over.is_set():
                policies = story.engine.policies
                shown = tuple(
                    (policy_id, _rate(policies[policy_id].config) or 0) for policy_id in policies
                )
                seen.add((policies.generation, shown))
                time.sleep(0)

        reader = threading.Thread(target=read)
        reader.start()
        for number in range(1, 31):
            # The old id leaves and the new one comes in the same generation.
            (folder / "a.toml").write_text(toml(f"p{number}", requests_per_minute=number + 1))
            await story.rate_becomes(number + 1, f"p{number}")
            if number % 5 == 0:
                target.fails.add("commit")
                (folder / "a.toml").write_text(toml(f"q{number}", requests_per_minute=999))
                await eventually(lambda: story.events[-1].type is EventType.APPLY_FAILED)
                target.fails.clear()
                (folder / "a.toml").write_text(toml(f"p{number}", requests_per_minute=number + 1))
                await eventually(lambda: story.events[-1].type is EventType.APPLIED)
        over.set()
        reader.join()
    whole = _whole_generations(seen)
    assert all(len(shown) == 1 for shown in whole.values())
    assert len(whole) > 1


def _whole_generations(
    seen: set[tuple[int, tuple[tuple[str, int], ...]]],
) -> dict[int, tuple[tuple[str, int], ...]]:
    generations: dict[int, tuple[tuple[str, int], ...]] = {}
    for generation, shown in seen:
        assert generations.setdefault(generation, shown) == shown, "one generation, two contents"
    return generations


async def test_a_change_of_one_policy_looks_through_no_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or each save would cost the more the more policies there are: 12 ms at 10,000."""
    (folder / "a.toml").write_text(toml(requests_per_minute=1))
    (folder / "b.toml").write_text(toml("b-policy"))
    async with watching(folder) as story:

        def refuse(_: object) -> None:
            raise AssertionError("every policy was looked at")

        with monkeypatch.context() as patch:
            patch.setattr("policyconsole.application.policy_set.PolicySet.__iter__", refuse)
            (folder / "a.toml").write_text(toml(requests_per_minute=2))
            await story.rate_becomes(2)
        assert story.words == ["applied a.toml"]
