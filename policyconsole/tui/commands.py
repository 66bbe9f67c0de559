"""The command palette: every action by its name, and every policy by a part of its own."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice

from textual.app import App, SystemCommand
from textual.command import Hit, Hits, Provider
from textual.content import Content
from textual.style import Style

from policyconsole.configuration.keys import KEY_ACTIONS, Area
from policyconsole.dashboard import Order, PolicyRow, SortBy, row_matches
from policyconsole.tui.drawing import crop
from policyconsole.tui.key_list import bound_keys
from policyconsole.tui.screens.console import ConsoleScreen
from policyconsole.validation.levels import ValidationLevel

MOST = 50
"""How many policies the palette offers at a time."""

_LONGEST = 72


def system_commands(
    app: App[int],
    console: ConsoleScreen,
    set_level: Callable[[ValidationLevel], None],
    *,
    paused: bool,
) -> Iterable[SystemCommand]:
    """Give every action that has a key, with its key of now, and what is chosen by name only."""
    keys = bound_keys(console)
    for action in KEY_ACTIONS:
        played = action.area in {Area.DEMONSTRATION, Area.REPLAY} and action.id in keys
        if action.area is not Area.CONSOLE and not played:
            continue
        if not app.check_action(action.action.removeprefix("app."), ()):
            continue
        title, what = action.title, action.what
        if action.id == "pause" and paused:
            title, what = "Go on", "Show what has happened meanwhile"
        key = f" · {keys[action.id]}" if action.id in keys else ""
        run = partial(app.run_action, action.action, console)
        yield SystemCommand(title, what + key.replace("[", "\\["), run)
    for level in tuple(ValidationLevel) if app.check_action("level", ()) else ():
        yield SystemCommand(f"Level: {level}", f"Validate at {level}", partial(set_level, level))
    for by in SortBy:
        sort = partial(console.policies.sort, Order(by))
        yield SystemCommand(f"Sort by {by}", "Order the policies", sort)


class PolicyCommands(Provider):
    """Offers the policies whose row matches what was typed.

    A hit's text is never given as markup: textual's own highlighting, and the help
    text of a hit, read it as such (Textual 8.2.8).
    """

    async def search(self, query: str) -> Hits:
        """Give the policies that match; none before something is typed, for there may be ten thousand."""
        screen = self.screen
        if not isinstance(screen, ConsoleScreen):
            return
        matcher = self.matcher(query)
        for row in islice((row for row in screen.rows if row_matches(row, query)), MOST):
            name, path = crop(f"Go to {row.name}", _LONGEST), crop(row.path, _LONGEST)
            display = _highlight(name, query, matcher.match_style)
            yield Hit(
                max(0.01, matcher.match(name)),
                display + Content("\n") + Content.styled(path, "dim not bold"),
                _go_to(screen, row),
                text=name,
            )


def _highlight(text: str, query: str, style: Style) -> Content:
    """Mark each word of the query in the text."""
    content = Content(text)
    for word in query.casefold().split():
        start = text.casefold().find(word)
        if start >= 0:
            content = content.stylize(style, start, start + len(word))
    return content


def _go_to(screen: ConsoleScreen, row: PolicyRow) -> Callable[[], None]:
    def go() -> None:
        screen.choose(row.path, row.policy_id)
        screen.action_pane("policies")

    return go
