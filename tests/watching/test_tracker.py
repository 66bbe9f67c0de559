import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from policyconsole.watching import settling
from policyconsole.watching.folder import find_policy_files
from policyconsole.watching.settling import Proof
from policyconsole.watching.tracker import FileChange, FileTracker, Presence
from tests.writer import writer


@pytest.fixture
def no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on other platforms, on network folders and for files of other owners."""
    monkeypatch.setattr(settling, "_probe", lambda _descriptor: (Proof.UNKNOWN, None))


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
def test_a_vouch_is_worth_nothing_where_a_hint_comes_with_the_time_for_the_look(
    tmp_path: Path, clock: Callable[[float], None]
) -> None:
    (tmp_path / "a.toml").write_text("half")
    track = tracker(tmp_path)
    assert looked(track, vouched=True) is None
    clock(0.003)
    assert list(track.take_due({"a.toml"})) == ["a.toml"]
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
    tmp_path: Path, clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.toml").write_text("one")

    def stale(_descriptor: int) -> Proof:
        raise OSError(116, os.strerror(116))

    monkeypatch.setattr(settling, "_probe", stale)
    track = tracker(tmp_path)
    assert looked(track) is None
    clock(0.3)
    change = track.look_at("a.toml", vouched=False)
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


def test_w2_what_changed_since_the_last_look_has_not_been_quiet(
    tmp_path: Path, clock: Callable[[float], None]
) -> None:
    """A process that was stopped for seconds, or is late, must not take that for quiet."""
    file = tmp_path / "a.toml"
    track = tracker(tmp_path)
    with writer() as other:
        other.open(file)
        other.write(file, "half")
        assert looked(track) is None
        clock(3)
        other.write(file, "more")
        assert looked(track) is None
        clock(3)
        assert looked(track) == (Presence.CONTENT, b"halfmore", False)


def test_w19_a_clock_set_forward_does_not_make_a_half_file_quiet(
    tmp_path: Path, clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.toml"
    track = tracker(tmp_path)
    with writer() as other:
        other.open(file)
        other.write(file, "half")
        assert looked(track) is None
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 3600)
        assert looked(track) is None
        clock(3)
        assert looked(track) == (Presence.CONTENT, b"half", False)


def test_w9_no_absence_ends_while_the_root_is_known_to_be_lost(
    tmp_path: Path, clock: Callable[[float], None]
) -> None:
    """It may be there again already, but nobody has looked: its files get their time then."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.toml").write_text("one")
    track = tracker(root)
    looked(track)
    (root / "a.toml").unlink()
    assert looked(track) == (Presence.ABSENT, None, False)
    track.root_is_lost()
    clock(1)
    assert looked(track) is None
    track.root_is_back()
    assert looked(track) is None
    clock(1)
    assert looked(track) == (Presence.GONE, None, False)


def test_w19_a_modification_time_in_the_future_does_not_keep_a_file_from_being_believed(
    tmp_path: Path, clock: Callable[[float], None]
) -> None:
    """Or every look at the whole folder would read it again."""
    file = tmp_path / "a.toml"
    file.write_text("one")
    os.utime(file, (2**32, 2**32))
    track = tracker(tmp_path)
    assert looked(track) == (Presence.CONTENT, b"one", False)
    end = time.time() + 10
    while time.time() - file.stat().st_ctime < 2 * settling.YOUNG:
        assert time.time() < end
    assert looked(track) is None
    assert track.differing(find_policy_files(tmp_path), everything=False) == []


def test_a_file_that_never_has_the_size_that_it_says_is_read_once_it_has_been_quiet(
    tmp_path: Path, clock: Callable[[float], None]
) -> None:
    """A link into /proc: its size is 0, and nothing may be waited for without end."""
    (tmp_path / "a.toml").symlink_to("/proc/version")
    track = tracker(tmp_path)
    assert looked(track) is None
    clock(3)
    content = Path("/proc/version").read_bytes()
    assert looked(track) == (Presence.CONTENT, content, False)


def test_what_cannot_be_read_for_a_moment_is_not_told(
    tmp_path: Path, clock: Callable[[float], None]
) -> None:
    """A link whose target is replaced, a mode that is set after the file is made."""
    file = tmp_path / "a.toml"
    file.write_text("one")
    track = tracker(tmp_path)
    looked(track)
    file.unlink()
    file.symlink_to(tmp_path / "target")
    assert looked(track) is None
    clock(0.2)
    (tmp_path / "target").write_text("two")
    assert looked(track) == (Presence.CONTENT, b"two", False)
    (tmp_path / "target").unlink()
    assert looked(track) is None
    clock(0.3)
    assert list(track.take_due()) == ["a.toml"]
    assert looked(track) == (Presence.UNREADABLE, None, False)
    assert looked(track) is None


def test_absences_are_not_begun_anew_where_the_root_was_never_lost(
    tmp_path: Path, clock: Callable[[float], None]
) -> None:
    """Or a subfolder that cannot be listed would keep every policy in force when polling."""
    file = tmp_path / "a.toml"
    file.write_text("one")
    track = tracker(tmp_path)
    looked(track)
    file.unlink()
    assert looked(track) == (Presence.ABSENT, None, False)
    clock(0.2)
    track.root_is_back()
    clock(0.1)
    assert looked(track) == (Presence.GONE, None, False)


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
