"""Every action of the terminal app that has a key: its id, its keys, and where they count.

A plain table, without textual: ``tui/bindings.py`` makes its bindings from it, and the
configuration checks ``[keys]`` against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Area(StrEnum):
    """Where keys count."""

    EVERYWHERE = "everywhere"
    CONSOLE = "console"
    LIST = "list"
    DIALOG = "dialog"
    HELP = "help"
    CONFIRMING = "confirming"
    FORCING = "forcing"
    DEMONSTRATION = "demonstration"
    REPLAY = "replay"


TOGETHER: tuple[frozenset[Area], ...] = (
    frozenset({Area.EVERYWHERE, Area.CONSOLE, Area.LIST, Area.REPLAY}),
    frozenset({Area.EVERYWHERE, Area.DEMONSTRATION, Area.LIST}),
    frozenset({Area.EVERYWHERE, Area.DIALOG, Area.HELP}),
    frozenset({Area.EVERYWHERE, Area.DIALOG, Area.CONFIRMING}),
    frozenset({Area.EVERYWHERE, Area.DIALOG, Area.FORCING}),
)
"""Which keys are listened to at the same time: there one key can mean one action only."""


@dataclass(frozen=True, slots=True)
class KeyAction:
    """An action with its keys (a comma between two); ``what`` says it in a sentence, for help.

    ``action`` is the name by which the app knows it, ``label`` the word in the bar of keys,
    empty where it does not stand there. ``panes`` are those that it is about; none, if it is
    about all.
    """

    id: str
    keys: str
    action: str
    what: str
    label: str = ""
    area: Area = Area.CONSOLE
    panes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it is called in the palette of commands."""
        kind, between, name = self.id.partition("-")
        if between and kind == "pane":
            return f"Pane: {name.title()}"
        return (self.label or self.id.replace("-", " ")).capitalize()


