"""``policy-console rollback`` beside a ``watch``, each a process of its own."""

import threading
from pathlib import Path

import pytest

from policyconsole.reading import digest
from tests.cli.processes import Event, Watching, run
from tests.policies import REFUSED_AT_STRICT, toml


@pytest.fixture
def state(tmp_path: Path) -> str:
    return f"--state-dir={tmp_path / 'state'}"


def test_a_running_watch_takes_a_rollback_over(folder: Path, state: str) -> None:
    file = folder / "a.toml"
    file.write_text(REFUSED_AT_STRICT)
    with Watching(folder, state) as watch:
        watch.until("started")
        file.write_text(toml(requests_per_minute=40))
        assert watch.until("applied")["revision"] == 2

        done = run("rollback", state, folder, "a-policy", "1")
        assert (done.returncode, done.stdout) == (0, b"")
        event = watch.event()
        assert (event["type"], event["revision"]) == ("rolled_back", 3)
        assert event["message"] == "revision 1 is in force again"
        assert event["digest"] == digest(REFUSED_AT_STRICT.encode())

        file.write_text(toml(requests_per_minute=40))
        assert watch.event()["type"] == "applied"
        refused = run("rollback", state, "--level", "strict", folder, "a-policy", "1")
        assert refused.returncode == 1
        assert b"SEC003" in refused.stdout
        assert watch.end() == 0
        assert [event["type"] for event in watch.rest()] == ["stopped"]
    shown = run("history", state, folder, "a-policy").stdout.decode().splitlines()
    assert [line.split()[0] for line in shown] == ["r4", "r3", "r2", "r1"]
    assert "back to r1" in shown[1]


@pytest.mark.slow
def test_what_is_on_disk_last_wins_over_rollbacks_at_the_same_time(
    folder: Path, state: str
) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=50))
    with Watching(folder, state) as watch:
        watch.until("started")
        file.write_text(toml(requests_per_minute=40))
        watch.until("applied")
        ended = threading.Event()

        def edit() -> None:
            rate = 100
            while not ended.is_set():
                rate += 1
                file.write_text(toml(requests_per_minute=rate))
                ended.wait(0.01)

        hand = threading.Thread(target=edit)
        hand.start()
        try:
            codes = [run("rollback", state, folder, "a-policy", "1").returncode for _ in range(2)]
        finally:
            ended.set()
            hand.join()
        assert set(codes) <= {0, 2}, "written, or said why not"
        (folder / "z.toml").write_text(toml("z-policy"))  # told when all before it is
        told: list[Event] = []
        while not told or told[-1]["path"] != "z.toml":
            told.append(watch.event())
        assert watch.end() == 0
    of_file = [event for event in told if event["path"] == "a.toml"]
    assert of_file[-1]["digest"] == digest(file.read_bytes())
    assert of_file[-1]["type"] in {"applied", "rolled_back"}
