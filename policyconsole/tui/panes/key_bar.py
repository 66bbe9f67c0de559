"""The bar of keys at the bottom: what can be done here, in as much room as there is."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.binding import Binding

from policyconsole.tui.bindings import BAR_GIVES_WAY, BAR_ORDER
from policyconsole.tui.drawing import Line, Span, Tone
from policyconsole.tui.line_view import LineView


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    key: str
    display: str
    label: str

    @property
    def width(self) -> int:
        return len(self.display) + 1 + len(self.label)


_GAP = 2


class KeyBar(LineView):
    """The keys that matter where the focus is; a click on one presses it."""

    DEFAULT_CSS = "KeyBar { height: 1; }"

    def __init__(self, *, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self._entries: list[_Entry] = []
        self._fitting: list[_Entry] = []
        self._enter = ""
        self._labels: dict[str, str] = {}

    def show(self, enter: str, **labels: str) -> None:
        """Show the keys of this moment: what Enter does, and other words for some ids.

        An id with an empty word is left out.
        """
        self._enter, self._labels = enter, labels
        self.gather()

    def show_filter(self) -> None:
        """Show the keys of typing a filter."""
        self._entries = [
            _Entry("enter", "enter", "enter", "keeps the filter"),
            _Entry("escape", "escape", "esc", "clears it"),
            _Entry("down", "down", "↓", "goes to the list"),
        ]
        self.update_lines()

    def gather(self) -> None:
        """Take the keys from the bindings that are active now."""
        bindings: dict[str | None, Binding] = {}
        for item in self.screen.active_bindings.values():
            bindings.setdefault(item.binding.id, item.binding)
        entries = []
        if self._enter and (choose := bindings.get("list-choose")) is not None:
            display = "enter" if choose.key == "enter" else self.app.get_key_display(choose)
            entries.append(_Entry("enter", choose.key, display, self._enter))
        for name in BAR_ORDER:
            binding = bindings.get(name)
            label = self._labels.get(name, binding.description if binding else "")
            if binding is not None and label:
                entries.append(self._entry(name, binding, label))
        palette = bindings.get("palette")
        if palette is not None:
            entries.append(self._entry("palette", palette, "commands"))
        self._entries = entries
        self.update_lines()

    def _entry(self, name: str, binding: Binding, label: str) -> _Entry:
        return _Entry(name, binding.key, self.app.get_key_display(binding), label)

    def compose_lines(self, width: int, height: int) -> Sequence[Line]:  # noqa: ARG002 - one line
        """Lay the keys out; the dispensable ones give way."""
        fitting = list(self._entries)
        for name in BAR_GIVES_WAY:
            if 1 + sum(entry.width + _GAP for entry in fitting) - _GAP <= width:
                break
            fitting = [entry for entry in fitting if entry.id != name]
        self._fitting = fitting
        line: list[Span] = [(" ", Tone.TEXT)]
        for entry in fitting:
            gap = " " * _GAP if entry is not fitting[-1] else ""
            line += [(entry.display, Tone.ACCENT), (f" {entry.label}" + gap, Tone.MUTED)]
        return (line,)

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        start = 1
        for entry in self._fitting:
            if start <= event.x < start + entry.width:
                self.app.simulate_key(entry.key)
            start += entry.width + _GAP
