"""Names and values that are out to break the picture: shown safely, in every pane, at every size."""

import unicodedata

import pytest

from policyconsole.tui.bindings import PANE_ORDER
from tests.tui.scripted import ScriptedEngine
from tests.tui.showing import NARROW, WIDE, Shown, showing
from tests.tui.stories import HOSTILE_TEXTS, hostile
from tests.waiting import eventually

UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def assert_safe(shown: Shown) -> None:
    screen = shown.screen.replace("\n", "")
    assert [repr(c) for c in screen if unicodedata.category(c) in UNSAFE] == []
    assert "hunter" not in screen
    for strip in shown.app.screen._compositor.render_strips():
        assert strip.cell_length == shown.app.size.width


@pytest.mark.parametrize("size", [WIDE, NARROW, (50, 16)])
@pytest.mark.parametrize("pane", PANE_ORDER)
async def test_every_pane_shows_every_hostile_policy(pane: str, size: tuple[int, int]) -> None:
    async with showing(hostile, size) as shown:
        shown.console.action_pane(pane)
        for place in range(len(shown.console.policies.list.items)):
            shown.console.policies.list.move_cursor(place)
            shown.console.events.list.move_cursor(2 * place)
            await shown.settle()
            assert_safe(shown)
        assert place >= len(HOSTILE_TEXTS)


@pytest.mark.parametrize("text", ["[red]x[/]", "[/nope]", "[@click=bell]x[/]"])
async def test_markup_is_shown_letter_by_letter(text: str) -> None:
    def one(engine: ScriptedEngine) -> None:
        engine.apply(f"{text}.toml".replace("/", "-"), text, f"# {text}\n")

    async with showing(one) as shown:
        assert text in shown.text_of(shown.console.policies)
        assert text in shown.text_of(shown.console.events)
        assert text in shown.text_of(shown.console.detail)
        await shown.press("5")
        assert f"# {text}" in shown.text_of(shown.console.detail)


async def test_escapes_stand_for_what_would_drive_the_terminal() -> None:
    def one(engine: ScriptedEngine) -> None:
        engine.apply("\udcff\x1b[2J.toml", "a\u202eb", "# \x1b]0;owned\x07\n")

    async with showing(one) as shown:
        assert "a\\u202eb" in shown.text_of(shown.console.policies)
        assert "\\udcff\\x1b[2J.toml" in shown.text_of(shown.console.detail)
        await shown.press("5")
        assert "# \\x1b]0;owned\\x07" in shown.text_of(shown.console.detail)


@pytest.mark.parametrize("pane", ["1", "2"])
@pytest.mark.parametrize("query", ["[/", "[red]", "\\x1b", "漢"])
async def test_any_words_can_be_a_filter(query: str, pane: str) -> None:
    async with showing(hostile) as shown:
        await shown.press(pane, "slash")
        shown.console._filter().field.value = query  # type: ignore[union-attr]  # there is one
        await shown.settle()
        assert_safe(shown)
        await shown.press("escape")
        assert_safe(shown)


async def test_the_dialogs_survive_a_hostile_environment() -> None:
    async with showing(hostile) as shown:
        await shown.press("e")
        assert_safe(shown)
        await shown.press("tab", *"[/nope]", "enter")
        assert shown.engine.environment == "[/nope]"
        assert "[/nope]" in shown.screen


async def test_the_palette_offers_hostile_names() -> None:
    async with showing(hostile) as shown:
        await shown.press("ctrl+p", *"[/nope")
        await eventually(lambda: "Go to 1 [/nope]" in shown.screen)
        assert_safe(shown)
        await shown.press("enter")
        assert shown.console.policies.list.cursor_item == "01-[/nope].toml"


async def test_a_message_about_a_hostile_name_is_no_markup() -> None:
    async with showing(hostile) as shown:
        shown.engine.remove("01-[/nope].toml")
        await shown.settle()
        await shown.press("2", "slash", *"removed", "enter", "enter")
        await eventually(lambda: "1 [/nope] is not there any more" in shown.screen)


async def test_a_hostile_failure_of_the_engine_is_only_text() -> None:
    def died(engine: ScriptedEngine) -> None:
        hostile(engine)
        engine.died("[/nope] \x1b[2J " + "x" * 10_000)

    async with showing(died) as shown:
        assert "THE ENGINE HAS STOPPED: [/nope] \\x1b[2J" in shown.screen
        assert_safe(shown)
