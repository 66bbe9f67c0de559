"""PolicyConsoleApp: the terminal app, a picture of an engine that runs beside it."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, TypeAlias

from textual import events, on
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen
from textual.theme import Theme

from policyconsole.configuration.keymap import keymap
from policyconsole.configuration.keys import Area
from policyconsole.dashboard import BOUNDS, PolicyRow, loading_lines, moment
from policyconsole.escaping import printable
from policyconsole.hosted import KeepingEngine, KeptRevisions
from policyconsole.snapshot import Loading, WatchState
from policyconsole.tui.alarm import Alarm
from policyconsole.tui.bindings import bindings
from policyconsole.tui.commands import PolicyCommands, system_commands
from policyconsole.tui.copying import copy
from policyconsole.tui.cursor import finding_line, place_under, text_under
from policyconsole.tui.drawing import Tone
from policyconsole.tui.editing import edit
from policyconsole.tui.feed import Feed
from policyconsole.tui.garbage import Garbage
from policyconsole.tui.key_list import key_sections
from policyconsole.tui.pace import Pace
from policyconsole.tui.panes.guards import GuardList
from policyconsole.tui.panes.latency import NEWEST
from policyconsole.tui.panes.policies import EmptyHint
from policyconsole.tui.panes.subject import Subject
from policyconsole.tui.rolling_back import roll_back
from policyconsole.tui.screens.console import ConsoleScreen
from policyconsole.tui.screens.environment import Environment, EnvironmentScreen
from policyconsole.tui.screens.help import HelpScreen
from policyconsole.tui.screens.level import LevelScreen
from policyconsole.tui.settings import Settings
from policyconsole.tui.signals import when_told_to_end
from policyconsole.tui.theme_choice import ThemeChoice
from policyconsole.tui.themes import DARK, LIGHT
from policyconsole.validation.levels import ValidationLevel

_CHANGING = frozenset({"level", "environment", "revalidate", "rollback", "editor"})
"""The actions that change something, or open what is not there in a recording."""

Keys: TypeAlias = Mapping[str, tuple[str, ...]]
"""Other keys than the usual ones, by the ids of actions."""

Console: TypeAlias = Callable[
    [
        Callable[[], datetime],
        Callable[[str], Subject | None],
        Callable[[], KeptRevisions | None],
    ],
    ConsoleScreen,
]
"""Makes the screen of the time, of what is to be shown of a file, and of what is kept."""


def run(
    engine: KeepingEngine,
    *,
    keys: Callable[[], Keys] = dict,
    state_folder: Path | None = None,
    console: Console = ConsoleScreen,
    recorded: Callable[[], datetime] | None = None,
) -> int:
    """Show an engine in the terminal until somebody quits; give the exit code.

    The engine is started and stopped here. ``keys`` gives the keys of the configuration of
    now; the theme is kept in ``state_folder``, nowhere if it is None; ``console`` makes the
    screen. ``recorded`` gives the time of a recording, in which nothing can be changed.
    """
    app = PolicyConsoleApp(
        engine,
        now=recorded or (lambda: datetime.now(UTC)),
        keys=keys,
        state_folder=state_folder,
        console=console,
        changeable=recorded is None,
    )
    try:
        app.run()
    finally:
        engine.stop()
    return app.return_code or 0


class PolicyConsoleApp(App[int]):
    """Starts the engine, folds what it tells ten times a second, and draws what has changed."""

    TITLE = "policy-console"
    CSS_PATH = "app.tcss"
    COMMANDS = App.COMMANDS | {PolicyCommands}
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar = [
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True, id="quit-always"),
        *bindings(Area.EVERYWHERE),
    ]

    def __init__(
        self,
        engine: KeepingEngine,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        keys: Callable[[], Keys] = dict,
        state_folder: Path | None = None,
        console: Console = ConsoleScreen,
        changeable: bool = True,
    ) -> None:
        """``now`` gives the time, with its offset, by which ages are reckoned.

        ``keys``, ``state_folder`` and ``console`` are those of :func:`run`; what is not
        ``changeable`` is only looked at.
        """
        super().__init__()
        self._configured_keys = keys
        self._bound_keys: Keys = {}
        self._theme_choice = ThemeChoice(state_folder)
        self._engine = engine
        self._changeable = changeable
        self._now = now
        self._alarm = Alarm(self._look, lambda: self._is_restless)
        self._feed = Feed(engine, self._alarm.wake)
        self._settings = Settings(engine)
        self._console = console(now, self._subject, lambda: engine.history)
        self._pace = Pace()
        self._garbage = Garbage()
        self._drawn: tuple[int, bool, Loading | None] | None = None
        self._drawn_paused: str | None = None
        self._drawn_second = 0
        self._counted: tuple[int, ...] = ()
        self._last_sign_of_life: datetime = now()
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme, self._theme_problem = self._theme_choice.first(self.available_themes)

    def get_default_screen(self) -> Screen[None]:
        """Begin with the console."""
        return self._console

    def on_mount(self) -> None:
        """Start the engine, then look at what it tells ten times a second."""
        self._garbage.start()
        self._feed.start()
        self._settings.start()
        when_told_to_end(self.exit)
        self._follow_keys()
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        if self._theme_problem is not None:
            self.notify(printable(self._theme_problem), markup=False, severity="warning")
        self._alarm.start(self.call_later)
        self.call_after_refresh(self.tick)

    async def on_unmount(self) -> None:
        """Stop the engine; it may take a moment, in which the loop goes on."""
        self._alarm.stop()
        self._garbage.stop()
        self._pace.begin()
        self._feed.close()
        self._settings.close()
        await asyncio.to_thread(self._engine.stop)

    # Drawing

    async def on_event(self, event: events.Event) -> None:
        """Answer a key or the mouse before the next picture is drawn."""
        if isinstance(event, events.InputEvent):
            self._pace.give_way()
            self._garbage.busy()
        await super().on_event(event)

    def _look(self) -> None:
        if self._pace.is_due:
            self._pace.begin()
            self.tick()
            self._garbage.look()
            self.call_after_refresh(self._pace.end)

    def tick(self) -> None:
        """Take what is new and draw what has changed; nothing where nothing has."""
        if not self.dead:
            self._last_sign_of_life = self._now()
        self._feed.pull()
        self._settings.pull()
        self._follow_keys()
        if not (self._console.is_mounted and self._console.keys.is_attached):
            return  # not there yet, or on the way out
        state = (self._feed.dashboard.version, self.dead, self._engine.loading)
        if state != self._drawn:
            self._drawn = state
            self._garbage.busy()
            self._draw()
        if self._paused != self._drawn_paused:
            self._drawn_paused = self._paused
            self._draw_header()
            self._console.show_events(self._paused)
        if self._console.shows_guards:
            self._console.latency.show_requests(self._engine.requests)
        second = int(self._now().timestamp())
        if second != self._drawn_second:
            self._drawn_second = second
            self._console.show_ages()

    @on(GuardList.InView)
    def _show_guards(self) -> None:
        """Show the counts as soon as there is room for them; no tick may be near."""
        self._console.latency.show_requests(self._engine.requests)

    @property
    def _is_restless(self) -> bool:
        """Whether something that no event tells of may look different in a tenth of a second."""
        starting = self._feed.dashboard.header.watch is WatchState.STARTING
        return starting or self._feed.waiting > 0

    @property
    def dead(self) -> bool:
        """Whether the engine's thread has ended though nobody quit."""
        return not self._engine.alive

    def _draw(self) -> None:
        self._draw_header()
        self._console.banner.show(*self._trouble())
        self._console.show(self._feed.dashboard, self._paused, self._empty_hint())
        statistics = self._engine.statistics
        counts = tuple(figures.count for figures in statistics.stages.values())
        if counts != self._counted:
            self._counted = counts
            totals = self._engine.recent("total", NEWEST)
            self._console.show_statistics(
                statistics, totals, lambda stage: self._engine.histogram(stage, BOUNDS)
            )

    def _draw_header(self) -> None:
        self._console.header.show(self._feed.dashboard.header, self._paused, dead=self.dead)

    @property
    def _paused(self) -> str | None:
        return self._feed.waiting_text if self._feed.paused else None

    def _trouble(self) -> tuple[str, Tone]:
        header = self._feed.dashboard.header
        if self.dead:
            why = self._engine.failure or "its thread has ended"
            when = moment(self._last_sign_of_life, self._now())
            dead = f"✖ THE ENGINE HAS STOPPED: {why}. This is how things were at {when}; nothing"
            return f"{dead} is watched any more. Quit and start policy-console again.", Tone.BAD
        if header.watch is WatchState.DEGRADED:
            message = header.message or "the watch is lost"
            stays = "What is in force stays so" if header.in_force else "Nothing is in force"
            return f"▼ degraded: {message}. {stays}; it is looked at again by itself.", Tone.WARNING
        return "", Tone.TEXT

    def _empty_hint(self) -> EmptyHint:
        header = self._feed.dashboard.header
        folder = printable(header.folder)
        if header.watch is WatchState.STARTING:
            return EmptyHint(*loading_lines(self._engine.loading, header.folder))
        if header.watch is WatchState.DEGRADED:
            why = printable(header.message or "the folder cannot be looked at")
            return EmptyHint("No policy is known yet.", f"{why}; it is looked at again by itself.")
        return EmptyHint(
            "No policy files here yet.",
            f"Put a file that ends in .toml, .yaml, .yml or .json into {folder}, at any depth: "
            "it shows up here at once.",
        )

    def _subject(self, path: str) -> Subject | None:
        row = self._feed.dashboard.rows.get(path)
        if row is None:
            return None
        active = self._engine.policies.get(row.in_force_id) if row.in_force_id else None
        known = active is not None and active.revision == row.revision
        since = active.since if known and active else None
        level = self._feed.dashboard.header.level
        return Subject(row, self._engine.file(path), since, level, active)

    # What can be done

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave out what would change something where nothing can be changed."""
        if action in _CHANGING and not self._changeable:
            return False
        return super().check_action(action, parameters)

    def action_pause(self) -> None:
        """Hold the picture, or let it go on."""
        self._feed.paused = not self._feed.paused
        self.tick()

    def action_level(self) -> None:
        """Choose how strictly to validate."""
        self._settings.pull()
        self.push_screen(LevelScreen(self._settings.level), self.set_level)

    def action_environment(self) -> None:
        """Choose the environment for policies that name none."""
        self._settings.pull()
        self.push_screen(
            EnvironmentScreen(self._settings.environment, self._settings.level),
            self.set_environment,
        )

    def set_level(self, level: ValidationLevel | None) -> None:
        """Validate at this level; None changes nothing."""
        if level is not None:
            self._settings.set_level(level)

    def set_environment(self, environment: Environment | None) -> None:
        """Validate for this environment; None changes nothing."""
        if environment is not None:
            self._settings.set_environment(environment.name)

    def action_revalidate(self) -> None:
        """Read and judge every file again."""
        self._engine.revalidate()
        self.notify("Every file is read and judged again.", markup=False, timeout=2)

    def action_rollback(self) -> None:
        """Choose an earlier revision of the policy under the cursor, and roll back to it."""
        row = self._row
        if row is None:
            self.notify("There is no policy to roll back.", markup=False)
            return
        revision = None
        if self._console.pane == "history" and (moment := self._console.detail.history.chosen):
            revision = moment.revision
            if revision is None:
                why = "What was refused cannot be put in force: choose a revision."
                self.notify(why, markup=False)
                return
        self.run_worker(
            roll_back(self, self._engine, row, self._now, revision),
            name="rollback",
            exclusive=True,
        )

    def action_keys(self) -> None:
        """Show the keys of where one is, and the general ones."""
        self.push_screen(HelpScreen(key_sections(self._console, self._console.pane)))

    def action_editor(self) -> None:
        """Open the file under the cursor in the user's editor."""
        place = place_under(self._console.target, self._row)
        if place is None:
            self.notify("There is no file to open here.", markup=False)
            return
        path, line = place
        self.run_worker(edit(self, str(self._engine.folder / path), line), name="editor")

    def action_copy(self) -> None:
        """Copy what is under the cursor, through the terminal (OSC 52)."""
        copy(self, text_under(self._console.target, self._row))

    def action_copy_all(self) -> None:
        """Copy every finding of the chosen file."""
        row = self._row
        found = [finding_line(row.path, item) for item in row.diagnostics] if row else []
        copy(self, "\n".join(found))

    @property
    def _row(self) -> PolicyRow | None:
        path = self._console.policies.list.cursor_item
        return self._feed.dashboard.rows.get(path) if path is not None else None

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002 - textual's signature
        """Give the palette everything that can be done here."""
        return system_commands(self, self._console, self.set_level, paused=self._feed.paused)

    # Themes and keys

    async def _keep_theme(self, theme: Theme) -> None:
        problem = await asyncio.to_thread(self._theme_choice.keep, theme.name)
        if problem is not None:
            self.notify(printable(problem), markup=False, severity="warning")

    def _follow_keys(self) -> None:
        """Bind the keys that the configuration says now."""
        keys = self._configured_keys()
        if keys != self._bound_keys:
            self._bound_keys = keys
            self.set_keymap(keymap(keys))
