"""The Events pane: what is shown of an event, and what following means."""

import re

from textual.events import MouseScrollUp

from policyconsole.dashboard import EVENT_RING
from policyconsole.events import Change, EventType
from tests.tui.scripted import ScriptedEngine, problem
from tests.tui.showing import NARROW, WIDE, Shown, showing
from tests.tui.stories import empty, usual


def lines(shown: Shown) -> str:
    return shown.text_of(shown.console.events)


def in_frame(text: str) -> list[str]:
    """The lines without frame and scrollbar."""
    return [line[1:-2] for line in text.splitlines()[1:-1]]


async def test_the_newest_event_is_in_view() -> None:
    async with showing() as shown:
        assert "18:05:19.204 ✖ rejected  staging-security-po… SEC003" in lines(shown)
        shown.engine.apply("reporting.toml", "reporting", "")
        await shown.settle()
        assert "18:05:31.204 ● applied   reporting" in lines(shown)


async def test_looking_back_is_not_disturbed_by_what_comes() -> None:
    async with showing() as shown:
        await shown.press("2", "home")
        before = lines(shown)
        for _ in range(50):
            shown.engine.apply("reporting.toml", "reporting", "")
        await shown.settle()
        assert in_frame(lines(shown)) == in_frame(before)
        await shown.press("end")
        assert shown.console.events.list.following


async def test_scrolling_up_with_the_wheel_ends_the_following() -> None:
    async with showing() as shown:
        await shown.pilot._post_mouse_events([MouseScrollUp], shown.console.events.list, button=0)
        await shown.settle()
        assert not shown.console.events.list.following
        shown.engine.apply("reporting.toml", "reporting", "")
        await shown.settle()
        assert "f follows again" in lines(shown)


async def test_the_ring_is_full_and_the_view_stays() -> None:
    async with showing(empty) as shown:
        for number in range(EVENT_RING + 500):
            shown.engine.apply("a.toml", "a", "")
            if number % 5_000 == 0:
                await shown.settle()
        await shown.settle()
        assert len(shown.console.events.list.items) == EVENT_RING
        assert "10,000, 501 dropped · following" in lines(shown)
        assert f"r{EVENT_RING + 500}" in lines(shown)


async def test_a_narrow_pane_says_what_changed_on_a_second_line() -> None:
    def one(engine: ScriptedEngine) -> None:
        changes = (Change("security.tls.min_version", "TLSv1.2", "TLSv1.3"),)
        engine.apply("a.toml", "a", "", changes=changes)

    async with showing(one, WIDE) as shown:
        assert "…y.tls.min_version: TLSv1.2 → TLSv1.3" in lines(shown)
    async with showing(one, NARROW) as shown:
        await shown.press("2")
        assert re.search(r"r1 …\S*version: TLSv1.2 → TLSv1.3", lines(shown))


async def test_a_name_is_whole_before_a_message_is_told() -> None:
    def one(engine: ScriptedEngine) -> None:
        name = "production-security-policy"
        diagnostic = problem("SEC003")
        engine.tell(EventType.REJECTED, path="a.toml", policy_id=name, diagnostics=(diagnostic,),
                    message="revision 1 stays in force until it is mended")  # fmt: skip
        engine.tell(EventType.REJECTED, path="b.toml", policy_id="b", message="short words")

    async with showing(one, NARROW) as shown:
        await shown.press("2")
        assert "rejected  production-security-policy SEC003 " in lines(shown)
        assert "revision 1" not in lines(shown)
        assert "short words" in lines(shown)


async def test_many_changes_are_counted() -> None:
    async with showing() as shown:
        assert "2 fields: requests_per_minute, versi…" in lines(shown)


async def test_secrets_are_masked() -> None:
    def one(engine: ScriptedEngine) -> None:
        changes = (Change("custom.api_key", "sk-1234", "sk-5678"),)
        engine.apply("a.toml", "a", "", changes=changes)

    async with showing(one) as shown:
        assert "custom.api_key: *** → ***" in lines(shown)
        assert "sk-" not in shown.screen


async def test_a_filter_looks_at_what_was_there_and_what_comes() -> None:
    async with showing(usual) as shown:
        await shown.press("2", "slash", *"started")
        assert len(shown.console.events.list.items) == 1
        await shown.press("escape")
        assert len(shown.console.events.list.items) == 19
        await shown.press("slash", *"nonsense")
        assert "No event matches “nonsense”." in lines(shown)


async def test_a_change_of_size_does_not_end_the_following() -> None:
    async with showing() as shown:
        for width, height in ((80, 24), (120, 40), (50, 16), (80, 50), (120, 40)):
            await shown.pilot.resize_terminal(width, height)
            await shown.settle()
            assert shown.console.events.list.following
