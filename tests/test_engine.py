import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from policyconsole import EventType, PolicyApplicationEngine, ValidationLevel
from policyconsole.application.target import Transition
from policyconsole.application.targets.monitor import service_logger
from policyconsole.snapshot import Verdict, WatchState
from tests.policies import NOT_WELL_FORMED, REFUSED_AT_STRICT, toml
from tests.story import watching
from tests.waiting import eventually, holds


async def test_the_first_load_is_told_before_started(folder: Path) -> None:
    (folder / "a.toml").write_text(toml("a"))
    (folder / "b.toml").write_text(NOT_WELL_FORMED)
    engine = PolicyApplicationEngine(folder)
    subscription = engine.subscribe()
    async with engine:
        first, refused, started = subscription.drain()
    assert [event.seq for event in (first, refused, started)] == [1, 2, 3]
    assert (first.type, first.policy_id, first.revision, first.generation) == (
        EventType.APPLIED,
        "a",
        1,
        1,
    )
    assert first.sections == ("security", "monitoring", "authentication", "custom")
    assert first.changes == ()
    assert (refused.type, refused.policy_id, refused.revision) == (EventType.REJECTED, None, None)
    assert refused.message == "nothing is in force"
    assert refused.diagnostics[0].code == "PARSE001"
    assert refused.diagnostics[0].place is not None
    assert (started.type, started.message) == (EventType.STARTED, "1 policy in force")


async def test_a_change_is_told_with_its_fields_sections_and_latency(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml())
    async with watching(folder) as story:
        file.write_text(toml(log_level="debug"))
        await eventually(lambda: story.events)
        (event,) = story.events
        active = story.engine.policies["a-policy"]
    assert (event.type, event.revision, event.generation) == (EventType.APPLIED, 2, 2)
    assert event.sections == ("monitoring",)
    assert [change.field for change in event.changes] == ["monitoring.log_level"]
    assert event.digest == active.digest
    latency = event.latency
    assert None not in (latency.detect, latency.load, latency.validate, latency.apply)
    assert latency.total is not None
    assert latency.total >= latency.load + latency.validate + latency.apply  # type: ignore[operator] # asserted above


async def test_touch_chmod_and_the_same_content_are_no_news(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml())
    async with watching(folder) as story:
        file.touch()
        file.chmod(0o640)
        file.write_text(toml())
        await story.engine.revalidate()
        file.write_text(toml(requests_per_minute=2))
        await eventually(lambda: story.rate() == 2)
        assert len(story.events) == 1


async def test_a_changed_comment_is_a_revision_that_calls_no_target(folder: Path) -> None:
    calls: list[Transition] = []

    class Counting:
        name = "counting"
        sections = frozenset({"security", "monitoring", "authentication", "custom"})

        async def prepare(self, transition: Transition) -> "Counting":
            calls.append(transition)
            return self

        async def commit(self) -> None:
            pass

        async def undo(self) -> None:
            pass

    file = folder / "a.toml"
    file.write_text(toml())
    async with watching(folder, targets=[Counting()]) as story:
        file.write_text("# reviewed\n" + toml())
        await eventually(lambda: story.events)
        (event,) = story.events
    assert (event.revision, event.changes, event.sections) == (2, (), ())
    assert [call.old for call in calls] == [None]


async def test_what_is_refused_leaves_the_last_known_good_in_force(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    async with watching(folder, level=ValidationLevel.STRICT) as story:
        file.write_text(REFUSED_AT_STRICT)
        await eventually(lambda: story.events)
        (rejected,) = story.events
        assert (rejected.type, rejected.revision) == (EventType.REJECTED, 1)
        assert rejected.message == "revision 1 stays in force"
        assert "SEC003" in [item.code for item in rejected.diagnostics]
        assert story.rate() == 1
        status = story.engine.file("a.toml")
        assert status is not None
        assert (status.verdict, status.in_force_id) == (Verdict.REFUSED, "a-policy")

        file.write_text(toml(requests_per_minute=1))
        await eventually(lambda: len(story.events) == 2)
        again = story.events[-1]
        assert (again.type, again.revision, again.changes) == (EventType.APPLIED, 1, ())

        file.write_text(toml(requests_per_minute=2))
        await eventually(lambda: len(story.events) == 3)
        assert story.events[-1].revision == 2


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"id = 5\n", b'id = "x"\n', b"x" * (10 * 1024 * 1024 + 1)]
)
async def test_bad_content_is_a_diagnostic_and_the_rest_goes_on(
    folder: Path, content: bytes
) -> None:
    async with watching(folder) as story:
        (folder / "bad.toml").write_bytes(content)
        (folder / "good.toml").write_text(toml("good"))
        await eventually(lambda: len(story.events) == 2)
        assert sorted(story.words) == ["applied good.toml", "rejected bad.toml"]
        (rejected,) = story.of(EventType.REJECTED)
        assert rejected.diagnostics


