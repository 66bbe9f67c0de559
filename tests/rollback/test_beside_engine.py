"""A rollback beside a running engine: what it waits for, and everything that it does not wait out."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from policyconsole import PolicyApplicationEngine, ValidationLevel
from policyconsole.application.target import Prepared, Transition
from policyconsole.history.location import history_path
from policyconsole.policy import PolicyConfig
from policyconsole.rollback import beside_engine
from policyconsole.rollback.beside_engine import begin, in_force
from policyconsole.rollback.plan import Plan, RollbackError, plan
from policyconsole.validation.ruleset import Ruleset
from tests.policies import REFUSED_AT_STRICT, toml
from tests.rollback.keeping import history_of, revision
from tests.story import Story, watching

OLD, NEW = toml(requests_per_minute=50), toml()
RULES = Ruleset(ValidationLevel.STRICT)


class Follower:
    """A target that refuses a limit, or never ends with one."""

    name = "follower"
    sections = frozenset({"security"})

    def __init__(self, refused: int | None = None, endless: int | None = None) -> None:
        self.refused = refused
        self.endless = endless

    async def prepare(self, transition: Transition) -> Prepared:
        config = transition.new or PolicyConfig(id="x", name="x", version="1.0.0")
        rate = config.security.rate_limiting.requests_per_minute
        if rate == self.refused:
            raise ValueError("too few")
        if rate == self.endless:
            await asyncio.Event().wait()
        return self

    async def commit(self) -> None:
        pass

    async def undo(self) -> None:
        pass


@pytest.fixture
def database(folder: Path, tmp_path: Path) -> Path:
    """The history of a folder whose policy is in its second revision."""
    history_of(folder, tmp_path / "state", OLD, NEW)
    (folder / "a.toml").write_text(NEW)
    return history_path(folder, tmp_path / "state")


@pytest.fixture
async def story(folder: Path, database: Path) -> AsyncIterator[Story]:
    async with watching(folder, level=ValidationLevel.STRICT, targets=()) as made:
        yield made


def begun(
    engine: PolicyApplicationEngine, database: Path, number: int = 1, rules: Ruleset = RULES
) -> Plan:
    root, policies = str(engine.folder), engine.policies
    return begin(root, database, ("a-policy", number), rules, policies, force=False)


async def test_it_waits_until_the_content_is_in_force(story: Story, database: Path) -> None:
    engine = story.engine
    with engine.subscribe() as events:
        written = begun(engine, database)
        revision = await in_force(written, events, lambda: engine.policies, engine.file)
    assert story.rate() == 50
    assert revision == engine.policies["a-policy"].revision


async def test_what_is_in_force_and_on_disk_is_not_written_again(
    story: Story, database: Path
) -> None:
    with pytest.raises(RollbackError, match=r"^this content of a-policy is in force already: "):
        begun(story.engine, database, number=2)


async def test_what_is_in_force_is_said_so_whatever_the_rules_of_today_or_the_format(
    folder: Path, tmp_path: Path
) -> None:
    history_of(folder, tmp_path / "state", REFUSED_AT_STRICT, NEW)
    database = history_path(folder, tmp_path / "state")
    file = folder / "a.yaml"
    file.write_bytes(plan(str(folder), "a.yaml", revision(NEW), RULES, force=False).content)
    async with watching(folder, targets=()) as story:
        with pytest.raises(RollbackError, match="in force already"):
            begun(story.engine, database, number=2)
    file.rename(folder / "a.toml")
    (folder / "a.toml").write_text(REFUSED_AT_STRICT)
    async with watching(folder, targets=()) as story:
        with pytest.raises(RollbackError, match="in force already"):
            begun(story.engine, database)


async def test_what_the_rules_refuse_by_then_is_said_with_the_findings(
    story: Story, database: Path, folder: Path, tmp_path: Path
) -> None:
    history_of(folder, tmp_path / "state", REFUSED_AT_STRICT)
    engine = story.engine
    with engine.subscribe() as events:
        written = begun(engine, database, number=3, rules=Ruleset())
        with pytest.raises(RollbackError, match="is written, but refused") as refused:
            await in_force(written, events, lambda: engine.policies, engine.file)
    assert "SEC003" in [found.code for found in refused.value.diagnostics]


async def test_a_refused_file_is_mended_by_the_revision_in_force(
    story: Story, database: Path, folder: Path
) -> None:
    (folder / "a.toml").write_text("id = ")
    await story.rejections_become(1)
    engine = story.engine
    with engine.subscribe() as events:
        written = begun(engine, database, number=2)
        revision = await in_force(written, events, lambda: engine.policies, engine.file)
    assert revision == engine.policies["a-policy"].revision == 1
    assert (folder / "a.toml").read_text() == NEW


async def test_a_retired_policy_comes_back_in_its_last_file(
    story: Story, database: Path, folder: Path
) -> None:
    (folder / "a.toml").unlink()
    await story.rate_becomes(None)
    engine = story.engine
    with engine.subscribe() as events:
        await in_force(begun(engine, database), events, lambda: engine.policies, engine.file)
    assert story.rate() == 50
    assert (folder / "a.toml").read_text() == OLD


@pytest.mark.parametrize(("number", "said"), [(9, "kept are 1 to 2"), (1, "there is no history")])
async def test_what_is_not_kept_cannot_come_back(
    story: Story, database: Path, number: int, said: str
) -> None:
    if number == 1:
        database.unlink()
    with pytest.raises(RollbackError, match=said):
        begun(story.engine, database, number)


async def test_what_a_target_refuses_is_said(folder: Path, database: Path) -> None:
    async with watching(folder, targets=[Follower(refused=50)]) as story:
        engine = story.engine
        with engine.subscribe() as events:
            written = begun(engine, database)
            with pytest.raises(RollbackError, match=r"not in force: .*follower.*too few"):
                await in_force(written, events, lambda: engine.policies, engine.file)
        assert story.rate() == 60


async def test_an_edit_after_it_counts_and_ends_the_waiting(
    story: Story, database: Path, folder: Path
) -> None:
    engine = story.engine
    with engine.subscribe() as events:
        written = begun(engine, database)  # the engine's loop does nothing meanwhile
        (folder / "a.toml").write_text(toml(requests_per_minute=40))
        with pytest.raises(RollbackError, match="changed again by somebody else"):
            await in_force(written, events, lambda: engine.policies, engine.file)
    await story.rate_becomes(40)


async def test_the_end_of_the_engine_ends_the_waiting(folder: Path, database: Path) -> None:
    async with watching(folder, targets=[Follower(endless=50)]) as story:
        engine = story.engine
        with engine.subscribe() as events:
            waiting = asyncio.create_task(
                in_force(begun(engine, database), events, lambda: engine.policies, engine.file)
            )
            await asyncio.sleep(0)
            engine.end_subscriptions()  # what the engine does when it ends
            with pytest.raises(RollbackError, match="the engine has ended"):
                await waiting


async def test_it_does_not_wait_for_ever(
    story: Story, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside_engine, "LONGEST_WAIT", 0.05)
    engine = story.engine
    with engine.subscribe() as events:
        written = begun(engine, database)
        with pytest.raises(RollbackError, match="written, but not in force after"):
            await in_force(written, events, lambda: engine.policies, lambda _: None)
