"""A change on probation: the revision before comes back where the guards refuse too much."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from policyconsole import (
    Configuration,
    Decision,
    EngineThread,
    EventType,
    PolicyApplicationEngine,
    Refusal,
    Request,
)
from policyconsole.application.target import Prepared, Transition
from policyconsole.configuration.load import load_configuration
from policyconsole.configuration.tables import RolloutSettings
from policyconsole.history.records import Reason
from policyconsole.snapshot import Verdict
from tests.policies import NOT_WELL_FORMED
from tests.story import Story
from tests.test_transaction import Ledger
from tests.waiting import eventually, eventually_blocking

ON = Configuration(rollout=RolloutSettings(probation_seconds=60, max_refusal_rate=0.5))


def policy(longest: int, policy_id: str = "a-policy") -> str:
    """A policy that refuses requests of more than so many bytes."""
    return (
        f'id = "{policy_id}"\nname = "{longest}"\nversion = "1.0.0"\n'
        "[security.rate_limiting]\nenabled = false\n"
        f"[security.input_validation]\nmax_input_length = {longest}\n"
    )


FINE, NARROW = policy(1000), policy(10)


@asynccontextmanager
async def running(
    folder: Path, configuration: Configuration = ON, **options: object
) -> AsyncIterator[Story]:
    engine = PolicyApplicationEngine(folder, configuration=configuration, **options)  # type: ignore[arg-type] # the engine's
    early = Story(engine)
    async with engine:
        yield early


def ask(story: Story, count: int, policy_id: str = "a-policy") -> int:
    """Ask the guard so often about a request of a hundred bytes; gives how often it refuses."""
    guard = story.engine.guard(policy_id)
    return sum(not guard.check(Request(body=b"x" * 100)).allowed for _ in range(count))


async def revision_becomes(story: Story, number: int, policy_id: str = "a-policy") -> None:
    await eventually(
        lambda: (
            policy_id in story.engine.policies
            and story.engine.policies[policy_id].revision == number
        )
    )


async def fails_its_probation(story: Story, file: Path) -> None:
    """Change the policy to one that refuses all that is asked, as revision 2, and see 1 come back."""
    file.write_text(NARROW)
    await revision_becomes(story, 2)
    ask(story, 20)
    await revision_becomes(story, 1)


async def test_the_revision_before_comes_back(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(FINE)
    async with running(folder) as story:
        assert story.engine.on_probation == {}, "the first load is not on probation"
        file.write_text(NARROW)
        await revision_becomes(story, 2)
        assert story.events[-1].message == "on probation for 60 s"
        assert story.engine.on_probation["a-policy"].revision == 2
        assert story.engine.on_probation["a-policy"].good.revision == 1
        assert ask(story, 19) == 19
        assert story.engine.policies["a-policy"].revision == 2, "too few to say anything"
        ask(story, 1)
        await revision_becomes(story, 1)
        told = story.events[-1]
        assert (told.type, told.path, told.revision) == (EventType.REJECTED, "a.toml", 1)
        assert told.message == "revision 1 is in force again"
        assert told.diagnostics[-1].code == "ROLL001"
        assert "20 of 20 requests were refused (100%)" in told.diagnostics[-1].message
        assert [change.field for change in told.changes] == [
            "name",
            "security.input_validation.max_input_length",
        ]
        assert ask(story, 20) == 0
        status = story.engine.file("a.toml")
        assert status is not None
        assert (status.verdict, status.in_force_id) == (Verdict.REFUSED, "a-policy")
        assert file.read_text() == NARROW
        assert story.engine.on_probation == {}
        assert len(story.events) == 4


async def test_what_refuses_little_stays(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(FINE)
    async with running(folder) as story:
        file.write_text(NARROW)
        await revision_becomes(story, 2)
        guard = story.engine.guard("a-policy")
        for _ in range(50):
            guard.check(Request(body=b"x"))
        assert ask(story, 50) == 50, "as many as are allowed, and no more"
        assert ask(story, 0) == 0
        file.write_text(policy(2000))
        await revision_becomes(story, 3)
        assert [event.type for event in story.events].count(EventType.REJECTED) == 0


async def test_the_failed_content_stays_out_until_it_is_another(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(FINE)
    async with running(folder) as story:
        await fails_its_probation(story, file)
        await story.engine.configure(story.engine.configuration.level, "staging")
        file.write_text(NARROW)
        assert story.engine.policies["a-policy"].revision == 1
        file.write_text(NOT_WELL_FORMED)
        await story.rejections_become(2)
        file.write_text(NARROW)
        await revision_becomes(story, 2)
        assert "a-policy" in story.engine.on_probation, "it was another meanwhile: another try"
        file.write_text(policy(2000))
        await revision_becomes(story, 3)


async def test_to_validate_again_is_another_try(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(FINE)
    async with running(folder) as story:
        await fails_its_probation(story, file)
        await story.engine.revalidate()
        await revision_becomes(story, 2)
        ask(story, 20)
        await revision_becomes(story, 1)
        assert len(story.of(EventType.REJECTED)) == 2
        file.write_text(policy(2000))
        await revision_becomes(story, 3)


async def test_another_try_has_all_of_its_time(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(FINE)
    async with running(folder) as story:
        clock = asyncio.get_running_loop().time
        await fails_its_probation(story, file)
        await story.engine.revalidate()
        await revision_becomes(story, 2)
        again = clock()
        (timer,) = timers("Rollout")
        assert again + 50 < timer.when() < again + 70


def timers(owner: str) -> list[asyncio.TimerHandle]:
    """The timers on this loop that are not cancelled and belong to an object of this class."""
    scheduled = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined] # no other way to see them
    return [
        timer
        for timer in scheduled
        if not timer.cancelled() and owner in repr(timer._callback)  # as above
    ]


async def test_after_the_end_nothing_goes_back(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(FINE)
    async with running(folder) as story:
        file.write_text(NARROW)
        await revision_becomes(story, 2)
        assert len(timers("Rollout")) == 1
    assert story.engine.on_probation == {}
    assert timers("Rollout") == []
    told = story.engine.snapshot().seq
    assert ask(story, 20) == 20
    for _ in range(20):
        await asyncio.sleep(0)
    assert story.engine.snapshot().seq == told
    assert story.engine.policies["a-policy"].revision == 2


async def test_of_several_changes_all_go_back(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(FINE)
    async with running(folder) as story:
        file.write_text(policy(20))
        await revision_becomes(story, 2)
        file.write_text(NARROW)
        await revision_becomes(story, 3)
        assert story.engine.on_probation["a-policy"].good.revision == 1
        ask(story, 20)
        await revision_becomes(story, 1)
        assert ask(story, 5) == 0


async def test_to_restore_what_was_ends_the_probation(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(FINE)
    async with running(folder) as story:
        file.write_text(NARROW)
        await revision_becomes(story, 2)
        file.write_text(FINE)
        await revision_becomes(story, 3)
        assert story.engine.on_probation == {}


async def test_who_passes_is_what_one_goes_back_to(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "a.toml"
    file.write_text(FINE)
    short = Configuration(rollout=RolloutSettings(probation_seconds=1, max_refusal_rate=0.5))
    async with running(folder, short) as story:
        file.write_text(policy(500))
        await revision_becomes(story, 2)
        await eventually(lambda: story.engine.on_probation == {})
        file.write_text(NARROW)
        await revision_becomes(story, 3)
        ask(story, 20)
        await revision_becomes(story, 2)


async def test_a_policy_that_goes_or_moves_meanwhile(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(FINE)
    async with running(folder) as story:
        file.write_text(NARROW)
        await revision_becomes(story, 2)
        file.rename(folder / "b.toml")
        await eventually(lambda: story.engine.policies["a-policy"].path == "b.toml")
        ask(story, 20)
        await revision_becomes(story, 1)
        assert story.engine.policies["a-policy"].path == "b.toml"
        (folder / "b.toml").write_text(policy(11))
        await revision_becomes(story, 3)
        (folder / "b.toml").unlink()
        await eventually(lambda: not story.engine.policies)
        assert story.engine.on_probation == {}


async def test_another_policy_is_not_touched(folder: Path) -> None:
    (folder / "a.toml").write_text(FINE)
    (folder / "b.toml").write_text(policy(1000, "b"))
    async with running(folder) as story:
        (folder / "a.toml").write_text(NARROW)
        (folder / "b.toml").write_text(policy(20, "b"))
        await revision_becomes(story, 2)
        await revision_becomes(story, 2, "b")
        ask(story, 20)
        await revision_becomes(story, 1)
        assert story.engine.policies["b"].revision == 2


async def test_a_target_that_will_not_go_back_is_asked_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policyconsole.enforcement.retries.FIRST_RETRY", 0.05)
    file = folder / "a.toml"
    file.write_text(FINE)
    ledger = Refusing("ledger")
    async with running(folder, targets=[ledger]) as story:
        file.write_text(NARROW)
        await revision_becomes(story, 2)
        ledger.fail = ("prepare", "a-policy")
        ask(story, 20)
        await eventually(lambda: len(story.of(EventType.APPLY_FAILED)) == 1)
        assert story.engine.policies["a-policy"].revision == 2
        ledger.fail = None
        await revision_becomes(story, 1)
        assert story.events[-1].type is EventType.REJECTED


async def test_a_later_content_that_no_target_takes_does_not_keep_the_failed_one_in_force(
    folder: Path,
) -> None:
    file = folder / "a.toml"
    file.write_text(FINE)
    ledger = Refusing("ledger")
    async with running(folder, targets=[Picky(), ledger]) as story:
        file.write_text(NARROW)
        await revision_becomes(story, 2)
        file.write_text(policy(13))
        await eventually(lambda: len(story.of(EventType.APPLY_FAILED)) == 1)
        ask(story, 20)
        await revision_becomes(story, 1)
        await eventually(lambda: len(story.of(EventType.APPLY_FAILED)) == 2)
        told = story.events[-1]
        assert (told.path, told.revision) == ("a.toml", 1)
        assert told.message == "picky failed to prepare: not that; revision 1 is in force again"
        assert "security.input_validation.max_input_length" in [
            change.field for change in told.changes
        ]
        file.write_text(policy(2000))
        await revision_becomes(story, 3)


class Picky(Ledger):
    """A target that will not have one length."""

    def __init__(self) -> None:
        super().__init__("picky")

    async def prepare(self, transition: Transition) -> Prepared:
        new = transition.new
        if new is not None and new.security.input_validation.max_input_length == 13:
            raise RuntimeError("not that")
        return await super().prepare(transition)


class Refusing(Ledger):
    """A target that refuses all that it is asked about."""

    def check(self, policy_id: str, request: Request, now: float) -> Decision:
        return Decision(False, "no", Refusal.FORBIDDEN)


async def test_off_by_default_and_when_switched_off(folder: Path) -> None:
    file = folder / "a.toml"
    settings = folder / "policy-console.toml"
    file.write_text(FINE)
    async with running(folder, Configuration()) as story:
        file.write_text(NARROW)
        await revision_becomes(story, 2)
        assert story.events[-1].message is None
        ask(story, 100)
        assert story.engine.on_probation == {}
    settings.write_text("[rollout]\nprobation_seconds = 60\n")
    async with running(folder, load_configuration(folder)) as story:
        file.write_text(policy(11))
        await revision_becomes(story, 2)
        ask(story, 20)
        await revision_becomes(story, 1)
        settings.write_text("[rollout]\nprobation-seconds = 0\n")
        await revision_becomes(story, 2)


async def test_over_a_restart_the_failed_content_stays_out(folder: Path, tmp_path: Path) -> None:
    file, state = folder / "a.toml", tmp_path / "state"
    file.write_text(FINE)
    async with running(folder, state_dir=state) as story:
        await fails_its_probation(story, file)
        history = story.engine.history
        assert history is not None
        await eventually(lambda: history.refusals() != [])
        assert history.refusals()[0].reason is Reason.PROBATION
    async with running(folder, state_dir=state) as story:
        assert story.words == ["applied a.toml", "rejected a.toml"]
        assert story.engine.policies["a-policy"].revision == 1
        assert story.of(EventType.REJECTED)[0].diagnostics[-1].code == "ROLL001"
        file.write_text(policy(2000))
        await revision_becomes(story, 3)


async def test_what_passes_at_its_second_try_stays_over_a_restart(
    folder: Path, tmp_path: Path
) -> None:
    file, state = folder / "a.toml", tmp_path / "state"
    file.write_text(FINE)
    async with running(folder, state_dir=state) as story:
        await fails_its_probation(story, file)
        await story.engine.revalidate()
        await revision_becomes(story, 2)
    async with running(folder, state_dir=state) as story:
        assert story.words == ["applied a.toml"]
        assert story.engine.policies["a-policy"].revision == 2
    file.write_text(NOT_WELL_FORMED)
    async with running(folder, state_dir=state) as story:
        assert story.engine.policies["a-policy"].revision == 2


async def test_over_a_restart_too_all_of_several_changes_have_gone_back(
    folder: Path, tmp_path: Path
) -> None:
    file, state = folder / "a.toml", tmp_path / "state"
    file.write_text(FINE)
    async with running(folder, state_dir=state) as story:
        file.write_text(policy(20))
        await revision_becomes(story, 2)
        file.write_text(NARROW)
        await revision_becomes(story, 3)
        ask(story, 20)
        await revision_becomes(story, 1)
    async with running(folder, state_dir=state) as story:
        assert story.engine.policies["a-policy"].revision == 1
        file.write_text(policy(2000))
        await revision_becomes(story, 4)


def test_a_busy_service_gets_its_policy_back(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(FINE)
    stop = threading.Event()
    wrong: list[str] = []
    with EngineThread(folder, configuration=ON) as engine:

        def ask_on() -> None:
            guard = engine.guard("a-policy")
            while not stop.is_set():
                decision = guard.check(Request(body=b"x" * 100))
                if not decision.allowed and "10" not in decision.reason:
                    wrong.append(decision.reason)

        threads = [threading.Thread(target=ask_on) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            with engine.events() as events:
                file.write_text(NARROW)
                applied, rejected = events.get(10), events.get(10)
            assert applied is not None
            assert rejected is not None
            assert (applied.type, rejected.type) == (EventType.APPLIED, EventType.REJECTED)
            eventually_blocking(lambda: engine.policies["a-policy"].revision == 1)
            before = engine.requests["a-policy"].allowed
            eventually_blocking(lambda: engine.requests["a-policy"].allowed > before + 100)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert wrong == []


async def test_a_failure_of_our_own_loses_no_event(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("unforeseen")

    (folder / "a.toml").write_text(FINE)
    async with running(folder) as story:
        with monkeypatch.context() as patch:
            patch.setattr("policyconsole.rollout.Rollout.took_effect", broken)
            (folder / "a.toml").write_text(policy(2000))
            await revision_becomes(story, 2)
            await eventually(lambda: story.events[-1].type is EventType.DEGRADED)
        assert "unforeseen" in (story.events[-1].message or "")
        assert story.events[-2].type is EventType.APPLIED
        (folder / "a.toml").write_text(policy(3000))
        await eventually(lambda: story.events[-1].type is EventType.RECOVERED)
