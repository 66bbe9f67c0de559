"""History: what became of a policy, marks, and the way to a rollback."""

from dataclasses import replace

from policyconsole.history.store import HistoryError
from policyconsole.tui.panes.history import HistoryView
from policyconsole.tui.screens.rollback import ConfirmScreen
from tests.tui.keeping import POLICY, RATE, REVISIONS, Kept, keeping
from tests.tui.scripted import ScriptedEngine
from tests.tui.showing import NARROW, Shown, showing
from tests.tui.stories import usual
from tests.waiting import eventually


async def looking_at(shown: Shown, path: str = f"{POLICY}.toml") -> HistoryView:
    shown.console.choose(path)
    await shown.press("8")
    return shown.console.detail.history


async def shows(shown: Shown, *texts: str) -> None:
    view = shown.console.detail.history
    await eventually(lambda: all(text in shown.text_of(view) for text in texts))


async def test_revisions_stand_with_time_result_and_change() -> None:
    async with showing(keeping(*REVISIONS), size=NARROW) as shown:
        await looking_at(shown)
        await shows(shown, "3 revisions kept", "r12", "● in force", f"{RATE}: 40 → 60")
        await shows(shown, "r11", "○ earlier", "[known-good]", "r10")


async def test_on_a_wide_screen_each_takes_one_line() -> None:
    async with showing(keeping(*REVISIONS)) as shown:
        await looking_at(shown)
        await shown.press("z")
        await shows(shown, "r12")
        lines = shown.screen.splitlines()
        assert any("r12" in line and f"{RATE}: 40 → 60" in line for line in lines)


async def test_the_refusal_of_now_stands_first() -> None:
    def story(engine: ScriptedEngine) -> None:
        usual(engine)
        engine.history = Kept()

    async with showing(story) as shown:
        history = await looking_at(shown, "staging.toml")
        await shows(shown, "✖ refused", "SEC003")
        await shown.press("R")
        assert "What was refused cannot be put in force" in str(
            [note.message for note in shown.app._notifications]
        )
        assert history.pair is not None


async def test_r_asks_before_it_rolls_back_to_the_revision_under_the_cursor() -> None:
    async with showing(keeping(*REVISIONS)) as shown:
        shown.engine.answers = [13]
        history = await looking_at(shown)
        await eventually(lambda: len(history.moments.items) == 3)
        await shown.press("home")
        chosen = history.chosen
        assert chosen is not None
        await shown.press("R")
        await eventually(lambda: isinstance(shown.app.screen, ConfirmScreen))
        assert f"to revision {chosen.number}?" in shown.screen
        assert shown.engine.rollbacks == []
        await shown.press("enter")
        await eventually(lambda: shown.engine.rollbacks == [(POLICY, chosen.number, False)])


async def test_a_mark_is_set_and_taken_away() -> None:
    async with showing(keeping(*REVISIONS)) as shown:
        history = await looking_at(shown)
        await eventually(lambda: len(history.moments.items) == 3)
        await shown.press("m")
        marked = history.chosen
        assert marked is not None
        await shows(shown, f"enter compares with r{marked.number}, m unmarks it")
        assert f"◆ r{marked.number}" in shown.screen
        await shown.press("down")
        assert history.pair == (history.chosen, marked) or history.pair == (marked, history.chosen)
        await shown.press("up", "m")
        assert "unmarks" not in shown.screen


async def test_without_a_mark_a_revision_is_compared_with_the_one_before() -> None:
    async with showing(keeping(*REVISIONS)) as shown:
        history = await looking_at(shown)
        await eventually(lambda: len(history.moments.items) == 3)
        pairs = {}
        for _ in REVISIONS:
            pair = history.pair
            assert pair is not None
            pairs[pair[1].number] = pair[0].number if pair[0] else None
            await shown.press("down")
        assert pairs == {12: 11, 11: 10, 10: None}
        history.moments.move_cursor(
            next(n for n, item in enumerate(history.moments.items) if item.number == 10)
        )
        await shown.press("enter")
        await eventually(lambda: "It is the first that is kept" in shown.screen)


async def test_what_is_recorded_meanwhile_comes_with_the_next_verdict() -> None:
    async with showing(keeping(*REVISIONS)) as shown:
        history = await looking_at(shown)
        await eventually(lambda: len(history.moments.items) == 3)
        assert isinstance(shown.engine.history, Kept)
        number = shown.engine.policies[POLICY].revision + 1
        newer = replace(REVISIONS[0], revision=number)
        shown.engine.history.kept = (newer, *REVISIONS)
        shown.engine.apply(f"{POLICY}.toml", POLICY, newer.content.decode())
        await shown.settle()
        await shows(shown, "4 revisions kept", f"r{number}")


async def test_without_a_history_it_says_so() -> None:
    async with showing() as shown:
        await looking_at(shown)
        await shows(shown, "No history is kept here")


async def test_a_history_that_cannot_be_read_is_told() -> None:
    async with showing(keeping(*REVISIONS)) as shown:
        assert isinstance(shown.engine.history, Kept)
        shown.engine.history.problem = HistoryError("[red]disk I/O error")
        await looking_at(shown)
        await shows(shown, "The history cannot be read: [red]disk I/O error.")
