"""``engine.rollback``: an earlier revision in force again, by the way that every change goes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from policyconsole import (
    EngineThread,
    EventType,
    PolicyApplicationEngine,
    RollbackError,
    ValidationLevel,
)
from policyconsole.application.target import Target
from policyconsole.cli.main import main
from policyconsole.snapshot import Verdict
from policyconsole.watching.hints import WatcherKind
from tests.policies import NOT_WELL_FORMED, REFUSED_AT_STRICT, toml
from tests.rollback.test_beside_engine import Follower
from tests.story import Story
from tests.waiting import eventually_blocking

RATE = "security.rate_limiting.requests_per_minute"
RATES = (50, 40, 30)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@asynccontextmanager
async def keeping(
    folder: Path,
    state: Path,
    *,
    kind: WatcherKind = WatcherKind.AUTO,
    level: ValidationLevel = ValidationLevel.STRICT,
    targets: Sequence[Target] = (),
) -> AsyncIterator[Story]:
    """An engine that keeps a history, with its story from the first load on."""
    engine = PolicyApplicationEngine(
        folder, level=level, watcher=kind, targets=targets, state_dir=state
    )
    story = Story(engine)
    async with engine:
        yield story


@asynccontextmanager
async def at_third(
    folder: Path,
    state: Path,
    *,
    kind: WatcherKind = WatcherKind.AUTO,
    targets: Sequence[Target] = (),
) -> AsyncIterator[Story]:
    """The same, three revisions later."""
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=RATES[0]))
    async with keeping(folder, state, kind=kind, targets=targets) as story:
        for rate in RATES[1:]:
            file.write_text(toml(requests_per_minute=rate))
            await story.rate_becomes(rate)
        yield story


async def test_the_old_content_is_a_new_revision_whose_parent_is_named(
    folder: Path, state: Path, kind: WatcherKind
) -> None:
    async with at_third(folder, state, kind=kind) as story:
        assert await story.engine.rollback("a-policy", 1) == 4
        assert story.rate() == 50
        assert (folder / "a.toml").read_text() == toml(requests_per_minute=50)
        (event,) = story.of(EventType.ROLLED_BACK)
        assert (event.path, event.policy_id, event.revision) == ("a.toml", "a-policy", 4)
        assert event.message == "revision 1 is in force again"
        assert [(change.field, change.old, change.new) for change in event.changes] == [
            (RATE, 30, 50)
        ]
        assert event.sections == ("security",)
        assert event.latency.apply is not None
        history = story.engine.history
        assert history is not None
        kept = history.revision("a-policy", 4)
        assert kept is not None
        assert (kept.parent, kept.confirmed, kept.forced) == (1, True, False)
        assert [change.field for change in kept.changes] == [RATE]


async def test_an_edit_by_hand_that_restores_old_content_is_applied(
    folder: Path, state: Path
) -> None:
    async with at_third(folder, state) as story:
        (folder / "a.toml").write_text(toml(requests_per_minute=50))
        await story.rate_becomes(50)
        assert story.of(EventType.ROLLED_BACK) == []
        assert story.events[-1].type is EventType.APPLIED
        assert story.events[-1].revision == 4


async def test_a_link_stays_one_and_no_next_look_is_waited_for(
    folder: Path, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policyconsole.watching.watcher.RECONCILE_EVERY", 60.0)
    target = tmp_path / "elsewhere.toml"  # no event tells of what is written there
    target.write_text(toml(requests_per_minute=50))
    (folder / "a.toml").symlink_to(target)
    async with keeping(folder, state) as story:
        target.write_text(toml(requests_per_minute=40))
        await story.engine.revalidate()
        await story.rate_becomes(40)
        assert await story.engine.rollback("a-policy", 1) == 3
    assert (folder / "a.toml").is_symlink()
    assert target.read_text() == toml(requests_per_minute=50)


async def test_a_rollback_of_a_rollback(folder: Path, state: Path) -> None:
    async with at_third(folder, state) as story:
        assert await story.engine.rollback("a-policy", 1) == 4
        assert await story.engine.rollback("a-policy", 3) == 5
        assert await story.engine.rollback("a-policy", 4) == 6
        told = [(event.revision, event.message) for event in story.of(EventType.ROLLED_BACK)]
        assert told == [
            (4, "revision 1 is in force again"),
            (5, "revision 3 is in force again"),
            (6, "revision 4 is in force again"),
        ]


async def test_what_todays_rules_refuse_comes_back_only_by_force(folder: Path, state: Path) -> None:
    file = folder / "a.toml"
    file.write_text(REFUSED_AT_STRICT)
    async with keeping(folder, state, level=ValidationLevel.STANDARD) as story:
        file.write_text(toml(requests_per_minute=40))
        await story.rate_becomes(40)
        await story.engine.configure(ValidationLevel.STRICT, None)
        with pytest.raises(RollbackError, match="refuse revision 1 of a-policy: SEC003") as refused:
            await story.engine.rollback("a-policy", 1)
        assert refused.value.forceable
        assert "SEC003" in [found.code for found in refused.value.diagnostics]
        assert file.read_text() == toml(requests_per_minute=40)

        assert await story.engine.rollback("a-policy", 1, force=True) == 3
        assert story.rate() == 60
        (event,) = story.of(EventType.ROLLED_BACK)
        assert "SEC003" in [found.code for found in event.diagnostics]
        assert event.message == "revision 1 is in force again, though today's rules refuse it"
        status = story.engine.file("a.toml")
        assert status is not None
        assert status.verdict is Verdict.IN_FORCE

        await story.engine.revalidate()
        await story.rejections_become(1)
        (rejected,) = story.of(EventType.REJECTED)
        assert (rejected.revision, rejected.message) == (3, "revision 3 stays in force")
        assert story.rate() == 60


async def test_what_was_refused_in_the_file_can_be_forced_as_it_stands(
    folder: Path, state: Path
) -> None:
    file = folder / "a.toml"
    file.write_text(REFUSED_AT_STRICT)
    async with keeping(folder, state, level=ValidationLevel.STANDARD) as story:
        file.write_text(toml(requests_per_minute=40))
        await story.rate_becomes(40)
        await story.engine.configure(ValidationLevel.STRICT, None)
        file.write_text(REFUSED_AT_STRICT)
        await story.rejections_become(1)
        assert await story.engine.rollback("a-policy", 1, force=True) == 3
        assert story.rate() == 60
        assert len(story.of(EventType.ROLLED_BACK)) == 1


async def test_what_it_overwrites_is_kept(folder: Path, state: Path) -> None:
    async with at_third(folder, state) as story:
        (folder / "a.toml").write_text(NOT_WELL_FORMED)
        await story.rejections_become(1)
        await story.engine.rollback("a-policy", 1)
        history = story.engine.history
        assert history is not None
        kept = [refused.content for refused in history.refusals("a-policy")]
        assert kept == [NOT_WELL_FORMED.encode()]


async def test_what_a_target_refuses_leaves_everything_in_force(folder: Path, state: Path) -> None:
    follower = Follower()
    async with at_third(folder, state, targets=[follower]) as story:
        follower.refused = 50
        with pytest.raises(RollbackError, match=r"not in force: .*too few"):
            await story.engine.rollback("a-policy", 1)
        assert story.rate() == 30
        follower.refused = None
        await story.engine.revalidate()  # it is tried again, and is a rollback still
        await story.rate_becomes(50)
        assert [event.revision for event in story.of(EventType.ROLLED_BACK)] == [4]


async def test_without_a_history_there_is_nothing_to_go_back_to(folder: Path) -> None:
    async with PolicyApplicationEngine(folder) as engine:
        with pytest.raises(RollbackError, match="no history is kept"):
            await engine.rollback("a-policy", 1)


async def test_an_engine_that_does_not_run_rolls_nothing_back(folder: Path, state: Path) -> None:
    async with at_third(folder, state) as story:
        pass
    with pytest.raises(RollbackError, match="does not run"):
        await story.engine.rollback("a-policy", 1)


def test_from_another_thread_it_is_a_future(folder: Path, state: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=50))
    engine = EngineThread(folder, level=ValidationLevel.STRICT, targets=(), state_dir=state)
    early = engine.rollback("a-policy", 1)
    assert isinstance(early.exception(timeout=10), RollbackError)
    with engine:
        assert engine.history is not None
        with pytest.raises(RollbackError, match="in force already"):
            engine.rollback("a-policy", 1).result(timeout=10)
        with pytest.raises(RollbackError, match="has no revision 7: kept is 1"):
            engine.rollback("a-policy", 7).result(timeout=10)
    late = engine.rollback("a-policy", 1)
    assert isinstance(late.exception(timeout=10), RollbackError)


def test_the_end_of_the_thread_answers_whoever_waits(folder: Path, state: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=50))
    follower = Follower()
    with EngineThread(folder, targets=[follower], state_dir=state) as engine:
        with engine.subscribe() as events:
            file.write_text(toml(requests_per_minute=40))
            eventually_blocking(
                lambda: any(event.type is EventType.APPLIED for event in events.drain())
            )
        follower.endless = 50
        waiting = engine.rollback("a-policy", 1)
        eventually_blocking(lambda: file.read_text() == toml(requests_per_minute=50))
    with pytest.raises(RollbackError, match="the engine has ended"):
        waiting.result(timeout=10)


async def test_one_made_while_nothing_ran_is_told_at_the_next_start(
    folder: Path, state: Path
) -> None:
    async with at_third(folder, state):
        pass
    assert main(["rollback", "--state-dir", str(state), str(folder), "a-policy", "1"]) == 0
    async with keeping(folder, state) as story:
        (event,) = story.of(EventType.ROLLED_BACK)
        assert (event.revision, event.message) == (4, "revision 1 is in force again")
        assert story.rate() == 50
    async with keeping(folder, state) as story:
        assert story.words == ["applied a.toml"], "it is told once"
        assert story.events[0].revision == 4


async def test_what_the_command_forces_is_in_force_until_everything_is_judged_again(
    folder: Path, state: Path
) -> None:
    file = folder / "a.toml"
    file.write_text(REFUSED_AT_STRICT)
    async with keeping(folder, state, level=ValidationLevel.STANDARD) as story:
        file.write_text(toml(requests_per_minute=40))
        await story.rate_becomes(40)
    async with keeping(folder, state) as story:
        command = ["rollback", "--state-dir", str(state), "--level", "strict", "--force"]
        assert await asyncio.to_thread(main, [*command, str(folder), "a-policy", "1"]) == 0
        await story.rate_becomes(60)
        (event,) = story.of(EventType.ROLLED_BACK)
        assert event.revision == 3
        assert "SEC003" in [found.code for found in event.diagnostics]
    async with keeping(folder, state) as story:  # a new start goes by today's rules
        assert story.words == ["applied a.toml", "rejected a.toml"]
        assert [event.revision for event in story.events[:2]] == [3, 3]
        assert story.rate() == 60
