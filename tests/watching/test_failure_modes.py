"""W1 to W6, W10, W14 and W15 of the failure modes, on a real folder, for every source of hints."""

import asyncio
import os
import subprocess
from pathlib import Path

from policyconsole import EventType
from policyconsole.watching.hints import WatcherKind
from tests.policies import NOT_WELL_FORMED, toml
from tests.story import watching
from tests.waiting import eventually, holds
from tests.writer import writer


async def test_w1_a_save_through_rename_is_one_event_and_the_new_file_is_watched(
    folder: Path, kind: WatcherKind
) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    async with watching(folder, kind) as story:
        with writer() as other:
            for rate in (2, 3):
                await asyncio.to_thread(other.replace, file, toml(requests_per_minute=rate))
                await story.rate_becomes(rate)
            await asyncio.to_thread(other.rewrite, file, [toml(requests_per_minute=4)])
            await eventually(lambda: story.rate() == 4)
        assert story.words == ["applied a.toml"] * 3


async def test_w1_sed_in_place_is_one_event(folder: Path, kind: WatcherKind) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    async with watching(folder, kind) as story:
        command = ["sed", "-i", "s/requests_per_minute = 1/requests_per_minute = 2/", str(file)]
        await asyncio.to_thread(subprocess.run, command, check=True)
        await eventually(lambda: story.rate() == 2)
        assert story.words == ["applied a.toml"]


async def test_w2_half_a_file_is_never_in_force(folder: Path, kind: WatcherKind) -> None:
    """The first half is valid TOML, and a valid policy: only the writer knows that it is not done."""
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    whole = toml(requests_per_minute=2, log_level="error")
    half = whole.index("[monitoring]")
    async with watching(folder, kind) as story:
        with writer() as other:
            await asyncio.to_thread(other.open, file)
            await asyncio.to_thread(other.write, file, whole[:half])
            await holds(lambda: story.rate() == 1, seconds=0.3)
            await asyncio.to_thread(other.write, file, whole[half:])
            assert story.words == []
            await asyncio.to_thread(other.close, file)
            await eventually(lambda: story.rate() == 2)
        assert story.words == ["applied a.toml"]
        assert story.engine.policies["a-policy"].config.monitoring.log_level == "error"


async def test_w3_the_last_of_five_hundred_rewrites_wins(folder: Path, kind: WatcherKind) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1000))
    async with watching(folder, kind) as story:
        with writer() as other:
            texts = [toml(requests_per_minute=rate) for rate in range(1, 501)]
            await asyncio.to_thread(other.rewrite, file, texts)
        await eventually(lambda: story.rate() == 500)
        assert {event.type for event in story.events} == {EventType.APPLIED}
        rates = [event.changes[0].new for event in story.events]
        assert rates == sorted(rates, key=lambda rate: int(str(rate)))
        file.write_text(toml(requests_per_minute=501))
        await eventually(lambda: story.rate() == 501)


async def test_w4_of_a_thousand_files_changed_at_once_none_is_lost(
    folder: Path, kind: WatcherKind
) -> None:
    def write(rate: int) -> None:
        for number in range(1000):
            text = toml(f"policy-{number}", requests_per_minute=rate)
            (folder / f"{number:04}.toml").write_text(text)

    write(1)
    async with watching(folder, kind) as story:
        assert len(story.engine.policies) == 1000
        await asyncio.to_thread(write, 2)
        await eventually(
            lambda: all(story.rate(policy_id) == 2 for policy_id in story.engine.policies), limit=30
        )
        applied = [str(event.path) for event in story.of(EventType.APPLIED)]
        assert sorted(applied) == sorted(set(applied))
        assert len(applied) == 1000


async def test_w5_a_file_that_is_away_for_a_moment_is_changed_not_removed(
    folder: Path, kind: WatcherKind
) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    async with watching(folder, kind) as story:
        file.unlink()
        await holds(lambda: story.rate() == 1, seconds=0.05)
        file.write_text(toml(requests_per_minute=2))
        await eventually(lambda: story.rate() == 2)
        assert story.words == ["applied a.toml"]


async def test_w5_a_file_that_stays_away_retires_its_policy(
    folder: Path, kind: WatcherKind
) -> None:
    file = folder / "a.toml"
    file.write_text(toml())
    async with watching(folder, kind) as story:
        file.unlink()
        await eventually(lambda: not story.engine.policies)
        await eventually(lambda: story.words == ["removed a.toml"])


