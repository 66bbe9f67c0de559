"""The app on the real engine and a real folder: an edit is refused, and comes good again."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from policyconsole.configuration.load import load_configuration
from policyconsole.configuration.model import Configuration
from policyconsole.hosted import KeepingEngine
from policyconsole.hosting import EngineThread
from policyconsole.snapshot import WatchState
from policyconsole.tui.app import PolicyConsoleApp
from policyconsole.validation.levels import ValidationLevel
from tests.policies import NOT_WELL_FORMED, REFUSED_AT_STRICT, toml
from tests.tui.showing import WIDE
from tests.waiting import eventually


class Real:
    """The app on a folder, and what stands on its screen."""

    def __init__(self, app: PolicyConsoleApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    async def shows(self, *texts: str) -> None:
        try:
            await eventually(lambda: all(text in self.screen for text in texts))
        except AssertionError:
            missing = [text for text in texts if text not in self.screen]
            pytest.fail(f"{missing} did not appear on\n{self.screen}")


@asynccontextmanager
async def watching(
    folder: Path, configuration: Configuration | None = None, state: Path | None = None
) -> AsyncIterator[Real]:
    level = ValidationLevel.STRICT if configuration is None else None
    engine: KeepingEngine = EngineThread(
        folder, level=level, configuration=configuration, state_dir=state
    )
    app = PolicyConsoleApp(engine)
    async with app.run_test(size=WIDE) as pilot:
        real = Real(app, pilot)
        await real.shows(WatchState.WATCHING.value)
        yield real
    assert not engine.alive


async def test_an_edit_is_refused_and_comes_good_again(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml("a-policy"))
    async with watching(folder) as real:
        await real.shows("● live", "a-policy", "revision 1 in force")
        file.write_text(REFUSED_AT_STRICT)
        await real.shows(
            "✖ refused", "└ r1 stays in force", "SEC003", "^^^^", "revision 1 stays in force"
        )
        file.write_text(toml("a-policy", requests_per_minute=50))
        await real.shows("revision 2 in force", "60 → 50", "1 change measured")
        assert "✖ refused" not in real.screen


async def test_an_earlier_revision_comes_back(folder: Path, tmp_path: Path) -> None:
    file = folder / "a.toml"
    file.write_text(toml("a-policy", requests_per_minute=50))
    async with watching(folder, state=tmp_path / "state") as real:
        await real.shows("revision 1 in force")
        file.write_text(toml("a-policy"))
        await real.shows("revision 2 in force")
        await real.pilot.press("R")
        await real.shows("Roll back a-policy", "● r2", "60 → 50")
        await real.pilot.press("enter")
        await real.shows("Roll back a-policy to revision 1?", "60 → 50")
        await real.pilot.press("enter")
        await real.shows("revision 3 in force", "↺ rolled_back")
    assert file.read_text() == toml("a-policy", requests_per_minute=50)


async def test_the_first_file_of_an_empty_folder_shows_up(folder: Path) -> None:
    async with watching(folder) as real:
        await real.shows("No policy files here yet.")
        (folder / "new.toml").write_text(toml("new-policy"))
        await real.shows("new-policy", "1 in force")


async def test_level_and_environment_change_while_it_runs(folder: Path) -> None:
    (folder / "a.toml").write_text(toml("a-policy"))
    async with watching(folder) as real:
        await real.shows("level strict")
        real.app.set_level(ValidationLevel.BASIC)
        await real.shows("level basic", "configured")
        (folder / "a.toml").write_text(REFUSED_AT_STRICT)
        await real.shows("revision 2 in force")
        real.app.set_level(ValidationLevel.STRICT)
        await real.shows("level strict", "✖ refused", "revision 2 stays in force")


async def test_a_folder_that_goes_away_and_comes_back(folder: Path) -> None:
    (folder / "a.toml").write_text(toml("a-policy"))
    async with watching(folder) as real:
        await real.shows("1 in force")
        shutil.move(folder, folder.with_name("elsewhere"))
        await real.shows("▼ degraded: the folder", "1 in force")
        shutil.move(folder.with_name("elsewhere"), folder)
        await real.shows("● watching")


async def test_a_file_that_never_was_good_has_nothing_in_force(folder: Path) -> None:
    (folder / "bad.toml").write_text(NOT_WELL_FORMED)
    async with watching(folder) as real:
        await real.shows("PARSE001", "└ nothing in force", "nothing of this file is in force")


async def test_a_broken_configuration_is_said_until_it_is_mended(folder: Path) -> None:
    (folder / "a.toml").write_text(REFUSED_AT_STRICT)
    file = folder / "policy-console.toml"
    file.write_text('level = "standard"\n')
    async with watching(folder, load_configuration(folder)) as real:
        await real.shows("level standard", "1 in force")
        file.write_text('level = "strickt"\n')
        await real.shows(
            "▼ degraded: the configuration is not used, the former stays:",
            "policy-console.toml:1:9: CONF003",
            "level standard",
            "▼ degraded  policy-console.toml",
        )
        file.write_text('level = "strict"\n')
        await real.shows("● watching", "level strict", "SEC003", "◆ configured")
        real.app.set_level(ValidationLevel.BASIC)
        await real.shows("level basic", "revision 1 in force")
