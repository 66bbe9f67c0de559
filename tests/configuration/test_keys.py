"""[keys]: what may be written, what is wrong with it, and the table of actions behind it."""

import re
import string
from itertools import combinations
from pathlib import Path

import pytest
from textual.keys import _character_to_key

from policyconsole import ConfigurationError, load_configuration
from policyconsole.configuration.key_names import KEPT, key_name, key_problem
from policyconsole.configuration.keymap import keymap
from policyconsole.configuration.keys import KEY_ACTIONS, active_together

DOCUMENT = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")


def mistakes(folder: Path, text: str) -> list[tuple[str, str, str | None, int, int]]:
    """Code, message, help, line and column of everything that is wrong with a file."""
    (folder / "policy-console.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(folder)
    return [
        (found.code, found.message, found.help, found.place.line, found.place.column)
        for found in caught.value.diagnostics
        if found.place is not None
    ]


def test_every_action_has_an_id_of_its_own_and_a_sentence() -> None:
    assert len({action.id for action in KEY_ACTIONS}) == len(KEY_ACTIONS)
    assert all(action.what and action.keys for action in KEY_ACTIONS)


def test_no_two_actions_that_are_active_together_have_a_key_in_common() -> None:
    clashes = [
        (one.id, other.id)
        for one, other in combinations(KEY_ACTIONS, 2)
        if active_together(one, other) and set(one.keys.split(",")) & set(other.keys.split(","))
    ]
    assert clashes == []


@pytest.mark.parametrize(
    "key", sorted({key for action in KEY_ACTIONS for key in action.keys.split(",")})
)
def test_a_usual_key_is_one_that_arrives_by_its_own_name(key: str) -> None:
    assert key_problem(key) is None
    assert key_name(key) == key


@pytest.mark.parametrize("sign", [*sorted(set(string.printable) - set(string.whitespace)), " "])
def test_a_sign_has_the_name_that_textual_gives_it(sign: str) -> None:
    assert key_name(sign) == _character_to_key(sign)
    assert key_problem(sign) is None


def test_one_key_or_several_are_given_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "policy-console.toml").write_text(
        '[keys]\neditor = "Ctrl+O"\npause = ["?", "f5", ","]\nhelp = "f1"\n'
    )
    assert keymap(load_configuration(tmp_path).keys) == {
        "editor": "ctrl+o",
        "pause": "question_mark,f5,comma",
        "help": "f1",
    }


def test_pyproject_and_the_environment_have_keys_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.policy-console.keys]\nzoom = "Z"\n')
    monkeypatch.setenv("POLICY_CONSOLE_KEYS", "editor=E,copy=c")
    assert load_configuration(tmp_path).keys == {"zoom": ("Z",), "editor": ("E",), "copy": ("c",)}


@pytest.mark.parametrize(
    ("line", "code", "message", "advice", "column"),
    [
        ('editr = "E"', "CONF002", 'there is no action "editr"', 'did you mean "editor"?', 1),
        ('copy = ["c", "l"]', "CONF003", '"l" is the key of "level" too', "take another key", 14),
        ('copy = "ctrl+p"', "CONF003", '"ctrl+p" is the key of "palette" too', "take", 8),
        ('copy = "j"', "CONF003", '"j" is the key of "list-down" too', "take another key", 8),
        ('help-leave = "escape"', "CONF003", '"escape" is the key of "dialog-leave" too', "", 14),
        ('copy = ["c", "c"]', "CONF003", '"c" is the key of "copy" too', "take another key", 14),
        ('copy = "pgup"', "CONF003", '"pgup" is not a key', 'did you mean "pageup"?', 8),
        ('copy = "cmd+c"', "CONF003", '"cmd+c" is not a key', "modifiers are", 8),
        ('copy = "shift+c"', "CONF003", '"shift+c" never arrives', 'write "C"', 8),
        ('copy = ""', "CONF003", '"" is not a key', "write a letter", 8),
        ("copy = []", "CONF003", "expected at least one key", "leave it out", 8),
        ("copy = 5", "CONF003", "expected a list", "", 8),
        ('copy = "ctrl+["', "CONF003", "terminals send it for escape", "take another key", 8),
    ],
)
def test_a_mistake_is_said_at_its_place_with_what_to_do(
    line: str, code: str, message: str, advice: str, column: int, tmp_path: Path
) -> None:
    found = mistakes(tmp_path, f"[keys]\n{line}\n")
    assert [(item[0], item[3:]) for item in found] == [(code, (2, column))]
    assert message in found[0][1]
    assert advice in (found[0][2] or "")


@pytest.mark.parametrize("key", KEPT)
def test_a_key_that_terminals_keep_is_refused(key: str, tmp_path: Path) -> None:
    found = mistakes(tmp_path, f'[keys]\nzoom = "{key}"\n')
    assert [item[0] for item in found] == ["CONF003"]
    assert KEPT[key] in found[0][1]


def test_keys_that_change_places_are_no_clash(tmp_path: Path) -> None:
    (tmp_path / "policy-console.toml").write_text('[keys]\nlevel = "e"\nenvironment = "l"\n')
    assert load_configuration(tmp_path).keys == {"level": ("e",), "environment": ("l",)}


def test_what_is_never_active_together_may_have_the_same_key(tmp_path: Path) -> None:
    (tmp_path / "policy-console.toml").write_text('[keys]\nrollback-confirm = "l"\n')
    assert load_configuration(tmp_path).keys == {"rollback-confirm": ("l",)}


def test_the_document_has_every_action_with_its_keys() -> None:
    section = DOCUMENT.partition("\n## Keys\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([\w-]+)` \| (.*?) \| (\w+) \| (.*?) \|$", section, re.MULTILINE)
    assert rows == [
        (
            action.id,
            " ".join(f"`{key}`" for key in action.keys.split(",")),
            action.area.value,
            action.what,
        )
        for action in KEY_ACTIONS
    ]