async def test_a_deleted_file_retires_its_policy_and_gives_the_logger_back(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml(log_level="error"))
    async with watching(folder) as story:
        assert service_logger("a-policy").level == 40
        file.unlink()
        await eventually(lambda: story.words == ["removed a.toml"])
        assert service_logger("a-policy").level == 0
        assert "a-policy" not in story.engine.policies
        assert story.engine.file("a.toml") is None
        file.write_text(toml(log_level="error"))
        await eventually(lambda: len(story.events) == 2)
        assert story.events[-1].revision == 1, "an equal digest keeps its revision"


async def test_a_refused_file_that_goes_away_is_told_without_retiring_anything(
    folder: Path,
) -> None:
    (folder / "a.toml").write_text(toml())
    (folder / "b.toml").write_text(toml())
    async with watching(folder) as story:
        (folder / "b.toml").unlink()
        await eventually(lambda: story.words == ["removed b.toml"])
        assert story.events[0].revision is None
        assert story.rate() == 60


async def test_the_second_file_that_claims_an_id_is_refused_and_takes_over_later(
    folder: Path,
) -> None:
    (folder / "a.toml").write_text(toml(requests_per_minute=1))
    async with watching(folder) as story:
        (folder / "0.toml").write_text(toml(requests_per_minute=2))
        await eventually(lambda: story.events)
        (rejected,) = story.events
        (conflict,) = [item for item in rejected.diagnostics if item.code == "SET001"]
        assert "a.toml" in conflict.message
        assert conflict.place is not None
        assert (conflict.place.line, conflict.place.column) == (1, 6)
        assert story.rate() == 1

        (folder / "a.toml").unlink()
        await eventually(lambda: story.rate() == 2)
        await eventually(lambda: story.engine.file("a.toml") is None)
        assert story.of(EventType.REMOVED) == []


async def test_a_file_whose_id_changes_is_removed_and_applied_in_one_generation(
    folder: Path,
) -> None:
    file = folder / "a.toml"
    file.write_text(toml("old"))
    async with watching(folder) as story:
        file.write_text(toml("new"))
        await eventually(lambda: len(story.events) == 2)
        removed, applied = story.events
        assert (removed.type, removed.policy_id) == (EventType.REMOVED, "old")
        assert (applied.type, applied.policy_id, applied.revision) == (EventType.APPLIED, "new", 1)
        assert removed.generation == applied.generation
        assert list(story.engine.policies) == ["new"]


async def test_w16_a_file_that_is_renamed_and_renamed_back_is_told_both_times(
    folder: Path,
) -> None:
    (folder / "a.toml").write_text(toml())
    async with watching(folder) as story:
        (folder / "a.toml").rename(folder / "b.toml")
        await eventually(lambda: story.engine.policies["a-policy"].path == "b.toml")
        assert story.engine.file("a.toml") is None
        (folder / "b.toml").rename(folder / "a.toml")
        await eventually(lambda: story.engine.policies["a-policy"].path == "a.toml")
        assert story.words == ["applied b.toml", "applied a.toml"]
        assert list(story.engine.snapshot().files) == ["a.toml"]


async def test_two_files_swap_their_ids_one_after_the_other(folder: Path) -> None:
    (folder / "a.toml").write_text(toml("x", requests_per_minute=1))
    (folder / "b.toml").write_text(toml("y", requests_per_minute=2))
    async with watching(folder) as story:
        (folder / "a.toml").write_text(toml("y", requests_per_minute=1))
        await eventually(lambda: story.words == ["rejected a.toml"])
        assert (story.rate("x"), story.rate("y")) == (1, 2)
        (folder / "b.toml").write_text(toml("x", requests_per_minute=2))
        await eventually(lambda: len(story.events) == 3)
        assert (story.rate("x"), story.rate("y")) == (2, 1)
        assert story.of(EventType.REMOVED) == []


