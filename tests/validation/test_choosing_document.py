"""docs/choosing-rules.md: its examples do what it says."""

import re
import shlex
from pathlib import Path

import pytest

from policyconsole.cli.main import main
from policyconsole.validation.choice import Choice, FailOn, Weight

TEXT = (Path(__file__).parents[2] / "docs" / "choosing-rules.md").read_text("utf-8")
SECTIONS = re.split(r"^## ", TEXT, flags=re.MULTILINE)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ policy-console (.*?)\n(.*?)(?=^\$ |\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| (.*?) ?\| (.*?) ?\| (runs)? ?\| (runs)? ?\| (runs)? ?\|$", re.MULTILINE)


def put(section: str) -> None:
    """Write the files that a section shows."""
    for language, content in BLOCK.findall(section):
        if language != "console":
            path = Path(content.split("\n", 1)[0].removeprefix("# file: "))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.split("\n")[0])
def test_the_examples(
    section: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    put(SECTIONS[0])
    put(section)
    for language, content in BLOCK.findall(section):
        for command, expected in COMMAND.findall(content) if language == "console" else ():
            words, _, last = command.partition(" | tail")
            main(shlex.split(words))
            said = capsys.readouterr()
            output = said.out.splitlines()[-1] + "\n" if last else said.out + said.err
            assert output == expected


def test_every_command_is_run() -> None:
    assert len(COMMAND.findall(TEXT)) == TEXT.count("\n$ ") == 10


def test_the_table_of_select_and_ignore() -> None:
    rows = ROW.findall(TEXT)
    assert len(rows) == 6
    for select, ignore, *runs in rows:
        selected, ignored = (tuple(re.findall(r"`(\w+)`", cell)) for cell in (select, ignore))
        choice = Choice(select=selected or ("ALL",), ignore=ignored)
        wanted = [choice.wants(code) for code in ("SEC003", "SEC004", "LOGIC001")]
        assert wanted == [bool(cell) for cell in runs], (select, ignore)


@pytest.mark.parametrize("word", [*FailOn, *Weight])
def test_every_word_is_explained(word: str) -> None:
    assert f"`{word}`" in TEXT
