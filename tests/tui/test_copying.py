"""`y` and `Y`: what is copied in each pane, and the place that `o` goes to."""

import json

import pytest

from policyconsole.dashboard import PolicyRow
from policyconsole.events import EventType
from policyconsole.tui.cursor import place_under
from tests.tui.scripted import ScriptedEngine, problem
from tests.tui.showing import Shown, showing
from tests.tui.stories import SECURITY
from tests.waiting import eventually

FINDING = "staging.toml:16:15: SEC003 TLSv1.0 is below the minimum of TLSv1.2"


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("1", "staging-security-policy"),
        ("4", FINDING),
        ("5", 'min_version = "TLSv1.0"'),
        ("3", "staging-security-policy"),
    ],
)
async def test_y_copies_what_is_under_the_cursor(keys: str, text: str) -> None:
    async with showing() as shown:
        await shown.press(*keys, "y")
        assert shown.app.clipboard == text
        await eventually(lambda: "Copied: " in shown.screen)


async def test_an_event_is_copied_as_its_line_of_json() -> None:
    async with showing() as shown:
        await shown.press("2", "home", "y")
        event = json.loads(shown.app.clipboard)
        assert event["type"] == EventType.APPLIED
        assert event["path"] == "development.yaml"


async def test_a_secret_is_not_copied() -> None:
    async with showing() as shown:
        line = next(n for n, text in enumerate(SECURITY.splitlines(), 1) if "sk-live" in text)
        await shown.press("5")
        shown.console.detail.source.go_to(line)
        await shown.press("y")
        assert shown.app.clipboard == "api_key = ***"


async def test_capital_y_copies_every_finding_of_the_file() -> None:
    async with showing() as shown:
        await shown.press("Y")
        first, second = shown.app.clipboard.splitlines()
        assert sorted([first, second])[1] == FINDING
        assert any(line.startswith("staging.toml:12:21: REC001 ") for line in (first, second))
        await eventually(lambda: "and 1 more line" in shown.screen)


async def test_what_is_hostile_is_copied_with_its_control_characters_escaped() -> None:
    def hostile(engine: ScriptedEngine) -> None:
        found = problem(message="a\x1b[31m\u202eb")
        engine.refuse("x\udcff.toml", "id\x1b]0;", "", (found,))
        engine.started()

    async with showing(hostile) as shown:
        await shown.press("y")
        assert shown.app.clipboard == "id\\x1b]0;"
        await shown.press("4", "y")
        assert shown.app.clipboard == "x\\udcff.toml: SEC003 a\\x1b[31m\\u202eb"


async def test_where_there_is_nothing_it_says_so() -> None:
    async with showing(lambda engine: engine.started()) as shown:
        for key in ("y", "Y"):
            await shown.press(key)
            assert shown.app.clipboard == ""
        await eventually(lambda: "nothing to copy here" in shown.screen)
        await shown.press("o")
        await eventually(lambda: "no file to open here" in shown.screen)


def row_of(shown: Shown) -> PolicyRow | None:
    path = shown.console.policies.list.cursor_item
    return next((row for row in shown.console.rows if row.path == path), None)


async def test_the_editor_goes_to_the_line_under_the_cursor() -> None:
    async with showing() as shown:
        console = shown.console

        def place() -> tuple[str, int | None] | None:
            return place_under(console.target, row_of(shown))

        assert place() == ("staging.toml", 16)
        await shown.press("4", "home")
        found = console.detail.diagnostics.list.cursor_item
        assert found is not None
        assert found.diagnostic is not None
        assert found.diagnostic.place is not None
        assert place() == ("staging.toml", found.diagnostic.place.line)
        await shown.press("5", "down", "down")
        assert place() == ("staging.toml", console.detail.source.cursor_location[0] + 1)
        await shown.press("2", "home")
        assert place() == ("development.yaml", 5)
