"""W1 to W6, W10, W14 and W15 of the failure modes, on a real folder, for every source of hints."""

import os
from pathlib import Path

from policyconsole.watching.hints import WatcherKind
from tests.policies import NOT_WELL_FORMED, toml
from tests.story import watching
from tests.waiting import eventually


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
