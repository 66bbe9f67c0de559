"""The settings of the history, from wherever they come."""

from pathlib import Path

import pytest

from policyconsole import Configuration, ConfigurationError, load_configuration
from policyconsole.configuration.tables import HistorySettings


@pytest.mark.parametrize("key", ["keep-days", "keep_days"])
def test_a_key_of_a_table_is_spelt_both_ways(folder: Path, key: str) -> None:
    (folder / "policy-console.toml").write_text(f"[history]\n{key} = 5\n")
    assert load_configuration(folder).history == HistorySettings(keep_days=5)


def test_a_key_has_a_variable_of_its_own_that_is_stronger(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "policy-console.toml").write_text("[history]\nkeep-days = 5\nkeep-revisions = 6\n")
    monkeypatch.setenv("POLICY_CONSOLE_HISTORY__KEEP_DAYS", "7")
    assert load_configuration(folder).history == HistorySettings(keep_days=7, keep_revisions=6)
    options = {"history": {"enabled": False}}
    kept = HistorySettings(enabled=False, keep_days=7, keep_revisions=6)
    assert load_configuration(folder, options=options).history == kept


def test_the_table_may_be_json(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICY_CONSOLE_HISTORY", '{"keep-days": 7}')
    assert load_configuration(folder).history == HistorySettings(keep_days=7)


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("history.kep-days = 1", 'did you mean "keep-days"', 9),
        ("history.keep-days = 0", "greater than or equal to 1", 21),
        ("history = 1", "expected a table", 11),
    ],
)
def test_mistakes_have_places(folder: Path, text: str, message: str, column: int) -> None:
    (folder / "policy-console.toml").write_text(text + "\n")
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(folder)
    (wrong,) = caught.value.mistakes
    assert message in f"{wrong.diagnostic.message} {wrong.diagnostic.help}"
    assert wrong.diagnostic.place is not None
    assert wrong.diagnostic.place.column == column


def test_the_state_dir_of_a_file_is_relative_to_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "policy-console.toml").write_text('state-dir = "kept"\n')
    assert load_configuration(folder).state_dir == str(folder / "kept")
    monkeypatch.chdir(folder.parent)
    monkeypatch.setenv("POLICY_CONSOLE_STATE_DIR", "elsewhere")
    assert load_configuration(folder).state_dir == str(folder.parent / "elsewhere")
    monkeypatch.setenv("POLICY_CONSOLE_STATE_DIR", "~/x")
    assert load_configuration(folder).state_dir == str(Path("~/x").expanduser())
    assert Configuration().state_dir is None
