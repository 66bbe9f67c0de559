import asyncio
from dataclasses import dataclass, field

import pytest

from policyconsole.application.applier import ApplyError, apply
from policyconsole.application.target import Transition
from policyconsole.policy import PolicyConfig

NEW = PolicyConfig(id="x", name="X", version="1.0.0")
TRANSITION = Transition("x", None, NEW, ("security", "monitoring"))


@dataclass
class Recorder:
    """A target that writes down what happens to it, and fails, hangs or is cancelled where told."""

    name: str
    log: list[str]
    sections: frozenset[str] = frozenset({"security"})
    fails: frozenset[str] = frozenset()
    hangs: frozenset[str] = frozenset()
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def prepare(self, transition: Transition) -> "Recorder":
        await self._step("prepare")
        return self

    async def commit(self) -> None:
        await self._step("commit")

    async def undo(self) -> None:
        await self._step("undo")

    async def _step(self, step: str) -> None:
        if step in self.hangs:
            self.reached.set()
            await asyncio.Event().wait()
        if step in self.fails:
            raise RuntimeError(f"no {step} today")
        self.log.append(f"{step} {self.name}")


async def test_all_are_prepared_before_any_commits() -> None:
    log: list[str] = []
    await apply(TRANSITION, [Recorder("a", log), Recorder("b", log)])
    assert log == ["prepare a", "prepare b", "commit a", "commit b"]


async def test_a_target_is_not_told_of_sections_that_do_not_concern_it() -> None:
    log: list[str] = []
    other = Recorder("other", log, sections=frozenset({"authentication"}))
    await apply(TRANSITION, [other, Recorder("a", log)])
    assert log == ["prepare a", "commit a"]


async def test_a_failing_prepare_changes_nothing() -> None:
    log: list[str] = []
    targets = [Recorder("a", log), Recorder("b", log, fails=frozenset({"prepare"}))]
    with pytest.raises(ApplyError, match="b failed to prepare: no prepare today"):
        await apply(TRANSITION, targets)
    assert log == ["prepare a"]


async def test_a_failing_commit_undoes_the_others_newest_first() -> None:
    log: list[str] = []
    targets = [
        Recorder("a", log),
        Recorder("b", log),
        Recorder("c", log, fails=frozenset({"commit"})),
    ]
    with pytest.raises(ApplyError, match="c failed to commit") as caught:
        await apply(TRANSITION, targets)
    assert log[3:] == ["commit a", "commit b", "undo b", "undo a"]
    assert caught.value.not_undone == ()


async def test_a_failing_undo_is_named_and_the_others_are_undone_all_the_same() -> None:
    log: list[str] = []
    targets = [
        Recorder("a", log),
        Recorder("b", log, fails=frozenset({"undo"})),
        Recorder("c", log, fails=frozenset({"commit"})),
    ]
    with pytest.raises(ApplyError) as caught:
        await apply(TRANSITION, targets)
    assert caught.value.not_undone == ("b failed to undo: no undo today",)
    assert log[-1] == "undo a"


@pytest.mark.parametrize("step", ["prepare", "commit"])
async def test_a_hanging_target_is_given_up(step: str) -> None:
    log: list[str] = []
    targets = [Recorder("a", log), Recorder("b", log, hangs=frozenset({step}))]
    with pytest.raises(ApplyError, match=rf"b did not {step} within 0\.01 s"):
        await apply(TRANSITION, targets, limit=0.01)
    undone = ["prepare a", "prepare b", "commit a", "undo b", "undo a"]
    assert log == (undone if step == "commit" else ["prepare a"])


async def test_a_cancelled_commit_is_undone() -> None:
    log: list[str] = []
    stuck = Recorder("b", log, hangs=frozenset({"commit"}))
    task = asyncio.create_task(apply(TRANSITION, [Recorder("a", log), stuck]))
    await stuck.reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log[-2:] == ["undo b", "undo a"]


async def test_a_target_that_is_cancelled_inside_fails_like_any_other() -> None:
    class Cancelled(Recorder):
        async def prepare(self, transition: Transition) -> Recorder:
            future = asyncio.get_running_loop().create_future()
            future.cancel()
            await future
            return self

    with pytest.raises(ApplyError, match="b was cancelled in its prepare"):
        await apply(TRANSITION, [Recorder("a", []), Cancelled("b", [])])


async def test_a_time_limit_of_the_targets_own_is_not_taken_for_ours() -> None:
    class Slow(Recorder):
        async def prepare(self, transition: Transition) -> Recorder:
            raise TimeoutError("the database is away")

    with pytest.raises(ApplyError, match="b failed to prepare: the database is away"):
        await apply(TRANSITION, [Slow("b", [])])


async def test_undoing_goes_on_to_the_end_though_the_caller_is_cancelled() -> None:
    log: list[str] = []
    go_on = asyncio.Event()

    class SlowUndo(Recorder):
        async def undo(self) -> None:
            self.reached.set()
            await go_on.wait()
            self.log.append("undo b")

    slow = SlowUndo("b", log)
    failing = Recorder("c", log, fails=frozenset({"commit"}))
    task = asyncio.create_task(apply(TRANSITION, [Recorder("a", log), slow, failing]))
    await slow.reached.wait()
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log[-2:] == ["undo b", "undo a"]


class Immediate:
    """A target whose steps never wait, and which goes wrong in the step named."""

    name = "immediate"
    sections = frozenset({"security"})
    immediate = True

    def __init__(self, fails: str, problem: BaseException) -> None:
        self.fails, self.problem = fails, problem
        self.tasks: set[asyncio.Task[object] | None] = set()
        self.log: list[str] = []

    def step(self, step: str) -> None:
        self.tasks.add(asyncio.current_task())
        self.log.append(step)
        if step == self.fails:
            raise self.problem

    async def prepare(self, _: Transition) -> "Immediate":
        self.step("prepare")
        return self

    async def commit(self) -> None:
        self.step("commit")

    async def undo(self) -> None:
        self.step("undo")


async def test_an_immediate_target_needs_no_task() -> None:
    target = Immediate("", ValueError())
    await apply(Transition("a", None, None, ("security",)), [target])
    assert target.log == ["prepare", "commit"]
    assert target.tasks == {asyncio.current_task()}


@pytest.mark.parametrize("problem", [ValueError("no"), SystemExit("no")])
@pytest.mark.parametrize("step", ["prepare", "commit"])
async def test_an_immediate_target_fails_as_any_other(step: str, problem: BaseException) -> None:
    before, target = Immediate("", ValueError()), Immediate(step, problem)
    with pytest.raises(ApplyError, match=f"immediate failed to {step}: .*no"):
        await apply(Transition("a", None, None, ("security",)), [before, target])
    assert before.log == (["prepare", "commit", "undo"] if step == "commit" else ["prepare"])
    assert ("undo" in target.log) == (step == "commit" and isinstance(problem, SystemExit))
