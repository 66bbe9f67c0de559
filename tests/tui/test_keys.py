"""Keys that the configuration changes, help with the keys of where one is, and the palette."""

from pathlib import Path

import pytest

from policyconsole.configuration.keys import KEY_ACTIONS, Area
from policyconsole.configuration.load import load_configuration
from policyconsole.hosting import EngineThread
from policyconsole.tui.app import PolicyConsoleApp
from policyconsole.tui.panes.key_bar import KeyBar
from policyconsole.tui.screens.help import HelpScreen
from policyconsole.tui.screens.rollback import RefusedScreen
from tests.policies import toml
from tests.tui.scripted import ScriptedEngine
from tests.tui.showing import WIDE, Shown, showing
from tests.tui.stories import usual
from tests.waiting import eventually


async def test_a_key_of_the_configuration_takes_the_place_of_the_usual_one() -> None:
    engine = ScriptedEngine(usual)
    keys = {"zoom": ("Z", "f5"), "level": ("e",), "environment": ("l",)}
    app = PolicyConsoleApp(engine, now=engine.clock, keys=lambda: keys)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        shown = Shown(app, pilot, engine)
        await shown.settle()
        bar = shown.text_of(shown.console.query_one(KeyBar))
        assert "Z zoom" in bar
        assert "e level" in bar
        await shown.press("z")
        assert not shown.console.has_class("-zoom")
        for key in ("Z", "f5"):
            before = shown.console.has_class("-zoom")
            await shown.press(key)
            assert shown.console.has_class("-zoom") is not before
        await shown.press("e")
        assert "Level" in str(app.screen.query_one(".dialog").border_title)


async def test_a_key_that_the_file_changes_counts_while_the_app_runs(folder: Path) -> None:
    (folder / "a.toml").write_text(toml("a-policy"))
    engine = EngineThread(folder, configuration=load_configuration(folder))
    app = PolicyConsoleApp(engine, keys=lambda: engine.configuration.keys)
    async with app.run_test(size=WIDE) as pilot:
        console = app.screen
        (folder / "policy-console.toml").write_text('[keys]\nzoom = "Z"\n')
        await eventually(lambda: engine.configuration.keys == {"zoom": ("Z",)})
        app.tick()
        await pilot.press("Z")
        await eventually(lambda: console.has_class("-zoom"))
        (folder / "policy-console.toml").unlink()
        await eventually(lambda: engine.configuration.keys == {})
        app.tick()
        await pilot.press("z")
        await eventually(lambda: not console.has_class("-zoom"))


@pytest.mark.parametrize(
    ("pane", "first", "absent"),
    [
        ("1", ["In Policies", "Go to the next file with findings"], "Follow the newest"),
        ("2", ["In Events", "Follow the newest event again"], "Sort the policies"),
    ],
)
@pytest.mark.parametrize("size", [(120, 40), (80, 24), (50, 16)])
async def test_help_begins_with_the_keys_of_the_pane(
    pane: str, first: list[str], absent: str, size: tuple[int, int]
) -> None:
    async with showing(size=size) as shown:
        await shown.press(pane, "question_mark")
        assert isinstance(shown.app.screen, HelpScreen)
        screen = shown.screen
        for text in first:
            assert text[:20] in screen
        assert absent not in screen.partition("Everywhere")[0]
        await shown.press("end")
        assert "own." in shown.screen
        await shown.press("question_mark")
        assert shown.console.is_current


async def test_the_palette_reaches_every_action_that_has_a_key_in_the_console() -> None:
    async with showing() as shown:
        commands = list(shown.app.get_system_commands(shown.app.screen))
        called: list[tuple[str, object]] = []

        async def note(action: str, namespace: object) -> bool:
            called.append((action, namespace))
            return True

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(shown.app, "run_action", note)
            for command in shown.app.get_system_commands(shown.app.screen):
                if not command.title.startswith(("Level: ", "Sort by ")):
                    await command.callback()
        wanted = [action.action for action in KEY_ACTIONS if action.area is Area.CONSOLE]
        assert called == [(action, shown.console) for action in wanted]
        assert len({command.title for command in commands}) == len(commands)
        assert any(command.help.endswith("· z") for command in commands)


async def test_what_the_palette_runs_is_there() -> None:
    async with showing() as shown:
        for action in KEY_ACTIONS:
            if action.area is Area.CONSOLE:
                owner, _, method = action.action.partition("(")[0].rpartition(".")
                node = shown.app if owner == "app" else shown.console
                assert hasattr(node, f"action_{method}"), action


async def test_hints_name_the_keys_of_now() -> None:
    engine = ScriptedEngine(usual)
    keys = {"follow": ("F",), "dialog-leave": ("x",), "rollback-force": ("ctrl+f",)}
    app = PolicyConsoleApp(engine, now=engine.clock, keys=lambda: keys)
    async with app.run_test(size=WIDE) as pilot:
        shown = Shown(app, pilot, engine)
        await shown.settle()
        await shown.press("2", "home")
        assert "F follows again" in shown.screen
        await shown.press("question_mark")
        assert "x leaves" in shown.screen
        await shown.press("x", "l")
        assert "enter chooses · x leaves" in shown.screen
        await shown.press("x")
        app.push_screen(RefusedScreen("no", ()))
        await shown.settle()
        assert "^f forces it · x leaves all as it is" in shown.screen


async def test_a_long_line_of_help_goes_on_below_its_beginning() -> None:
    async with showing(size=(50, 16)) as shown:
        await shown.press("question_mark")
        lines = [line for line in shown.screen.splitlines() if "the next file" in line]
        assert lines, shown.screen
        start = lines[0].index("Go to the next file")
        below = shown.screen.splitlines()[shown.screen.splitlines().index(lines[0]) + 1]
        assert below[start:].startswith("findings")


async def test_a_click_in_the_bar_presses_the_key_of_now() -> None:
    engine = ScriptedEngine(usual)
    app = PolicyConsoleApp(engine, now=engine.clock, keys=lambda: {"zoom": ("Z", "f5")})
    async with app.run_test(size=WIDE) as pilot:
        shown = Shown(app, pilot, engine)
        await shown.settle()
        bar = shown.console.query_one(KeyBar)
        await pilot.click(bar, offset=(shown.text_of(bar).index("Z zoom"), 0))
        await shown.settle()
        assert shown.console.has_class("-zoom")
