"""The console on a recording: a bar says where it is, keys hold it and change its speed."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from policyconsole.configuration.keys import Area
from policyconsole.escaping import printable
from policyconsole.hosted import KeptRevisions
from policyconsole.replaying.engine import RecordedEngine
from policyconsole.tui.bindings import bindings
from policyconsole.tui.panes.stage_bar import StageBar
from policyconsole.tui.panes.subject import Subject
from policyconsole.tui.screens.console import ConsoleScreen


class ReplayScreen(ConsoleScreen):
    """The console, and how the recording is played."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Area.REPLAY)]

    def __init__(
        self,
        now: Callable[[], datetime],
        subject_of: Callable[[str], Subject | None],
        history: Callable[[], KeptRevisions | None],
        *,
        engine: RecordedEngine,
    ) -> None:
        super().__init__(now, subject_of, history)
        self._engine = engine
        self.bar = StageBar()

    def above(self) -> ComposeResult:
        """The bar of the recording."""
        yield self.bar

    def on_mount(self) -> None:
        """Say where it is."""
        super().on_mount()
        self._show_position()

    def show_ages(self) -> None:
        """Draw what reads differently by now."""
        super().show_ages()
        self._show_position()

    def action_hold(self) -> None:
        """Hold the recording, or let it go on."""
        self._engine.pause()
        self._show_position()

    def action_speed(self, times: float) -> None:
        """Play this many times as fast as now."""
        self._engine.play_at(self._engine.speed * times)
        self._show_position()

    def _show_position(self) -> None:
        engine, recording = self._engine, self._engine.recording
        when = recording.begun.time.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        how = "ended" if engine.ended else "held" if engine.paused else f"{engine.speed:g}x"
        place = f"{_clock(engine.position)} of {_clock(recording.seconds)}"
        note = printable(recording.note or "") if engine.ended else ""
        self.bar.show(f"Recording of {when}   {place}   {how}", note)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