async def test_level_and_environment_change_while_it_runs(folder: Path) -> None:
    (folder / "a.toml").write_text(REFUSED_AT_STRICT)
    async with watching(folder) as story:
        await story.engine.configure(ValidationLevel.STRICT, None)
        configured, rejected = story.events
        assert configured.type is EventType.CONFIGURED
        assert [(change.field, change.new) for change in configured.changes] == [
            ("level", "strict")
        ]
        assert rejected.type is EventType.REJECTED
        assert story.rate() == 60, "what is in force stays in force"
        await story.engine.configure(ValidationLevel.STANDARD, None)
        assert story.events[-1].type is EventType.APPLIED
        assert story.events[-1].revision == 1
        await story.engine.configure(ValidationLevel.CUSTOM, "production")
        assert story.engine.snapshot().environment == "production"
        status = story.engine.file("a.toml")
        assert status is not None
        assert status.environment == "production"


async def test_a_target_that_fails_keeps_the_old_policy_and_is_tried_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policyconsole.enforcement.retries.FIRST_RETRY", 0.01)
    tries: list[str] = []
    broken = {"prepare"}

    class Stubborn:
        name = "stubborn"
        sections = frozenset({"security"})

        async def prepare(self, transition: Transition) -> "Stubborn":
            tries.append(transition.policy_id)
            if broken and transition.old is not None:
                raise RuntimeError("not now")
            return self

        async def commit(self) -> None:
            pass

        async def undo(self) -> None:
            pass

    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    async with watching(folder, targets=[Stubborn()]) as story:
        file.write_text(toml(requests_per_minute=2))
        await eventually(lambda: len(tries) >= 4)
        (failed,) = story.events
        assert failed.type is EventType.APPLY_FAILED
        assert failed.message == "stubborn failed to prepare: not now"
        assert story.rate() == 1
        status = story.engine.file("a.toml")
        assert status is not None
        assert status.verdict is Verdict.FAILED
        broken.clear()
        await eventually(lambda: story.rate() == 2)
        assert [event.type for event in story.events] == [EventType.APPLY_FAILED, EventType.APPLIED]
        assert story.events[-1].revision == 2


async def test_the_snapshot_is_the_whole_state_with_its_number(folder: Path) -> None:
    (folder / "a.toml").write_text(toml())
    (folder / "b.toml").write_text(NOT_WELL_FORMED)
    before = datetime.now(UTC)
    async with watching(folder, level=ValidationLevel.STRICT) as story:
        snapshot = story.engine.snapshot()
        assert (snapshot.seq, snapshot.level, snapshot.watch) == (3, "strict", WatchState.WATCHING)
        assert list(snapshot.policies) == ["a-policy"]
        verdicts = {path: status.verdict for path, status in snapshot.files.items()}
        assert verdicts == {"a.toml": Verdict.IN_FORCE, "b.toml": Verdict.REFUSED}
        assert all(status.since >= before for status in snapshot.files.values())
        (folder / "a.toml").write_text(toml(requests_per_minute=2))
        await eventually(lambda: story.rate() == 2)
        assert snapshot.policies["a-policy"].config.security.rate_limiting.requests_per_minute == 60
        assert story.engine.snapshot().seq == 4


async def test_the_last_event_is_stopped_and_subscribers_end(folder: Path) -> None:
    engine = PolicyApplicationEngine(folder)
    subscription = engine.subscribe()
    async with engine:
        pass
    words = [event.type async for event in subscription]
    assert words == [EventType.STARTED, EventType.STOPPED]
    assert engine.snapshot().watch is WatchState.STOPPED


async def test_no_policy_is_told_twice_however_events_and_scans_interleave(folder: Path) -> None:
    async with watching(folder) as story:
        for rate in range(1, 31):
            (folder / "a.toml").write_text(toml(requests_per_minute=rate))
            await story.rate_becomes(rate)
        assert [event.revision for event in story.events] == list(range(1, 31))
        assert [event.seq for event in story.events] == list(range(2, 32))


