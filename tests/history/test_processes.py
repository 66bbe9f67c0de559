"""The history under real processes: two of them, and some that are killed."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from policyconsole.history.history import History
from policyconsole.history.location import history_path
from tests.cli.processes import Event, Watching
from tests.policies import NOT_WELL_FORMED, REFUSED_AT_STRICT, toml
from tests.test_killed import EDITOR

KILLS = 6


def test_two_processes_give_the_same_numbers(folder: Path, tmp_path: Path) -> None:
    file, state = folder / "a.toml", str(tmp_path / "state")
    file.write_text(toml())
    with (
        Watching(folder, "--state-dir", state) as first,
        Watching(folder, "--state-dir", state) as second,
    ):
        for watching in (first, second):
            watching.until("started")
        told: list[list[tuple[int, str]]] = [[], []]
        for rate in range(61, 91):
            file.write_text(toml(requests_per_minute=rate))
            for watching, known in zip((first, second), told, strict=True):
                event = watching.until("applied")
                known.append((event["revision"], event["digest"]))
    assert told[0] == told[1]
    assert [number for number, _ in told[0]] == list(range(2, 32))
    kept = History(history_path(folder, state)).revisions("a-policy")
    assert [(kept.revision, kept.digest) for kept in reversed(kept)][1:] == told[0]


@pytest.mark.slow
def test_no_kill_loses_a_revision_that_was_told(folder: Path, tmp_path: Path) -> None:
    chance, state = random.Random(5), tmp_path / "state"
    history = History(history_path(folder, state))
    options = ("--level", "strict", "--state-dir", str(state))
    texts = (toml(), NOT_WELL_FORMED, toml(log_level="debug"), REFUSED_AT_STRICT, "", toml())
    known: dict[tuple[str, int], str] = {}
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", EDITOR, folder, *texts]) as editor:
        try:
            for _ in range(KILLS):
                with Watching(folder, *options) as watching:
                    told = [watching.event()]
                    end = time.monotonic() + chance.uniform(0, 0.3)  # the moment is what is tried
                    while time.monotonic() < end:
                        told.append(watching.event())
                    watching.process.kill()
                    assert watching.process.wait() == -signal.SIGKILL
                # On a machine too busy for 50 ms a save, history is off and says so.
                off = any(event["type"] == "degraded" for event in told)
                for event in () if off else told:
                    if event["type"] == "applied":
                        known[event["policy_id"], event["revision"]] = event["digest"]
                with sqlite3.connect(history.path) as connection:
                    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                connection.close()
                for (policy_id, number), digest in known.items():
                    kept = history.revision(policy_id, number)
                    assert kept is not None, (policy_id, number)
                    assert kept.digest == digest
            assert editor.poll() is None, "it has edited all along"
        finally:
            editor.kill()
    assert len(known) >= KILLS
    good = _spoil(folder, history)
    with Watching(folder, *options) as watching:
        events = [watching.event()]
        while events[-1]["type"] != "started":
            events.append(watching.event())
        watching.process.kill()
    in_force = {event["policy_id"]: event for event in events if event["type"] == "applied"}
    assert {key: event["digest"] for key, event in in_force.items()} == good
    assert {event["path"] for event in events if event["type"] == "rejected"} == {
        event["path"] for event in in_force.values()
    }


def _spoil(folder: Path, history: History) -> dict[str, str]:
    """Make every file invalid; gives the last known good of each policy whose file is there."""
    for left in folder.glob("*.tmp"):
        left.unlink()
    for file in folder.iterdir():
        file.write_text(NOT_WELL_FORMED)
    there = set(os.listdir(folder))
    good: dict[str, str] = {}
    for policy in history.policies():
        newest = history.revisions(policy.policy_id, 1)[0]
        if not policy.retired and newest.path in there:
            good[policy.policy_id] = newest.digest
    assert good
    return good


def test_no_history_is_kept_where_none_is_wanted(folder: Path, tmp_path: Path) -> None:
    (folder / "a.toml").write_text(toml())
    state = tmp_path / "state"
    with Watching(folder, "--state-dir", str(state), "--no-history") as watching:
        watching.until("started")
    assert not state.exists()


def test_where_it_is_kept_may_be_configured(folder: Path) -> None:
    (folder / "policy-console.toml").write_text('state-dir = "../kept"\n')
    (folder / "a.toml").write_text(toml())
    with Watching(folder) as watching:
        events: Event = watching.until("started")
        assert events["message"].startswith("1 policy in force")
    assert History(history_path(folder, folder.parent / "kept")).policies() != []
