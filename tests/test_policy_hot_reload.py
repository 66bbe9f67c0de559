"""The six integration tests of the report, under the names of its list, on real files."""

from pathlib import Path

from policyconsole import EventType, PolicyLoader, PolicyValidationEngine, ValidationLevel
from tests.policies import NOT_WELL_FORMED, REFUSED_AT_STRICT, REPORT, toml
from tests.story import watching
from tests.waiting import eventually


async def test_complete_policy_hot_reload_workflow(folder: Path) -> None:
    """Load, change, refuse, mend, delete: what is in force follows, and every step is told."""
    file = folder / "security.toml"
    file.write_text(REPORT.read_text(encoding="utf-8"), encoding="utf-8")
    policy_id = "production-security-policy"
    async with watching(folder, level=ValidationLevel.STRICT) as story:
        assert story.engine.policies[policy_id].revision == 1
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("TLSv1.3", "TLSv1.2"), encoding="utf-8")
        await eventually(lambda: story.engine.policies[policy_id].revision == 2)
        file.write_text(text.replace("TLSv1.3", "TLSv1.0"), encoding="utf-8")
        await eventually(lambda: story.of(EventType.REJECTED))
        assert story.engine.policies[policy_id].config.security.tls.min_version == "TLSv1.2"
        file.write_text(text, encoding="utf-8")
        await eventually(lambda: story.engine.policies[policy_id].revision == 3)
        file.unlink()
        await eventually(lambda: story.of(EventType.REMOVED))
        assert [event.type for event in story.events] == [
            EventType.APPLIED,
            EventType.REJECTED,
            EventType.APPLIED,
            EventType.REMOVED,
        ]
        assert not story.engine.policies


async def test_performance_bulk_policy_updates(folder: Path) -> None:
    """A hundred policies updated five times over: every last one is in force, none is told twice."""

    def write(rate: int) -> None:
        for number in range(100):
            (folder / f"{number}.toml").write_text(toml(f"p{number}", requests_per_minute=rate))

    write(1)
    async with watching(folder) as story:
        for rate in range(2, 7):
            write(rate)
            for number in range(100):
                await story.rate_becomes(rate, f"p{number}")
        assert len(story.of(EventType.APPLIED)) == 500
        assert story.engine.statistics.stages["total"].count == 500


async def test_validation_integration(folder: Path) -> None:
    """The same policy at four levels: each says what the engine of the same level does."""
    (folder / "a.toml").write_text(toml(min_version="TLSv1.0", version="1"))
    config = PolicyLoader.load(folder / "a.toml")
    for level in ValidationLevel:
        report = PolicyValidationEngine().validate(config, level)
        async with watching(folder, level=level) as story:
            status = story.engine.file("a.toml")
            assert status is not None
            assert {item.code for item in status.diagnostics} == {
                item.code for item in report.diagnostics
            }
            assert ("a-policy" in story.engine.policies) is report.is_valid
        strict = level in (ValidationLevel.STRICT, ValidationLevel.CUSTOM)
        assert report.is_valid is not strict


async def test_multiple_policy_files(folder: Path) -> None:
    """Three formats side by side; a change of one leaves the others alone."""
    (folder / "one.toml").write_text(toml("one"))
    (folder / "two.yaml").write_text("id: two\nname: Two\nversion: 1.0.0\n")
    (folder / "three.json").write_text('{"id": "three", "name": "Three", "version": "1.0.0"}')
    async with watching(folder) as story:
        assert sorted(story.engine.policies) == ["one", "three", "two"]
        untouched = story.engine.policies["one"], story.engine.policies["three"]
        (folder / "two.yaml").write_text("id: two\nname: Second\nversion: 1.0.0\n")
        await eventually(lambda: story.engine.policies["two"].config.name == "Second")
        assert (story.engine.policies["one"], story.engine.policies["three"]) == untouched
        assert story.words == ["applied two.yaml"]


async def test_error_recovery(folder: Path) -> None:
    """One bad content after another, then a good one: the engine lives and the good one is in force."""
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    async with watching(folder, level=ValidationLevel.STRICT) as story:
        for count, content in enumerate(
            (NOT_WELL_FORMED, "", REFUSED_AT_STRICT, "id = 1\n"), start=1
        ):
            file.write_text(content)
            await story.rejections_become(count)
            assert story.rate() == 1
        file.write_text(toml(requests_per_minute=2))
        await eventually(lambda: story.rate() == 2)
        status = story.engine.file("a.toml")
        assert status is not None
        assert not any(item.blocks for item in status.diagnostics)


async def test_validation_statistics(folder: Path) -> None:
    """Counts by event type and figures of every stage, as many as there were."""
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    async with watching(folder, level=ValidationLevel.STRICT) as story:
        file.write_text(REFUSED_AT_STRICT)
        await eventually(lambda: story.of(EventType.REJECTED))
        file.write_text(toml(requests_per_minute=2))
        await eventually(lambda: story.rate() == 2)
        statistics = story.engine.statistics
        counts = statistics.events
        assert (counts[EventType.APPLIED], counts[EventType.REJECTED]) == (2, 1)
        assert (counts[EventType.STARTED], counts[EventType.REMOVED]) == (1, 0)
        assert statistics.stages["validate"].count == 3
        assert statistics.stages["detect"].count == 2
        assert statistics.stages["total"].count == 1
        for stage in ("detect", "load", "validate", "apply", "total"):
            figures = statistics.stages[stage]
            assert figures.p50 is not None
            assert figures.p99 is not None
            assert figures.max is not None
            assert figures.p50 <= figures.p99 <= figures.max
