"""W16 and W17 of the failure modes: ids that move with their files, and ids that swap."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from policyconsole import EventType
from policyconsole.watching.hints import WatcherKind
from tests.convergence import converging
from tests.policies import toml
from tests.story import Story
from tests.waiting import eventually
from tests.watching.exchange import exchange
from tests.writer import writer


def is_at(story: Story, path: str) -> bool:
    return story.engine.policies["a-policy"].path == path


async def test_w16_a_renamed_file_moves_its_policy(folder: Path, kind: WatcherKind) -> None:
    """The same object stays in force under the id all along: its guards see nothing of it."""
    (folder / "sub").mkdir()
    (folder / "a.toml").write_text(toml())
    names = ["a.toml", "b.toml", "B.toml", "sub/b.toml", "c.toml"]
    async with converging(folder, kind) as story:
        config = story.engine.policies["a-policy"].config
        for before, after in pairwise(names):
            (folder / before).rename(folder / after)
            await eventually(partial(is_at, story, after))
            assert story.engine.policies["a-policy"].config is config
        await eventually(lambda: list(story.engine.snapshot().files) == ["c.toml"])
        assert story.words == [f"applied {name}" for name in names[1:]]
        assert {(event.revision, event.sections) for event in story.events} == {(1, ())}
        (folder / "c.toml").write_text(toml(requests_per_minute=2))
        await story.rate_becomes(2)


async def test_w16_a_file_renamed_over_another_retires_what_that_held(
    folder: Path, kind: WatcherKind
) -> None:
    (folder / "a.toml").write_text(toml("x"))
    (folder / "b.toml").write_text(toml("y"))
    async with converging(folder, kind) as story:
        (folder / "a.toml").rename(folder / "b.toml")
        await eventually(lambda: story.engine.policies["x"].path == "b.toml")
        assert list(story.engine.policies) == ["x"]
        assert story.words == ["removed b.toml", "applied b.toml"]
        assert story.events[0].policy_id == "y"


def by_a_third_name(one: Path, other: Path) -> None:
    third = one.with_name("third.tmp")
    one.rename(third)
    other.rename(one)
    third.rename(other)


def in_place(one: Path, other: Path) -> None:
    first, second = one.read_text(), other.read_text()
    with writer() as process:
        process.rewrite(one, [second])
        process.rewrite(other, [first])


@pytest.mark.parametrize("swap", [by_a_third_name, exchange, in_place])
async def test_w17_two_files_swap_their_ids(
    folder: Path, kind: WatcherKind, swap: Callable[[Path, Path], None]
) -> None:
    """Neither id is retired in between, however it is done.

    In place, the first file may be seen to claim the other's id before that has let go:
    it is refused then, and that is a refusal that was.
    """
    (folder / "a.toml").write_text(toml("x", requests_per_minute=1))
    (folder / "b.toml").write_text(toml("y", requests_per_minute=2))
    async with converging(folder, kind) as story:
        swap(folder / "a.toml", folder / "b.toml")
        await eventually(
            lambda: (
                {key: active.path for key, active in story.engine.policies.items()}
                == {"x": "b.toml", "y": "a.toml"}
            )
        )
        assert (story.rate("x"), story.rate("y")) == (1, 2)
        assert story.of(EventType.REMOVED) == []
        if swap is not in_place:
            assert sorted(story.words) == ["applied a.toml", "applied b.toml"]
        (folder / "a.toml").write_text(toml("y", requests_per_minute=3))
        await story.rate_becomes(3, "y")
