"""What an engine keeps, and what the next one goes on from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from policyconsole import Configuration, EventType, PolicyApplicationEngine, PolicyEvent
from policyconsole.application.target import Prepared, Transition
from policyconsole.history.history import History
from policyconsole.history.records import Reason
from policyconsole.snapshot import Verdict
from policyconsole.validation.levels import ValidationLevel
from tests.policies import NOT_WELL_FORMED, REFUSED_AT_STRICT, toml
from tests.test_transaction import Ledger
from tests.waiting import eventually

STRICT = ValidationLevel.STRICT


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def shown(engine: PolicyApplicationEngine, text: str) -> bool:
    status = engine.file("a.toml")
    return status is not None and status.source == text


class Told:
    """An engine that keeps a history, and all that it has told since it was made."""

    def __init__(self, folder: Path, state: Path, **options: object) -> None:
        self.engine = PolicyApplicationEngine(folder, level=STRICT, state_dir=state, **options)  # type: ignore[arg-type] # the engine's
        self._subscription = self.engine.subscribe()
        self._events: list[PolicyEvent] = []

    @property
    def events(self) -> list[PolicyEvent]:
        self._events.extend(self._subscription.drain())
        return self._events

    @property
    def words(self) -> list[str]:
        return [f"{event.type.value} {event.path} r{event.revision}" for event in self.events]

    def message(self, kind: EventType) -> str:
        return next(event.message or "" for event in self.events if event.type is kind)

    @property
    def history(self) -> History:
        assert self.engine.history is not None
        return self.engine.history

    async def revision_becomes(self, number: int, policy_id: str = "a-policy") -> None:
        await eventually(
            lambda: (
                policy_id in self.engine.policies
                and self.engine.policies[policy_id].revision == number
            )
        )


@asynccontextmanager
async def running(folder: Path, state: Path, **options: object) -> AsyncIterator[Told]:
    told = Told(folder, state, **options)
    async with told.engine:
        yield told


async def test_every_accepted_revision_is_kept_with_what_changed(folder: Path, state: Path) -> None:
    file = folder / "a.toml"
    first, second, third = (
        toml(),
        toml(requests_per_minute=77),
        toml(requests_per_minute=77) + "#\n",
    )
    async with running(folder, state) as told:
        file.write_text(first)
        await told.revision_becomes(1)
        file.write_text(second)
        await told.revision_becomes(2)
        file.write_bytes(b"\xef\xbb\xbf" + third.encode())
        await told.revision_becomes(3)
        newest, before, oldest = told.history.revisions("a-policy")
    assert [newest.content, before.content, oldest.content] == [
        b"\xef\xbb\xbf" + third.encode(),
        second.encode(),
        first.encode(),
    ]
    applied = [event for event in told.events if event.type is EventType.APPLIED]
    assert [newest.digest, before.digest, oldest.digest] == [e.digest for e in reversed(applied)]
    assert before.changes == applied[1].changes
    assert before.sections == ("security",)
    assert (newest.changes, newest.sections) == ((), ())
    assert len(oldest.sections) > 1
    assert all(kept.confirmed and kept.path == "a.toml" for kept in (newest, before, oldest))


async def test_every_refusal_is_kept_with_its_diagnostics(folder: Path, state: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml())
    async with running(folder, state) as told:
        for text in (REFUSED_AT_STRICT, NOT_WELL_FORMED):
            file.write_text(text)
            await eventually(partial(shown, told.engine, text))
        file.write_bytes(b"\xff\xff")
        await eventually(lambda: told.events[-1].diagnostics[0].code == "FILE003")
    refused = told.history.refusals()
    assert [kept.content for kept in refused] == [
        None,
        NOT_WELL_FORMED.encode(),
        REFUSED_AT_STRICT.encode(),
    ]
    assert refused[2].policy_id == "a-policy"
    assert [found["code"] for found in refused[2].diagnostics] == ["SEC003"]
    assert {kept.reason for kept in refused} == {Reason.REFUSED}
    async with running(folder, state) as told:
        pass
    assert len(told.history.refusals()) == 3, "the same refusal is not kept again"


async def test_numbers_go_on_and_the_same_content_keeps_its_own(folder: Path, state: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml())
    async with running(folder, state) as told:
        file.write_text(toml(requests_per_minute=77))
        await told.revision_becomes(2)
    async with running(folder, state) as told:
        assert told.words == ["applied a.toml r2", "started None rNone"]
        file.write_text(toml())
        await told.revision_becomes(3)
    file.write_text(toml(requests_per_minute=78))
    async with running(folder, state) as told:
        assert told.words == ["applied a.toml r4", "started None rNone"]
    assert [kept.revision for kept in told.history.revisions("a-policy")] == [4, 3, 2, 1]


@pytest.mark.parametrize("content", [REFUSED_AT_STRICT, NOT_WELL_FORMED, ""])
async def test_what_is_invalid_at_a_restart_keeps_its_last_known_good(
    folder: Path, state: Path, content: str
) -> None:
    file = folder / "a.toml"
    (folder / "b.toml").write_text(toml("b"))
    file.write_text(toml())
    async with running(folder, state) as told:
        file.write_text(toml(requests_per_minute=77))
        await told.revision_becomes(2)
        kept = told.engine.policies["a-policy"]
    file.write_text(content)
    async with running(folder, state) as told:
        assert told.words == [
            "applied a.toml r2",
            "rejected a.toml r2",
            "applied b.toml r1",
            "started None rNone",
        ]
        assert told.events[0].message is not None
        assert told.events[0].message.startswith("last known good from before the restart")
        assert told.message(EventType.STARTED) == (
            "2 policies in force, 1 as before the restart, for its file is refused"
        )
        assert told.engine.policies["a-policy"] == kept
        status = told.engine.file("a.toml")
        assert status is not None
        assert (status.verdict, status.in_force_id) == (Verdict.REFUSED, "a-policy")
        file.write_text(toml(requests_per_minute=78))
        await told.revision_becomes(3)
        file.unlink()
        await eventually(lambda: "a-policy" not in told.engine.policies)


async def test_stricter_rules_leave_in_force_what_was(folder: Path, state: Path) -> None:
    (folder / "a.toml").write_text(REFUSED_AT_STRICT)
    basic = PolicyApplicationEngine(folder, level=ValidationLevel.BASIC, state_dir=state)
    async with basic:
        pass
    async with running(folder, state) as told:
        assert told.words == ["applied a.toml r1", "rejected a.toml r1", "started None rNone"]


async def test_a_file_with_another_name_takes_its_policy_with_it(folder: Path, state: Path) -> None:
    (folder / "a.toml").write_text(toml())
    async with running(folder, state):
        pass
    (folder / "a.toml").unlink()
    (folder / "z.toml").write_text(REFUSED_AT_STRICT)
    async with running(folder, state) as told:
        assert told.words[:2] == ["applied z.toml r1", "rejected z.toml r1"]


async def test_a_valid_claim_is_stronger_than_what_was(folder: Path, state: Path) -> None:
    (folder / "a.toml").write_text(toml())
    async with running(folder, state):
        pass
    (folder / "a.toml").write_text(NOT_WELL_FORMED)
    (folder / "b.toml").write_text(toml(requests_per_minute=77))
    async with running(folder, state) as told:
        assert told.words == ["rejected a.toml rNone", "applied b.toml r2", "started None rNone"]


@pytest.mark.parametrize("while_running", [True, False])
async def test_what_was_retired_does_not_come_back(
    folder: Path, state: Path, while_running: bool
) -> None:
    file = folder / "a.toml"
    (folder / "b.toml").write_text(toml("b"))
    file.write_text(toml())
    async with running(folder, state) as told:
        if while_running:
            file.unlink()
            await eventually(lambda: "a-policy" not in told.engine.policies)
    if not while_running:
        file.unlink()
        async with running(folder, state):
            pass
    file.write_text(REFUSED_AT_STRICT)
    async with running(folder, state) as told:
        assert told.words[0] == "rejected a.toml rNone"
        file.write_text(toml())
        await told.revision_becomes(1)
    file.write_text(REFUSED_AT_STRICT)
    async with running(folder, state) as told:
        assert told.words[0] == "applied a.toml r1", "it was back, and is known again"


class Unwilling:
    """A target that refuses the first ``times`` that it is asked."""

    name = "unwilling"
    sections = frozenset({"security"})

    def __init__(self, times: int) -> None:
        self.times = times

    async def prepare(self, transition: Transition) -> Prepared:
        self.times -= 1
        if self.times >= 0:
            raise RuntimeError("not now")
        return self

    async def commit(self) -> None: ...

    async def undo(self) -> None: ...


async def test_a_target_that_will_not_have_the_last_known_good_is_asked_again(
    folder: Path, state: Path
) -> None:
    (folder / "a.toml").write_text(toml())
    async with running(folder, state):
        pass
    (folder / "a.toml").write_text(NOT_WELL_FORMED)
    async with running(folder, state, targets=[Unwilling(1)]) as told:
        assert told.words == ["apply_failed a.toml rNone", "started None rNone"]
        await told.revision_becomes(1)
        assert told.words[2:] == ["applied a.toml r1", "rejected a.toml r1"]


async def test_what_a_target_refuses_is_kept_as_refused(folder: Path, state: Path) -> None:
    (folder / "a.toml").write_text(toml())
    async with running(folder, state, targets=[Unwilling(1000)]) as told:
        await eventually(lambda: told.history.refusals() != [])
        assert told.history.policies() == []
    assert told.history.refusals()[0].reason is Reason.FAILED


async def test_a_library_keeps_nothing_unless_asked_to(folder: Path) -> None:
    engine = PolicyApplicationEngine(folder)
    assert engine.history is None


@pytest.mark.parametrize("at_the_restart", [toml(), NOT_WELL_FORMED])
async def test_what_a_target_would_not_take_at_a_restart_is_not_forgotten(
    folder: Path, state: Path, at_the_restart: str
) -> None:
    file = folder / "a.toml"
    file.write_text(toml())
    async with running(folder, state):
        pass
    file.write_text(at_the_restart)
    ledger = Ledger("ledger")
    ledger.fail = ("prepare", "a-policy")
    async with running(folder, state, targets=[ledger]) as told:
        assert not told.engine.policies
    file.write_text(NOT_WELL_FORMED)
    async with running(folder, state) as told:
        assert told.engine.policies["a-policy"].revision == 1


async def test_what_cannot_be_loaded_any_more_for_a_mistake_of_ours_ends_nothing(
    folder: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "a.toml"
    file.write_text(toml())
    async with running(folder, state):
        pass
    file.write_text(NOT_WELL_FORMED)

    def mistaken(*_: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr("policyconsole.recording.parse", mistaken)
    async with running(folder, state) as told:
        assert not told.engine.policies
        assert told.message(EventType.STARTED) == "0 policies in force"
    monkeypatch.undo()
    async with running(folder, state) as told:
        assert told.engine.policies["a-policy"].revision == 1, "it was not gone"


async def test_what_only_another_engine_passes_over_is_not_forgotten(
    folder: Path, state: Path
) -> None:
    (folder / "a.toml").write_text(toml())
    (folder / "gone.toml").write_text(toml("gone"))
    async with running(folder, state):
        pass
    (folder / "gone.toml").unlink()
    (folder / "b.toml").write_text(toml("b"))
    async with running(folder, state, configuration=Configuration(exclude=("a.toml",))) as told:
        assert set(told.engine.policies) == {"b"}
        kept = {policy.policy_id: policy.retired for policy in told.history.policies()}
        assert kept == {"a-policy": False, "b": False, "gone": True}
    (folder / "a.toml").write_text(NOT_WELL_FORMED)
    async with running(folder, state) as told:
        assert told.engine.policies["a-policy"].revision == 1
