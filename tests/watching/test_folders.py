"""W10 of the failure modes: subfolders come, move, swap and go, for every source of hints."""

import os
from pathlib import Path

import pytest

from policyconsole import EventType
from policyconsole.watching.hints import WatcherKind
from tests.convergence import converging
from tests.policies import toml
from tests.waiting import eventually
from tests.watching.exchange import exchange


async def test_w10_a_subfolder_made_moved_in_and_moved_out(folder: Path, kind: WatcherKind) -> None:
    async with converging(folder, kind) as story:
        (folder / "made").mkdir()
        (folder / "made" / "a.toml").write_text(toml(requests_per_minute=1))
        await story.rate_becomes(1)
        (folder / "made" / "a.toml").write_text(toml(requests_per_minute=2))
        await story.rate_becomes(2)

        outside = folder.parent / "outside"
        (outside / "deep").mkdir(parents=True)
        (outside / "deep" / "b.toml").write_text(toml("b-policy", requests_per_minute=1))
        outside.rename(folder / "moved")
        await story.rate_becomes(1, "b-policy")
        (folder / "moved" / "deep" / "b.toml").write_text(toml("b-policy", requests_per_minute=2))
        await story.rate_becomes(2, "b-policy")

        (folder / "moved").rename(outside)
        await eventually(lambda: story.words[-1] == "removed moved/deep/b.toml")
        (outside / "deep" / "b.toml").write_text(toml("b-policy", requests_per_minute=3))
        (folder / "made" / "a.toml").write_text(toml(requests_per_minute=3))
        await story.rate_becomes(3)
        assert "b-policy" not in story.engine.policies


async def test_w10_files_in_folders_that_are_only_just_made_are_found(
    folder: Path, kind: WatcherKind
) -> None:
    """Each folder is made and filled before any event of the one above can have been read."""
    async with converging(folder, kind) as story:
        for number in range(20):
            deep = folder / str(number) / "a" / "b" / "c"
            deep.mkdir(parents=True)
            (deep / "x.toml").write_text(toml(f"policy-{number}"))
        await eventually(lambda: len(story.engine.policies) == 20)
        assert {event.type for event in story.events} == {EventType.APPLIED}


async def test_w10_a_renamed_subfolder_keeps_its_policies_in_force(
    folder: Path, kind: WatcherKind
) -> None:
    (folder / "old" / "deep").mkdir(parents=True)
    (folder / "old" / "deep" / "a.toml").write_text(toml(requests_per_minute=1))
    async with converging(folder, kind) as story:
        (folder / "old").rename(folder / "new")
        await eventually(lambda: story.engine.policies["a-policy"].path == "new/deep/a.toml")
        assert story.words == ["applied new/deep/a.toml"]
        assert story.events[-1].revision == 1
        (folder / "new" / "deep" / "a.toml").write_text(toml(requests_per_minute=2))
        await story.rate_becomes(2)


async def test_w10_two_subfolders_that_swap_their_names_are_both_watched_on(
    folder: Path, kind: WatcherKind
) -> None:
    for name in ("one", "two"):
        (folder / name / "deep").mkdir(parents=True)
        (folder / name / "deep" / "a.toml").write_text(toml(name, requests_per_minute=1))
    async with converging(folder, kind) as story:
        exchange(folder / "one", folder / "two")
        await eventually(
            lambda: (
                {key: active.path for key, active in story.engine.policies.items()}
                == {"one": "two/deep/a.toml", "two": "one/deep/a.toml"}
            )
        )
        for name, other in (("one", "two"), ("two", "one")):
            (folder / other / "deep" / "a.toml").write_text(toml(name, requests_per_minute=2))
            await story.rate_becomes(2, name)
        assert story.of(EventType.REMOVED) == story.of(EventType.REJECTED) == []


async def test_a_folder_too_deep_to_look_into_is_said_and_ends_no_watch(
    folder: Path, kind: WatcherKind
) -> None:
    """Its path is longer than the system takes: it cannot be listed, and the rest goes on.

    A file that is deleted meanwhile is retired all the same: the folder that cannot be
    listed is not the one that it lay in.
    """
    (folder / "a.toml").write_text(toml(requests_per_minute=1))
    (folder / "b.toml").write_text(toml("b-policy"))
    make_deep(folder, "x" * 200, 25)
    async with converging(folder, kind) as story:
        await eventually(lambda: story.engine.snapshot().message)
        assert "File name too long" in (story.engine.snapshot().message or "")
        (folder / "a.toml").write_text(toml(requests_per_minute=2))
        await story.rate_becomes(2)
        (folder / "b.toml").unlink()
        await story.rate_becomes(None, "b-policy")


def make_deep(folder: Path, name: str, depth: int) -> None:
    """Make a folder in a folder in a folder, step by step, as no single path could."""
    above = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=above)
        below = os.open(name, os.O_RDONLY, dir_fd=above)
        os.close(above)
        above = below
    os.close(above)


@pytest.mark.parametrize("name", ["a.toml", "sub"])
async def test_a_file_and_a_folder_take_each_others_place(
    folder: Path, kind: WatcherKind, name: str
) -> None:
    """A folder that is called like a policy is refused as a file, and looked into as a folder.

    What was in force from the file stays: last known good.
    """
    (folder / name).mkdir()
    (folder / name / "b.toml").write_text(toml("b-policy"))
    async with converging(folder, kind) as story:
        (folder / name).rename(folder.parent / "away")
        (folder / name).write_text(toml())
        await story.rate_becomes(None, "b-policy")
        await story.rate_becomes(60 if name == "a.toml" else None)
        (folder / name).unlink()
        (folder.parent / "away").rename(folder / name)
        await story.rate_becomes(60, "b-policy")
        assert story.rate() == (60 if name == "a.toml" else None)
