"""The keys of where somebody is, for help: those of the pane first, as they are bound now."""

from collections.abc import Iterator
from typing import Any

from textual.binding import Binding
from textual.screen import Screen

from policyconsole.configuration.keys import BY_ID, KEY_ACTIONS, Area, KeyAction


def bound_keys(screen: Screen[Any]) -> dict[str, str]:
    """Give the keys of each action that is bound here, by its id, as they are shown."""
    keys: dict[str, list[str]] = {}
    for active in screen.active_bindings.values():
        if active.binding.id is not None:
            shown = screen.app.get_key_display(active.binding)
            keys.setdefault(active.binding.id, []).append(shown)
    return {name: " ".join(shown) for name, shown in keys.items()}


def shown_key(screen: Screen[Any], name: str) -> str:
    """Give the first key of an action, as it is bound on this screen; its usual one where it is not.

    ``enter`` is written out, as in the bar of keys.
    """
    found = (a.binding for a in screen.active_bindings.values() if a.binding.id == name)
    usual = BY_ID[name].keys.partition(",")[0]
    binding = next(found, None) or Binding(usual, "", id=name)
    return "enter" if binding.key == "enter" else screen.app.get_key_display(binding)


def key_sections(screen: Screen[Any], pane: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Give title and lines (keys, and what they do) of each section of help for a pane."""
    bound = bound_keys(screen)

    def lines(*wanted: KeyAction) -> list[tuple[str, str]]:
        return [(bound[action.id], action.what) for action in wanted if action.id in bound]

    here = [action for action in KEY_ACTIONS if pane in action.panes or action.area is Area.LIST]
    general = [a for a in KEY_ACTIONS if not a.panes and a.area in (Area.CONSOLE, Area.EVERYWHERE)]
    others = [action for action in KEY_ACTIONS if action.panes and pane not in action.panes]
    for area in (Area.DEMONSTRATION, Area.REPLAY):
        if shown := lines(*(action for action in KEY_ACTIONS if action.area is area)):
            yield f"In the {area}", shown
    yield f"In {pane.title()}", lines(*here)
    yield "Everywhere", lines(*general)
    yield "In other panes", lines(*others)
