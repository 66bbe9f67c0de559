"""The Guards tab: counts by policy, read only while they are in view."""

from collections.abc import Sequence

import pytest

from policyconsole.application.request import Refusal
from policyconsole.application.tally import RequestCounts
from policyconsole.tui.drawing import Line
from policyconsole.tui.panes.guards import GuardList
from tests.tui.scripted import ScriptedEngine
from tests.tui.showing import NARROW, WIDE, app_on, showing
from tests.tui.stories import usual
from tests.waiting import eventually

COUNTS = {
    "payments-gateway": RequestCounts(
        1_200, {Refusal.TOO_MANY_REQUESTS: 30, Refusal.BAD_INPUT: 4, Refusal.TOO_LARGE: 1}
    ),
    "[red]x": RequestCounts(1),
}


def asked(engine: ScriptedEngine) -> None:
    usual(engine)
    engine.requests = dict(COUNTS)


@pytest.mark.parametrize("size", [WIDE, NARROW, (50, 16)])
async def test_allowed_limited_and_refused_stand_by_policy(size: tuple[int, int]) -> None:
    async with showing(asked, size) as shown:
        await shown.press("9")
        text = shown.text_of(shown.console.latency)
        line = next(line for line in text.splitlines() if "payments" in line)
        assert "1,200       30        5" in line
        assert "[red]x" in text
        assert "1,236 requests" in text


async def test_where_there_is_room_it_says_why() -> None:
    async with showing(asked) as shown:
        await shown.press("9", "z")
        assert "1 too large, 4 bad input" in shown.screen


async def test_counts_move_by_themselves_while_they_are_in_view() -> None:
    async with showing(asked) as shown:
        await shown.press("9")
        shown.engine.requests["payments-gateway"] = RequestCounts(1_201)
        await eventually(lambda: "1,201" in shown.text_of(shown.console.latency))


class Counting(ScriptedEngine):
    """Counts how often its requests are asked for."""

    reads = 0

    @property
    def requests(self) -> dict[str, RequestCounts]:
        self.reads += 1
        return dict(COUNTS)

    @requests.setter
    def requests(self, _: dict[str, RequestCounts]) -> None: ...


@pytest.mark.parametrize(
    ("size", "away"),
    [(WIDE, ("3",)), (WIDE, ("1", "z")), (NARROW, ("2", "z")), ((50, 16), ("1",))],
)
async def test_nobody_asks_for_them_while_they_are_not(
    size: tuple[int, int], away: tuple[str, ...]
) -> None:
    engine = Counting(usual)
    app = app_on(engine)
    async with app.run_test(size=size) as pilot:
        app.tick()
        await pilot.pause()
        assert engine.reads == 0
        await pilot.press("9")
        app.tick()
        assert engine.reads > 0
        await pilot.press(*away)
        await eventually(lambda: not app._console.shows_guards)
        engine.reads = 0
        app.tick()
        assert engine.reads == 0
        await pilot.press("9")
        await eventually(lambda: app._console.shows_guards and engine.reads > 0)


async def test_the_counts_are_there_at_once_and_nothing_else_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with showing(asked) as shown:
        monkeypatch.setattr(shown.app, "tick", lambda: None)
        seen: list[str] = []
        drawn = GuardList.placeholder

        def placeholder(guards: GuardList, width: int) -> Sequence[Line]:
            lines = drawn(guards, width)
            seen.extend(text for line in lines for text, _ in line)
            return lines

        monkeypatch.setattr(GuardList, "placeholder", placeholder)
        await shown.pilot.press("9")
        await eventually(lambda: "1,200" in shown.text_of(shown.console.latency))
        assert seen == []


async def test_where_there_is_one_line_it_has_all_counts_with_the_title() -> None:
    async with showing(asked, NARROW) as shown:
        await shown.press("9")
        assert "9 Guards  1,201 allowed" not in shown.screen
        await shown.press("1")
        await eventually(lambda: "9 Guards  1,201 allowed  30 limited  5 refused" in shown.screen)
        shown.engine.requests["[red]x"] = RequestCounts(2)
        await eventually(lambda: "9 Guards  1,202 allowed" in shown.screen)
        await shown.press("9")
        await eventually(lambda: "policy   " in shown.text_of(shown.console.latency))


async def test_enter_chooses_the_policy() -> None:
    async with showing(asked) as shown:
        await shown.press("9")
        await shown.press("end", "enter")
        assert shown.console.policies.list.cursor_item == "payments/gateway.json"
        await shown.press("home", "enter")
        assert "[red]x is not there any more" in [str(n.message) for n in shown.app._notifications]


async def test_without_requests_it_says_what_they_are() -> None:
    async with showing() as shown:
        await shown.press("9")
        assert "No guard has been asked yet." in shown.screen
        assert "docs/guards.md" in shown.screen
