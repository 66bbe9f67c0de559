"""Running the app on a scripted engine, and reading what stands on its screen."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from textual.pilot import Pilot
from textual.widget import Widget

from policyconsole.tui.app import PolicyConsoleApp
from policyconsole.tui.screens.console import ConsoleScreen
from tests.tui.scripted import ScriptedEngine
from tests.tui.stories import usual

WIDE = (120, 40)
NARROW = (80, 24)


def app_on(engine: ScriptedEngine) -> PolicyConsoleApp:
    """An app by the engine's clock, without animations."""
    app = PolicyConsoleApp(engine, now=engine.clock)
    app.animation_level = "none"
    return app


@dataclass
class Shown:
    """A running app, the keys to it, and the engine behind it."""

    app: PolicyConsoleApp
    pilot: Pilot[int]
    engine: ScriptedEngine

    @property
    def console(self) -> ConsoleScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, ConsoleScreen))

    @property
    def screen(self) -> str:
        """Everything on the terminal, as text."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    def text_of(self, widget: Widget) -> str:
        """What stands in the frame of a widget."""
        region = widget.region
        lines = self.screen.splitlines()[region.y : region.bottom]
        return "\n".join(line[region.x : region.right] for line in lines)

    async def settle(self) -> None:
        """Let the app take what is new and draw it."""
        self.app.tick()
        for _ in range(3):
            await self.pilot.pause()

    async def rest(self) -> None:
        """Wait until nothing on the screen has moved for a while, as a camera wants it."""
        still, before = 0, ""
        for _ in range(500):
            await self.pilot.pause(0.02)
            still = still + 1 if self.screen == before else 0
            before = self.screen
            if still == 5:
                return
        raise AssertionError("the screen does not come to rest")

    async def press(self, *keys: str) -> None:
        """Press keys and let the app draw."""
        await self.pilot.press(*keys)
        await self.settle()


@asynccontextmanager
async def showing(
    story: Callable[[ScriptedEngine], None] = usual, size: tuple[int, int] = WIDE
) -> AsyncIterator[Shown]:
    """Run the app on a story."""
    engine = ScriptedEngine(story)
    app = app_on(engine)
    async with app.run_test(size=size, notifications=True) as pilot:
        shown = Shown(app, pilot, engine)
        await shown.settle()
        yield shown
