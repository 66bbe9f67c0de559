"""What the store keeps, how it numbers, and what it forgets."""

import os
import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from policyconsole.diagnostics import Severity, error
from policyconsole.events import Change
from policyconsole.history.location import history_path
from policyconsole.history.records import (
    LARGEST_REFUSED,
    KeptPolicy,
    NewRevision,
    Reason,
    Recorded,
    RefusedContent,
    Retirement,
)
from policyconsole.history.store import HistoryError, HistoryStore
from policyconsole.reading import digest

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> HistoryStore:
    return HistoryStore.open(tmp_path / "state" / "history.sqlite3")


def new(content: bytes, policy_id: str = "p", path: str = "p.toml", days: int = 0) -> NewRevision:
    time = NOW - timedelta(days=days)
    return NewRevision(policy_id, digest(content), path, content, time, ("security",))


def keep(store: HistoryStore, *contents: bytes, policy_id: str = "p", days: int = 0) -> None:
    for content in contents:
        store.record([new(content, policy_id, days=days)], {})


def test_a_revision_comes_back_as_it_went_in(store: HistoryStore) -> None:
    name = "odd\udcff.toml"
    change = Change("security.rate_limiting.burst_size", 1, None)
    secret = Change("custom.api_key", "hunter2", ["hunter3"])
    entry = NewRevision("ü\ud800", "sha256:0", name, b"\xff\x00", NOW, ("a", "b"), (change, secret))
    assert store.record([entry], {}) == {entry.policy_id: Recorded(1)}
    (kept,) = store.revisions(entry.policy_id)
    assert (kept.policy_id, kept.path, kept.content, kept.time) == (
        entry.policy_id,
        name,
        b"\xff\x00",
        NOW,
    )
    assert kept.sections == ("a", "b")
    assert kept.changes[0] == change
    assert "hunter" not in str(kept.changes)
    assert kept.confirmed
    assert kept.parent is None
    assert store.revision(entry.policy_id, 1) == kept
    assert store.revision(entry.policy_id, 2) is None


def test_the_same_content_again_is_the_same_revision(store: HistoryStore) -> None:
    keep(store, b"a", b"b")
    assert store.record([new(b"b")], {"p": 2}) == {"p": Recorded(2)}
    assert store.record([new(b"a")], {"p": 2}) == {"p": Recorded(3)}
    assert [kept.content for kept in store.revisions("p")] == [b"a", b"b", b"a"]
    assert [kept.content for kept in store.revisions("p", 1)] == [b"a"]


def test_what_another_process_has_kept_has_its_number(store: HistoryStore) -> None:
    keep(store, b"a", b"b", b"c")
    assert store.record([new(b"b")], {"p": 1}) == {"p": Recorded(2)}
    assert store.record([new(b"c")], {"p": 2}) == {"p": Recorded(3)}
    assert store.record([new(b"b")], {"p": 3}) == {"p": Recorded(4)}


def test_numbers_go_on_where_this_process_is_ahead(store: HistoryStore) -> None:
    assert store.record([new(b"a")], {"p": 7}) == {"p": Recorded(8)}
    assert store.numbers() == {"p": (8, digest(b"a"))}


def test_a_batch_is_kept_as_a_whole_or_not_at_all(store: HistoryStore) -> None:
    broken = NewRevision("q", None, "q.toml", b"", NOW)  # type: ignore[arg-type] # breaks the table
    with pytest.raises(HistoryError):
        store.record([new(b"a"), broken], {})
    assert store.policies() == []
    keep(store, b"a")
    assert [kept.policy_id for kept in store.policies()] == ["p"]


def test_a_rollback_is_announced_confirmed_and_told_once(store: HistoryStore) -> None:
    keep(store, b"a", b"b")
    announced = store.announce("p", b"a", "p.toml", 1)
    assert (announced.revision, announced.parent, announced.confirmed) == (3, 1, False)
    assert store.latest()["p"].revision == 2
    assert store.numbers()["p"] == (2, digest(b"b"))
    assert store.record([new(b"a")], {"p": 2}) == {"p": Recorded(3, parent=1)}
    assert store.latest()["p"].revision == 3
    assert store.revision("p", 3) == store.latest()["p"]
    assert store.record([new(b"a")], {"p": 2}) == {"p": Recorded(3, parent=1)}, "another process"
    assert store.record([new(b"a")], {"p": 3}) == {"p": Recorded(3)}


def test_what_was_announced_can_be_withdrawn_until_it_is_in_force(store: HistoryStore) -> None:
    keep(store, b"a", b"b")
    store.withdraw("p", store.announce("p", b"a", "p.toml", 1).revision)
    assert store.policies()[0].revision == 2
    revision = store.announce("p", b"a", "p.toml", 1).revision
    store.record([new(b"a")], {"p": 2})
    store.withdraw("p", revision)
    assert store.latest()["p"].revision == revision


