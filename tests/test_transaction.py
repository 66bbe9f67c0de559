"""All files of a folder or none, with ``transaction = "folder"``."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import product
from pathlib import Path

import pytest

from policyconsole import Configuration, EventType, PolicyApplicationEngine
from policyconsole.application.target import Prepared, Target, Transition
from policyconsole.configuration.load import load_configuration
from policyconsole.snapshot import Verdict, WatchState
from tests.policies import NOT_WELL_FORMED, toml
from tests.story import Story
from tests.waiting import eventually

TOGETHER = Configuration(transaction="folder")


@asynccontextmanager
async def together(
    folder: Path, targets: Sequence[Target] | None = None, state: Path | None = None
) -> AsyncIterator[Story]:
    engine = PolicyApplicationEngine(
        folder, targets=targets, configuration=TOGETHER, state_dir=state
    )
    early = Story(engine)
    async with engine:
        yield early


def write(folder: Path, **rates: int | str) -> None:
    """Write policies of these ids with these rates, or these texts as they are."""
    for name, rate in rates.items():
        text = rate if isinstance(rate, str) else toml(name, requests_per_minute=rate)
        (folder / f"{name}.toml").write_text(text)


def rates(story: Story) -> dict[str, int]:
    """What is in force."""
    return {
        policy_id: active.config.security.rate_limiting.requests_per_minute
        for policy_id, active in story.engine.policies.items()
    }


def waits(story: Story, name: str, obstacle: str) -> bool:
    """Whether a file waits for another, by what is shown of it."""
    status = story.engine.file(f"{name}.toml")
    if status is None or status.verdict is not Verdict.REFUSED or not status.diagnostics:
        return False
    told = status.diagnostics[-1]
    return told.code == "SET002" and f"{obstacle}.toml cannot" in told.message


async def test_while_one_is_refused_nothing_else_changes(folder: Path) -> None:
    write(folder, a=1, b=1, c=1)
    async with together(folder) as story:
        assert rates(story) == {"a": 1, "b": 1, "c": 1}
        write(folder, b=NOT_WELL_FORMED)
        await story.rejections_become(1)
        write(folder, a=2)
        await eventually(lambda: waits(story, "a", "b"))
        write(folder, c=2)
        await eventually(lambda: waits(story, "c", "b"))
        assert rates(story) == {"a": 1, "b": 1, "c": 1}
        assert story.events[-1].message == "revision 1 stays in force"
        generation = story.engine.policies.generation
        write(folder, b=2)
        await eventually(lambda: rates(story) == {"a": 2, "b": 2, "c": 2})
        assert story.engine.policies.generation == generation + 1
        assert story.words[-3:] == ["applied a.toml", "applied b.toml", "applied c.toml"]
        assert all(event.revision == 2 for event in story.events[-3:])


async def test_at_a_start_too_all_or_none(folder: Path) -> None:
    write(folder, a=1, b=NOT_WELL_FORMED, c=1)
    async with together(folder) as story:
        assert rates(story) == {}
        (started,) = story.of(EventType.STARTED)
        assert started.message == "0 policies in force, 2 held back by b.toml"
        assert waits(story, "a", "b")
        (folder / "b.toml").unlink()
        await eventually(lambda: rates(story) == {"a": 1, "c": 1})
        assert story.engine.policies.generation == 1


async def test_after_a_restart_what_was_in_force_is_while_files_wait(
    folder: Path, tmp_path: Path
) -> None:
    write(folder, a=1, b=1)
    async with together(folder, state=tmp_path / "state"):
        pass
    write(folder, a=2, b=NOT_WELL_FORMED)
    async with together(folder, state=tmp_path / "state") as story:
        assert rates(story) == {"a": 1, "b": 1}
        assert waits(story, "a", "b")
        write(folder, b=2)
        await eventually(lambda: rates(story) == {"a": 2, "b": 2})


async def test_what_is_gone_or_back_as_it_was_waits_for_nobody(folder: Path) -> None:
    write(folder, a=1, b=1, c=1)
    async with together(folder) as story:
        write(folder, b=NOT_WELL_FORMED)
        await story.rejections_become(1)
        (folder / "c.toml").unlink()
        await eventually(lambda: rates(story) == {"a": 1, "b": 1})
        write(folder, a=2)
        await eventually(lambda: waits(story, "a", "b"))
        write(folder, a=1)
        await eventually(lambda: story.words[-1] == "applied a.toml")
        (folder / "a.toml").rename(folder / "z.toml")
        await eventually(lambda: story.words[-1] == "applied z.toml")
        assert rates(story) == {"a": 1, "b": 1}


async def test_what_is_missing_for_a_moment_is_waited_for_all_the_same(folder: Path) -> None:
    write(folder, a=1, b=1, c=1)
    async with together(folder) as story:
        write(folder, b=NOT_WELL_FORMED)
        await story.rejections_become(1)
        write(folder, a=2)
        await eventually(lambda: waits(story, "a", "b"))
        files = story.engine._enforcement.files
        (folder / "b.toml").unlink()
        await eventually(lambda: files["b.toml"].absent)
        write(folder, b=f"{NOT_WELL_FORMED}\n#")
        await eventually(lambda: not files["b.toml"].absent)
        write(folder, c=2)
        await eventually(lambda: waits(story, "c", "b"))
        assert rates(story) == {"a": 1, "b": 1, "c": 1}


async def test_what_a_target_refused_waits_when_another_file_is_refused(folder: Path) -> None:
    write(folder, a=1, b=1, c=1)
    ledger = Ledger("ledger")
    async with together(folder, [ledger]) as story:
        ledger.fail = ("prepare", "a")
        write(folder, a=2)
        await eventually(lambda: len(story.of(EventType.APPLY_FAILED)) == 1)
        write(folder, c=NOT_WELL_FORMED)
        await eventually(lambda: waits(story, "a", "c"))
        ledger.fail = None
        write(folder, b=2)
        await eventually(lambda: waits(story, "b", "c"))
        assert rates(story) == {"a": 1, "b": 1, "c": 1}
        write(folder, c=3)
        await eventually(lambda: rates(story) == {"a": 2, "b": 2, "c": 3})


async def test_what_is_waited_for_is_told_when_it_is_another(folder: Path) -> None:
    write(folder, a=1, b=1, c=1)
    async with together(folder) as story:
        write(folder, b=NOT_WELL_FORMED, c=NOT_WELL_FORMED)
        await story.rejections_become(2)
        write(folder, a=2)
        await eventually(lambda: waits(story, "a", "b"))
        write(folder, b=2)
        await eventually(lambda: waits(story, "a", "c") and waits(story, "b", "c"))
        assert rates(story) == {"a": 1, "b": 1, "c": 1}
        write(folder, c=2)
        await eventually(lambda: rates(story) == {"a": 2, "b": 2, "c": 2})


async def test_an_id_that_is_claimed_twice_is_an_obstacle(folder: Path) -> None:
    write(folder, a=1, b=1)
    async with together(folder) as story:
        (folder / "copy.toml").write_text(toml("a", requests_per_minute=5))
        await story.rejections_become(1)
        assert [found.code for found in story.events[-1].diagnostics] == ["SET001"]
        write(folder, b=2)
        await eventually(lambda: waits(story, "b", "copy"))
        (folder / "copy.toml").write_text(toml("d", requests_per_minute=5))
        await eventually(lambda: rates(story) == {"a": 1, "b": 2, "d": 5})


async def test_an_id_that_is_claimed_twice_at_a_start_keeps_all_out(folder: Path) -> None:
    write(folder, a=1, b=1)
    (folder / "copy.toml").write_text(toml("a", requests_per_minute=5))
    async with together(folder) as story:
        assert rates(story) == {}
        assert waits(story, "a", "copy")
        assert waits(story, "b", "copy")
        status = story.engine.file("copy.toml")
        assert status is not None
        assert [found.code for found in status.diagnostics] == ["SET001"]
        (folder / "copy.toml").unlink()
        await eventually(lambda: rates(story) == {"a": 1, "b": 1})


async def test_files_that_swap_their_ids_are_one_batch(folder: Path) -> None:
    write(folder, a=1, b=2, c=1)
    async with together(folder) as story:
        write(folder, c=NOT_WELL_FORMED)
        await story.rejections_become(1)
        (folder / "a.toml").write_text(toml("b", requests_per_minute=3))
        (folder / "b.toml").write_text(toml("a", requests_per_minute=4))
        await eventually(lambda: waits(story, "a", "c") and waits(story, "b", "c"))
        assert rates(story) == {"a": 1, "b": 2, "c": 1}
        write(folder, c=2)
        await eventually(lambda: rates(story) == {"a": 4, "b": 3, "c": 2})
        assert not story.of(EventType.REMOVED)


async def test_the_setting_changes_while_it_runs(folder: Path) -> None:
    settings = folder / "policy-console.toml"
    settings.write_text('transaction = "folder"\n')
    write(folder, a=1, b=1)
    engine = PolicyApplicationEngine(folder, configuration=load_configuration(folder))
    async with engine:
        story = Story(engine)
        write(folder, a=2, b=NOT_WELL_FORMED)
        await eventually(lambda: waits(story, "a", "b"))
        settings.write_text('transaction = "file"\n')
        await eventually(lambda: rates(story) == {"a": 2, "b": 1})
        settings.write_text('transaction = "folder"\n')
        await eventually(lambda: len(story.of(EventType.CONFIGURED)) == 2)
        write(folder, a=3)
        await eventually(lambda: waits(story, "a", "b"))
        assert rates(story) == {"a": 2, "b": 1}


class Ledger:
    """A target that holds what it was told, and fails where it is asked to."""

    sections = frozenset({"security"})

    def __init__(self, name: str) -> None:
        self.name = name
        self.holds: dict[str, int] = {}
        self.log: list[str] = []
        self.fail: tuple[str, str] | None = None
        self.fault = "raises"

    async def step(self, step: str, policy_id: str) -> None:
        self.log.append(f"{step} {policy_id}")
        if self.fail == (step, policy_id):
            if self.fault == "hangs":
                await asyncio.Event().wait()
            raise RuntimeError(f"no {step}")

    async def prepare(self, transition: Transition) -> Prepared:
        await self.step("prepare", transition.policy_id)
        return Entry(self, transition)


class Entry:
    """One transition of a ledger."""

    def __init__(self, ledger: Ledger, transition: Transition) -> None:
        self.ledger, self.transition = ledger, transition
        self.before: int | None = None

    async def commit(self) -> None:
        policy_id, new = self.transition.policy_id, self.transition.new
        await self.ledger.step("commit", policy_id)
        self.before = self.ledger.holds.get(policy_id)
        if new is not None:
            self.ledger.holds[policy_id] = new.security.rate_limiting.requests_per_minute

    async def undo(self) -> None:
        await self.ledger.step("undo", self.transition.policy_id)
        if self.before is not None:
            self.ledger.holds[self.transition.policy_id] = self.before


POSITIONS = list(product(("prepare", "commit"), ("a", "b", "c"), (0, 1), ("raises", "hangs")))


@pytest.mark.parametrize(("step", "name", "number", "fault"), POSITIONS)
async def test_where_one_target_fails_for_one_file_none_comes_into_force(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: str, name: str, number: int, fault: str
) -> None:
    monkeypatch.setattr("policyconsole.application.applier.apply_all.__defaults__", (0.05,))
    monkeypatch.setattr("policyconsole.application.applier.answers.__defaults__", (0.05,))
    monkeypatch.setattr("policyconsole.enforcement.retries.FIRST_RETRY", 0.05)
    write(folder, a=1, b=1, c=NOT_WELL_FORMED)
    ledgers = [Ledger("one"), Ledger("two")]
    async with together(folder, ledgers) as story:
        write(folder, c=1)
        await eventually(lambda: rates(story) == {"a": 1, "b": 1, "c": 1})
        write(folder, c=NOT_WELL_FORMED)
        await eventually(lambda: story.words[-1] == "rejected c.toml")
        write(folder, a=2, b=2)
        await eventually(lambda: waits(story, "a", "c") and waits(story, "b", "c"))
        ledgers[number].fail, ledgers[number].fault = (step, name), fault
        for ledger in ledgers:
            ledger.log.clear()
        write(folder, c=2)
        await eventually(lambda: f"apply_failed {name}.toml" in story.words)
        assert rates(story) == {"a": 1, "b": 1, "c": 1}
        for other in {"a", "b", "c"} - {name}:
            assert waits(story, other, name)
        assert ledgers[0].holds == ledgers[1].holds == {"a": 1, "b": 1, "c": 1}
        for ledger in ledgers:
            steps = (
                ledger.log[: ledger.log.index("prepare a", 1)]
                if "prepare a" in ledger.log[1:]
                else ledger.log
            )
            undone = [said.split()[1] for said in steps if said.startswith("undo")]
            made = [said.split()[1] for said in steps if said.startswith("commit")]
            assert undone == [one for one in reversed(made) if one in undone], "the newest first"
        ledgers[number].fail = None
        await eventually(lambda: rates(story) == {"a": 2, "b": 2, "c": 2})
        assert ledgers[0].holds == ledgers[1].holds == {"a": 2, "b": 2, "c": 2}


@pytest.mark.parametrize("name", ["a", "b"])
async def test_what_cannot_be_undone_is_told_and_made_good(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("policyconsole.enforcement.retries.FIRST_RETRY", 0.05)
    write(folder, a=1, b=1, c=NOT_WELL_FORMED)
    one, two = Ledger("one"), Ledger("two")
    async with together(folder, [one, two]) as story:
        write(folder, c=1)
        await eventually(lambda: rates(story) == {"a": 1, "b": 1, "c": 1})
        write(folder, c=NOT_WELL_FORMED)
        await eventually(lambda: story.words[-1] == "rejected c.toml")
        write(folder, a=2, b=2)
        await eventually(lambda: waits(story, "a", "c") and waits(story, "b", "c"))
        one.fail, two.fail = ("undo", name), ("commit", "c")
        write(folder, c=2)
        await eventually(lambda: story.engine.snapshot().watch is WatchState.DEGRADED)
        degraded = story.of(EventType.DEGRADED)[0].message or ""
        assert "one failed to undo" in degraded
        one.fail = two.fail = None
        await eventually(lambda: story.engine.snapshot().watch is WatchState.WATCHING)
        await eventually(lambda: rates(story) == {"a": 2, "b": 2, "c": 2})
        assert one.holds == two.holds == {"a": 2, "b": 2, "c": 2}


async def test_any_edits_lead_where_the_rule_says(folder: Path) -> None:
    chance = random.Random(11)
    names, on_disk, expected = "abcd", dict[str, int | None](), dict[str, int]()
    write(folder, a=1, b=1, c=1, d=1)
    on_disk |= dict.fromkeys(names, 1)
    expected |= dict.fromkeys(names, 1)
    async with together(folder) as story:
        for number in range(2, 42):
            for name in chance.sample(names, chance.randint(1, 3)):
                kind = chance.choice(("valid", "valid", "valid", "refused", "gone"))
                if kind == "gone":
                    (folder / f"{name}.toml").unlink(missing_ok=True)
                    on_disk.pop(name, None)
                elif kind == "refused":
                    write(folder, **{name: NOT_WELL_FORMED + f"# {number}"})
                    on_disk[name] = None
                else:
                    write(folder, **{name: number})
                    on_disk[name] = number
            expected = {name: rate for name, rate in expected.items() if name in on_disk}
            if None not in on_disk.values():
                expected = {name: rate for name, rate in on_disk.items() if rate is not None}
            await eventually(lambda: rates(story) == expected and settled(story, folder))  # noqa: B023 - awaited here


def settled(story: Story, folder: Path) -> bool:
    """Whether what is shown is what is on disk."""
    files = story.engine.snapshot().files
    sources = {path.name: path.read_text() for path in folder.iterdir()}
    return {name: status.source for name, status in files.items()} == sources
