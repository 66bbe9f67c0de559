"""The bar of the scenario and that of a recording, in the app."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from policyconsole.demonstration.scenario import SCENARIO, Demonstrable, Stage
from policyconsole.replaying.engine import RecordedEngine
from policyconsole.replaying.reading import read_recording
from policyconsole.tui.app import PolicyConsoleApp
from policyconsole.tui.screens.demonstration import DemonstrationScreen
from policyconsole.tui.screens.replay import ReplayScreen
from tests.replaying.test_recording import scripted
from tests.tui.scripted import ScriptedEngine
from tests.tui.stories import usual
from tests.waiting import eventually


def text(app: PolicyConsoleApp) -> str:
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


@asynccontextmanager
async def demonstrating(
    folder: Path, size: tuple[int, int] = (120, 40), *, pace: float = 0.05
) -> AsyncIterator[tuple[PolicyConsoleApp, Pilot[int]]]:
    engine = ScriptedEngine(usual)
    engine.answers = [4]

    def stage(pause: Callable[[float], bool]) -> Stage:
        return Stage(folder, cast("Demonstrable", engine), pause)

    console = partial(DemonstrationScreen, stage=stage, automatic=False, pace=pace)
    app = PolicyConsoleApp(engine, now=engine.clock, console=console)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


def production(folder: Path) -> Path:
    path = folder / "production.toml"
    path.write_text("requests_per_minute = 300\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (50, 16)])
async def test_the_bar_says_what_n_will_do(tmp_path: Path, size: tuple[int, int]) -> None:
    path = production(tmp_path)
    async with demonstrating(tmp_path, size) as (app, pilot):
        assert SCENARIO[0].title in text(app)
        assert path.read_text() == "requests_per_minute = 300\n"
        await pilot.press("n")
        await eventually(lambda: "✓ A good change" in text(app))
        assert path.read_text() == "requests_per_minute = 240\n"
        assert SCENARIO[1].title in text(app)


async def test_a_step_that_cannot_be_done_says_why_and_the_next_one_comes(tmp_path: Path) -> None:
    production(tmp_path)
    async with demonstrating(tmp_path) as (app, pilot):
        await pilot.press("n")
        await eventually(lambda: "✓ A good change" in text(app))
        await pilot.press("n")
        words = "not done, for production.toml has no min_version any more"
        await eventually(lambda: words in text(app))
        assert SCENARIO[2].title in text(app)


async def test_a_plays_on_to_the_end_and_n_says_that_it_is_over(tmp_path: Path) -> None:
    async with demonstrating(tmp_path) as (app, pilot):
        await pilot.press("a")
        await eventually(lambda: "That was all." in text(app))
        await pilot.press("n")
        assert [str(note.message) for note in app._notifications] == [
            "That was all. Edit a file in the folder, or quit."
        ]


async def test_a_second_a_holds_it(tmp_path: Path) -> None:
    async with demonstrating(tmp_path, pace=60) as (app, pilot):
        await pilot.press("a")
        assert "by itself; a holds it" in text(app)
        await pilot.press("a")
        assert "n does it, a plays on by itself" in text(app)


async def test_help_and_palette_know_the_keys_of_the_scenario(tmp_path: Path) -> None:
    async with demonstrating(tmp_path) as (app, pilot):
        await pilot.press("question_mark")
        assert "In the demonstration" in text(app)
        assert "Do what the bar says comes next" in text(app)
        await pilot.press("escape", "ctrl+p", *"next step")
        await eventually(lambda: "Next step" in text(app))


@asynccontextmanager
async def replaying(
    tmp_path: Path, speed: float = 100.0
) -> AsyncIterator[tuple[PolicyConsoleApp, Pilot[int], RecordedEngine]]:
    path = tmp_path / "r.jsonl"
    if not path.exists():
        path.write_bytes(scripted(usual))
    engine = RecordedEngine(read_recording(path), speed)
    app = PolicyConsoleApp(
        engine,
        now=engine.now,
        console=partial(ReplayScreen, engine=engine),
        changeable=False,
    )
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        yield app, pilot, engine


async def test_a_recording_is_shown_like_what_it_is_of(tmp_path: Path) -> None:
    async with replaying(tmp_path) as (app, pilot, engine):
        await eventually(lambda: engine.ended)
        app.tick()
        await pilot.pause()
        shown = text(app)
        assert "Recording of " in shown
        assert "staging-securi" in shown
        assert "✖ rejected" in shown
        assert "r1 stays in force" in shown


async def test_keys_hold_it_and_change_its_speed(tmp_path: Path) -> None:
    async with replaying(tmp_path, 1.0) as (_, pilot, engine):
        await pilot.press("greater_than_sign")
        assert engine.speed == 2
        await pilot.press("less_than_sign", "less_than_sign")
        assert engine.speed == 0.5
        engine.pause()
        await pilot.press("h")
        assert not engine.paused


async def test_what_would_change_something_has_no_key_and_no_command(tmp_path: Path) -> None:
    async with replaying(tmp_path) as (app, pilot, _):
        await pilot.press("l", "e", "r", "R", "o")
        assert app.screen is app._console
        assert list(app._notifications) == []
        await pilot.press("question_mark")
        assert "Choose how strictly to validate" not in text(app)
        await pilot.press("escape")
        offered = [
            command.title for command in app.get_system_commands(cast("Screen[object]", app.screen))
        ]
        assert "Faster" in offered
        assert not {"Revalidate", "Roll back", "Editor", "Level: strict"} & set(offered)


async def test_where_it_was_cut_off_is_said_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    lines = scripted(usual).splitlines()[:4]
    path.write_bytes(b"\n".join([*lines, json.dumps({"kind": "[red]"}).encode()]))
    async with replaying(tmp_path) as (app, pilot, engine):
        await eventually(lambda: engine.ended)
        app.screen.show_ages()  # type: ignore[attr-defined]  # the console's
        await pilot.pause()
        assert "r.jsonl:5: this line is cut off" in text(app)
