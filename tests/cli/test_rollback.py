"""``policy-console rollback`` with nothing running beside it: what it writes, and what it refuses."""

from dataclasses import replace
from pathlib import Path

import pytest

from policyconsole.cli.main import main
from policyconsole.cli.verdicts import Configured, Found, find
from policyconsole.history.location import history_path
from policyconsole.history.records import Retirement
from policyconsole.history.store import HistoryStore
from policyconsole.reading import digest
from tests.policies import NOT_WELL_FORMED, REFUSED_AT_STRICT, toml
from tests.rollback.keeping import FIRST, history_of

OLD, NEW = toml(requests_per_minute=50), toml()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def kept(folder: Path, state: Path) -> Path:
    history_of(folder, state, OLD, REFUSED_AT_STRICT, NEW)
    (folder / "a.toml").write_text(NEW)
    return folder


def rollback(folder: Path, state: Path, *arguments: str) -> int:
    options = ["--state-dir", str(state), "--level", "strict"]
    return main(["rollback", *options, str(folder), "a-policy", *arguments])


@pytest.mark.parametrize("named", ["1", "known-good"])
def test_a_revision_is_written_by_its_number_or_its_tag(
    kept: Path, state: Path, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with HistoryStore.open(history_path(kept, state)) as store:
        store.tag("a-policy", 1, "known-good")
    assert rollback(kept, state, named) == 0
    assert (kept / "a.toml").read_text() == OLD
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == (
        "policy-console: a.toml has the content of revision 1 of a-policy: in force as revision 4"
        " where the folder is watched\n"
    )


def test_what_todays_rules_refuse_is_shown_and_written_only_by_force(
    kept: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rollback(kept, state, "2") == 1
    assert (kept / "a.toml").read_text() == NEW
    shown = capsys.readouterr()
    assert shown.out.startswith(f"{kept / 'a.toml'}:6:15: error SEC003 (high): ")
    assert '6 │ min_version = "TLSv1.0"' in shown.out
    assert shown.err == (
        "policy-console: today's rules refuse revision 2 of a-policy: SEC003;"
        " --force writes it all the same\n"
    )
    assert rollback(kept, state, "2", "--force") == 0
    assert (kept / "a.toml").read_text() == REFUSED_AT_STRICT


def test_what_stands_in_the_file_already_is_forced_at_the_next_start(
    kept: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kept / "a.toml").write_text(REFUSED_AT_STRICT)
    assert rollback(kept, state, "2", "--force") == 0
    assert capsys.readouterr().err == (
        "policy-console: a.toml has the content of revision 2 of a-policy as before: in force as"
        " revision 4 at the next start of what watches it\n"
    )
    with HistoryStore.open(history_path(kept, state)) as store:
        assert store.forced("a-policy", digest(REFUSED_AT_STRICT.encode()))


def test_the_newest_revision_mends_a_broken_file(
    kept: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kept / "a.toml").write_text(NOT_WELL_FORMED)
    assert rollback(kept, state, "3") == 0
    assert (kept / "a.toml").read_text() == NEW
    assert capsys.readouterr().err == (
        "policy-console: a.toml has the content of revision 3 of a-policy\n"
    )
    with HistoryStore.open(history_path(kept, state)) as store:
        (overwritten,) = store.refusals()
        assert overwritten.content == NOT_WELL_FORMED.encode()


def test_a_file_that_was_renamed_meanwhile_is_found_by_its_id(kept: Path, state: Path) -> None:
    (kept / "sub").mkdir()
    (kept / "a.toml").rename(kept / "sub" / "moved.toml")
    assert rollback(kept, state, "1") == 0
    assert (kept / "sub" / "moved.toml").read_text() == OLD
    assert not (kept / "a.toml").exists()


def test_folders_that_cannot_be_listed_are_no_file_of_the_policy(
    kept: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_one(path: str, by: Configured) -> Found:
        return replace(find(path, by), unlisted={f"{path}/secret": "Permission denied"})

    monkeypatch.setattr("policyconsole.cli.rollback.find", find_one)
    (kept / "a.toml").rename(kept / "moved.toml")
    assert rollback(kept, state, "1") == 0
    assert (kept / "moved.toml").read_text() == OLD


def test_a_file_that_holds_another_policy_by_now_is_left_alone(
    kept: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kept / "a.toml").write_text(toml("another"))
    assert rollback(kept, state, "1") == 2
    assert (kept / "a.toml").read_text() == toml("another")
    assert capsys.readouterr().err == (
        "policy-console: a.toml holds another policy by now (another): move it away first\n"
    )


def test_a_retired_policy_gets_its_file_back(kept: Path, state: Path) -> None:
    (kept / "a.toml").unlink()
    with HistoryStore.open(history_path(kept, state)) as store:
        store.retire([Retirement("a-policy", "a.toml", FIRST)])
    assert rollback(kept, state, "3") == 0
    assert (kept / "a.toml").read_text() == NEW


def test_the_configuration_of_the_folder_counts(
    kept: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kept / "policy-console.toml").write_text('ignore = ["SEC003"]\n')
    assert rollback(kept, state, "2") == 0
    (kept / "policy-console.toml").write_text('levl = "strict"\n')
    assert rollback(kept, state, "1") == 2
    assert "the configuration cannot be used: 1 mistake" in capsys.readouterr().err


@pytest.mark.parametrize("named", ["9", "0", "9" * 30, "9" * 5000, "nothing", "-1"])
def test_a_revision_that_there_is_not(
    kept: Path, state: Path, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rollback(kept, state, named) == 2
    what = named if named.isdigit() and len(named) < 100 else f"tagged {named}"
    assert capsys.readouterr() == (
        "",
        f"policy-console: a-policy has no revision {what}: kept are 1 to 3\n",
    )
    assert (kept / "a.toml").read_text() == NEW
