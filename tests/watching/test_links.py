"""W6 to W8 of the failure modes: links, for every source of hints.

No event tells of what happens outside the folder: it is found by looking, within a second,
or sooner here.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from policyconsole import EventType
from policyconsole.watching.hints import WatcherKind
from tests.convergence import converging
from tests.policies import NOT_WELL_FORMED, toml
from tests.story import watching
from tests.waiting import eventually, holds
from tests.writer import writer

pytestmark = pytest.mark.usefixtures("looks_often")


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
    async with converging(folder, kind) as story:
        assert (story.rate("a"), story.rate("b")) == (50, 50)
        before = story.engine.policies.generation
        configmap(folder, "2026_02", rate=70)
        shutil.rmtree(folder / "..2026_01")
        await story.rate_becomes(70, "a")
        assert story.rate("b") == 70
        assert story.words == ["applied a.yaml", "applied b.yaml"]
        assert {event.generation for event in story.events} == {before + 1}


@pytest.fixture
def outside(folder: Path) -> Path:
    """A policy outside the folder, with a link to it inside."""
    target = folder.parent / "outside.toml"
    target.write_text(toml(requests_per_minute=1))
    (folder / "a.toml").symlink_to(target)
    return target


async def test_w7_the_target_of_a_link_is_edited_in_place_and_by_rename(
    folder: Path, outside: Path, kind: WatcherKind
) -> None:
    async with converging(folder, kind) as story:
        outside.write_text(toml(requests_per_minute=2))
        await story.rate_becomes(2)
        with writer() as other:
            other.replace(outside, toml(requests_per_minute=3))
            await story.rate_becomes(3)
        assert story.words == ["applied a.toml"] * 2


async def test_w7_a_link_that_is_pointed_elsewhere_is_a_change(
    folder: Path, outside: Path, kind: WatcherKind
) -> None:
    another = folder.parent / "another.toml"
    another.write_text(toml(requests_per_minute=2))
    async with converging(folder, kind) as story:
        (folder / "new").symlink_to(another)
        (folder / "new").replace(folder / "a.toml")
        await story.rate_becomes(2)
        assert story.words == ["applied a.toml"]


async def test_w7_a_target_that_is_away_for_a_moment_is_no_refusal(
    folder: Path, outside: Path, kind: WatcherKind
) -> None:
    """As W5, behind a link. Looks are asked for, so that some meet the link that dangles."""
    async with converging(folder, kind) as story:
        outside.unlink()
        await story.engine.revalidate()
        await holds(lambda: story.rate() == 1, seconds=0.05)
        outside.write_text(toml(requests_per_minute=2))
        await story.rate_becomes(2)
        assert story.words == ["applied a.toml"]


@pytest.mark.parametrize("target", ["nowhere.toml", "b.toml"])
async def test_w8_a_link_that_leads_nowhere_is_said_and_mended_later(
    folder: Path, kind: WatcherKind, target: str
) -> None:
    """It dangles, or leads to one that leads back."""
    (folder / "a.toml").symlink_to(target)
    (folder / "b.toml").symlink_to("a.toml")
    (folder / "z.toml").write_text(toml("z-policy"))
    async with converging(folder, kind) as story:
        for name in ("a.toml", "b.toml"):
            status = story.engine.file(name)
            assert status is not None
            assert [item.code for item in status.diagnostics] == ["FILE001"]
        assert story.rate("z-policy") == 60
        (folder / "a.toml").unlink()
        (folder / "a.toml").write_text(toml())
        await story.rate_becomes(60)
        await eventually(lambda: story.words == ["applied a.toml", "rejected b.toml"])
        assert [item.code for item in story.events[-1].diagnostics] == ["SET001"]


async def test_w8_links_to_folders_in_a_circle_are_passed_over(
    folder: Path, kind: WatcherKind
) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "up").symlink_to("..")
    (folder / "self").symlink_to(".")
    (folder / "all").symlink_to(folder.parent)
    (folder / "folder.toml").symlink_to("sub")
    async with converging(folder, kind) as story:
        (folder / "sub" / "a.toml").write_text(toml(requests_per_minute=1))
        await story.rate_becomes(1)
        (folder / "sub" / "again").symlink_to("../sub")
        (folder / "sub" / "a.toml").write_text(toml(requests_per_minute=2))
        await story.rate_becomes(2)
        assert story.words == ["applied sub/a.toml"] * 2
        assert list(story.engine.snapshot().files) == ["sub/a.toml"]


async def test_a_link_to_a_folder_is_passed_over_while_it_runs_too(
    folder: Path, kind: WatcherKind
) -> None:
    async with converging(folder, kind) as story:
        (folder / "d.toml").symlink_to(folder.parent)
        (folder / "a.toml").write_text(toml())
        await story.rate_becomes(60)
        assert story.words == ["applied a.toml"]


def replace_by_link(path: Path) -> None:
    elsewhere = path.parent.parent / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


@pytest.mark.parametrize("change", [replace_by_link, shutil.rmtree])
async def test_a_folder_that_a_fresh_start_would_not_look_into_retires_its_policies(
    folder: Path, kind: WatcherKind, change: Callable[[Path], None]
) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "a.toml").write_text(toml())
    async with converging(folder, kind) as story:
        change(folder / "sub")
        await eventually(lambda: not story.engine.policies)


async def test_the_second_of_two_hard_links_is_refused_and_follows_the_first(
    folder: Path, kind: WatcherKind
) -> None:
    """One file under two names: an event tells of the name that was written through only."""
    (folder / "a.toml").write_text(toml(requests_per_minute=1))
    os.link(folder / "a.toml", folder / "b.toml")
    async with converging(folder, kind) as story:
        with writer() as other:
            other.rewrite(folder / "b.toml", [toml(requests_per_minute=2)])
        await story.rate_becomes(2)
        await eventually(lambda: sorted(story.words) == ["applied a.toml", "rejected b.toml"])


@pytest.mark.parametrize(
    "meanwhile",
    [None, NOT_WELL_FORMED, toml("another")],
    ids=["gone", "refused", "with another id"],
)
async def test_a_link_that_waits_for_an_id_does_not_take_it_over_with_what_is_no_longer_there(
    folder: Path, outside: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: str | None
) -> None:
    """Its target has changed, or is gone, and nobody has looked since."""
    monkeypatch.setattr("policyconsole.watching.watcher.RECONCILE_EVERY", 3600)
    (folder / "a.toml").rename(folder / "z.toml")
    (folder / "a.toml").write_text(toml(requests_per_minute=2))
    async with watching(folder) as story:
        if meanwhile is None:
            outside.unlink()
        else:
            outside.write_text(meanwhile)
        (folder / "a.toml").unlink()
        await story.rate_becomes(None)
        (removed,) = story.of(EventType.REMOVED)
        assert (removed.path, removed.policy_id) == ("a.toml", "a-policy")
