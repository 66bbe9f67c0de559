"""W14 and W15 of the failure modes: names that do not count, and names that are hard to show."""

import os
from pathlib import Path

import pytest

from policyconsole.watching.hints import WatcherKind
from tests.convergence import converging
from tests.policies import NOT_WELL_FORMED, toml
from tests.waiting import eventually


async def test_w14_editors_leftovers_never_count(folder: Path, kind: WatcherKind) -> None:
    (folder / "a.toml").write_text(toml(requests_per_minute=1))
    leftovers = (".a.toml.swp", "a.toml~", "#a.toml#", ".#a.toml", "4913", "a.toml.tmp", ".a.toml")
    async with converging(folder, kind) as story:
        for name in leftovers:
            (folder / name).write_text(NOT_WELL_FORMED)
        (folder / "a.toml").write_text(toml(requests_per_minute=2))
        await story.rate_becomes(2)
        for name in leftovers:
            (folder / name).unlink()
        (folder / "a.toml").write_text(toml(requests_per_minute=3))
        await story.rate_becomes(3)
        assert story.words == ["applied a.toml"] * 2
        assert list(story.engine.snapshot().files) == ["a.toml"]


HARD_TO_SHOW = [
    os.fsdecode(b"caf\xe9.toml"),
    "with space.toml",
    "new\nline.toml",
    "[bold red]x.toml",
    "-rf.toml",
    " .toml",
    "back\\slash.toml",
    "%s{0}.toml",
    "\x1b[31m.toml",
    "\u202egnp.toml",
    "x" * 250 + ".toml",
]


@pytest.mark.usefixtures("looks_often")
async def test_w15_names_that_are_hard_to_show(folder: Path, kind: WatcherKind) -> None:
    """Of files and of folders; watchfiles dies of the first, and the next look makes it good."""
    deep = folder / os.fsdecode(b"\xff[b]\n")
    deep.mkdir()
    async with converging(folder, kind) as story:
        for number, name in enumerate(HARD_TO_SHOW):
            (folder / name).write_text(toml(f"policy-{number}"))
            (deep / name).write_text(toml(f"deep-policy-{number}"))
        await eventually(lambda: len(story.engine.policies) == 2 * len(HARD_TO_SHOW))
        paths = {active.path for active in story.engine.policies.values()}
        assert paths == {
            *HARD_TO_SHOW,
            *(os.fsdecode(b"\xff[b]\n") + f"/{name}" for name in HARD_TO_SHOW),
        }
        assert all("\n" not in event.to_json() for event in story.events)
        assert all("\x1b" not in event.to_json() for event in story.events)
        (folder / HARD_TO_SHOW[0]).write_text(toml("policy-0", requests_per_minute=2))
        await story.rate_becomes(2, "policy-0")
        (folder / HARD_TO_SHOW[0]).unlink()
        await story.rate_becomes(None, "policy-0")
