"""Pane: a frame with a numbered title that shows, in colour and by a sign, where the keys go."""

from dataclasses import dataclass

from textual.containers import Vertical
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from policyconsole.escaping import printable

_LEAST_SUBJECT = 12
"""With fewer cells beside the titles, the subject stands in the lower edge."""

FOCUS_SIGN = "▸"
"""Stands before the name of the pane that has the keys."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One face of a pane: its name in actions, the number key that leads there, and its title."""

    name: str
    number: int
    title: str


class Pane(Vertical):
    """A frame around one or more tabs; ``active`` is the name of the tab that is shown."""

    DEFAULT_CSS = """
    Pane {
        border: round $border-blurred;
        border-title-color: $foreground;
        border-subtitle-color: $text-muted;
        border-title-style: none;
        padding: 0;
    }
    Pane:focus-within { border: heavy $border; border-subtitle-color: $foreground; }
    """

    def __init__(self, *tabs: Tab, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self._tabs = tabs
        self._subject = ""
        self._note = ""
        self.active = tabs[0].name

    @property
    def tab_names(self) -> tuple[str, ...]:
        """The names of the pane's tabs, in their order."""
        return tuple(tab.name for tab in self._tabs)

    def target(self, name: str) -> Widget:
        """Give the widget that takes the keys in a tab."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Write the title for the first time."""
        self._write_title()

    def on_descendant_focus(self) -> None:
        """Show that the keys go here."""
        self._write_title()

    def on_descendant_blur(self) -> None:
        """Show that the keys go elsewhere."""
        self._write_title()

    def on_resize(self) -> None:
        """Keep the subject at the right end of the frame."""
        self._write_title()

    def activate(self, name: str) -> None:
        """Show another of the pane's tabs."""
        self.active = name
        self._write_title()

    def set_subject(self, subject: str) -> None:
        """Say at the right end of the frame what the pane is about."""
        if subject != self._subject:
            self._subject = subject
            self._write_title()

    def set_note(self, note: str) -> None:
        """Say something in the lower edge of the frame: a count, a mode."""
        if note != self._note:
            self._note = note
            self._write_title()

    def _write_title(self) -> None:
        title = self._titles(" │ ", whole=True)
        if title.cell_length > self._room:
            title = self._titles("│", whole=True)
        if title.cell_length > self._room:
            title = self._titles(" │ ", whole=False)
        room = self._room - title.cell_length - 4
        subject, note = self._subject, self._note
        if subject and room < _LEAST_SUBJECT:
            subject, note = "", " · ".join(filter(None, (subject[: 2 * self._room], note)))
        self.border_title = self._with_subject(title, room) if subject else title
        self.border_subtitle = Content(printable(note)) if note else None

    @property
    def _room(self) -> int:
        """How many cells the upper edge has for words."""
        return self.outer_size.width - 6

    def _titles(self, between: str, *, whole: bool) -> Content:
        """Give the tabs' titles; of those that are not shown only the number unless ``whole``."""
        here = self.has_focus_within
        parts: list[Content] = []
        for tab in self._tabs:
            active = tab.name == self.active
            sign = f"{FOCUS_SIGN} " if here and active else ""
            style = Style(
                bold=(active and here) or None,
                underline=(active and len(self._tabs) > 1) or None,
                dim=None if active else True,
            )
            click = Style.from_meta({"@click": f"screen.pane('{tab.name}')"})
            named = Content.styled(f"{sign}{tab.number}", click)
            if whole or active:
                named += Content.styled(" ", click) + Content.styled(tab.title, style + click)
            parts.append(named)
        return Content(between).join(parts)

    def _with_subject(self, title: Content, room: int) -> Content:
        """Put the subject at the right end, on a line drawn like the frame's."""
        subject = Content(printable(self._subject[: 2 * room])).truncate(room, ellipsis=True)
        rule = "━" if self.has_focus_within else "─"
        fill = rule * (room - subject.cell_length + 2)
        edge = Style.parse("$border" if self.has_focus_within else "$border-blurred")
        return title + Content(" ") + Content.styled(fill, edge) + Content(" ") + subject
