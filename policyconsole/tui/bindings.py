"""The bindings, made from the table of keys; each has an id, by which a configuration can give it another key.

What a key does in a sentence is its tooltip, which the help screen shows.
"""

from textual.binding import Binding

from policyconsole.configuration.keys import KEY_ACTIONS, Area


def bindings(area: Area) -> list[Binding]:
    """Give the bindings of one area, in the order of help."""
    return [
        Binding(
            action.keys,
            action.action,
            action.label,
            tooltip=action.what,
            show=bool(action.label),
            priority=area is Area.EVERYWHERE,
            id=action.id,
        )
        for action in KEY_ACTIONS
        if action.area is area
    ]


CONSOLE_BINDINGS: list[Binding] = bindings(Area.CONSOLE)
"""The keys of the console; those of moving in a list are with the list."""

PANE_ORDER = (
    "policies",
    "events",
    "latency",
    "diagnostics",
    "source",
    "diff",
    "effective",
    "history",
    "guards",
)
"""The panes in the order of their number keys and of Tab."""

ENTER_LEADS_TO = {
    "policies": "diagnostics",
    "events": "policy",
    "diagnostics": "source",
    "effective": "source",
    "history": "diff",
    "guards": "policy",
}
"""What Enter does in a pane, in the word that the bar of keys shows."""

BAR_ORDER = (
    "demo-next",
    "demo-automatic",
    "replay-pause",
    "replay-slower",
    "replay-faster",
    "filter",
    "follow",
    "next",
    "mark",
    "diff-form",
    "pause",
    "level",
    "environment",
    "revalidate",
    "rollback",
    "editor",
    "zoom",
    "help",
    "quit",
)
"""The keys in the bar at the bottom, by their ids."""

BAR_GIVES_WAY = (
    "replay-slower",
    "replay-faster",
    "revalidate",
    "rollback",
    "editor",
    "environment",
    "palette",
    "enter",
    "level",
    "follow",
    "next",
    "mark",
    "diff-form",
    "zoom",
)
"""Which keys leave the bar first where there is little room; help still names them."""
