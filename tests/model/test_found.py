"""What the model has found, each as the steps that showed it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from policyconsole.watching.hints import WatcherKind
from tests.model.contents import Content
from tests.model.edits import (
    Delete,
    ExchangeFolders,
    HardLink,
    Link,
    MakeFolder,
    Move,
    Open,
    Write,
    WriteOutside,
)
from tests.model.trial import trial
from tests.writer import Writer, writer


@pytest.fixture(scope="module")
def other_process() -> Iterator[Writer]:
    with writer() as other:
        yield other


def test_a_refused_file_keeps_its_row_when_another_file_takes_its_policy(
    folder: Path, other_process: Writer
) -> None:
    """The refusal of d/a.toml is told before e/d/a.toml takes x over."""
    (folder / "e" / "d").mkdir(parents=True)
    (folder / "d").mkdir()
    (folder / "a.toml").write_bytes(Content("fine", "y").in_format(".toml"))
    (folder / "d" / "a.toml").write_bytes(Content("fine", "x").in_format(".toml"))
    (folder / "e" / "d" / "a.toml").write_bytes(Content("fine", "y").in_format(".toml"))
    with trial(folder, other_process) as under_trial:
        under_trial.edit(ExchangeFolders("d", "e/d"))


def test_a_file_that_is_renamed_and_renamed_back_is_told(
    folder: Path, kind: WatcherKind, other_process: Writer
) -> None:
    with trial(folder, other_process, kind) as under_trial:
        under_trial.edit(Write("a.toml", Content("fine", "x")))
        under_trial.edit(Move("a.toml", "c.toml"))
        under_trial.edit(Move("c.toml", "a.toml"))


def test_nobody_takes_an_id_over_while_the_folder_is_away(
    folder: Path, kind: WatcherKind, other_process: Writer
) -> None:
    """The file that holds the id is being written: it is due for a look when the folder is gone."""
    with trial(folder, other_process, kind) as under_trial:
        under_trial.edit(Write("a.toml", Content("fine", "x")))
        under_trial.edit(MakeFolder("d", "a.toml", Content("fine", "x", 11)))
        under_trial.edit(Open("a.toml", Content("fine", "x", 12)))
        under_trial.root_goes_away_and_comes_back()


@pytest.mark.parametrize("meanwhile", [None, Content("torn"), Content("fine", "y")])
def test_a_link_takes_an_id_over_with_what_it_points_at_now(
    folder: Path, other_process: Writer, meanwhile: Content | None
) -> None:
    """No event tells that the file outside is another, or gone."""
    with trial(folder, other_process) as under_trial:
        under_trial.edit(WriteOutside(".toml", Content("fine", "x", 11)))
        under_trial.edit(Write("a.toml", Content("fine", "x", 12)))
        under_trial.edit(Link("b.toml", "outside"))
        WriteOutside(".toml", meanwhile).do(under_trial.world)
        under_trial.edit(Delete("a.toml"))
        under_trial.time_passes()


def test_a_hard_link_takes_an_id_over_with_what_was_written_through_the_other_name(
    folder: Path, other_process: Writer
) -> None:
    with trial(folder, other_process) as under_trial:
        under_trial.edit(Write("a.toml", Content("fine", "x", 11)))
        under_trial.edit(HardLink("a.toml", "b.toml"))
        Write("a.toml", Content("torn")).do(under_trial.world)
        under_trial.edit(Delete("a.toml"))
        under_trial.time_passes()
