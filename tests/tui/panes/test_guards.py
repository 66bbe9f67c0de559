"""The Guards tab: counts by policy, read only while they are in view."""

import pytest

from policyconsole.application.request import Refusal
from policyconsole.application.tally import RequestCounts
from tests.tui.scripted import ScriptedEngine
from tests.tui.showing import NARROW, WIDE, app_on, showing
from tests.tui.stories import usual

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


async def test_counts_move_while_they_are_in_view() -> None:
    async with showing(asked) as shown:
        await shown.press("9")
        shown.engine.requests["payments-gateway"] = RequestCounts(1_201)
        await shown.settle()
        assert "1,201" in shown.text_of(shown.console.latency)


async def test_nobody_asks_for_them_while_they_are_not() -> None:
    class Counting(ScriptedEngine):
        reads = 0

        @property
        def requests(self) -> dict[str, RequestCounts]:
            self.reads += 1
            return {}

        @requests.setter
        def requests(self, _: dict[str, RequestCounts]) -> None: ...

    engine = Counting(usual)
    app = app_on(engine)
    async with app.run_test(size=WIDE) as pilot:
        app.tick()
        await pilot.pause()
        assert engine.reads == 0
        await pilot.press("9")
        app.tick()
        assert engine.reads > 0


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
