"""An engine follows its configuration: what changes counts at once, a mistake changes nothing."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from policyconsole import (
    Configuration,
    EngineThread,
    EventType,
    PolicyApplicationEngine,
    ValidationLevel,
    load_configuration,
)
from policyconsole.configuration import watch
from policyconsole.judging import judge
from policyconsole.loading.formats import Format
from policyconsole.validation.baseline import Baseline
from policyconsole.validation.ruleset import Ruleset
from policyconsole.watching import settling
from policyconsole.watching.hints import WatcherKind
from tests.policies import REFUSED_AT_STRICT, toml
from tests.story import Story
from tests.waiting import eventually, eventually_blocking, holds
from tests.writer import writer

OWN_RULE = """
[[rules]]
code = "TEAM001"
kind = "error"
severity = "high"
message = "nobody owns it"
require = 'has(policy.custom.owner)'
"""

CHANGES = (EventType.CONFIGURED, EventType.DEGRADED, EventType.RECOVERED)


@pytest.fixture(autouse=True)
def looked_at_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_EVERY", 0.01)


@pytest.fixture
def file(folder: Path) -> Path:
    """The configuration, above the folder, with one policy that Strict refuses."""
    (folder / "a.toml").write_text(REFUSED_AT_STRICT)
    return folder.parent / "policy-console.toml"


@asynccontextmanager
async def following(folder: Path, **options: object) -> AsyncIterator[Story]:
    engine = PolicyApplicationEngine(
        folder, configuration=load_configuration(folder, options=options)
    )
    async with engine:
        yield Story(engine)


def told(story: Story) -> list[str]:
    """What was told of the configuration and the files, in words."""
    words = []
    for event in story.events:
        changes = " ".join(f"{item.field}={item.new}" for item in event.changes)
        about = changes if event.type in CHANGES else event.path
        words.append(f"{event.type.value} {about or ''}".strip())
    return words


async def test_a_stricter_level_is_put_to_every_file_at_once(folder: Path, file: Path) -> None:
    file.write_text('level = "standard"\n')
    (folder / "b.toml").write_text(toml("b"))
    async with following(folder) as story:
        file.write_text('level = "strict"\n')
        await story.rejections_become(1)
        assert told(story) == ["configured level=strict", "rejected a.toml"]
        (configured, rejected) = story.events
        assert [(c.field, c.old, c.new) for c in configured.changes] == [
            ("level", "standard", "strict")
        ]
        assert [item.code for item in rejected.diagnostics if item.blocks] == ["SEC003"]
        assert "a-policy" in story.engine.policies, "the last known good stays"
        assert story.engine.snapshot().level == "strict"
        file.write_text('level = "basic"\n')
        await eventually(lambda: len(story.events) == 4)
        assert told(story)[2:] == ["configured level=basic", "applied a.toml"]


async def test_the_start_names_the_file(folder: Path, file: Path) -> None:
    file.write_text("# nothing\n")
    engine = PolicyApplicationEngine(folder, configuration=load_configuration(folder))
    story = Story(engine)
    async with engine:
        (started,) = story.of(EventType.STARTED)
        assert started.message == "1 policy in force, configured by ../policy-console.toml"


async def test_a_new_rule_is_put_to_every_file_at_once(folder: Path, file: Path) -> None:
    async with following(folder) as story:
        file.write_text(OWN_RULE)
        await story.rejections_become(1)
        assert [item.code for item in story.events[1].diagnostics if item.blocks] == ["TEAM001"]
        assert [item.field for item in story.events[0].changes] == ["rules"]


async def test_another_choice_is_put_to_every_file_at_once(folder: Path, file: Path) -> None:
    file.write_text('level = "strict"\n')
    async with following(folder) as story:
        assert "a-policy" not in story.engine.policies
        file.write_text('level = "strict"\n[per-file-ignores]\n"policies/a.toml" = ["SEC003"]\n')
        await eventually(lambda: "a-policy" in story.engine.policies)
        assert [item.field for item in story.events[0].changes] == ["per-file-ignores"]


async def test_a_mistake_changes_nothing_and_is_told_with_its_place(
    folder: Path, file: Path
) -> None:
    file.write_text('level = "strict"\n')
    async with following(folder) as story:
        file.write_text('environment = "staging"\nlevel = "strickt"\n')
        await eventually(lambda: story.of(EventType.DEGRADED))
        (degraded,) = story.events
        assert degraded.path == "../policy-console.toml"
        assert [
            (item.code, item.place.line, item.place.column, item.help)
            for item in degraded.diagnostics
            if item.place
        ] == [("CONF003", 2, 9, 'did you mean "strict"?')]
        assert degraded.message is not None
        assert f"{file}:2:9: CONF003" in degraded.message
        snapshot = story.engine.snapshot()
        assert (snapshot.level, snapshot.environment) == ("strict", None)
        assert (snapshot.watch, snapshot.message) == ("degraded", degraded.message)
        (folder / "b.toml").write_text(REFUSED_AT_STRICT.replace("a-policy", "b"))
        await story.rejections_become(1)  # the former counts for what comes after too
        file.write_text('environment = "staging"\nlevel = "strict"\n')
        await eventually(lambda: story.of(EventType.RECOVERED))
        assert told(story)[2:] == ["configured environment=staging", "recovered"]
        assert story.engine.snapshot().message is None


async def test_another_mistake_is_told_and_the_same_one_is_not(folder: Path, file: Path) -> None:
    file.write_text('level = "strict"\n')
    async with following(folder) as story:

        def is_source(text: str) -> bool:
            found = story.engine._mistakes
            return found is not None and found.mistakes[0].source == text

        for text in ("levle = 1\n", "levle = 1\n# the same\n", "lvl = 1\n"):
            file.write_text(text)
            await eventually(partial(is_source, text))
        assert [event.type for event in story.events] == [EventType.DEGRADED] * 2


async def test_hints_that_are_lost_are_no_mistake_of_the_configuration(
    folder: Path, file: Path
) -> None:
    async with following(folder) as story:
        file.write_text("level = 1\n")
        await eventually(lambda: story.of(EventType.DEGRADED))
        story.engine._watcher.hints_lost("too much at once")
        await eventually(lambda: len(story.of(EventType.DEGRADED)) == 3)
        mistake, lost, again = story.of(EventType.DEGRADED)
        assert (lost.message, lost.path, lost.diagnostics) == ("too much at once", None, ())
        assert (again.path, again.diagnostics) == (mistake.path, mistake.diagnostics)


async def test_what_changes_no_setting_is_not_told(folder: Path, file: Path) -> None:
    file.write_text('level = "strict"\n' + OWN_RULE)
    async with following(folder) as story:
        file.write_text('# why so strict\nlevel = "strict"\n' + OWN_RULE)
        os.utime(file, (1, 1))
        file.write_text('level = "strict"\nenvironment = "staging"\n' + OWN_RULE)
        await eventually(lambda: story.of(EventType.CONFIGURED))
        assert told(story)[0] == "configured environment=staging"


async def test_half_a_file_never_counts(folder: Path, file: Path) -> None:
    file.write_text('level = "strict"\nenvironment = "staging"\n')
    async with following(folder) as story:
        with writer() as other:
            other.open(file)
            await holds(lambda: not story.events, 0.3)
            other.write(file, 'level = "strict"\n')
            await holds(lambda: not story.events, 0.3)
            other.write(file, 'environment = "production"\n')
            other.close(file)
        await eventually(lambda: story.events)
        assert told(story)[0] == "configured environment=production"


async def test_a_file_that_appears_counts_and_one_that_goes_no_more(
    folder: Path, file: Path
) -> None:
    async with following(folder) as story:
        file.write_text('level = "strict"\n')
        await story.rejections_become(1)
        nearer = folder / "pyproject.toml"
        nearer.write_text('[tool.policy-console]\nlevel = "basic"\n')
        await eventually(lambda: story.engine.snapshot().level == "basic")
        nearer.unlink()
        await eventually(lambda: story.engine.snapshot().level == "strict")
        file.unlink()
        await eventually(lambda: story.engine.snapshot().level == "standard")
        assert [word for word in told(story) if word.startswith("configured")] == [
            "configured level=strict",
            "configured level=basic",
            "configured level=strict",
            "configured level=standard",
        ]


async def test_a_file_that_is_away_for_a_moment_still_counts(folder: Path, file: Path) -> None:
    file.write_text('level = "strict"\n')
    async with following(folder) as story:
        file.rename(file.with_name("policy-console.toml~"))
        await holds(lambda: story.engine.snapshot().level == "strict", 0.1)
        file.write_text('level = "custom"\n')
        await eventually(lambda: story.engine.snapshot().level == "custom")
        assert told(story)[0] == "configured level=custom"


async def test_the_configuration_stays_while_the_whole_folder_is_away(folder: Path) -> None:
    (folder / "policy-console.toml").write_text('level = "strict"\n')
    away = folder.with_name("away")
    async with following(folder) as story:
        folder.rename(away)
        await eventually(lambda: story.of(EventType.DEGRADED))
        await holds(lambda: story.engine.snapshot().level == "strict", 0.4)
        away.rename(folder)
        await eventually(lambda: story.of(EventType.RECOVERED))
        assert not story.of(EventType.CONFIGURED)


async def test_a_file_that_was_asked_for_must_stay(folder: Path, file: Path) -> None:
    file.write_text('level = "strict"\n')
    configuration = load_configuration(folder, file=file)
    async with PolicyApplicationEngine(folder, configuration=configuration) as engine:
        story = Story(engine)
        file.unlink()
        await eventually(lambda: story.of(EventType.DEGRADED))
        assert [item.code for item in story.events[0].diagnostics] == ["CONF001"]
        assert engine.snapshot().level == "strict"


async def test_what_cannot_be_read_any_more_changes_nothing(folder: Path, file: Path) -> None:
    file.write_text('level = "strict"\n')
    async with following(folder) as story:
        file.unlink()
        file.mkdir()
        await eventually(lambda: story.of(EventType.DEGRADED))
        assert [item.code for item in story.events[0].diagnostics] == ["CONF001"]
        assert story.engine.snapshot().level == "strict"


async def test_what_an_option_said_stays_stronger_than_the_file(folder: Path, file: Path) -> None:
    file.write_text('level = "strict"\n')
    async with following(folder, level="basic") as story:
        file.write_text('level = "custom"\nenvironment = "staging"\n')
        await eventually(lambda: story.of(EventType.CONFIGURED))
        assert told(story) == ["configured environment=staging"]
        assert story.engine.snapshot().level == "basic"


async def test_what_was_chosen_live_stays_until_the_file_s_own_is_chosen_again(
    folder: Path, file: Path
) -> None:
    file.write_text('level = "standard"\n')
    async with following(folder) as story:
        await story.engine.configure(ValidationLevel.BASIC, None)
        file.write_text('level = "strict"\nenvironment = "staging"\n')
        await eventually(lambda: story.engine.snapshot().environment == "staging")
        assert story.engine.snapshot().level == "basic"
        await story.engine.configure(ValidationLevel.STRICT, "staging")
        file.write_text('level = "custom"\nenvironment = "production"\n')
        await eventually(lambda: story.engine.snapshot().level == "custom")
        assert story.engine.snapshot().environment == "production"


async def test_include_and_exclude_take_files_in_and_out(folder: Path, file: Path) -> None:
    (folder / "old").mkdir()
    (folder / "old" / "b.toml").write_text(toml("b"))
    file.write_text('exclude = ["policies/old"]\n')
    async with following(folder) as story:
        assert sorted(story.engine.policies) == ["a-policy"]
        (folder / "old" / "b.toml").write_text(toml("b", version="2.0.0"))
        (folder / "old" / "c.toml").write_text(toml("c"))
        file.write_text('include = ["b.*"]\n')
        await eventually(lambda: sorted(story.engine.policies) == ["b"])
        assert [word for word in told(story) if "c.toml" in word] == []
        (folder / "b.yaml").write_text("id: d\nname: D\nversion: 1.0.0\n")
        await eventually(lambda: sorted(story.engine.policies) == ["b", "d"])
        file.unlink()
        await eventually(lambda: sorted(story.engine.policies) == ["a-policy", "b", "c", "d"])


async def test_another_choice_is_put_to_what_cannot_be_loaded_too(folder: Path, file: Path) -> None:
    (folder / "a.toml").write_text('id = "a"\nname = "A"\nversion = 1\ncolour = "red"\n')
    (folder / "b.toml").write_text("\ufeff\ufeff" + toml("b"))
    async with following(folder) as story:
        before = dict(story.engine.snapshot().files)
        file.write_text('severity = {FIELD001 = "low"}\n')
        await story.rejections_become(1)
        file.write_text('ignore = ["FIELD001"]\n')
        await story.rejections_become(2)
        first, second = story.of(EventType.REJECTED)
        assert [item.code for item in first.diagnostics if item.blocks] == ["TYPE001", "FIELD001"]
        assert [item.code for item in second.diagnostics] == ["TYPE001"]
        assert first.digest == second.digest == before["a.toml"].digest
        assert story.engine.snapshot().files["b.toml"] == before["b.toml"], "two marks stay two"


@pytest.mark.parametrize(
    ("patterns", "word"),
    [
        ('exclude = ["policies/a.toml"]\n', "applied"),
        ('level = "strict"\n[per-file-ignores]\n"policies/a.toml" = ["SEC003"]\n', "rejected"),
    ],
)
async def test_patterns_count_from_the_file_that_has_them_now(
    folder: Path, file: Path, patterns: str, word: str
) -> None:
    file.write_text(patterns)
    async with following(folder) as story:
        (folder / file.name).write_text(patterns)
        await eventually(lambda: told(story) == ["configured", f"{word} a.toml"])
        (configured,) = story.of(EventType.CONFIGURED)
        assert (configured.changes, configured.message) == ((), "where patterns count from")


async def test_a_folder_that_is_a_link_may_lead_elsewhere_later(tmp_path: Path) -> None:
    """A release that takes the place of the one before, with the same configuration."""
    for release in ("1", "2"):
        for name, text in {
            "policy-console.toml": 'level = "strict"\nbaseline = ".known.json"\n'
            '[per-file-ignores]\n"legacy/*" = ["SEC003"]\n',
            "legacy/a.toml": toml("a", min_version="TLSv1.0", extra=f"# {release}"),
            "b.toml": toml("b", version="1.0", extra=f"# {release}"),
        }.items():
            (tmp_path / release / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / release / name).write_text(text)
    live, other = tmp_path / "live", tmp_path / "other"
    live.symlink_to("1")
    other.symlink_to("2")
    for name in ("1", "2"):
        path = str(tmp_path / name / "b.toml")
        judgement = judge(Path(path).read_bytes(), Format.TOML, Ruleset(), path)
        known = Baseline.of(
            tmp_path / name / ".known.json", [(path, judgement.text, judgement.diagnostics)]
        )
        (tmp_path / name / ".known.json").write_text(known.text)
    async with following(live) as story:
        assert [file.diagnostics for file in story.engine.snapshot().files.values()] == [(), ()]
        other.rename(live)
        await eventually(lambda: len(story.of(EventType.APPLIED)) == 2)
        assert sorted(told(story)) == ["applied b.toml", "applied legacy/a.toml"]
        assert [file.diagnostics for file in story.engine.snapshot().files.values()] == [(), ()]


async def test_a_baseline_that_changes_counts_at_once(folder: Path, file: Path) -> None:
    baseline = file.with_name("known.json")
    baseline.write_text('{"version": 1, "findings": []}')
    file.write_text('level = "strict"\nbaseline = "known.json"\n')
    async with following(folder) as story:
        baseline.write_text('{"version": 1, "findings": [')
        await eventually(lambda: story.of(EventType.DEGRADED))
        assert [item.code for item in story.events[0].diagnostics] == ["CONF006"]
        baseline.write_text(
            '{"version": 1, "findings": [{"path": "x", "code": "SEC003", "fingerprint": "0", "message": "m"}]}'
        )
        await eventually(lambda: story.of(EventType.RECOVERED))
        (configured,) = story.of(EventType.CONFIGURED)
        assert (configured.changes, configured.message) == ((), "the findings of the baseline")


async def test_a_baseline_that_is_named_later_is_waited_for_and_watched(
    folder: Path, file: Path
) -> None:
    file.write_text('level = "strict"\n')
    async with following(folder) as story:
        file.write_text('level = "custom"\nbaseline = "known.json"\n')
        await eventually(lambda: story.of(EventType.DEGRADED))
        assert story.engine.snapshot().level == "strict"
        file.with_name("known.json").write_text('{"version": 1, "findings": []}')
        await eventually(lambda: story.of(EventType.RECOVERED))
        assert story.engine.snapshot().level == "custom"


async def test_a_baseline_of_an_impossible_name_is_a_mistake_like_any_other(
    folder: Path, file: Path
) -> None:
    async with following(folder) as story:
        file.write_text('baseline = "a\\u0000b"\n')
        await eventually(lambda: story.of(EventType.DEGRADED))
        file.write_text('level = "strict"\n')
        await eventually(lambda: story.of(EventType.RECOVERED))
        assert [item.code for item in story.events[0].diagnostics] == ["CONF006"]


async def test_a_link_that_leads_nowhere_is_a_mistake_until_it_leads_somewhere(
    folder: Path, file: Path
) -> None:
    async with following(folder) as story:
        file.symlink_to("target.toml")
        await eventually(lambda: story.of(EventType.DEGRADED))
        file.with_name("target.toml").write_text('level = "strict"\n')
        await eventually(lambda: story.of(EventType.RECOVERED))
        assert story.engine.snapshot().level == "strict"


async def test_where_nothing_tells_of_writers_a_file_must_be_quiet(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a network folder: neither an empty file nor a broken one counts at once."""
    monkeypatch.setattr(settling, "_probe", lambda _: (settling.Proof.UNKNOWN, None))
    file.write_text('level = "strict"\n')
    async with following(folder) as story:
        for half in ("", 'level = "strict'):
            file.write_text(half)
            await holds(lambda: not story.events, 0.4)
        file.write_text('level = "custom"\n')
        await eventually(lambda: story.events)
        assert told(story)[0] == "configured level=custom"
        file.write_text("")
        await eventually(lambda: story.engine.snapshot().level == "standard")


