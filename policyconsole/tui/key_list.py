"""The keys of where somebody is, for help: those of the pane first, as they are bound now."""

from collections.abc import Iterator

from textual.screen import Screen

from policyconsole.configuration.keys import KEY_ACTIONS, Area, KeyAction


def bound_keys(screen: Screen[None]) -> dict[str, str]:
    """Give the keys of each action that is bound here, by its id, as they are shown."""
    keys: dict[str, list[str]] = {}
    for active in screen.active_bindings.values():
        if active.binding.id is not None:
            shown = screen.app.get_key_display(active.binding)
            keys.setdefault(active.binding.id, []).append(shown)
    return {name: " ".join(shown) for name, shown in keys.items()}


def key_sections(screen: Screen[None], pane: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Give title and lines (keys, and what they do) of each section of help for a pane."""
    bound = bound_keys(screen)

    def lines(*wanted: KeyAction) -> list[tuple[str, str]]:
        return [(bound[action.id], action.what) for action in wanted if action.id in bound]

    here = [action for action in KEY_ACTIONS if pane in action.panes or action.area is Area.LIST]
    general = [a for a in KEY_ACTIONS if not a.panes and a.area in (Area.CONSOLE, Area.EVERYWHERE)]
    others = [action for action in KEY_ACTIONS if action.panes and pane not in action.panes]
    yield f"In {pane.title()}", lines(*here)
    yield "Everywhere", lines(*general)
    yield "In other panes", lines(*others)