def test_forced_is_asked_for_until_it_is_in_force(store: HistoryStore) -> None:
    keep(store, b"a", b"b")
    store.announce("p", b"a", "p.toml", 1, forced=True)
    assert store.forced("p", digest(b"a"))
    assert not store.forced("p", digest(b"b"))
    assert not store.forced("q", digest(b"a"))
    assert store.record([new(b"a")], {"p": 2}) == {"p": Recorded(3, parent=1, forced=True)}
    assert not store.forced("p", digest(b"a"))


def test_what_is_retired_is_no_last_known_good_until_it_is_back(store: HistoryStore) -> None:
    keep(store, b"a")
    keep(store, b"x", policy_id="q")
    store.retire([Retirement("p", "p.toml", NOW)])
    assert list(store.latest()) == ["q"]
    assert store.retired() == {"p"}
    assert store.numbers()["p"] == (1, digest(b"a"))
    assert store.policies() == [
        KeptPolicy("p", 1, "p.toml", retired=True, count=1),
        KeptPolicy("q", 1, "p.toml", retired=False, count=1),
    ]
    assert store.record([new(b"a")], {"p": 1}) == {"p": Recorded(1)}
    assert sorted(store.latest()) == ["p", "q"]


def test_refusals_are_kept_with_their_diagnostics(store: HistoryStore) -> None:
    found = error("SEC003", Severity.HIGH, "too old", help="newer").record()
    refused = RefusedContent("a.toml", "p", "sha256:1", NOW, b"x", (found,))
    unreadable = RefusedContent("b.toml", None, None, NOW, None)
    failed = RefusedContent("a.toml", "p", "sha256:2", NOW, b"", reason=Reason.FAILED)
    store.refuse([refused, unreadable])
    store.refuse([failed])
    assert store.refusals() == [failed, unreadable, refused]
    assert store.refusals("p", limit=1) == [failed]
    assert store.refusals(path="b.toml") == [unreadable]
    store.refuse([failed, unreadable])
    assert len(store.refusals()) == 3, "what was said last of a file is not said again"
    store.refuse([RefusedContent("c.toml", None, None, NOW, bytes(LARGEST_REFUSED + 1))])
    assert store.refusals(path="c.toml")[0].content is None


def test_a_failed_probation_is_told_until_something_later_is_in_force(store: HistoryStore) -> None:
    keep(store, b"a", b"b")
    assert store.failed() == {}
    store.fail("p", 2, 1, "moved.toml")
    assert store.failed() == {"moved.toml": digest(b"b")}
    store.announce("p", b"a", "moved.toml", 1)
    assert store.failed() == {"moved.toml": digest(b"b")}
    store.record([new(b"b")], {"p": 2})
    assert store.failed() == {}, "it had another try"
    store.fail("p", 2, 1, "p.toml")
    store.record([new(b"c")], {"p": 2})
    assert store.failed() == {}


def test_what_failed_its_probation_is_no_last_known_good_until_it_is_tried_again(
    store: HistoryStore,
) -> None:
    keep(store, b"a", b"b")
    store.fail("p", 2, 1, "p.toml")
    assert store.latest()["p"].revision == 1
    assert store.record([new(b"c")], {"p": 2}) == {"p": Recorded(3)}
    store.fail("p", 3, 1, "p.toml")
    assert store.record([new(b"c")], {"p": 3}) == {"p": Recorded(3)}
    assert store.latest()["p"].revision == 3


def test_what_nobody_has_passed_since_is_no_last_known_good_either(store: HistoryStore) -> None:
    keep(store, b"a", b"b", b"c", b"d")
    keep(store, b"a", b"b", policy_id="q")
    store.fail("p", 3, 1, "p.toml")
    confirmed = [kept.revision for kept in store.revisions("p") if kept.confirmed]
    assert confirmed == [4, 1]
    assert store.latest()["q"].revision == 2


def test_a_tag_names_one_revision_and_moves(store: HistoryStore) -> None:
    keep(store, b"a", b"b")
    store.tag("p", 1, "known-good")
    store.tag("p", 1, "first")
    assert store.revisions("p")[1].tags == ("first", "known-good")
    store.tag("p", 2, "known-good")
    assert store.tagged("p", "known-good") == 2
    assert store.tagged("q", "known-good") is None
    assert store.untag("p", "known-good")
    assert not store.untag("p", "known-good")
    assert store.tagged("p", "known-good") is None


