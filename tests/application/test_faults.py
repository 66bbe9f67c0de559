"""One of three targets goes wrong: at every place, in every step, in every way."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import product

import pytest

from policyconsole.application.applier import ApplyError, apply
from policyconsole.application.target import Transition
from policyconsole.policy import PolicyConfig
from tests.waiting import eventually

LIMIT = 0.02
OLD = PolicyConfig(id="x", name="X", version="1.0.0")
NEW = PolicyConfig(id="x", name="X", version="2.0.0")
TRANSITIONS = {
    "enters": Transition("x", None, NEW, ("security",)),
    "changes": Transition("x", OLD, NEW, ("security",)),
    "is retired": Transition("x", OLD, None, ("security",)),
}


async def raises() -> None:
    raise RuntimeError("no")


async def exits() -> None:
    raise SystemExit(3)


async def cancels_itself() -> None:
    raise asyncio.CancelledError


async def hangs() -> None:
    await asyncio.Event().wait()


async def hangs_and_swallows_one_cancellation() -> None:
    try:
        await hangs()
    except asyncio.CancelledError:
        await hangs()


async def hangs_and_swallows_every_cancellation() -> None:
    while True:
        try:
            await hangs()
        except asyncio.CancelledError:
            continue


async def waits_for_a_task_that_cannot_be_cancelled() -> None:
    await asyncio.ensure_future(hangs_and_swallows_one_cancellation())


async def cleans_up_in_good_time() -> None:
    try:
        await hangs()
    finally:
        await asyncio.sleep(0)


FAULTS = {
    "raises": raises,
    "exits": exits,
    "cancels itself": cancels_itself,
    "hangs": hangs,
    "hangs, swallows once": hangs_and_swallows_one_cancellation,
    "hangs, swallows all": hangs_and_swallows_every_cancellation,
    "hangs, in a task": waits_for_a_task_that_cannot_be_cancelled,
    "hangs, cleans up": cleans_up_in_good_time,
}


@dataclass
class Recording:
    """A target that holds what it was last told to, and goes wrong in one step if it is told to.

    A commit that goes wrong without a word changes what is held first: it was cut off halfway.
    """

    name: str
    log: list[str]
    holds: PolicyConfig | None = None
    step: str = ""
    fault: Callable[[], Awaitable[None]] = raises
    sections: frozenset[str] = frozenset({"security"})
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def prepare(self, transition: Transition) -> "_Prepared":
        await self.do("prepare")
        return _Prepared(self, transition)

    async def do(self, step: str) -> None:
        self.log.append(f"{step} {self.name}")
        if self.step == step:
            self.reached.set()
            await self.fault()


@dataclass
class _Prepared:
    target: Recording
    transition: Transition

    async def commit(self) -> None:
        if self.target.step == "commit" and self.target.fault is not raises:
            self.target.holds = self.transition.new
        await self.target.do("commit")
        self.target.holds = self.transition.new

    async def undo(self) -> None:
        await self.target.do("undo")
        self.target.holds = self.transition.old


def three(transition: Transition, place: int, step: str, fault: str) -> list[Recording]:
    log: list[str] = []
    targets = [Recording(name, log, transition.old) for name in "abc"]
    targets[place].step, targets[place].fault = step, FAULTS[fault]
    return targets


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyconsole.application.applier.CLEANING_UP", 0.02)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", TRANSITIONS)
async def test_a_target_that_goes_wrong_leaves_all_as_they_were(kind: str, fault: str) -> None:
    transition = TRANSITIONS[kind]
    for place, step in product(range(3), ("prepare", "commit")):
        targets = three(transition, place, step, fault)
        name = "abc"[place]
        with pytest.raises(ApplyError) as caught:
            await apply(transition, targets, LIMIT)
        assert name in str(caught.value).split()
        assert step in str(caught.value)
        assert caught.value.not_undone == ()
        assert (caught.value.hung is targets[place]) == fault.startswith("hangs")
        assert [target.holds for target in targets] == [transition.old] * 3
        log = targets[0].log
        if step == "prepare":
            assert log == [f"prepare {each}" for each in "abc"[: place + 1]]
            continue
        # One that raised has changed nothing; of one that was cut off nobody knows.
        undone = "abc"[: place + (fault != "raises")]
        assert log[3:] == [
            *(f"commit {each}" for each in "abc"[: place + 1]),
            *(f"undo {each}" for each in reversed(undone)),
        ]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_target_that_cannot_undo_is_named_and_the_others_undo(fault: str) -> None:
    transition = TRANSITIONS["changes"]
    for place in range(2):
        targets = three(transition, place, "undo", fault)
        targets[2].step = "commit"
        with pytest.raises(ApplyError) as caught:
            await apply(transition, targets, LIMIT)
        assert str(caught.value) == "c failed to commit: no"
        (not_undone,) = caught.value.not_undone
        assert not_undone.startswith(f"{'abc'[place]} ")
        assert "undo" in not_undone
        others = [target.holds for target in targets if target is not targets[place]]
        assert others == [OLD, OLD]
        assert targets[0].log[-2:] == ["undo b", "undo a"]


@pytest.mark.parametrize("fault", [name for name in FAULTS if name.startswith("hangs")])
@pytest.mark.parametrize("step", ["prepare", "commit", "undo"])
async def test_a_caller_that_is_cancelled_meanwhile_is_cancelled_in_good_order(
    step: str, fault: str
) -> None:
    """The engine that is stopped cancels once, and must not wait for ever."""
    transition = TRANSITIONS["changes"]
    targets = three(transition, 1, step, fault)
    if step == "undo":
        targets[2].step = "commit"
    applying = asyncio.create_task(apply(transition, targets, 0.05))
    await targets[1].reached.wait()
    applying.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await applying
    assert applying.cancelled()
    if step == "undo":
        assert "b did not undo" in caught.value.args[0]
        assert [targets[0].holds, targets[2].holds] == [OLD, OLD]
    else:
        assert [target.holds for target in targets] == [OLD] * 3


async def test_a_step_that_was_given_up_does_nothing_more() -> None:
    done: list[str] = []
    go_on = asyncio.Event()

    async def goes_on_later() -> None:
        while True:
            try:
                await go_on.wait()
            except asyncio.CancelledError:
                continue
            done.append("too late")
            return

    target = Recording("a", [], step="commit", fault=goes_on_later)
    with pytest.raises(ApplyError, match="did not commit"):
        await apply(TRANSITIONS["enters"], [target], LIMIT)
    go_on.set()
    own = asyncio.current_task()
    await eventually(lambda: asyncio.all_tasks() == {own})
    assert done == []
    assert target.holds is None


async def test_a_step_that_blocks_the_loop_and_comes_back_has_been_done() -> None:
    release = threading.Timer(0.05, lambda: gate.set())
    gate = threading.Event()

    async def blocks() -> None:
        gate.wait()

    targets = three(TRANSITIONS["changes"], 1, "commit", "raises")
    targets[1].fault = blocks
    release.start()
    await apply(TRANSITIONS["changes"], targets, 0.01)
    release.join()
    assert [target.holds for target in targets] == [NEW] * 3


def test_ctrl_c_inside_a_target_undoes_and_reaches_the_program() -> None:
    async def interrupted() -> None:
        raise KeyboardInterrupt

    targets = three(TRANSITIONS["changes"], 1, "commit", "raises")
    targets[1].fault = interrupted
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(apply(TRANSITIONS["changes"], targets, LIMIT))
    assert [target.holds for target in targets] == [OLD] * 3


def test_on_a_thread_of_its_own_nothing_can_be_ctrl_c() -> None:
    async def interrupted() -> None:
        raise KeyboardInterrupt

    targets = three(TRANSITIONS["changes"], 1, "commit", "raises")
    targets[1].fault = interrupted
    failures: list[Exception] = []

    def run() -> None:
        try:
            asyncio.run(apply(TRANSITIONS["changes"], targets, LIMIT))
        except ApplyError as problem:
            failures.append(problem)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert [str(failure) for failure in failures] == ["b failed to commit: KeyboardInterrupt()"]
    assert [target.holds for target in targets] == [OLD] * 3
