"""Names and values that are out to break the picture: shown safely, in every pane, at every size."""

import json
import unicodedata

import pytest

from policyconsole.application.request import Refusal
from policyconsole.application.tally import RequestCounts
from policyconsole.diagnostics import Severity, error
from policyconsole.events import Change
from policyconsole.history.records import RefusedContent, Revision
from policyconsole.reading import digest
from policyconsole.tui.bindings import PANE_ORDER
from tests.tui.keeping import Kept
from tests.tui.scripted import NOON, ScriptedEngine
from tests.tui.showing import NARROW, WIDE, Shown, showing
from tests.tui.stories import HOSTILE_TEXTS, hostile
from tests.waiting import eventually


def kept(engine: ScriptedEngine) -> None:
    """Hostile policies that load, with a history and requests of their own."""
    hostile(engine)
    revisions, refusals = [], []
    for number, text in enumerate(HOSTILE_TEXTS):
        name = json.dumps(text.encode(errors="replace").decode())
        policy_id = f"{number} loads"
        for step in (1, 2):
            source = (
                f'id = "{policy_id}"\nname = {name}\nversion = "1.0.{step}"\n[custom]\n'
                f'{name} = [{name}, "{step}"]\npassword = "hunter2-{step}"\n'
            )
            changes = (
                Change(f"custom.{text}", text, "[/]"),
                Change("password", "hunter2", "hunter3"),
            )
            content = source.encode()
            engine.apply(f"{number}-loads.toml", policy_id, source, changes=changes)
            revisions.append(
                Revision(
                    policy_id, step, digest(content), f"{text}.toml", content, NOON,
                    changes=changes[step - 1 :], tags=(text,),
                )
            )  # fmt: skip
        refusals.append(
            RefusedContent(
                f"{text}.toml", policy_id, digest(content), NOON, content + b"id = [\n",
                (error(f"SEC{text}", Severity.HIGH, text).record(),),
            )
        )  # fmt: skip
    engine.history = Kept(*reversed(revisions))
    engine.history.refused = tuple(refusals)
    engine.requests = {
        text: RequestCounts(1, dict.fromkeys(Refusal, 10**number))
        for number, text in enumerate(HOSTILE_TEXTS)
    }


UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def assert_safe(shown: Shown) -> None:
    screen = shown.screen.replace("\n", "")
    assert [repr(c) for c in screen if unicodedata.category(c) in UNSAFE] == []
    assert "hunter" not in screen
    for strip in shown.app.screen._compositor.render_strips():
        assert strip.cell_length == shown.app.size.width


async def answered(shown: Shown) -> None:
    """Let the app draw, also what it has to read first."""
    shown.app.tick()
    await shown.pilot.pause()
    reading = [worker for worker in shown.app.workers if (worker.name or "").endswith("-answer")]
    if reading:
        await shown.app.workers.wait_for_complete(reading)
        await shown.pilot.pause()


@pytest.mark.parametrize("size", [WIDE, NARROW, (50, 16)])
@pytest.mark.parametrize("pane", PANE_ORDER)
async def test_every_pane_shows_every_hostile_policy(pane: str, size: tuple[int, int]) -> None:
    async with showing(kept, size) as shown:
        shown.console.action_pane(pane)
        for place in range(len(shown.console.policies.list.items)):
            shown.console.policies.list.move_cursor(place)
            shown.console.events.list.move_cursor(2 * place)
            await answered(shown)
            assert_safe(shown)
        assert place >= 2 * len(HOSTILE_TEXTS)


@pytest.mark.parametrize("number", range(len(HOSTILE_TEXTS)))
async def test_what_is_kept_of_hostile_policies_is_compared_safely(number: int) -> None:
    async with showing(kept) as shown:
        shown.console.choose(f"{number}-loads.toml")
        await shown.press("8")
        moments = shown.console.detail.history.moments
        await eventually(lambda: len(moments.items) == 3)
        for place in range(3):
            shown.console.action_pane("history")
            moments.move_cursor(place)
            for keys in (("m",), ("enter",), ("x",), ("x", "escape"), ("R",), ("escape",)):
                await shown.pilot.press(*keys)
                await answered(shown)
                assert_safe(shown)


async def test_every_key_of_help_and_every_dialog_is_safe() -> None:
    async with showing(kept) as shown:
        shown.console.choose("4-loads.toml")
        for keys in (("question_mark",), ("l",), ("e",), ("R",), ("ctrl+p",)):
            await shown.press(*keys)
            await eventually(lambda: shown.app.screen is not shown.console)
            await shown.settle()
            assert_safe(shown)
            await shown.press("escape")
            await eventually(lambda: shown.app.screen is shown.console)


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