KEY_ACTIONS: tuple[KeyAction, ...] = (
    KeyAction("filter", "slash", "filter", "Narrow policies or events down", "filter"),
    KeyAction("pause", "space", "app.pause", "Hold the picture; the engine goes on", "pause"),
    KeyAction("level", "l", "app.level", "Choose how strictly to validate", "level"),
    KeyAction(
        "environment",
        "e",
        "app.environment",
        "Choose the environment for policies that name none",
        "environment",
    ),
    KeyAction("revalidate", "r", "app.revalidate", "Read and judge every file again", "revalidate"),
    KeyAction(
        "rollback",
        "R",
        "app.rollback",
        "See what an earlier revision would change, and roll back",
        "roll back",
    ),
    KeyAction(
        "follow", "f", "follow", "Follow the newest event again", "follow", panes=("events",)
    ),
    KeyAction(
        "next",
        "n",
        "next_finding",
        "Go to the next file with findings",
        "next",
        panes=("policies",),
    ),
    KeyAction("sort", "s", "sort", "Sort the policies by the next column", panes=("policies",)),
    KeyAction(
        "sort-reverse",
        "S",
        "sort_reverse",
        "Sort the policies the other way round",
        panes=("policies",),
    ),
    KeyAction(
        "histogram",
        "L",
        "histogram",
        "Show how the times are spread, stage by stage",
        panes=("latency",),
    ),
    KeyAction(
        "mark",
        "m",
        "mark",
        "Mark a content, to compare others with it",
        "mark",
        panes=("history",),
    ),
    KeyAction(
        "diff-form",
        "x",
        "diff_form",
        "Show what differs field by field, or line by line",
        "fields or lines",
        panes=("diff",),
    ),
    KeyAction("editor", "o", "app.editor", "Open the file in your editor, at this line", "editor"),
    KeyAction("copy", "y", "app.copy", "Copy what is under the cursor"),
    KeyAction("copy-all", "Y", "app.copy_all", "Copy all findings of the file"),
    KeyAction("theme", "t", "app.change_theme", "Choose other colours; the choice is kept"),
    KeyAction("zoom", "z", "zoom", "Give the pane the whole screen, and back", "zoom"),
    KeyAction("help", "question_mark", "app.keys", "Show the keys of where you are", "help"),
    KeyAction("quit", "q", "app.quit", "Quit; the policies stay as they are", "quit"),
    KeyAction("pane-policies", "1", "pane('policies')", "Go to Policies"),
    KeyAction("pane-events", "2", "pane('events')", "Go to Events"),
    KeyAction("pane-latency", "3", "pane('latency')", "Go to Latency"),
    KeyAction("pane-diagnostics", "4", "pane('diagnostics')", "Go to Diagnostics"),
    KeyAction("pane-source", "5", "pane('source')", "Go to Source"),
    KeyAction("pane-diff", "6", "pane('diff')", "Go to Diff"),
    KeyAction("pane-effective", "7", "pane('effective')", "Go to Effective"),
    KeyAction("pane-history", "8", "pane('history')", "Go to History"),
    KeyAction("pane-guards", "9", "pane('guards')", "Go to Guards"),
    KeyAction("pane-next", "tab", "next_pane(1)", "Next pane"),
    KeyAction("pane-previous", "shift+tab", "next_pane(-1)", "Previous pane"),
    KeyAction("back", "escape", "back", "Clear the filter, undo the zoom, or go back"),
    KeyAction("list-up", "up,k", "move(-1)", "Up", area=Area.LIST),
    KeyAction("list-down", "down,j", "move(1)", "Down", area=Area.LIST),
    KeyAction("list-page-up", "pageup", "move_page(-1)", "A page up", area=Area.LIST),
    KeyAction("list-page-down", "pagedown", "move_page(1)", "A page down", area=Area.LIST),
    KeyAction("list-first", "home,g", "move_to_first", "To the first", area=Area.LIST),
    KeyAction("list-last", "end,G", "move_to_last", "To the last", area=Area.LIST),
    KeyAction("list-choose", "enter", "choose", "Choose what is under the cursor", area=Area.LIST),
    KeyAction(
        "palette",
        "ctrl+p",
        "command_palette",
        "Every command by its name, and every policy",
        area=Area.EVERYWHERE,
    ),
    KeyAction("dialog-leave", "escape", "leave", "Leave all as it is", area=Area.DIALOG),
    KeyAction("help-leave", "question_mark,q", "leave", "Leave help", area=Area.HELP),
    KeyAction("rollback-confirm", "enter,y", "confirm", "Roll back", area=Area.CONFIRMING),
    KeyAction(
        "demo-next",
        "n",
        "step",
        "Do what the bar says comes next",
        "next step",
        area=Area.DEMONSTRATION,
    ),
    KeyAction(
        "demo-automatic",
        "a",
        "automatic",
        "Let the steps follow each other, or hold them",
        "automatic",
        area=Area.DEMONSTRATION,
    ),
    KeyAction(
        "replay-pause",
        "h",
        "hold",
        "Hold the recording, or let it go on",
        "hold",
        area=Area.REPLAY,
    ),
    KeyAction(
        "replay-faster",
        "greater_than_sign",
        "speed(2)",
        "Play twice as fast",
        "faster",
        area=Area.REPLAY,
    ),
    KeyAction(
        "replay-slower",
        "less_than_sign",
        "speed(0.5)",
        "Play half as fast",
        "slower",
        area=Area.REPLAY,
    ),
    KeyAction("rollback-force", "f,F", "confirm", "Force it", area=Area.FORCING),
)
"""All of them, in the order of help."""

BY_ID: Mapping[str, KeyAction] = {action.id: action for action in KEY_ACTIONS}
"""The actions by their ids."""


def active_together(one: KeyAction, other: KeyAction) -> bool:
    """Whether both are listened to at the same time somewhere."""
    return any(one.area in areas and other.area in areas for areas in TOGETHER)