async def test_another_watcher_counts_from_the_next_start_on(folder: Path, file: Path) -> None:
    async with following(folder) as story:
        file.write_text('watcher = "poll"\n')
        await eventually(lambda: story.of(EventType.CONFIGURED))
        assert story.events[0].message == "another watcher counts from the next start on"


@pytest.mark.parametrize("read_all", [True, False])
def test_polling_finds_what_no_time_tells(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch, read_all: bool
) -> None:
    file.write_text("one")
    files = watch.SettledFiles(read_all=read_all)
    files.add(str(file))
    tracker = files._trackers[str(file.parent)]
    eventually_blocking(lambda: not files.look() and tracker._known[file.name].believable)
    assert files.contents == {str(file): b"one"}
    files.look()
    state = watch._state(str(file))
    monkeypatch.setattr(watch, "_state", lambda _: state)
    file.write_text("two")
    assert files.look() is read_all
    assert files.contents == {str(file): b"two" if read_all else b"one"}


async def test_polling_is_what_the_engine_asks_for(folder: Path, file: Path) -> None:
    async with following(folder, watcher="poll") as story:
        watcher = story.engine._configuration_watcher
        assert watcher is not None
        assert watcher._files._read_all
        file.write_text('level = "custom"\n')
        await eventually(lambda: story.engine.snapshot().level == "custom")


