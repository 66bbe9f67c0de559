"""Writing an earlier revision: announced before, recoverable what it replaces, as it was if it fails."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from policyconsole.fixing.writing import write_instead
from policyconsole.history.records import LARGEST_REFUSED, Reason
from policyconsole.history.store import HistoryStore
from policyconsole.loading.atomic import write_atomically
from policyconsole.reading import digest
from policyconsole.rollback import writing
from policyconsole.rollback.plan import Plan, RollbackError, plan
from policyconsole.rollback.writing import write_plan
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.ruleset import Ruleset
from tests.policies import NOT_WELL_FORMED, REFUSED_AT_STRICT, toml
from tests.rollback.keeping import keep

RULES = Ruleset(ValidationLevel.STRICT)
OLD, NEW = toml(requests_per_minute=50), toml()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HistoryStore]:
    with HistoryStore.open(tmp_path / "state" / "history.sqlite3") as opened:
        keep(opened, OLD, NEW)
        yield opened


@pytest.fixture
def file(folder: Path) -> Path:
    made = folder / "a.toml"
    made.write_text(NEW)
    return made


def to_first(
    store: HistoryStore, folder: Path, path: str = "a.toml", number: int = 1, *, force: bool = False
) -> Plan:
    old = store.revision("a-policy", number)
    assert old is not None
    return plan(str(folder), path, old, RULES, force=force)


def numbers(store: HistoryStore) -> list[tuple[int, int | None, bool]]:
    """Every revision that is kept: its number, its parent, whether it is confirmed."""
    return [(kept.revision, kept.parent, kept.confirmed) for kept in store.revisions("a-policy")][
        ::-1
    ]


def test_the_content_is_written_and_announced_with_its_parent(
    store: HistoryStore, file: Path
) -> None:
    assert write_plan(to_first(store, file.parent), store, RULES, held=True) == 3
    assert file.read_text() == OLD
    assert numbers(store) == [(1, None, True), (2, None, True), (3, 1, False)]
    assert store.refusals() == []


def test_a_link_stays_one_and_the_mode_is_kept(
    store: HistoryStore, file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "kept elsewhere.toml"
    file.rename(target)
    target.chmod(0o640)
    file.symlink_to(target)
    write_plan(to_first(store, file.parent), store, RULES, held=True)
    assert file.is_symlink()
    assert target.read_text() == OLD
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_file_that_is_gone_comes_back_with_its_folders(store: HistoryStore, folder: Path) -> None:
    write_plan(to_first(store, folder, "a/b/c.toml"), store, RULES, held=False)
    assert (folder / "a" / "b" / "c.toml").read_text() == OLD


def test_a_file_that_appears_in_the_meantime_is_kept_before_it_is_overwritten(
    store: HistoryStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "a.toml"

    def late(path: str, content: bytes, last_look: Callable[[], None]) -> None:
        monkeypatch.undo()
        file.write_text(toml(log_level="warn"))
        write_atomically(path, content, last_look)

    monkeypatch.setattr(writing, "write_atomically", late)
    assert write_plan(to_first(store, folder), store, RULES, held=False) == 4
    assert file.read_text() == OLD
    assert [kept.content.decode() for kept in store.revisions("a-policy")][1] == toml(
        log_level="warn"
    )


def test_what_nobody_has_seen_and_the_rules_accept_becomes_a_revision_first(
    store: HistoryStore, file: Path
) -> None:
    file.write_text(toml(log_level="warn"))
    assert write_plan(to_first(store, file.parent), store, RULES, held=True) == 4
    assert numbers(store)[2:] == [(3, None, True), (4, 1, False)]
    by_hand = store.revision("a-policy", 3)
    assert by_hand is not None
    assert by_hand.content.decode() == toml(log_level="warn")
    assert [change.field for change in by_hand.changes] == ["monitoring.log_level"]
    assert by_hand.sections == ("monitoring",)


@pytest.mark.parametrize("content", [NOT_WELL_FORMED, REFUSED_AT_STRICT])
def test_what_the_rules_refuse_is_kept_as_overwritten_once(
    store: HistoryStore, file: Path, content: str
) -> None:
    for _ in range(2):
        file.write_text(content)
        write_plan(to_first(store, file.parent), store, RULES, held=True)
    (kept,) = store.refusals()
    assert (kept.path, kept.policy_id, kept.reason) == ("a.toml", "a-policy", Reason.OVERWRITTEN)
    assert kept.content == content.encode()
    assert kept.digest == digest(content.encode())
    assert kept.diagnostics


def test_what_is_too_large_to_be_kept_is_not_overwritten(store: HistoryStore, file: Path) -> None:
    content = NOT_WELL_FORMED + "#" * LARGEST_REFUSED
    file.write_text(content)
    with pytest.raises(RollbackError, match="too large to be kept"):
        write_plan(to_first(store, file.parent), store, RULES, held=True)
    assert file.read_text() == content
    assert numbers(store) == [(1, None, True), (2, None, True)]


def test_another_policy_is_not_overwritten_unless_the_file_is_the_policys_own(
    store: HistoryStore, file: Path
) -> None:
    file.write_text(toml("another"))
    with pytest.raises(RollbackError, match=r"^a\.toml holds another policy by now \(another\)"):
        write_plan(to_first(store, file.parent), store, RULES, held=False)
    assert file.read_text() == toml("another")
    write_plan(to_first(store, file.parent), store, RULES, held=True)
    assert file.read_text() == OLD
    assert [kept.content for kept in store.refusals()] == [toml("another").encode()]


def test_the_newest_revision_again_mends_the_file_and_announces_nothing(
    store: HistoryStore, file: Path
) -> None:
    file.write_text(NOT_WELL_FORMED)
    assert write_plan(to_first(store, file.parent, number=2), store, RULES, held=True) is None
    assert file.read_text() == NEW
    assert numbers(store) == [(1, None, True), (2, None, True)]


def test_a_rollback_that_was_not_yet_in_force_is_forgotten(store: HistoryStore, file: Path) -> None:
    write_plan(to_first(store, file.parent), store, RULES, held=True)
    write_plan(to_first(store, file.parent, number=2), store, RULES, held=True)
    assert numbers(store) == [(1, None, True), (2, None, True)]


def test_what_failed_its_probation_stays_in_the_history(store: HistoryStore, file: Path) -> None:
    keep(store, toml(log_level="warn"))
    store.fail("a-policy", 3, 2, file.name)
    file.write_text(toml(log_level="warn"))
    assert write_plan(to_first(store, file.parent, number=2), store, RULES, held=True) is None
    assert file.read_text() == NEW
    assert numbers(store) == [(1, None, True), (2, None, True), (3, None, False)]


def test_a_forced_content_is_announced_as_forced(store: HistoryStore, file: Path) -> None:
    keep(store, REFUSED_AT_STRICT, NEW)
    write_plan(to_first(store, file.parent, number=3, force=True), store, RULES, held=True)
    assert store.forced("a-policy", digest(REFUSED_AT_STRICT.encode()))


def test_a_file_that_cannot_be_written_stays_and_nothing_is_announced(
    store: HistoryStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "_TRIES", 2)
    monkeypatch.setattr("policyconsole.fixing.writing.write_atomically", full)
    with pytest.raises(RollbackError, match=r"^a\.toml cannot be written: No space left on device"):
        write_plan(to_first(store, file.parent), store, RULES, held=True)
    assert file.read_text() == NEW
    assert numbers(store) == [(1, None, True), (2, None, True)]


def test_a_file_that_may_not_be_written_is_not_waited_for(
    store: HistoryStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[float] = []
    monkeypatch.setattr("os.access", lambda *_: False)
    monkeypatch.setattr("time.sleep", tries.append)
    with pytest.raises(RollbackError, match="cannot be written: it may not be written"):
        write_plan(to_first(store, file.parent), store, RULES, held=True)
    assert tries == []


def test_what_is_in_the_way_is_said(store: HistoryStore, folder: Path) -> None:
    os.mkfifo(folder / "a.toml")
    with pytest.raises(RollbackError, match=r"^a\.toml is in the way: .*a named pipe"):
        write_plan(to_first(store, folder), store, RULES, held=False)


def test_a_file_that_stays_open_for_writing_is_left_alone(
    store: HistoryStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_TRIES", 2)
    with file.open("a") as somebody:
        somebody.write("# half a li")
        somebody.flush()
        with pytest.raises(RollbackError, match="another program"):
            write_plan(to_first(store, file.parent), store, RULES, held=True)
    assert file.read_text() == NEW + "# half a li"
    assert numbers(store) == [(1, None, True), (2, None, True)]


def test_an_edit_at_the_last_moment_is_kept_too(
    store: HistoryStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saves = [toml(log_level="warn"), toml(log_level="error")]
    really = write_instead

    def meanwhile(path: str, old: bytes, new: bytes) -> None:
        if saves:
            file.write_text(saves.pop(0))
        really(path, old, new)

    monkeypatch.setattr(writing, "write_instead", meanwhile)
    assert write_plan(to_first(store, file.parent), store, RULES, held=True) == 5
    assert file.read_text() == OLD
    kept = [kept.content.decode() for kept in store.revisions("a-policy")]
    assert kept == [OLD, toml(log_level="error"), toml(log_level="warn"), NEW, OLD]
