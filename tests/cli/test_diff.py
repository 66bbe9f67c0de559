"""``policy-console diff``: what differs between two revisions, as fields, lines and JSON."""

import json
from pathlib import Path

import pytest

from policyconsole.cli.main import main
from policyconsole.history.location import history_path
from policyconsole.history.store import HistoryStore
from tests.policies import toml
from tests.rollback.keeping import history_of

RATE = "security.rate_limiting.requests_per_minute"
SECRET = toml(log_level="warn") + '\n[custom]\napi_key = "sk-live-1"\n'


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def kept(folder: Path, state: Path) -> Path:
    """Four revisions: another rate, another level and a secret, another secret, a comment."""
    other_secret = SECRET.replace("live-1", "live-2")
    history_of(folder, state, toml(requests_per_minute=50), SECRET, other_secret)
    history_of(folder, state, other_secret + "# written again\n")
    return folder


def diff(folder: Path, state: Path, *arguments: str) -> int:
    return main(["diff", "--state-dir", str(state), str(folder), "a-policy", *arguments])


def test_the_fields_are_shown_with_both_values(
    kept: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with HistoryStore.open(history_path(kept, state)) as store:
        store.tag("a-policy", 1, "known-good")
    assert diff(kept, state, "known-good", "2") == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        *(RATE, "- 50", "+ 60"),
        *("monitoring.log_level", '- "info"', '+ "warn"'),
        *("custom.api_key", "- (none)", '+ "***"'),
    ]
    assert shown.err == ""


def test_the_sources_are_shown_as_a_diff_without_secrets(
    kept: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert diff(kept, state, "1", "2", "--source") == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[:2] == ["--- a.toml (revision 1)", "+++ a.toml (revision 2)"]
    assert {"-requests_per_minute = 50", "+requests_per_minute = 60"} <= set(shown)
    assert "sk-live" not in "\n".join(shown)


def test_json_has_the_same(kept: Path, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(kept, state, "2", "3", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "version": 1,
        "policy_id": "a-policy",
        "old": 2,
        "new": 3,
        "sections": ["custom"],
        "changes": [{"field": "custom.api_key", "old": "***", "new": "***"}],
        "source": None,
    }
    assert diff(kept, state, "1", "2", "--format", "json", "--source") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["source"][0] == "--- a.toml (revision 1)"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("1", "1"), "revisions 1 and 1 are the same content"),
        (("3", "4"), "revisions 3 and 4 differ in no field, only in how they are written"),
        (("2", "3", "--source"), "revisions 2 and 3 differ only in what is masked"),
    ],
)
def test_where_nothing_is_to_be_shown_that_is_said(
    kept: Path,
    state: Path,
    arguments: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert diff(kept, state, *arguments) == 0
    assert capsys.readouterr() == ("", f"policy-console: {said}\n")


def test_a_revision_that_does_not_load_any_more_is_shown_as_lines_only(
    kept: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history_of(kept, state, 'id = "a-policy"\n')
    assert diff(kept, state, "4", "5") == 2
    said = capsys.readouterr().err
    assert said.startswith("policy-console: a revision cannot be loaded any more (--source")
    assert said.count("\n") == 1
    assert diff(kept, state, "4", "5", "--source") == 0
    assert '-name = "A policy"' in capsys.readouterr().out


def test_a_revision_that_there_is_not(
    kept: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert diff(kept, state, "1", "9") == 2
    assert capsys.readouterr() == (
        "",
        "policy-console: a-policy has no revision 9: kept are 1 to 4\n",
    )
