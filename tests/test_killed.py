"""SIGKILL at any moment: what is in force afterwards, and what lies in the folder."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from policyconsole import EngineThread, PolicyLoader, ValidationLevel
from policyconsole.events import EventType
from policyconsole.snapshot import Verdict
from tests.cli.processes import Event, Watching
from tests.policies import NOT_WELL_FORMED, REFUSED_AT_STRICT, toml
from tests.waiting import eventually_blocking

KILLS = 30

EDITOR = """
import itertools, os, sys
folder, *texts = sys.argv[1:]
for number in itertools.count():
    path = os.path.join(folder, f"{number % 5}.toml")
    text = texts[number % len(texts)].replace("a-policy", f"p{number % 5}")
    text = text.replace("= 60", f"= {1 + number % 100000}")
    if number % 3:
        with open(path, "w") as file:
            file.write(text)
    else:
        with open(path + ".tmp", "w") as file:
            file.write(text)
        os.replace(path + ".tmp", path)
    if number % 50 == 49:
        os.unlink(path)
"""

SAVER = """
import itertools, sys
from policyconsole import PolicyLoader
first, second, target = sys.argv[1:]
configs = [PolicyLoader.load(first), PolicyLoader.load(second)]
print("ready", flush=True)
for number in itertools.count():
    PolicyLoader.save(configs[number % 2], target)
"""


def in_force(events: list[Event]) -> dict[str, str]:
    """The digest in force of each id, by the events of one first load."""
    return {event["policy_id"]: event["digest"] for event in events if event["type"] == "applied"}


@pytest.mark.slow
def test_watch_killed_at_any_moment_starts_again_as_if_new(folder: Path) -> None:
    chance = random.Random(20)
    texts = (toml(), NOT_WELL_FORMED, toml(log_level="debug"), REFUSED_AT_STRICT, "", toml())
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", EDITOR, folder, *texts]) as editor:
        try:
            for _ in range(KILLS):
                with Watching(folder, "--level", "strict", "--no-history") as watching:
                    if chance.random() < 0.8:
                        watching.until("started")
                    time.sleep(chance.uniform(0, 0.05))  # the moment is what is tried
                    watching.process.kill()
                    assert watching.process.wait() == -signal.SIGKILL
            assert editor.poll() is None, "it has edited all along"
        finally:
            editor.kill()
    for left in folder.glob("*.tmp"):
        left.unlink()  # the editor's own, which was killed too
    (folder / "0.toml").write_text(REFUSED_AT_STRICT)
    (folder / "1.toml").write_text(NOT_WELL_FORMED)
    (folder / "2.toml").write_text(toml("p2"))
    with Watching(folder, "--level", "strict", "--no-history") as watching:
        events = [watching.event()]
        while events[-1]["type"] != "started":
            events.append(watching.event())
        watching.process.kill()
    with EngineThread(folder, level=ValidationLevel.STRICT) as fresh:
        snapshot = fresh.snapshot()
        accepted = {policy_id: active.digest for policy_id, active in fresh.policies.items()}
    assert in_force(events) == accepted
    assert accepted["p2"]
    assert not {"p0", "a-policy"} & accepted.keys()
    refused = {path for path, status in snapshot.files.items() if status.verdict is Verdict.REFUSED}
    assert {"0.toml", "1.toml"} <= refused
    told = {event["path"] for event in events if event["type"] == EventType.REJECTED}
    assert told == refused
    assert sorted(os.listdir(folder)) == sorted(snapshot.files)


@pytest.mark.slow
def test_a_save_that_is_killed_at_any_moment_leaves_the_old_file_or_the_new(tmp_path: Path) -> None:
    chance = random.Random(20)
    sources = [tmp_path / "first.toml", tmp_path / "second.toml"]
    target = tmp_path / "folder" / "target.toml"
    target.parent.mkdir()
    padding = "\n".join(f'custom.k{number} = "{number:0100}"' for number in range(2000))
    sources[0].write_text(toml("one", extra=padding))
    sources[1].write_text(toml("two"))
    wholes = [PolicyLoader.load(path) for path in sources]
    PolicyLoader.save(wholes[0], target)
    for _ in range(10):
        saver = subprocess.Popen(
            [sys.executable, "-c", SAVER, *sources, target], stdout=subprocess.PIPE
        )
        with saver:
            assert saver.stdout is not None
            assert saver.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0, 0.1))  # the moment is what is tried
            saver.kill()
        assert PolicyLoader.load(target) in wholes
    with EngineThread(target.parent) as engine:
        assert list(engine.snapshot().files) == ["target.toml"], "nothing else counts as a policy"
        eventually_blocking(lambda: len(engine.policies) == 1)
