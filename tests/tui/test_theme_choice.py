"""The theme is kept, and nothing about its file stops the app."""

import os
import sys
from pathlib import Path

import pytest

from policyconsole.tui.app import PolicyConsoleApp
from policyconsole.tui.theme_choice import FILE_NAME, ThemeChoice
from policyconsole.tui.themes import DARK, LIGHT
from tests.tui.scripted import ScriptedEngine
from tests.tui.stories import usual
from tests.waiting import eventually

THEMES = (DARK.name, LIGHT.name, "textual-ansi")


def app_with(state: Path) -> PolicyConsoleApp:
    engine = ScriptedEngine(usual)
    return PolicyConsoleApp(engine, now=engine.clock, state_folder=state)


async def test_the_theme_that_was_chosen_is_there_at_the_next_start(tmp_path: Path) -> None:
    state = tmp_path / "not" / "there"
    app = app_with(state)
    async with app.run_test() as pilot:
        assert app.theme == DARK.name
        app.theme = LIGHT.name
        await pilot.pause()
        await eventually((state / FILE_NAME).exists)
        assert os.listdir(state) == [FILE_NAME]
    assert app_with(state).theme == LIGHT.name


async def test_a_theme_that_is_gone_is_said_and_the_usual_one_stands_in(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("no-such-theme\n")
    app = app_with(tmp_path)
    async with app.run_test(notifications=True) as pilot:
        await pilot.pause()
        assert app.theme == DARK.name
        assert any("no-such-theme" in note.message for note in app._notifications)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None], ids=["no text", "a folder"])
def test_a_file_that_cannot_be_read_is_said(content: bytes | None, tmp_path: Path) -> None:
    if content is None:
        (tmp_path / FILE_NAME).mkdir()
    else:
        (tmp_path / FILE_NAME).write_bytes(content)
    name, problem = ThemeChoice(tmp_path).first(THEMES, {})
    assert name == DARK.name
    assert "cannot be read" in str(problem)


async def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    app = app_with(tmp_path / "state" / "below")
    async with app.run_test(notifications=True) as pilot:
        app.theme = LIGHT.name
        await pilot.pause()
        await eventually(
            lambda: any("the theme is not kept" in note.message for note in app._notifications)
        )


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be made read-only")
def test_a_write_that_fails_leaves_the_former_choice_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choice = ThemeChoice(tmp_path)
    assert choice.keep(LIGHT.name) is None

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    assert "No space left" in str(choice.keep(DARK.name))
    assert os.listdir(tmp_path) == [FILE_NAME]
    assert choice.read() == (LIGHT.name, None)


def test_the_environment_is_stronger_than_what_was_chosen(tmp_path: Path) -> None:
    choice = ThemeChoice(tmp_path)
    choice.keep(LIGHT.name)
    assert choice.first(THEMES, {"TEXTUAL_THEME": "textual-ansi"}) == ("textual-ansi", None)
    assert choice.first(THEMES, {}) == (LIGHT.name, None)


def test_without_a_folder_nothing_is_kept() -> None:
    choice = ThemeChoice(None)
    assert choice.keep(LIGHT.name) is None
    assert choice.first(THEMES, {}) == (DARK.name, None)