async def test_events_are_written_as_json_with_escaped_names(folder: Path) -> None:
    async with watching(folder) as story:
        (folder / "a\x1b[31m.toml").write_text(toml())
        await eventually(lambda: story.events)
        record = json.loads(story.events[0].to_json())
        assert record["path"] == "a\x1b[31m.toml"
        assert "\x1b" not in story.events[0].to_json()


async def test_two_engines_on_one_folder_do_not_disturb_each_other(folder: Path) -> None:
    async with watching(folder) as one, watching(folder) as other:
        (folder / "a.toml").write_text(toml())
        await asyncio.gather(
            eventually(lambda: one.rate() == 60), eventually(lambda: other.rate() == 60)
        )


class Choosy:
    """A target that refuses the policies named, and counts its calls."""

    name = "choosy"
    sections = frozenset({"security", "monitoring"})

    def __init__(self, *refused: str) -> None:
        self.refused = set(refused)
        self.calls: list[tuple[str, bool]] = []

    async def prepare(self, transition: Transition) -> "Choosy":
        self.calls.append((transition.policy_id, transition.new is None))
        if transition.policy_id in self.refused:
            raise RuntimeError("not this one")
        return self

    async def commit(self) -> None:
        pass

    async def undo(self) -> None:
        pass


async def test_a_new_id_that_cannot_be_applied_leaves_the_old_one_in_force(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml("x"))
    target = Choosy("y")
    async with watching(folder, targets=[target]) as story:
        file.write_text(toml("y"))
        await eventually(lambda: story.events)
        assert [event.type for event in story.events] == [EventType.APPLY_FAILED]
        assert list(story.engine.policies) == ["x"]
        status = story.engine.file("a.toml")
        assert status is not None
        assert status.in_force_id == "x"
        target.refused.clear()
        await eventually(lambda: list(story.engine.policies) == ["y"])
        assert story.of(EventType.REMOVED)[0].policy_id == "x"


async def test_half_of_a_swap_that_cannot_be_applied_keeps_its_old_revision(folder: Path) -> None:
    (folder / "a.toml").write_text(toml("x", requests_per_minute=1))
    (folder / "b.toml").write_text(toml("y", requests_per_minute=2))
    target = Choosy()
    async with watching(folder, targets=[target]) as story:
        target.refused.add("y")
        (folder / "a.toml").write_text(toml("y", requests_per_minute=1))
        await eventually(lambda: story.words == ["rejected a.toml"])
        (folder / "b.toml").write_text(toml("x", requests_per_minute=2))
        await eventually(lambda: story.rate("x") == 2)
        assert story.rate("y") == 2
        held = {status.in_force_id: path for path, status in story.engine.snapshot().files.items()}
        assert held == {"x": "b.toml", "y": "a.toml"}
        target.refused.clear()
        await eventually(lambda: story.rate("y") == 1)


async def test_the_claimant_beside_one_that_cannot_be_applied_is_told_who_has_the_id(
    folder: Path,
) -> None:
    (folder / "a.toml").write_text(toml("x"))
    (folder / "b.toml").write_text(toml("x"))
    async with watching(folder, targets=[Choosy("x")]) as story:
        status = story.engine.file("b.toml")
        assert status is not None
        assert [item.code for item in status.diagnostics] == ["SET001"]
        assert "a.toml" in status.diagnostics[0].message


async def test_a_target_that_does_not_let_go_is_asked_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policyconsole.enforcement.retries.FIRST_RETRY", 0.01)
    (folder / "a.toml").write_text(toml("x"))
    target = Choosy()
    async with watching(folder, targets=[target]) as story:
        target.refused.add("x")
        (folder / "a.toml").unlink()
        await eventually(lambda: story.of(EventType.REMOVED))
        assert "retired all the same" in (story.events[0].message or "")
        assert not story.engine.policies
        await eventually(lambda: target.calls.count(("x", True)) >= 3)
        target.refused.clear()
        calls = len(target.calls)
        await eventually(lambda: len(target.calls) > calls)
        assert len(story.events) == 1


async def test_nothing_is_tried_again_after_the_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policyconsole.enforcement.retries.FIRST_RETRY", 0.001)
    (folder / "a.toml").write_text(toml("x"))
    target = Choosy("x")
    async with watching(folder, targets=[target]):
        await eventually(lambda: len(target.calls) > 2)
    calls = len(target.calls)
    await holds(lambda: len(target.calls) == calls, seconds=0.1)


