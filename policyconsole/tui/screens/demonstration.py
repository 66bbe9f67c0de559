"""The console with a scenario: a bar says what will happen, a key makes it happen."""

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from policyconsole.configuration.keys import Area
from policyconsole.demonstration.saving import NothingToChangeError
from policyconsole.demonstration.scenario import SCENARIO, Stage, Step
from policyconsole.escaping import printable
from policyconsole.hosted import KeptRevisions
from policyconsole.rollback.plan import RollbackError
from policyconsole.tui.bindings import CONSOLE_BINDINGS, bindings
from policyconsole.tui.key_list import shown_key
from policyconsole.tui.panes.stage_bar import StageBar
from policyconsole.tui.panes.subject import Subject
from policyconsole.tui.screens.console import ConsoleScreen
from policyconsole.wording import cause


class DemonstrationScreen(ConsoleScreen, inherit_bindings=False):
    """The console on a copy of the sample policies, and the steps of the scenario.

    ``stage`` makes the place where a step acts of a way to wait; ``automatic`` begins at
    once, each step ``pace`` seconds after the one before.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Area.DEMONSTRATION),
        *(binding for binding in CONSOLE_BINDINGS if binding.id != "next"),
    ]

    def __init__(
        self,
        now: Callable[[], datetime],
        subject_of: Callable[[str], Subject | None],
        history: Callable[[], KeptRevisions | None],
        *,
        stage: Callable[[Callable[[float], bool]], Stage],
        automatic: bool,
        pace: float,
    ) -> None:
        super().__init__(now, subject_of, history)
        self.steps = StageBar()
        self._over = threading.Event()
        self._stage = stage(self._over.wait)
        self._automatic = automatic
        self._pace = pace
        self._done = 0
        self._said = ""
        self._busy = False

    def above(self) -> ComposeResult:
        """The bar of the scenario."""
        yield self.steps

    def on_mount(self) -> None:
        """Say what the first step does."""
        super().on_mount()
        self._said = f"This is a copy of the sample policies: {self._stage.folder}"
        self._show_step()
        if self._automatic:
            self._play()

    def on_unmount(self) -> None:
        """Let the step that acts end at once."""
        self._over.set()

    def action_step(self) -> None:
        """Do what the bar says comes next."""
        if self._busy:
            return
        if self._done == len(SCENARIO):
            self.notify("That was all. Edit a file in the folder, or quit.", markup=False)
            return
        self.run_worker(self._do(SCENARIO[self._done]), name="step")

    def action_automatic(self) -> None:
        """Let the steps follow each other by themselves, or hold them."""
        self._automatic = not self._automatic
        self._show_step()
        if self._automatic:
            self._play()

    def _play(self) -> None:
        self.run_worker(self._play_on(), name="automatic", exclusive=True, group="automatic")

    async def _play_on(self) -> None:
        while self._automatic and self._done < len(SCENARIO):
            await asyncio.sleep(self._pace)
            if self._automatic and not self._busy:
                await self._do(SCENARIO[self._done])
        self._automatic = False
        self._show_step()

    async def _do(self, step: Step) -> None:
        self._busy = True
        try:
            self.choose(step.path)
            if step.pane != self.pane:
                self.action_pane(step.pane)
            self._show_step()
            await asyncio.to_thread(step.act, self._stage)
        except NothingToChangeError as problem:
            self._said = f"✖ {step.title}: not done, for {problem}"
        except (OSError, RollbackError) as problem:
            self._said = f"✖ {step.title}: not done ({cause(problem)})"
        else:
            self._said = f"✓ {step.title}"
        finally:
            self._busy = False
        self._done += 1
        self._show_step()

    def _show_step(self) -> None:
        count = len(SCENARIO)
        if self._done == count:
            self.steps.show(
                self._said, "That was all. Edit a file in the folder yourself, or quit."
            )
            return
        step = SCENARIO[self._done]
        key, automatic = shown_key(self, "demo-next"), shown_key(self, "demo-automatic")
        how = f"{key} does it, {automatic} plays on by itself"
        if self._automatic:
            how = f"by itself; {automatic} holds it"
        how = "now …" if self._busy else how
        title = f"Step {self._done + 1} of {count}: {how}"
        self.steps.show(printable(title), self._said, f"{step.title}. {step.what}")