async def test_what_cannot_be_read_for_a_moment_is_not_told(folder: Path, file: Path) -> None:
    file.write_text('level = "strict"\n')
    async with following(folder) as story:
        file.unlink()
        file.symlink_to("target.toml")
        await holds(lambda: not story.events, 0.1)
        file.with_name("target.toml").write_text('level = "custom"\n')
        await eventually(lambda: story.events)
        assert told(story)[0] == "configured level=custom"


async def test_nothing_ends_the_engine(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with following(folder) as story:

        def fail(*_: object) -> Configuration:
            raise RuntimeError("out of luck")

        with monkeypatch.context() as patched:
            patched.setattr(watch, "load", fail)
            file.write_text('level = "strict"\n')
            await eventually(lambda: story.of(EventType.DEGRADED))
        file.write_text('level = "custom"\n')
        await eventually(lambda: story.of(EventType.RECOVERED))
        assert story.engine.snapshot().level == "custom"


async def test_a_configuration_made_by_hand_is_used_and_nothing_is_looked_for(
    folder: Path, file: Path
) -> None:
    file.write_text('level = "basic"\n')
    by_hand = Configuration(level=ValidationLevel.STRICT, exclude=("b.toml",))
    (folder / "b.toml").write_text(toml("b"))
    async with PolicyApplicationEngine(folder, configuration=by_hand) as engine:
        assert engine.snapshot().level == "strict"
        assert not engine.policies
    async with PolicyApplicationEngine(
        folder, level=ValidationLevel.BASIC, configuration=by_hand
    ) as engine:
        assert engine.snapshot().level == "basic"
    async with PolicyApplicationEngine(folder) as engine:
        assert engine.snapshot().level == "standard"


@pytest.mark.parametrize("by_hand", [True, False])
async def test_patterns_count_from_one_folder_however_the_configuration_was_come_by(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch, *, by_hand: bool
) -> None:
    """Neither the folder that it was looked for in counts, nor the current one, then or later."""
    monkeypatch.chdir(folder.parent)
    for name in ("legacy", "old"):
        (folder / name).mkdir()
        (folder / name / "b.toml").write_text(toml(name, min_version="TLSv1.0"))
    if by_hand:
        configuration = Configuration(
            level=ValidationLevel.STRICT,
            exclude=("old/*",),
            per_file_ignores={"legacy/*": ("SEC",)},
        )
    else:
        file.write_text(
            'level = "strict"\nexclude = ["policies/old/*"]\n'
            '[per-file-ignores]\n"policies/legacy/*" = ["SEC"]\n'
        )
        configuration = load_configuration()
    async with PolicyApplicationEngine("policies", configuration=configuration) as engine:
        assert list(engine.policies) == ["legacy"]
        assert sorted(engine.snapshot().files) == ["a.toml", "legacy/b.toml"]
        monkeypatch.chdir("/")
        (folder / "legacy" / "c.toml").write_text(toml("c", min_version="TLSv1.0"))
        await eventually(lambda: "legacy/c.toml" in engine.snapshot().files)
        assert sorted(engine.policies) == ["c", "legacy"]


def test_the_engine_on_a_thread_takes_and_follows_one_too(folder: Path, file: Path) -> None:
    file.write_text('level = "strict"\n')
    with EngineThread(folder, configuration=load_configuration(folder)) as engine:
        assert engine.snapshot().level == "strict"
        file.write_text('level = "basic"\n')
        eventually_blocking(lambda: "a-policy" in engine.policies)
        assert engine.configuration.level == "basic"


def test_the_watcher_of_the_configuration_is_the_engine_s(folder: Path, file: Path) -> None:
    file.write_text('watcher = "poll"\n')
    configuration = load_configuration(folder)
    engine = PolicyApplicationEngine(folder, configuration=configuration)
    assert engine._watcher._kind is WatcherKind.POLL
    asked = PolicyApplicationEngine(
        folder, watcher=WatcherKind.WATCHFILES, configuration=configuration
    )
    assert asked._watcher._kind is WatcherKind.WATCHFILES
