"""The keys: each has an id, by which a configuration can give it another key.

None is Ctrl-J, Ctrl-M or Ctrl-S, which terminals keep for themselves. What a key does
in a sentence is its tooltip, which the help screen shows.
"""

from textual.binding import Binding

CONSOLE_BINDINGS: list[Binding] = [
    Binding("slash", "filter", "filter", tooltip="Narrow policies or events down", id="filter"),
    Binding(
        "space", "app.pause", "pause", tooltip="Hold the picture; the engine goes on", id="pause"
    ),
    Binding("l", "app.level", "level", tooltip="Choose how strictly to validate", id="level"),
    Binding(
        "e",
        "app.environment",
        "environment",
        tooltip="Choose the environment for policies that name none",
        id="environment",
    ),
    Binding(
        "r",
        "app.revalidate",
        "revalidate",
        tooltip="Read and judge every file again",
        id="revalidate",
    ),
    Binding(
        "R",
        "app.rollback",
        "roll back",
        tooltip="See what an earlier revision would change, and roll back",
        id="rollback",
    ),
    Binding("f", "follow", "follow", tooltip="Follow the newest event again", id="follow"),
    Binding("n", "next_finding", "next", tooltip="Go to the next file with findings", id="next"),
    Binding(
        "s", "sort", "sort", tooltip="Sort the policies by the next column", show=False, id="sort"
    ),
    Binding(
        "S",
        "sort_reverse",
        "reverse",
        tooltip="Sort the policies the other way round",
        show=False,
        id="sort-reverse",
    ),
    Binding("z", "zoom", "zoom", tooltip="Give the pane the whole screen, and back", id="zoom"),
    Binding("question_mark", "app.keys", "help", tooltip="Show these keys", id="help"),
    Binding("q", "app.quit", "quit", tooltip="Quit; the policies stay as they are", id="quit"),
    Binding("1", "pane('policies')", tooltip="Go to Policies", show=False, id="pane-policies"),
    Binding("2", "pane('events')", tooltip="Go to Events", show=False, id="pane-events"),
    Binding("3", "pane('latency')", tooltip="Go to Latency", show=False, id="pane-latency"),
    Binding(
        "4", "pane('diagnostics')", tooltip="Go to Diagnostics", show=False, id="pane-diagnostics"
    ),
    Binding("5", "pane('source')", tooltip="Go to Source", show=False, id="pane-source"),
    Binding("tab", "next_pane(1)", tooltip="Next pane", show=False, id="pane-next"),
    Binding("shift+tab", "next_pane(-1)", tooltip="Previous pane", show=False, id="pane-previous"),
    Binding(
        "escape",
        "back",
        tooltip="Clear the filter, undo the zoom, or go back",
        show=False,
        id="back",
    ),
]
"""The keys of the console; those of moving in a list are with the list."""

PANE_ORDER = ("policies", "events", "latency", "diagnostics", "source")
"""The panes in the order of their number keys and of Tab."""

ENTER_LEADS_TO = {"policies": "diagnostics", "events": "policy", "diagnostics": "source"}
"""What Enter does in a pane, in the word that the bar of keys shows."""

BAR_ORDER = (
    "filter",
    "follow",
    "next",
    "pause",
    "level",
    "environment",
    "revalidate",
    "rollback",
    "zoom",
    "help",
    "quit",
)
"""The keys in the bar at the bottom, by their ids."""

BAR_GIVES_WAY = (
    "revalidate",
    "rollback",
    "environment",
    "palette",
    "enter",
    "level",
    "follow",
    "next",
    "zoom",
)
"""Which keys leave the bar first where there is little room; help still names them."""
