"""Effective: every value in force, where it comes from, and the way to its line."""

from policyconsole.history.store import HistoryError
from policyconsole.tui.cursor import place_under
from tests.tui.keeping import Kept
from tests.tui.scripted import ScriptedEngine
from tests.tui.showing import NARROW, Shown, showing
from tests.tui.stories import usual
from tests.waiting import eventually

PAYMENTS = "payments/gateway.json"


async def looking_at(shown: Shown, path: str) -> None:
    shown.console.choose(path)
    await shown.press("7")
    await eventually(lambda: shown.console.detail.effective.list.items)


async def go_to(shown: Shown, name: str) -> None:
    values = shown.console.detail.effective.list
    place = next(n for n, entry in enumerate(values.items) if entry.value.name == name)
    values.move_cursor(place)
    await shown.settle()


async def test_each_value_says_where_it_comes_from() -> None:
    async with showing(size=NARROW) as shown:
        await looking_at(shown, PAYMENTS)
        shown.console.action_zoom()
        await shown.settle()
        text = shown.text_of(shown.console.detail.effective)
        assert 'line 2  id = "payments-gateway"' in text
        assert "default  description = none" in text
        assert "[security.encryption]" in text
        await go_to(shown, "owner")
        assert "line 6  owner = none" in shown.text_of(shown.console.detail.effective)


async def test_enter_leads_to_the_line_of_a_value() -> None:
    async with showing() as shown:
        await looking_at(shown, PAYMENTS)
        await go_to(shown, "requests_per_minute")
        assert place_under(shown.console.target, shown.app._row) == (PAYMENTS, 5)
        await shown.press("enter")
        assert shown.console.pane == "source"
        await eventually(lambda: shown.console.detail.source.cursor_location[0] == 4)


async def test_a_default_has_no_line_to_go_to() -> None:
    async with showing() as shown:
        await looking_at(shown, PAYMENTS)
        await go_to(shown, "algorithm")
        await shown.press("enter")
        assert shown.console.pane == "effective"
        assert [note.message for note in shown.app._notifications] == [
            "algorithm is not in the file: it is a default."
        ]


async def test_of_a_refused_file_what_stays_in_force_is_shown() -> None:
    async with showing() as shown:
        await looking_at(shown, "staging.toml")
        shown.console.action_zoom()
        await shown.settle()
        text = shown.text_of(shown.console.detail.effective)
        assert "revision 1 stays in force" in text
        assert 'file  min_version = "TLSv1.2"' in text
        assert "lines are not known: no history is kept here" in text
        assert "TLSv1.0" not in text


async def test_no_secret_is_shown() -> None:
    async with showing() as shown:
        await looking_at(shown, "staging.toml")
        await go_to(shown, "api_key")
        assert 'api_key = "***"' in shown.screen
        assert "sk-live" not in shown.screen


async def test_a_history_that_cannot_be_read_is_told() -> None:
    def story(engine: ScriptedEngine) -> None:
        usual(engine)
        engine.history = Kept()
        engine.history.problem = HistoryError("[red]disk I/O error")

    async with showing(story) as shown:
        await looking_at(shown, "staging.toml")
        text = shown.text_of(shown.console.detail.effective)
        assert "the history cannot be read: [red]disk" in text


async def test_nothing_in_force_says_so() -> None:
    def story(engine: ScriptedEngine) -> None:
        engine.refuse("new.toml", None, "id = ", ())
        engine.started()

    async with showing(story) as shown:
        shown.console.choose("new.toml")
        await shown.press("7")
        await eventually(lambda: "Nothing of this file is in force." in shown.screen)
