"""LineList: items of one or more lines, of which only the visible ones are ever drawn.

Ten thousand items cost what the visible forty cost. A change repaints the lines that
look different and no others, so that an idle list, or one whose visible part stays
the same, writes nothing to the terminal.
"""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence
from itertools import accumulate
from typing import ClassVar, Generic, TypeVar

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from policyconsole.configuration.keys import Area
from policyconsole.tui.bindings import bindings
from policyconsole.tui.drawing import Line, Tone, strip_of
from policyconsole.tui.line_view import Toned

Item = TypeVar("Item", bound=Hashable)

CURSOR_MARK = "▌"
"""Stands before the chosen item: the choice is visible without colour."""


class LineList(ScrollView, Toned, Generic[Item], can_focus=True):
    """A scrolling list with a cursor.

    A subclass says how many lines an item has (:meth:`height_of`) and how each looks
    (:meth:`draw`). Items are equal where they are the same item: the cursor stays on
    its item, and the view on its first visible item, while others come and go.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"line-list--cursor"}
    DEFAULT_CSS = """
    LineList {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        width: 1fr;
        height: 1fr;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Area.LIST)]

    class Highlighted(Message):
        """The cursor stands on another item than before; ``item`` is None in an empty list."""

        def __init__(self, sender: Widget, item: Hashable | None) -> None:
            super().__init__()
            self.sender = sender
            self.item = item

    class Chosen(Message):
        """Enter was pressed, or an item was double-clicked."""

        def __init__(self, sender: Widget, item: Hashable) -> None:
            super().__init__()
            self.sender = sender
            self.item = item

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self._items: list[Item] = []
        self._tops: list[int] = []
        self._first_line = 0
        self._end_line = 0
        self._cursor: int | None = None
        self._painted: dict[int, Strip] = {}
        self._width = 0

    # What a subclass says

    def height_of(self, item: Item) -> int:
        """Give the number of lines that an item takes at the present width; at least 1."""
        raise NotImplementedError

    def draw(self, item: Item, part: int, width: int) -> Line:
        """Give line ``part`` (from 0) of an item, for this many cells."""
        raise NotImplementedError

    def placeholder(self, width: int) -> Sequence[Line]:
        """Give what stands in an empty list: what it means and what to do."""
        raise NotImplementedError

    # What the app says

    @property
    def items(self) -> Sequence[Item]:
        """All items, in their order."""
        return self._items

    @property
    def cursor_item(self) -> Item | None:
        """The item under the cursor."""
        return None if self._cursor is None else self._items[self._cursor]

    @property
    def line_count(self) -> int:
        """How many lines all items take."""
        return self._end_line - self._first_line

    def replace_items(self, items: Iterable[Item]) -> None:
        """Show these items instead, keeping cursor and view on the items that they were on."""
        anchor = self._item_at(self.scroll_offset.y)
        offset = self.scroll_offset.y - self._top(anchor) if anchor is not None else 0
        anchored = self._items[anchor] if anchor is not None and self.scroll_offset.y else None
        before, place = self.cursor_item, self._cursor or 0
        self._lay_out(list(items))
        if not self._items:
            self._cursor = None
        elif before is not None and (found := self._find(before, place)) is not None:
            self._cursor = found
        else:
            self._cursor = min(place, len(self._items) - 1)
        if anchored is not None and (found := self._find(anchored, anchor or 0)) is not None:
            self._scroll_to_line(self._top(found) + offset)
        if self.cursor_item != before:
            self.post_message(self.Highlighted(self, self.cursor_item))
        self.refresh_changed()

    def extend_items(self, items: Sequence[Item], most: int) -> None:
        """Add items at the end, dropping the first ones beyond ``most``."""
        tops = accumulate((self.height_of(item) for item in items), initial=self._end_line)
        self._tops.extend(tops)
        self._end_line = self._tops.pop()
        self._items.extend(items)
        surplus = len(self._items) - most
        dropped = 0
        if surplus > 0:
            dropped = self._tops[surplus] - self._first_line
            del self._items[:surplus], self._tops[:surplus]
            self._first_line += dropped
            if self._cursor is not None:
                self._cursor = max(0, self._cursor - surplus)
        self._resize_content()
        if dropped:
            self._scroll_to_line(self.scroll_offset.y - dropped)
        if self._cursor is None and self._items:
            self.move_cursor(0)

    def move_cursor(self, index: int, *, scroll: bool = True) -> None:
        """Put the cursor on an item by its place and bring it into view."""
        if not self._items:
            return
        index = min(max(0, index), len(self._items) - 1)
        moved, self._cursor = index != self._cursor, index
        if scroll:
            self._scroll_to_cursor()
        if moved:
            self.post_message(self.Highlighted(self, self.cursor_item))
        self.refresh_changed()

    def move_cursor_to(self, item: Item) -> bool:
        """Put the cursor on an item; give whether it is in the list."""
        found = self._find(item, self._cursor or 0)
        if found is not None:
            self.move_cursor(found)
        return found is not None

    def refresh_changed(self) -> None:
        """Repaint the visible lines that look different from what is on the screen."""
        for y, painted in list(self._painted.items()):
            if y >= self.size.height:
                del self._painted[y]
            elif self._strip(y) != painted:
                self.refresh(Region(0, y, self.size.width, 1))

    # Layout

    def _lay_out(self, items: list[Item]) -> None:
        tops = list(accumulate(map(self.height_of, items), initial=0))
        self._first_line, self._end_line = 0, tops.pop()
        self._items, self._tops = items, tops
        self._resize_content()

    def _resize_content(self) -> None:
        """Tell textual how many lines there are.

        While there are more than fit, only the scrollbar is concerned; told in the usual
        way, all widgets of the screen would be laid out anew with every event that comes.
        """
        size = Size(self._width, self.line_count)
        height = self.size.height
        if min(self.virtual_size.height, size.height) > height > 0 and (
            self.virtual_size.width == size.width
        ):
            self.set_reactive(ScrollView.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
        else:
            self.virtual_size = size

    def _find(self, item: Item, near: int) -> int | None:
        if near < len(self._items) and self._items[near] == item:
            return near
        try:
            return self._items.index(item)
        except ValueError:
            return None

    def _top(self, index: int) -> int:
        return self._tops[index] - self._first_line

    def _item_at(self, line: int) -> int | None:
        """Find the item that a line (from 0, all lines counted) belongs to."""
        if not 0 <= line < self.line_count:
            return None
        return bisect_right(self._tops, line + self._first_line) - 1

    def _scroll_to_cursor(self) -> None:
        if self._cursor is None:
            return
        top = self._top(self._cursor)
        height, visible = self.height_of(self._items[self._cursor]), self.size.height
        first = self.scroll_offset.y
        if top < first or height >= visible:
            first = top
        elif top + height > first + visible:
            first = top + height - visible
        self._scroll_to_line(first)

    def _scroll_to_line(self, line: int) -> None:
        """Scroll at once, also where the scrollbar is yet to appear."""
        self.scroll_to(y=line, animate=False, immediate=True, force=True)
        self.vertical_scrollbar.position = self.scroll_y

    def on_resize(self) -> None:
        """Lay the items out for the new width."""
        if self.scrollable_size.width != self._width:
            self._width = self.scrollable_size.width
            anchor = self._item_at(self.scroll_offset.y)
            self._lay_out(self._items)
            if anchor:
                self._scroll_to_line(self._top(anchor))
        self._keep_in_view()
        self._painted.clear()
        self.refresh()

    def _keep_in_view(self) -> None:
        """After a change of size, scroll so that what matters is seen."""
        self._scroll_to_cursor()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw one visible line."""
        strip = self._strip(y)
        self._painted[y] = strip
        return strip

    def _strip(self, y: int) -> Strip:
        width, base = self._width, self.base
        if not self._items:
            lines = self.placeholder(max(1, width - 2))
            line: Line = lines[y] if y < len(lines) else ()
            return strip_of([(" ", Tone.TEXT), *line], width, base, self.tone)
        number = y + self.scroll_offset.y
        index = self._item_at(number)
        if index is None:
            return Strip.blank(width, base)
        line = self.draw(self._items[index], number - self._top(index), max(0, width - 1))
        chosen = index == self._cursor and len(line) > 0
        if chosen:
            cursor = self.get_component_rich_style("line-list--cursor")
            base += Style(bgcolor=cursor.bgcolor, bold=cursor.bold or None)
        mark = CURSOR_MARK if chosen else " "
        return strip_of([(mark, Tone.ACCENT), *line], width, base, self.tone)

    # Keys and mouse

    def action_move(self, by: int) -> None:
        """Move the cursor by this many items."""
        self.move_cursor((-1 if self._cursor is None else self._cursor) + by)

    def action_move_page(self, direction: int) -> None:
        """Move the cursor by a screenful."""
        if self._cursor is None:
            return
        line = self._top(self._cursor) + direction * max(1, self.size.height - 1)
        index = self._item_at(min(max(0, line), self.line_count - 1))
        if index is not None:
            self.move_cursor(self._cursor + direction if index == self._cursor else index)

    def action_move_to_first(self) -> None:
        """Move the cursor to the first item."""
        self.move_cursor(0)

    def action_move_to_last(self) -> None:
        """Move the cursor to the last item."""
        self.move_cursor(len(self._items) - 1)

    def action_choose(self) -> None:
        """Tell the app that the item under the cursor was chosen."""
        if (item := self.cursor_item) is not None:
            self.post_message(self.Chosen(self, item))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse clicked; a double click chooses."""
        offset = event.get_content_offset(self)
        index = self._item_at(offset.y + self.scroll_offset.y) if offset is not None else None
        if index is not None:
            self.move_cursor(index)
            if event.chain == 2:
                self.action_choose()
