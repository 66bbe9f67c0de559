"""The list of which only the visible lines are drawn."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import Screen

from policyconsole.tui.drawing import TONE_CLASSES, Line, Tone
from policyconsole.tui.line_list import LineList


class Numbers(LineList[int]):
    """Every multiple of ten takes two lines."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[int] = []
        self.suffix = ""

    def height_of(self, item: int) -> int:
        return 2 if item % 10 == 0 else 1

    def draw(self, item: int, part: int, width: int) -> Line:
        self.drawn.append(item)
        return [(f"number {item}{self.suffix}" if not part else "ten", Tone.TEXT)]

    def placeholder(self, width: int) -> Sequence[Line]:
        return [[("nothing", Tone.MUTED)]]


class Toned(Screen[None]):
    COMPONENT_CLASSES: ClassVar[set[str]] = TONE_CLASSES


class NumbersApp(App[None]):
    CSS = "LineList { height: 10; width: 30; }"

    def __init__(self) -> None:
        super().__init__()
        self.list = Numbers()
        self.told: list[object] = []
        self.animation_level = "none"

    def get_default_screen(self) -> Screen[None]:
        return Toned()

    def compose(self) -> ComposeResult:
        yield self.list

    def on_line_list_highlighted(self, message: LineList.Highlighted) -> None:
        self.told.append(message.item)

    def on_line_list_chosen(self, message: LineList.Chosen) -> None:
        self.told.append(("chosen", message.item))

    @property
    def lines(self) -> list[str]:
        strips = self.screen._compositor.render_strips()
        return [strip.text[:29].rstrip() for strip in strips[:10]]


@asynccontextmanager
async def showing(items: Sequence[int]) -> AsyncIterator[tuple[NumbersApp, Pilot[None]]]:
    app = NumbersApp()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.replace_items(items)
        await pilot.pause()
        yield app, pilot


async def test_only_what_is_visible_is_drawn() -> None:
    async with showing(range(1, 100_000)) as (app, _):
        assert app.lines[:2] == ["▌number 1", " number 2"]
        assert set(app.list.drawn) <= set(range(1, 12))


async def test_items_of_two_lines_take_two() -> None:
    async with showing(range(9, 12)) as (app, _):
        assert app.lines[:4] == ["▌number 9", " number 10", " ten", " number 11"]


async def test_an_empty_list_says_what_it_means() -> None:
    async with showing([]) as (app, pilot):
        assert app.lines[0] == " nothing"
        await pilot.press("down", "enter", "end", "pageup")
        assert app.told == []


@pytest.mark.parametrize(
    ("keys", "item"),
    [
        (("down", "down", "up"), 2),
        (("j", "j", "k"), 2),
        (("end",), 99),
        (("G", "g"), 1),
        (("end", "home"), 1),
        (("pagedown",), 10),
        (("pagedown", "pageup"), 1),
        (("up",), 1),
    ],
)
async def test_keys_move_the_cursor_and_keep_it_in_view(keys: Sequence[str], item: int) -> None:
    async with showing(range(1, 100)) as (app, pilot):
        await pilot.press(*keys)
        await pilot.pause()
        assert app.list.cursor_item == item
        assert f"▌number {item}" in app.lines


async def test_moving_is_told_and_choosing_too() -> None:
    async with showing(range(1, 100)) as (app, pilot):
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.told == [1, 2, ("chosen", 2)]


async def test_a_click_moves_and_a_double_click_chooses() -> None:
    async with showing(range(1, 100)) as (app, pilot):
        await pilot.click(app.list, offset=(3, 4))
        assert app.list.cursor_item == 5
        await pilot.click(app.list, offset=(3, 6), times=2)
        await pilot.pause()
        assert app.told[-1] == ("chosen", 7)


async def test_the_cursor_stays_on_its_item_when_others_come_before_it() -> None:
    async with showing(range(50, 100)) as (app, pilot):
        await pilot.press("down", "down")
        app.list.replace_items(range(100))
        await pilot.pause()
        assert app.list.cursor_item == 52


async def test_the_view_stays_on_its_first_item_when_others_come_before_it() -> None:
    async with showing(range(50, 100)) as (app, pilot):
        await pilot.press("end")
        await pilot.pause()
        before = app.lines
        app.list.replace_items(range(100))
        await pilot.pause()
        assert app.lines == before


async def test_where_the_chosen_item_is_gone_its_neighbour_is_chosen() -> None:
    async with showing(range(1, 6)) as (app, pilot):
        await pilot.press("end")
        chosen = []
        for items in ([1, 2, 3], [1], []):
            app.list.replace_items(items)
            await pilot.pause()
            chosen.append(app.list.cursor_item)
        assert chosen == [3, 1, None]
        assert app.told[-3:] == chosen


async def test_the_first_ones_leave_when_too_many_come() -> None:
    async with showing(range(1, 11)) as (app, pilot):
        await pilot.press("end")
        app.list.extend_items(range(11, 16), most=8)
        await pilot.pause()
        assert list(app.list.items) == list(range(8, 16))
        assert app.list.cursor_item == 10
        assert app.list.line_count == 9
        assert "▌number 10" in app.lines


async def test_only_lines_that_look_different_are_repainted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with showing(range(1, 100)) as (app, _):
        repainted: list[int] = []

        def refresh(region: Region) -> None:
            repainted.append(region.y)

        monkeypatch.setattr(app.list, "refresh", refresh)
        app.list.refresh_changed()
        assert repainted == []
        app.list.suffix = "!"
        app.list.refresh_changed()
        assert repainted == list(range(10))
        monkeypatch.undo()


async def test_no_scrollbar_at_the_bottom() -> None:
    async with showing(range(1, 100)) as (app, _):
        assert not app.list.show_horizontal_scrollbar
        assert app.list.show_vertical_scrollbar