async def test_the_times_of_events_grow_with_their_numbers(folder: Path) -> None:
    (folder / "a.toml").write_text(toml("x"))
    async with watching(folder) as story:
        (folder / "a.toml").write_text(toml("y"))
        await eventually(lambda: len(story.events) == 2)
        removed, applied = story.events
        assert removed.time <= applied.time


async def test_taking_over_an_id_counts_no_second_validation(folder: Path) -> None:
    (folder / "a.toml").write_text(toml())
    (folder / "b.toml").write_text(toml())
    async with watching(folder) as story:
        before = story.engine.statistics.stages["validate"].count
        (folder / "a.toml").unlink()
        await eventually(lambda: story.words == ["applied b.toml"])
        assert story.events[0].latency.validate is None
        assert story.engine.statistics.stages["validate"].count == before


async def test_entering_that_is_cancelled_leaves_nothing_running(folder: Path) -> None:
    for number in range(300):
        (folder / f"{number}.toml").write_text(toml(f"p{number}"))
    before = asyncio.all_tasks()
    entering = asyncio.create_task(PolicyApplicationEngine(folder).__aenter__())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    entering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await entering
    assert asyncio.all_tasks() == before


async def test_a_caller_that_stops_waiting_does_not_leave_a_level_half_set(folder: Path) -> None:
    for number in range(100):
        (folder / f"{number}.toml").write_text(toml(f"p{number}", min_version="TLSv1.0"))
    async with watching(folder) as story:
        asking = asyncio.create_task(story.engine.configure(ValidationLevel.STRICT, None))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await story.rejections_become(100)


async def test_of_two_settings_the_last_one_counts(folder: Path) -> None:
    async with watching(folder) as story:
        await asyncio.gather(
            story.engine.configure(ValidationLevel.STRICT, None),
            story.engine.configure(ValidationLevel.STANDARD, None),
        )
        assert story.engine.snapshot().level == "standard"
        assert len(story.of(EventType.CONFIGURED)) == 2


class _SlowToUndo:
    """Refuses the policy ``refused``; commits ``slow`` without end, and takes long to undo it."""

    name = "slow to undo"
    sections = frozenset({"security"})

    def __init__(self) -> None:
        self.log: list[str] = []

    async def prepare(self, transition: Transition) -> "_SlowToUndo":
        self.log.append(f"prepare {transition.policy_id}")
        if transition.policy_id == "refused":
            raise RuntimeError("not this one")
        return self

    async def commit(self) -> None:
        self.log.append("commit")
        await asyncio.Event().wait()

    async def undo(self) -> None:
        await asyncio.sleep(0.6)
        self.log.append("undone")


async def test_nothing_is_tried_again_while_the_engine_ends(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time for another try comes while a target is still undoing: it is not taken."""
    monkeypatch.setattr("policyconsole.enforcement.retries.FIRST_RETRY", 0.3)
    target = _SlowToUndo()
    async with PolicyApplicationEngine(folder, targets=[target]) as engine:
        (folder / "a.toml").write_text(toml("refused"))
        await eventually(lambda: target.log == ["prepare refused"])
        (folder / "b.toml").write_text(toml("slow"))
        await eventually(lambda: "commit" in target.log)
    assert target.log == ["prepare refused", "prepare slow", "commit", "undone"]
    assert not engine._asked


async def test_files_are_counted_by_verdict_also_where_one_moves_or_goes(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml())
    (folder / "b.toml").write_text(NOT_WELL_FORMED)
    async with watching(folder) as story:

        def counted() -> tuple[int, ...]:
            shown = [status.verdict for status in story.engine.snapshot().files.values()]
            counts = tuple(story.engine.files_with(verdict) for verdict in Verdict)
            assert counts == tuple(shown.count(verdict) for verdict in Verdict)
            return counts

        assert counted() == (1, 1, 0)
        file.write_text(NOT_WELL_FORMED)
        await eventually(lambda: counted() == (0, 2, 0))
        file.rename(folder / "c.toml")
        await eventually(lambda: "rejected c.toml" in story.words)
        await eventually(lambda: counted() == (0, 2, 0))
        (folder / "c.toml").write_text(toml())
        await eventually(lambda: counted() == (1, 1, 0))
        (folder / "b.toml").unlink()
        await eventually(lambda: counted() == (1, 0, 0))