def configmap(folder: Path, revision: str, rate: int) -> None:
    """Write the files as Kubernetes does: a dated folder, and ``..data`` switched over to it."""
    dated = folder / f"..{revision}"
    dated.mkdir()
    for name in ("a", "b"):
        (dated / f"{name}.yaml").write_text(
            f"id: {name}\nname: {name}\nversion: 1.0.0\n"
            f"security: {{rate_limiting: {{requests_per_minute: {rate}}}}}\n"
        )
    (folder / "..data_tmp").symlink_to(dated.name)
    (folder / "..data_tmp").replace(folder / "..data")


async def test_w6_the_files_of_a_configmap_switch_together(folder: Path, kind: WatcherKind) -> None:
    configmap(folder, "2026_01", rate=50)
    for name in ("a", "b"):
        (folder / f"{name}.yaml").symlink_to(f"..data/{name}.yaml")
    async with watching(folder, kind) as story:
        assert (story.rate("a"), story.rate("b")) == (50, 50)
        before = story.engine.policies.generation
        configmap(folder, "2026_02", rate=70)
        await eventually(lambda: story.rate("a") == 70)
        assert story.rate("b") == 70
        assert story.words == ["applied a.yaml", "applied b.yaml"]
        assert {event.generation for event in story.events} == {before + 1}


async def test_w10_a_subfolder_made_moved_in_and_moved_out(folder: Path, kind: WatcherKind) -> None:
    async with watching(folder, kind) as story:
        (folder / "made").mkdir()
        (folder / "made" / "a.toml").write_text(toml(requests_per_minute=1))
        await eventually(lambda: story.rate() == 1)
        (folder / "made" / "a.toml").write_text(toml(requests_per_minute=2))
        await eventually(lambda: story.rate() == 2)

        outside = folder.parent / "outside"
        (outside / "deep").mkdir(parents=True)
        (outside / "deep" / "b.toml").write_text(toml("b-policy", requests_per_minute=1))
        outside.rename(folder / "moved")
        await eventually(lambda: story.rate("b-policy") == 1)
        (folder / "moved" / "deep" / "b.toml").write_text(toml("b-policy", requests_per_minute=2))
        await eventually(lambda: story.rate("b-policy") == 2)

        (folder / "moved").rename(outside)
        await eventually(lambda: "b-policy" not in story.engine.policies)
        await eventually(lambda: story.words[-1] == "removed moved/deep/b.toml")
        (outside / "deep" / "b.toml").write_text(toml("b-policy", requests_per_minute=3))
        (folder / "made" / "a.toml").write_text(toml(requests_per_minute=3))
        await eventually(lambda: story.rate() == 3)
        assert "b-policy" not in story.engine.policies


async def test_w10_a_renamed_subfolder_keeps_its_policies_in_force(
    folder: Path, kind: WatcherKind
) -> None:
    (folder / "old").mkdir()
    (folder / "old" / "a.toml").write_text(toml(requests_per_minute=1))
    async with watching(folder, kind) as story:
        (folder / "old").rename(folder / "new")
        await eventually(lambda: story.engine.policies["a-policy"].path == "new/a.toml")
        assert story.words == ["applied new/a.toml"]
        assert story.events[-1].revision == 1
        (folder / "new" / "a.toml").write_text(toml(requests_per_minute=2))
        await eventually(lambda: story.rate() == 2)


async def test_w14_editors_leftovers_never_count(folder: Path, kind: WatcherKind) -> None:
    (folder / "a.toml").write_text(toml(requests_per_minute=1))
    leftovers = (".a.toml.swp", "a.toml~", "#a.toml#", ".#a.toml", "4913", "a.toml.tmp", ".a.toml")
    async with watching(folder, kind) as story:
        for name in leftovers:
            (folder / name).write_text(NOT_WELL_FORMED)
        (folder / "a.toml").write_text(toml(requests_per_minute=2))
        await eventually(lambda: story.rate() == 2)
        for name in leftovers:
            (folder / name).unlink()
        (folder / "a.toml").write_text(toml(requests_per_minute=3))
        await eventually(lambda: story.rate() == 3)
        assert story.words == ["applied a.toml"] * 2
        assert list(story.engine.snapshot().files) == ["a.toml"]


async def test_w15_names_that_are_hard_to_show(folder: Path, kind: WatcherKind) -> None:
    names = [os.fsdecode(b"caf\xe9.toml"), "with space.toml", "new\nline.toml", "[bold red]x.toml"]
    async with watching(folder, kind) as story:
        for number, name in enumerate(names):
            (folder / name).write_text(toml(f"policy-{number}"))
        await eventually(lambda: len(story.engine.policies) == len(names))
        assert {active.path for active in story.engine.policies.values()} == set(names)
        assert all("\n" not in event.to_json() for event in story.events)
        (folder / names[0]).write_text(toml("policy-0", requests_per_minute=2))
        await eventually(lambda: story.rate("policy-0") == 2)
