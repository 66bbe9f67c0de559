"""Diff: what is in force against the disk, and any two contents of the history."""

from dataclasses import replace
from datetime import timedelta

import pytest

from policyconsole.history.records import RefusedContent
from policyconsole.history.store import HistoryError
from policyconsole.reading import digest
from policyconsole.tui.panes.diff import DiffView
from tests.tui.keeping import POLICY, RATE, Kept, keeping, revision
from tests.tui.scripted import NOON, ScriptedEngine
from tests.tui.showing import NARROW, Shown, showing
from tests.tui.stories import SECURITY, refuse_staging, usual
from tests.waiting import eventually

STAGING = "staging.toml"


async def looking_at(shown: Shown, path: str, *keys: str) -> DiffView:
    shown.console.choose(path)
    await shown.press(*keys)
    return shown.console.detail.diff


async def shows(shown: Shown, *texts: str) -> None:
    view = shown.console.detail.diff
    await eventually(lambda: all(text in shown.text_of(view) for text in texts))


def two_contents(engine: ScriptedEngine) -> None:
    """The newest revision of the policy is in force from a file that holds it."""
    usual(engine)
    newest = revision(2, 60, extra='[custom]\napi_key = "sk-live-0123456789"\n')
    engine.apply(f"{POLICY}.toml", POLICY, newest.content.decode(), environment="production")
    number = engine.policies[POLICY].revision
    known = (replace(newest, revision=number), revision(number - 1, 50), revision(number - 2, 40))
    engine.history = Kept(
        *(replace(one, time=NOON - timedelta(hours=age)) for age, one in enumerate(known))
    )


async def test_a_refused_file_is_compared_with_what_stays_in_force() -> None:
    async with showing(size=NARROW) as shown:
        await looking_at(shown, STAGING, "6")
        await shows(shown, "- revision 1, in force", "+ on disk")
        await shows(shown, "security.tls.min_version", '- "TLSv1.2"', '+ "TLSv1.0"')
        await shown.press("x")
        await shows(shown, "revision 1, in force: its text is not at hand.")


async def test_lines_of_the_text_are_shown_where_the_history_has_it() -> None:
    def story(engine: ScriptedEngine) -> None:
        usual(engine)
        before = SECURITY.replace("TLSv1.0", "TLSv1.2").encode()
        engine.history = Kept(
            replace(
                revision(1), policy_id="staging-security-policy", content=before,
                digest=digest(before), path=STAGING,
            )
        )  # fmt: skip

    async with showing(story) as shown:
        await looking_at(shown, STAGING, "6", "x")
        await shows(shown, '- min_version = "TLSv1.2"', '+ min_version = "TLSv1.0"')
        assert "sk-live" not in shown.screen
        await shown.press("x")
        await shows(shown, "security.tls.min_version")


async def test_where_disk_and_force_are_the_same_the_last_change_is_shown() -> None:
    async with showing(two_contents) as shown:
        await looking_at(shown, f"{POLICY}.toml", "6")
        number = shown.engine.policies[POLICY].revision
        await shows(shown, f"- revision {number - 1}", f"+ revision {number}, in force")
        await shows(shown, RATE, "- 50", "+ 60", "custom.api_key", '+ "***"')
        assert "sk-live" not in shown.screen


async def test_two_contents_of_the_history_are_compared_and_escape_goes_back() -> None:
    async with showing(two_contents) as shown:
        number = shown.engine.policies[POLICY].revision
        await looking_at(shown, f"{POLICY}.toml", "8")
        await eventually(lambda: f"r{number - 2}" in shown.screen)
        await shown.press("m", "down", "down", "enter")
        assert shown.console.pane == "diff"
        await shows(shown, f"- revision {number - 2}", f"+ revision {number}, in force")
        await shows(shown, RATE, "- 40", "+ 60")
        await shown.press("escape")
        assert shown.console.pane == "history"
        await shown.press("6")
        await shows(shown, f"- revision {number - 1}", f"+ revision {number}, in force")


async def test_another_policy_ends_the_comparison_of_the_history() -> None:
    async with showing(two_contents) as shown:
        await looking_at(shown, f"{POLICY}.toml", "8")
        await eventually(lambda: shown.console.detail.history.chosen is not None)
        await shown.press("enter")
        await shows(shown, "+ revision")
        await looking_at(shown, STAGING)
        await shows(shown, "+ on disk", "security.tls.min_version")
        await looking_at(shown, f"{POLICY}.toml")
        await shows(shown, "in force", RATE)


async def test_a_kept_refusal_is_compared_with_what_is_in_force() -> None:
    def story(engine: ScriptedEngine) -> None:
        two_contents(engine)
        assert isinstance(engine.history, Kept)
        content = revision(1, 9999).content
        engine.history.refused = (
            RefusedContent(f"{POLICY}.toml", POLICY, digest(content), NOON, content),
        )

    async with showing(story) as shown:
        await looking_at(shown, f"{POLICY}.toml", "8")
        await eventually(lambda: "refused" in shown.text_of(shown.console.detail.history))
        shown.console.detail.history.moments.move_cursor(
            next(
                index for index, item in enumerate(shown.console.detail.history.moments.items)
                if item.content is not None
            )
        )  # fmt: skip
        await shown.press("enter")
        await shows(shown, "in force", "+ refused", RATE, "- 60", "+ 9999")


async def test_what_changes_meanwhile_is_compared_anew() -> None:
    async with showing() as shown:
        await looking_at(shown, STAGING, "6")
        await shows(shown, '+ "TLSv1.0"')
        newer = shown.engine.files[STAGING].source or ""
        shown.engine.apply(STAGING, "staging-security-policy", newer.replace("TLSv1.0", "TLSv1.3"))
        await shown.settle()
        await shows(shown, "What is on disk is in force")
        refuse_staging(shown.engine)
        await shown.settle()
        await shows(shown, '- "TLSv1.3"', '+ "TLSv1.0"')


async def test_a_mistake_of_our_own_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    async with showing() as shown:
        monkeypatch.setattr("policyconsole.tui.panes.diff.differences", fail)
        await looking_at(shown, STAGING, "6")
        await shows(shown, "This cannot be shown: ZeroDivisionError")
        monkeypatch.undo()
        await shown.press("5", "6")
        await shows(shown, "security.tls.min_version")


async def test_nothing_in_force_says_so() -> None:
    def story(engine: ScriptedEngine) -> None:
        engine.refuse("new.toml", None, "id = ", ())
        engine.started()

    async with showing(story) as shown:
        await looking_at(shown, "new.toml", "6")
        await shows(shown, "Nothing of this file is in force")


async def test_a_history_that_cannot_be_read_leaves_the_fields() -> None:
    async with showing(keeping()) as shown:
        assert isinstance(shown.engine.history, Kept)
        shown.engine.history.problem = HistoryError("disk I/O error")
        await looking_at(shown, STAGING, "6")
        await shows(shown, "security.tls.min_version", '+ "TLSv1.0"')
