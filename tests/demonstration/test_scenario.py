"""Every step of the scenario does to a real engine what it says."""

import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from policyconsole import EngineThread, EventType, PolicyEvent, ValidationLevel
from policyconsole.application.request import Refusal
from policyconsole.demonstration import samples
from policyconsole.demonstration.samples import NoSamplesError, copy_samples
from policyconsole.demonstration.saving import NothingToChangeError, change
from policyconsole.demonstration.scenario import (
    ATTACKS,
    GATEWAY,
    PRODUCTION,
    REQUESTS,
    SAVES,
    SCENARIO,
    Stage,
)
from policyconsole.events import Subscription
from tests.waiting import eventually_blocking

STEPS = {step.title: step for step in SCENARIO}


def pause(seconds: float) -> bool:
    time.sleep(seconds)
    return False


class Play:
    """A running engine on the sample policies, and what it has told since the last step."""

    def __init__(self, stage: Stage, engine: EngineThread, events: Subscription) -> None:
        self.stage, self.engine, self._events = stage, engine, events
        self.told: list[PolicyEvent] = []

    def does(self, title: str) -> None:
        """Do a step."""
        self._events.drain()
        self.told = []
        STEPS[title].act(self.stage)

    def tells(self, *wanted: EventType) -> list[PolicyEvent]:
        """Wait until these were told since the step, and give all that was."""

        def told() -> bool:
            self.told += self._events.drain()
            kinds = [event.type for event in self.told]
            return all(kinds.count(kind) >= wanted.count(kind) for kind in wanted)

        eventually_blocking(told)
        return self.told


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    folder = tmp_path / "policies"
    copy_samples(folder)
    engine = EngineThread(folder, level=ValidationLevel.STRICT, state_dir=tmp_path / "state")
    with engine, engine.subscribe() as events:
        yield Play(Stage(folder, engine, pause), engine, events)


def test_a_good_change_comes_into_force_and_a_bad_one_does_not(play: Play) -> None:
    play.does("A good change")
    (applied,) = play.tells(EventType.APPLIED)
    assert (applied.policy_id, applied.revision) == (PRODUCTION, 2)
    assert [(item.old, item.new) for item in applied.changes] == [(300, 240)]
    play.does("A change that must not come in")
    (rejected,) = play.tells(EventType.REJECTED)
    assert [item.code for item in rejected.diagnostics if item.blocks] == ["SEC003"]
    assert play.engine.policies[PRODUCTION].revision == 2
    play.does("Mended")
    eventually_blocking(lambda: play.engine.policies[PRODUCTION].revision == 3)
    security = play.engine.policies[PRODUCTION].config.security
    assert (security.tls.min_version, security.rate_limiting.burst_size) == ("TLSv1.3", 40)
    play.does("Back to the beginning")
    (back,) = play.tells(EventType.ROLLED_BACK)
    assert back.revision == 4
    assert play.engine.policies[PRODUCTION].config.security.rate_limiting.requests_per_minute == 300


def test_nobody_acts_on_half_a_file(play: Play) -> None:
    play.does("Half a file")
    (applied,) = play.tells(EventType.APPLIED)
    assert (applied.path, applied.revision) == ("payment-service.yaml", 2)


def test_a_burst_ends_with_its_last_save(play: Play) -> None:
    play.does("A burst")
    policy = "internal-tool-policy"
    eventually_blocking(
        lambda: play.engine.policies[policy].config.security.rate_limiting.burst_size == SAVES
    )
    assert all(event.type is EventType.APPLIED for event in play.tells(EventType.APPLIED))


def test_guards_let_through_what_the_policy_allows(play: Play) -> None:
    play.does("Requests")
    counts = play.engine.requests[GATEWAY]
    assert counts.refused[Refusal.BAD_INPUT] == len(ATTACKS)
    assert counts.allowed >= 400
    assert counts.refused[Refusal.TOO_MANY_REQUESTS] > 0
    assert counts.total == REQUESTS + len(ATTACKS)


def test_a_deleted_file_retires_its_policy_and_comes_back(play: Play) -> None:
    play.does("A file is deleted")
    removed, applied = play.tells(EventType.REMOVED, EventType.APPLIED)
    assert removed.type is EventType.REMOVED
    assert (applied.path, applied.revision) == ("internal-tool.toml", 1)


def test_every_step_has_a_test() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    assert [title for title in STEPS if f'does("{title}")' not in here] == []


def test_a_file_that_somebody_has_edited_is_left_alone(play: Play) -> None:
    path = play.stage.folder / "production.toml"
    path.write_text('id = "mine"\n', encoding="utf-8")
    with pytest.raises(NothingToChangeError, match=r"production\.toml has no requests_per_minute"):
        play.does("A good change")
    assert path.read_text(encoding="utf-8") == 'id = "mine"\n'
    (play.stage.folder / "internal-tool.toml").unlink()
    with pytest.raises(NothingToChangeError, match="not there any more"):
        play.does("A file is deleted")


@pytest.mark.parametrize(
    ("name", "text", "after"),
    [
        ("a.toml", "x = 1\nrate = 30 # why\nrate = 9\n", "x = 1\nrate = 40 # why\nrate = 9\n"),
        ("a.yaml", "a:\n  rate: 30\n", "a:\n  rate: 40\n"),
        ("a.json", '{\n  "rate": 30,\n  "x": 1}', '{\n  "rate": 40,\n  "x": 1}'),
    ],
)
def test_a_change_leaves_all_else(tmp_path: Path, name: str, text: str, after: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    change(tmp_path / name, "rate", "40")
    assert (tmp_path / name).read_text(encoding="utf-8") == after
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_without_samples_it_says_where_they_were_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "_IN_CLONE", tmp_path / "nowhere")
    with pytest.raises(NoSamplesError, match="nowhere"):
        copy_samples(tmp_path / "copy")


@pytest.mark.slow
def test_the_wheel_has_the_sample_policies(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=root, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        for sample in (root / "sample_policies").iterdir():
            name = f"policyconsole/demonstration/sample_policies/{sample.name}"
            assert packed.read(name) == sample.read_bytes()
    assert "policyconsole/serving/page/index.html" in names