def test_what_is_many_is_forgotten_but_for_tags_and_what_is_in_force(store: HistoryStore) -> None:
    keep(store, b"a", b"b", b"c", b"d", b"e")
    keep(store, b"x", policy_id="q")
    store.tag("p", 2, "known-good")
    store.refuse([RefusedContent("a", None, f"sha256:{n}", NOW, None) for n in range(5)])
    assert store.prune(2, 10, NOW) == 2 + 3
    assert [kept.revision for kept in store.revisions("p")] == [5, 4, 2]
    assert store.latest()["q"].content == b"x"
    assert store.prune(0, 10, NOW) == 1 + 2
    assert [kept.revision for kept in store.revisions("p")] == [5, 2]


def test_what_is_old_is_forgotten_but_for_the_last_known_good(store: HistoryStore) -> None:
    keep(store, b"a", b"b", days=20)
    keep(store, b"x", policy_id="q", days=20)
    keep(store, b"y", policy_id="q", days=5)
    assert store.prune(100, 10, NOW) == 2
    assert [kept.content for kept in store.latest().values()] == [b"b", b"y"]


def test_what_a_rollback_asked_for_is_not_forgotten(store: HistoryStore) -> None:
    keep(store, b"a", b"b", days=20)
    store.announce("p", b"a", "p.toml", 1, time=NOW - timedelta(days=20))
    store.prune(1, 10, NOW)
    assert [kept.revision for kept in store.revisions("p")] == [3, 2]


def test_who_was_retired_long_ago_leaves_only_tags(store: HistoryStore) -> None:
    keep(store, b"a", b"b", days=20)
    store.tag("p", 1, "known-good")
    store.retire([Retirement("p", "p.toml", NOW - timedelta(days=15))])
    store.prune(100, 10, NOW)
    assert [kept.revision for kept in store.revisions("p")] == [1]


def test_only_the_owner_may_look(tmp_path: Path) -> None:
    path = tmp_path / "state" / "one" / "history.sqlite3"
    with HistoryStore.open(path) as store:
        keep(store, b"a")
        modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir()}
    assert modes == dict.fromkeys(modes, 0o600)
    assert path.name in modes
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_two_connections_see_each_other(store: HistoryStore) -> None:
    keep(store, b"a")
    with HistoryStore.open(store.path, create=False) as other:
        assert other.latest()["p"].content == b"a"
        keep(other, b"b")
    assert store.latest()["p"].content == b"b"


def test_what_is_locked_for_too_long_is_said(store: HistoryStore) -> None:
    blocker = sqlite3.connect(store.path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with (
        HistoryStore.open(store.path, busy_seconds=0.01) as other,
        pytest.raises(HistoryError, match="another process keeps it locked"),
    ):
        keep(other, b"a")
    blocker.execute("ROLLBACK")
    blocker.close()
    keep(store, b"a")


@pytest.mark.parametrize(
    "content", [b"no database at all" * 100, b"SQLite format 3\0" + bytes(4000)]
)
def test_what_is_no_database_is_said_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "history.sqlite3"
    path.write_bytes(content)
    with pytest.raises(HistoryError, match=r"history\.sqlite3 cannot be used"):
        HistoryStore.open(path)
    assert path.read_bytes() == content


def test_a_later_schema_is_left_alone(store: HistoryStore) -> None:
    connection = sqlite3.connect(store.path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(HistoryError, match="written by a later policy-console"):
        HistoryStore.open(store.path)


def test_there_may_be_none(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="there is no history yet"):
        HistoryStore.open(tmp_path / "x" / "history.sqlite3", create=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryError, match="cannot be used"):
        HistoryStore.open(tmp_path / "file" / "x" / "history.sqlite3")
    assert not (tmp_path / "x").exists()


def test_a_folder_has_one_history_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "my policies"
    folder.mkdir()
    (tmp_path / "link").symlink_to(folder)
    state = tmp_path / "state"
    expected = history_path(folder, state)
    assert history_path(tmp_path / "link", state) == expected
    monkeypatch.chdir(folder)
    assert history_path(os.curdir, state) == expected
    assert expected.parent.name.startswith("my-policies-")
    assert history_path(tmp_path, state) != expected
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    assert history_path(folder).is_relative_to(tmp_path)


def test_others_have_their_turn_while_much_is_forgotten(
    store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.refuse([RefusedContent(f"{n}", None, f"sha256:{n}", NOW, None) for n in range(300)])
    turns: list[float] = []

    def turn(seconds: float) -> None:
        turns.append(seconds)
        keep(other, str(seconds + len(turns)).encode())

    monkeypatch.setattr("policyconsole.history.store.sleep", turn)
    with HistoryStore.open(store.path, busy_seconds=0) as other:
        assert store.prune(100, 1, NOW + timedelta(days=2)) == 300
    assert len(turns) == 3
    assert min(turns) >= 0.01
    assert len(store.revisions("p")) == 3
