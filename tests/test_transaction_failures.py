"""What a target refuses is in the way of all, with ``transaction = "folder"``, until it is taken."""

from pathlib import Path

import pytest

from policyconsole import EventType, PolicyApplicationEngine
from policyconsole.configuration.load import load_configuration
from tests.policies import NOT_WELL_FORMED, toml
from tests.story import Story
from tests.test_transaction import Ledger, rates, together, waits, write
from tests.waiting import eventually


@pytest.fixture
def never_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is tried again by itself while a test runs."""
    monkeypatch.setattr("policyconsole.enforcement.retries.FIRST_RETRY", 600.0)


@pytest.fixture
def soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a target refused is tried again every 0.05 s."""
    monkeypatch.setattr("policyconsole.enforcement.retries.FIRST_RETRY", 0.05)
    monkeypatch.setattr("policyconsole.enforcement.retries.LAST_RETRY", 0.05)


def places(story: Story) -> dict[str, str]:
    """Which file each policy in force is from."""
    return {policy_id: active.path for policy_id, active in story.engine.policies.items()}


async def tried(ledger: Ledger, step: str, times: int) -> None:
    """Wait until a step was taken so many times."""
    await eventually(lambda: ledger.log.count(step) >= times)


@pytest.mark.usefixtures("never_again")
async def test_an_edit_waits_for_what_a_target_refused_before(folder: Path) -> None:
    write(folder, a=1, b=1)
    ledger = Ledger("one")
    async with together(folder, [ledger]) as story:
        ledger.fail = ("prepare", "b")
        write(folder, b=2)
        await eventually(lambda: "apply_failed b.toml" in story.words)
        write(folder, a=2)
        await eventually(lambda: waits(story, "a", "b"))
        assert rates(story) == ledger.holds == {"a": 1, "b": 1}
        ledger.fail = None
        write(folder, a=3)
        await eventually(lambda: rates(story) == {"a": 3, "b": 2})


@pytest.mark.usefixtures("never_again")
async def test_a_file_more_does_not_let_those_in_that_wait_for_a_target(folder: Path) -> None:
    write(folder, a=1, b=1)
    ledger = Ledger("one")
    ledger.fail = ("commit", "b")
    async with together(folder, [ledger]) as story:
        assert (
            story.of(EventType.STARTED)[0].message == "0 policies in force, 1 held back by b.toml"
        )
        write(folder, c=1)
        await eventually(lambda: waits(story, "c", "b"))
        assert waits(story, "a", "b")
        assert rates(story) == {}


@pytest.mark.usefixtures("soon_again")
async def test_what_a_target_refused_waits_for_a_file_that_is_refused_later(folder: Path) -> None:
    write(folder, a=1, b=1, c=1)
    ledger = Ledger("one")
    async with together(folder, [ledger]) as story:
        ledger.fail = ("prepare", "b")
        write(folder, b=2)
        await eventually(lambda: "apply_failed b.toml" in story.words)
        write(folder, c=NOT_WELL_FORMED)
        await eventually(lambda: waits(story, "b", "c"))
        ledger.fail = None
        write(folder, a=2)
        await eventually(lambda: waits(story, "a", "c"))
        assert rates(story) == {"a": 1, "b": 1, "c": 1}
        write(folder, c=2)
        await eventually(lambda: rates(story) == {"a": 2, "b": 2, "c": 2})


@pytest.mark.usefixtures("never_again")
async def test_switched_on_all_wait_for_what_a_target_refused_before(folder: Path) -> None:
    settings = folder / "policy-console.toml"
    settings.write_text('transaction = "file"\n')
    write(folder, a=1, b=1)
    ledger = Ledger("one")
    configuration = load_configuration(folder)
    engine = PolicyApplicationEngine(folder, targets=[ledger], configuration=configuration)
    async with engine:
        story = Story(engine)
        ledger.fail = ("prepare", "b")
        write(folder, b=2)
        await eventually(lambda: "apply_failed b.toml" in story.words)
        settings.write_text('transaction = "folder"\n')
        await eventually(lambda: story.of(EventType.CONFIGURED))
        write(folder, a=2)
        await eventually(lambda: waits(story, "a", "b"))
        assert rates(story) == {"a": 1, "b": 1}
        settings.write_text('transaction = "file"\n')
        await eventually(lambda: rates(story) == {"a": 2, "b": 1})


@pytest.mark.usefixtures("soon_again")
@pytest.mark.parametrize("step", ["prepare", "commit"])
@pytest.mark.parametrize("victim", ["a", "b"])
async def test_ids_that_are_swapped_stay_where_they_are_if_a_target_refuses_one(
    folder: Path, victim: str, step: str
) -> None:
    write(folder, a=1, b=2, c=1)
    ledger = Ledger("one")
    async with together(folder, [ledger]) as story:
        write(folder, c=NOT_WELL_FORMED)
        await story.rejections_become(1)
        (folder / "a.toml").write_text(toml("b", requests_per_minute=3))
        (folder / "b.toml").write_text(toml("a", requests_per_minute=4))
        await eventually(lambda: waits(story, "a", "c") and waits(story, "b", "c"))
        ledger.fail = (step, victim)
        ledger.log.clear()
        write(folder, c=2)
        await tried(ledger, f"{step} {victim}", 3)
        assert rates(story) == {"a": 1, "b": 2, "c": 1}
        assert places(story) == {"a": "a.toml", "b": "b.toml", "c": "c.toml"}
        ledger.fail = None
        await eventually(lambda: rates(story) == {"a": 4, "b": 3, "c": 2})
        assert ledger.holds == {"a": 4, "b": 3, "c": 2}
        assert places(story) == {"a": "b.toml", "b": "a.toml", "c": "c.toml"}
        assert not story.of(EventType.REMOVED)


@pytest.mark.usefixtures("soon_again")
@pytest.mark.parametrize("victim", ["a", "x"])
async def test_an_id_that_moves_stays_where_it_is_until_the_target_takes_it(
    folder: Path, victim: str
) -> None:
    write(folder, a=1, c=1)
    ledger = Ledger("one")
    async with together(folder, [ledger]) as story:
        write(folder, c=NOT_WELL_FORMED)
        await story.rejections_become(1)
        (folder / "a.toml").write_text(toml("x", requests_per_minute=3))
        (folder / "n.toml").write_text(toml("a", requests_per_minute=4))
        await eventually(lambda: waits(story, "a", "c") and waits(story, "n", "c"))
        ledger.fail = ("commit", victim)
        write(folder, c=2)
        await tried(ledger, f"commit {victim}", 3)
        assert rates(story) == {"a": 1, "c": 1}
        assert places(story) == {"a": "a.toml", "c": "c.toml"}
        ledger.fail = None
        await eventually(lambda: rates(story) == {"a": 4, "x": 3, "c": 2})
        assert not story.of(EventType.REMOVED)
