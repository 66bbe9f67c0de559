"""Random edits on a real folder: what the engine makes of them is what the reference says.

``MODEL_EXAMPLES=5000 pytest tests/model`` runs longer, with other edits each time.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar, get_args

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from policyconsole import ValidationLevel
from policyconsole.watching.hints import WatcherKind
from tests.model import edits
from tests.model.contents import Content, Kind
from tests.model.trial import Trial, trial
from tests.writer import Writer, writer

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "0"))
SHRINK = os.environ.get("MODEL_SHRINK", "1") == "1"

PATHS = (
    "a.toml",
    "b.toml",
    "c.toml",
    "d/a.toml",
    "e/a.toml",
    "e/d/a.toml",
    "a.yaml",
    "d/b.yaml",
    "a.json",
)
FOLDERS = ("d", "e", "e/d")
SAME_FORMAT = [
    (one, other) for one in PATHS for other in PATHS if one != other and one[-4:] == other[-4:]
]
OUTSIDE = ("../outside/o.toml", "../outside/o.yaml")
SUFFIXES = (".toml", ".yaml", ".json")
ENVIRONMENTS = (None, "production")

contents = st.builds(
    Content,
    st.one_of(st.just("fine"), st.just("fine"), st.sampled_from(get_args(Kind))),
    st.sampled_from(["x", "x", "y", "z"]),
    st.sampled_from([11, 12]),
)
paths = st.one_of(st.sampled_from(("a.toml", "b.toml")), st.sampled_from(PATHS))
pairs = st.sampled_from(SAME_FORMAT)
places = st.sampled_from([*FOLDERS, "outside"])


@st.composite
def _of_two(draw: st.DrawFn, make: type, *more: st.SearchStrategy[object]) -> edits.Edit:
    one, other = draw(pairs)
    made: edits.Edit = make(one, other, *(draw(strategy) for strategy in more))
    return made


any_edit: st.SearchStrategy[edits.Edit] = st.one_of(
    st.builds(edits.Write, paths, contents),
    st.builds(edits.Write, st.sampled_from(PATHS[:3]), contents),
    st.builds(edits.Replace, paths, contents),
    st.builds(edits.Open, paths, contents),
    st.builds(edits.Close, paths),
    _of_two(edits.Move),
    _of_two(edits.Move),
    _of_two(edits.Swap, st.sampled_from(["exchange", "renames", "contents"])),
    st.builds(edits.Delete, paths),
    st.builds(edits.Recreate, paths, contents),
    st.builds(edits.MakeFolder, st.sampled_from(FOLDERS)),
    st.builds(edits.MakeFolder, st.sampled_from(FOLDERS), st.just("a.toml"), contents),
    st.builds(edits.MoveFolder, places, places),
    st.builds(edits.MoveFolder, st.sampled_from(FOLDERS), places),
    st.builds(edits.ExchangeFolders, st.just("d"), st.sampled_from(FOLDERS[1:])),
    st.builds(edits.DeleteFolder, st.sampled_from(FOLDERS)),
    st.builds(edits.Link, paths, st.sampled_from(["outside", "dangling", "circle", "folder"])),
    _of_two(edits.Link),
    _of_two(edits.HardLink),
    st.builds(edits.WriteOutside, st.sampled_from(SUFFIXES), st.none() | contents),
    st.builds(edits.Chmod, paths, st.sampled_from([0o600, 0o644, 0o000])),
    st.builds(edits.Touch, paths, st.sampled_from([-86400, -1, 1, 86400])),
    st.builds(edits.Stealth, paths),
    st.builds(edits.Stealth, st.sampled_from(OUTSIDE)),
    st.builds(edits.Odd, paths, st.sampled_from(["fifo", "folder", "device"])),
    st.builds(edits.DeleteOddFolder, paths),
)


class Machine(RuleBasedStateMachine):
    """Edits, and what else may happen, in any order."""

    kind: ClassVar[WatcherKind] = WatcherKind.INOTIFY
    scratch: ClassVar[Path]
    writer: ClassVar[Writer]

    def __init__(self) -> None:
        super().__init__()
        self._ending = ExitStack()
        self.trial: Trial

    @initialize(
        level=st.sampled_from(ValidationLevel),
        there=st.lists(st.tuples(st.sampled_from(PATHS), contents), min_size=1, max_size=7),
    )
    def begin(self, level: ValidationLevel, there: list[tuple[str, Content]]) -> None:
        place = Path(tempfile.mkdtemp(dir=self.scratch))
        self._ending.callback(shutil.rmtree, place)
        root = place / "policies"
        root.mkdir()
        for path, content in there:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content.in_format(Path(path).suffix))
        self.trial = self._ending.enter_context(trial(root, self.writer, self.kind, level))

    @rule(edit=any_edit)
    def edit(self, edit: edits.Edit) -> None:
        self.trial.edit(edit)

    @rule(edit=any_edit)
    def edit_again(self, edit: edits.Edit) -> None:
        self.trial.edit(edit)

    @rule(edit=any_edit)
    def edit_and_wait(self, edit: edits.Edit) -> None:
        self.trial.edit(edit)
        self.trial.time_passes()

    @rule(what=st.sampled_from(["time", "patience", "revalidate", "root"]))
    def no_edit(self, what: str) -> None:
        match what:
            case "time":
                self.trial.time_passes()
            case "patience":
                self.trial.patience_ends()
            case "revalidate":
                self.trial.revalidate()
            case _:
                self.trial.root_goes_away_and_comes_back()

    @rule(level=st.sampled_from(ValidationLevel), environment=st.sampled_from(ENVIRONMENTS))
    def configure(self, level: ValidationLevel, environment: str | None) -> None:
        self.trial.configure(level, environment)

    @rule(burst=st.lists(st.tuples(any_edit, st.integers(0, 12)), min_size=2, max_size=8))
    def burst(self, burst: list[tuple[edits.Edit, int]]) -> None:
        self.trial.burst(burst)

    def teardown(self) -> None:
        self._ending.close()


@pytest.fixture(scope="module")
def other_process() -> Iterator[Writer]:
    with writer() as other:
        yield other


@pytest.mark.slow
@pytest.mark.timeout(0 if EXAMPLES else 600)
@pytest.mark.parametrize(
    ("watcher", "examples"),
    [(WatcherKind.INOTIFY, 200), (WatcherKind.POLL, 30), (WatcherKind.WATCHFILES, 30)],
)
def test_the_engine_does_what_the_reference_says(
    watcher: WatcherKind, examples: int, other_process: Writer, tmp_path: Path
) -> None:
    class Chosen(Machine):
        kind, writer, scratch = watcher, other_process, tmp_path

    run_state_machine_as_test(
        Chosen,
        settings=settings(
            max_examples=EXAMPLES or examples,
            stateful_step_count=50,
            deadline=None,
            derandomize=not EXAMPLES,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink) if SHRINK else (Phase.generate,),
        ),
    )
