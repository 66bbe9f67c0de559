"""The key R: choosing a revision, seeing what it changes, confirming, and what the engine answers."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from policyconsole.diagnostics import Place, Severity, error
from policyconsole.events import Change
from policyconsole.history.records import Revision
from policyconsole.history.store import HistoryError
from policyconsole.rollback.plan import RollbackError
from policyconsole.tui.screens.rollback import (
    ConfirmScreen,
    RefusedScreen,
    RevisionsScreen,
    would_change,
)
from tests.tui.keeping import POLICY, RATE, REVISIONS, Kept, keeping, revision
from tests.tui.scripted import ScriptedEngine
from tests.tui.showing import NARROW, Shown, showing
from tests.tui.stories import usual
from tests.waiting import eventually


async def press(shown: Shown, *keys: str) -> None:
    """Press keys; what comes of them is waited for by :func:`shows`."""
    await shown.pilot.press(*keys)


async def shows(shown: Shown, *texts: str) -> None:
    """Wait until all of these texts stand on the screen."""
    await eventually(lambda: all(text in shown.screen for text in texts))


async def choosing(shown: Shown) -> None:
    """Press R on the policy that the revisions are of, and wait for the list."""
    shown.console.choose(f"{POLICY}.toml")
    await press(shown, "R")
    await until(shown, RevisionsScreen)


def said(shown: Shown) -> str:
    """What the app has told in the corner of the screen, however its lines break there."""
    return "\n".join(str(told.message) for told in shown.app._notifications)


async def until(shown: Shown, screen: type[object]) -> None:
    await eventually(lambda: isinstance(shown.app.screen, screen))


async def test_a_revision_is_chosen_seen_confirmed_and_comes_back() -> None:
    async with showing(keeping(*REVISIONS), size=NARROW) as shown:
        shown.engine.answers = [13]
        await choosing(shown)
        for text in (f"Roll back {POLICY}", "● r12", "r11", "[known-good]", "r10"):
            await shows(shown, text)
        await shows(shown, "against revision 12, which is in force")
        await shows(shown, f"{RATE}: 60 → 40")
        await press(shown, "down")
        await shows(shown, f"{RATE}: 60 → 50")
        await shows(shown, "custom.api_key: none → ***")
        assert "sk-live" not in shown.screen
        await press(shown, "escape")
        await eventually(lambda: shown.app.screen is shown.console)

        await choosing(shown)
        await press(shown, "enter")
        await until(shown, ConfirmScreen)
        await shows(shown, f"Roll back {POLICY} to revision 11?")
        await shows(shown, f"Writes revision 11 to {POLICY}.toml.")
        await shows(shown, f"{RATE}: 60 → 40")
        await press(shown, "escape")
        await eventually(lambda: shown.app.screen is shown.console)

        await choosing(shown)
        await press(shown, "enter")
        await until(shown, ConfirmScreen)
        assert shown.engine.rollbacks == [], "nothing before it is confirmed"
        await press(shown, "enter")
        await eventually(lambda: shown.engine.rollbacks == [(POLICY, 11, False)])
        await eventually(lambda: "is back at revision 11, as revision 13." in said(shown))


async def test_a_long_change_scrolls_on_a_small_screen() -> None:
    many = "".join(f"field_{number} = {number}\n" for number in range(40))
    changing = revision(11, extra=f"[custom]\n{many}")
    async with showing(keeping(REVISIONS[0], changing), size=NARROW) as shown:
        await choosing(shown)
        await shows(shown, "… and 36 more: enter shows all")
        await shows(shown, "enter chooses")
        await press(shown, "enter")
        await until(shown, ConfirmScreen)
        assert "custom.field_39" not in shown.screen
        await press(shown, "end")
        await eventually(lambda: "custom.field_39: none → 39" in shown.screen)
        await shows(shown, "enter rolls back")


TLS = error(
    "SEC003",
    Severity.HIGH,
    "TLSv1.0 is below the minimum [of] TLSv1.2",
    place=Place(5, 1, 5, 3),
)


async def test_what_the_rules_of_today_refuse_is_forced_only_when_somebody_says_so() -> None:
    async def asking(answer: RollbackError) -> None:
        shown.engine.answers.append(answer)
        await choosing(shown)
        await press(shown, "enter")
        await until(shown, ConfirmScreen)
        await press(shown, "y")

    refused = RollbackError("today's rules refuse it: SEC003", (TLS,), forceable=True)
    asked, forced = (POLICY, 11, False), (POLICY, 11, True)
    async with showing(keeping(*REVISIONS)) as shown:
        await asking(refused)
        await until(shown, RefusedScreen)
        await shows(shown, "today's rules refuse it: SEC003")
        await shows(shown, "SEC003 high line 5:1: TLSv1.0 is below the minimum [of] TLSv1.2")
        await press(shown, "escape")
        await eventually(lambda: shown.app.screen is shown.console)
        assert shown.engine.rollbacks == [asked]

        await asking(refused)
        await until(shown, RefusedScreen)
        shown.engine.answers.append(13)
        await press(shown, "f")
        await eventually(lambda: shown.engine.rollbacks == [asked, asked, forced])
        await eventually(lambda: "as revision 13." in said(shown))

        await asking(RollbackError("a target refused it: [full]", (TLS,)))
        await eventually(lambda: "Not rolled back: a target refused it: [full]" in said(shown))
        assert shown.app.screen is shown.console, "what force does not help is not forced"


async def test_where_there_is_nothing_to_choose_that_is_said() -> None:
    async with showing(usual) as shown:
        await press(shown, "R")
        await eventually(lambda: "No history is kept here" in said(shown))
        kept = Kept()
        shown.engine.history = kept
        await press(shown, "R")
        await eventually(lambda: "No revision of" in said(shown))
        kept.problem = HistoryError("history.sqlite3 is broken")
        await press(shown, "R")
        await eventually(
            lambda: "The history cannot be read: history.sqlite3 is broken" in said(shown)
        )
        shown.engine.refuse("broken.toml", None, "x", (TLS,))
        await shown.settle()
        shown.console.choose("broken.toml")
        await press(shown, "R")
        await eventually(lambda: "This file names no policy" in said(shown))


async def test_texts_from_outside_are_shown_letter_by_letter() -> None:
    name, tag = "[red]a[/nope]", "[/tag]\x1b"
    older = revision(3, policy_id=name, tags=(tag,), extra='description = "[b]x[/]"')
    broken = replace(revision(2, policy_id=name), content=b"id = 7\n")

    def story(engine: ScriptedEngine) -> None:
        engine.apply("a.toml", name, "")
        engine.history = Kept(older, broken)

    async with showing(story) as shown:
        await press(shown, "R")
        await until(shown, RevisionsScreen)
        await shows(shown, f"Roll back {name}")
        await shows(shown, "[[/tag]\\x1b]")
        await shows(shown, "description: none → [b]x[/]")
        await press(shown, "down")
        await shows(shown, "It cannot be loaded any more: ")
        await press(shown, "up", "enter")
        await until(shown, ConfirmScreen)
        await shows(shown, f"Roll back {name} to revision 3?")
        await shows(shown, "description: none → [b]x[/]")


NOW = datetime(2026, 1, 2, tzinfo=UTC)
KEPT = Revision("p", 2, "sha256:0", "p.toml", b"", NOW)


@pytest.mark.parametrize(
    ("in_force", "changes", "said"),
    [
        (None, (), "Nothing of this policy is in force: it would be again."),
        (2, (), "This revision is in force."),
        (3, (), "No field changes, only how the file is written."),
        (3, "It cannot be loaded.", "It cannot be loaded."),
    ],
)
def test_what_would_change_is_said_in_words(
    in_force: int | None, changes: tuple[Change, ...] | str, said: str
) -> None:
    assert [str(line) for line in would_change(KEPT, in_force, changes)] == [said]


def test_a_revision_that_was_not_in_force_in_the_end_says_so() -> None:
    failed = replace(KEPT, confirmed=False)
    screen = RevisionsScreen("p", [failed], 1, lambda _: (), NOW)
    assert "[failed its probation]" in str(screen._option(failed).prompt)
