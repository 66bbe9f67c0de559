"""docs/configuration.md says what the model says, and its examples load."""

import json
import re
from pathlib import Path

import pytest
import rtoml

from policyconsole import Configuration, load_configuration
from policyconsole.configuration.model import KEYS
from policyconsole.configuration.variables import variable_of

DOCUMENT = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
ROWS = {
    cells[0].strip("`"): cells
    for line in DOCUMENT.splitlines()
    if line.startswith("| `") and len(cells := line.strip("| ").split(" | ")) == 5
}
EXAMPLES = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)


def test_has_every_key_in_order() -> None:
    assert list(ROWS) == list(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_row_has_default_and_variable(key: str) -> None:
    _, _, default, _, variable = ROWS[key]
    value = Configuration().plain()[key]
    assert default == ("none" if value is None else f"`{json.dumps(value)}`")
    assert variable == f"`{variable_of(KEYS[key])}`"


@pytest.mark.parametrize("key", KEYS)
def test_the_example_of_a_row_loads_and_is_not_the_default(key: str, tmp_path: Path) -> None:
    (tmp_path / "known-findings.json").write_text('{"version": 1, "findings": []}')
    (tmp_path / "policy-console.toml").write_text(f"{key} = {ROWS[key][3].strip('`')}\n")
    configuration = load_configuration(tmp_path)
    assert getattr(configuration, KEYS[key]) != getattr(Configuration(), KEYS[key])


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (key, cells[1].rpartition("code to ")[2])
        for key, cells in ROWS.items()
        if " or " in cells[1]
    ],
)
def test_a_row_lists_the_words_that_pydantic_knows(key: str, words: str, tmp_path: Path) -> None:
    listed = re.split(r", | or ", words)
    schema = json.dumps(Configuration.model_json_schema())
    for word in listed:
        assert f'"{word}"' in schema
    table = key == "severity"
    for word in listed:
        value = f'{{SEC003 = "{word}"}}' if table else f'"{word}"'
        (tmp_path / "policy-console.toml").write_text(f"{key} = {value}\n")
        load_configuration(tmp_path)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_loads(example: str, tmp_path: Path) -> None:
    name = "pyproject.toml" if "[tool." in example else "policy-console.toml"
    (tmp_path / name).write_text(example, encoding="utf-8")
    assert rtoml.loads(example)
    assert load_configuration(tmp_path).plain() != Configuration().plain()


def test_the_two_ways_to_write_it_say_the_same(tmp_path: Path) -> None:
    plain, shared = EXAMPLES[:2]
    (tmp_path / "policy-console.toml").write_text(plain, encoding="utf-8")
    said = load_configuration(tmp_path).plain()
    (tmp_path / "policy-console.toml").unlink()
    (tmp_path / "pyproject.toml").write_text(shared, encoding="utf-8")
    assert load_configuration(tmp_path).plain() == said
