import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from policyconsole.watching import settling
from policyconsole.watching.settling import Proof
from policyconsole.watching.tracker import FileChange, FileTracker, Presence


@pytest.fixture
def no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on other platforms, on network folders and for files of other owners."""
    monkeypatch.setattr(settling, "_probe", lambda _descriptor: Proof.UNKNOWN)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A clock that only moves when it is told to."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def pass_by(seconds: float) -> None:
        now[0] += seconds

    return pass_by


def tracker(folder: Path) -> FileTracker:
    """A tracker that has just begun: nothing lies there yet."""
    new = FileTracker(str(folder))
    new.trust_no_age()
    return new


def looked(
    tracker: FileTracker, *, vouched: bool = False
) -> tuple[Presence, bytes | None, bool] | None:
    change: FileChange | None = tracker.look_at("a.toml", vouched=vouched)
    return (change.presence, change.content, change.provisional) if change else None


def vouched_look(
    track: FileTracker, clock: Callable[[float], None]
) -> tuple[Presence, bytes | None, bool] | None:
    """An event that vouches for the file, and the look a moment later."""
    assert looked(track, vouched=True) is None
    clock(0.003)
    assert list(track.take_due()) == ["a.toml"]
    return looked(track)


@pytest.mark.usefixtures("no_proof")
def test_without_proof_content_counts_when_it_has_been_quiet(
    tmp_path: Path, clock: Callable[[float], None]
) -> None:
    (tmp_path / "a.toml").write_text("one")
    track = tracker(tmp_path)
    assert looked(track) is None
    clock(0.09)
    assert looked(track) is None
    clock(0.02)
    assert looked(track) == (Presence.CONTENT, b"one", True)
    clock(0.5)
    assert looked(track) is None
    clock(0.5)
    assert looked(track) == (Presence.CONTENT, b"one", False)
    clock(10)
    assert looked(track) is None


@pytest.mark.usefixtures("no_proof")
def test_a_change_starts_the_quiet_anew(tmp_path: Path, clock: Callable[[float], None]) -> None:
    file = tmp_path / "a.toml"
    file.write_text("one")
    track = tracker(tmp_path)
    for size in range(2, 6):
        assert looked(track) is None
        clock(0.09)
        file.write_text("x" * size)
    assert looked(track) is None
    clock(0.11)
    assert looked(track) == (Presence.CONTENT, b"xxxxx", True)


@pytest.mark.usefixtures("no_proof")
def test_what_was_there_before_comes_back_after_something_provisional(
    tmp_path: Path, clock: Callable[[float], None]
) -> None:
    file = tmp_path / "a.toml"
    file.write_text("one")
    track = tracker(tmp_path)
    assert vouched_look(track, clock) == (Presence.CONTENT, b"one", False)
    file.write_text("other")
    looked(track)
    clock(0.2)
    assert looked(track) == (Presence.CONTENT, b"other", True)
    file.write_text("one")
    looked(track)
    clock(0.2)
    assert looked(track) == (Presence.CONTENT, b"one", True)


@pytest.mark.usefixtures("no_proof")
def test_a_file_that_goes_away_while_it_is_provisional_is_told_to_be_gone(
    tmp_path: Path, clock: Callable[[float], None]
) -> None:
    file = tmp_path / "a.toml"
    file.write_text("one")
    track = tracker(tmp_path)
    looked(track)
    clock(0.2)
    assert looked(track) == (Presence.CONTENT, b"one", True)
    file.unlink()
    assert looked(track) == (Presence.ABSENT, None, False)
    clock(0.3)
    assert looked(track) == (Presence.GONE, None, False)


@pytest.mark.usefixtures("no_proof")
def test_a_vouch_counts_when_nothing_follows_it(
    tmp_path: Path, clock: Callable[[float], None]
) -> None:
    (tmp_path / "a.toml").write_text("whole")
    assert vouched_look(tracker(tmp_path), clock) == (Presence.CONTENT, b"whole", False)


@pytest.mark.usefixtures("no_proof")
def test_no_event_vouches_for_an_empty_file(tmp_path: Path, clock: Callable[[float], None]) -> None:
    (tmp_path / "a.toml").touch()
    track = tracker(tmp_path)
    assert looked(track, vouched=True) is None
    clock(0.11)
    assert looked(track) == (Presence.CONTENT, b"", True)
    clock(0.9)
    assert looked(track) == (Presence.CONTENT, b"", False)


@pytest.mark.usefixtures("no_proof")
def test_a_vouch_is_worth_nothing_once_somebody_writes_again(
    tmp_path: Path, clock: Callable[[float], None]
) -> None:
    (tmp_path / "a.toml").write_text("half")
    track = tracker(tmp_path)
    assert looked(track, vouched=True) is None
    assert looked(track) is None, "a hint that vouches for nothing"
    clock(0.003)
    assert list(track.take_due()) == ["a.toml"]
    assert looked(track) is None


@pytest.mark.usefixtures("no_proof")
def test_a_hint_that_comes_during_the_look_withdraws_the_vouch(
    tmp_path: Path, clock: Callable[[float], None]
) -> None:
    (tmp_path / "a.toml").write_text("half")
    quiet = [False]
    track = FileTracker(str(tmp_path), lambda _path: quiet[0])
    track.trust_no_age()
    assert vouched_look(track, clock) is None
    quiet[0] = True
    clock(0.003)
    assert list(track.take_due()) == ["a.toml"]
    assert looked(track) == (Presence.CONTENT, b"half", False)


@pytest.mark.usefixtures("no_proof")
def test_at_the_start_the_age_of_a_file_says_that_it_is_quiet(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("one")
    beginning = FileTracker(str(tmp_path))
    end = time.time() + 10
    while time.time() - file.stat().st_ctime < settling.QUIET_IF_REFUSED:
        assert time.time() < end
    assert looked(beginning) == (Presence.CONTENT, b"one", False)


def test_a_file_system_that_fails_between_two_calls_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.toml").write_text("one")

    def stale(_descriptor: int) -> Proof:
        raise OSError(116, os.strerror(116))

    monkeypatch.setattr(settling, "_probe", stale)
    change = tracker(tmp_path).look_at("a.toml", vouched=False)
    assert change is not None
    assert change.problem is not None
    assert change.problem.code == "FILE001"


def test_a_missing_root_gives_no_deletion(tmp_path: Path, clock: Callable[[float], None]) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.toml").write_text("one")
    track = tracker(root)
    looked(track)
    (root / "a.toml").rename(tmp_path / "a.toml")
    assert looked(track) == (Presence.ABSENT, None, False)
    root.rename(tmp_path / "away")
    clock(1)
    assert looked(track) is None
    (tmp_path / "away").rename(root)
    (tmp_path / "a.toml").rename(root / "a.toml")
    assert looked(track) == (Presence.CONTENT, b"one", False)


def test_a_missing_root_gives_no_absence_for_which_another_file_waits(
    tmp_path: Path, clock: Callable[[float], None]
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.toml").write_text("one")
    track = tracker(root)
    looked(track)
    root.rename(tmp_path / "away")
    assert looked(track) is None
    clock(1)
    assert looked(track) is None
    (tmp_path / "away").rename(root)
    assert looked(track) is None
    (root / "a.toml").unlink()
    assert looked(track) == (Presence.ABSENT, None, False)
