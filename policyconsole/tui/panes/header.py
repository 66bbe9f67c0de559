"""The line at the top, and the banner below it that appears when something is wrong."""

from collections.abc import Sequence

from policyconsole.dashboard import Header, HeaderLine, header_line
from policyconsole.snapshot import WatchState
from policyconsole.tui.drawing import Line, Span, Tone, crop, crop_start, width_of, wrap
from policyconsole.tui.line_view import LineView

_WATCH_TONES = {
    WatchState.WATCHING: Tone.GOOD,
    WatchState.STARTING: Tone.ACCENT,
    WatchState.DEGRADED: Tone.WARNING,
    WatchState.STOPPED: Tone.BAD,
}

_FOLDER = 24
"""How many cells of a long folder, from its end, are shown before other parts give way."""


class HeaderBar(LineView):
    """Folder, environment, level, watch, generation, and how many policies stand how."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self._header: Header | None = None
        self._paused: str | None = None
        self._dead = False

    def show(self, header: Header, paused: str | None, *, dead: bool) -> None:
        """Show this header; ``paused`` is how many events wait, None while nothing is paused."""
        self._header, self._paused, self._dead = header, paused, dead
        self.update_lines()

    def compose_lines(self, width: int, height: int) -> Sequence[Line]:  # noqa: ARG002 - one line
        """Lay the parts out; the least telling ones give way where there is no room."""
        if self._header is None:
            return ()
        said = header_line(self._header)
        line, others = list[Span](), 0
        for leave_out in range(6):
            line = self._parts(self._header, said, leave_out)
            others = width_of([*line[:1], *line[2:]])
            if others + min(width_of(line[1:2]), _FOLDER) <= width:
                break
        line[1] = (crop_start(said.folder, max(8, width - others)), Tone.STRONG)
        return (line,)

    def _parts(self, header: Header, said: HeaderLine, leave_out: int) -> list[Span]:
        """Give name, folder and the rest; ``leave_out`` from 0 for everything to 5 for the least."""
        watch: Span = (said.watch, _WATCH_TONES[header.watch])
        parts: list[Span] = [
            (crop(said.environment, 24) if leave_out < 4 else "", Tone.TEXT),
            ("" if leave_out > 4 else header.level if leave_out > 1 else said.level, Tone.TEXT),
            ("✖ engine stopped", Tone.BAD) if self._dead else watch,
            ("" if self._paused is None else f"‖ paused, {self._paused} waiting", Tone.WARNING),
            (said.generation if leave_out < 3 else "", Tone.MUTED),
            (said.in_force, Tone.TEXT),
            (f"✖ {said.refused}" if said.refused else "", Tone.BAD),
        ]
        gap: Span = ("   " if leave_out < 2 else "  ", Tone.MUTED)
        name: Span = (" policy-console   " if leave_out < 1 else " ", Tone.MUTED)
        line: list[Span] = [name, (said.folder, Tone.STRONG)]
        for part in parts:
            if part[0]:
                line += [gap, part]
        return line


class Banner(LineView):
    """Says what is wrong and what to do; not there while nothing is."""

    DEFAULT_CSS = """
    Banner { display: none; height: auto; width: 1fr; padding: 0 1; }
    Banner.-shown { display: block; }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self._text = ""
        self._tone = Tone.WARNING

    def show(self, text: str, tone: Tone) -> None:
        """Show this text, or nothing where it is empty."""
        if (text, tone) == (self._text, self._tone):
            return
        self._text, self._tone = text, tone
        self.set_class(bool(text), "-shown")
        self.set_class(tone is Tone.BAD, "-bad")
        self.refresh(layout=True)
        self.update_lines()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:  # noqa: ARG002 - textual's signature
        """Give the height that the text takes at this width."""
        return len(wrap(self._text, width, most=3))

    def compose_lines(self, width: int, height: int) -> Sequence[Line]:  # noqa: ARG002 - grows by itself
        """Break the text into lines."""
        return [[(text, self._tone)] for text in wrap(self._text, width, most=3)]
