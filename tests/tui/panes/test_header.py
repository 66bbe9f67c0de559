"""The header: everything where there is room, what matters most where there is little."""

from dataclasses import replace

import pytest

from policyconsole.dashboard import Header
from policyconsole.snapshot import WatchState
from policyconsole.tui.panes.header import HeaderBar

HEADER = Header("sample_policies/", "production", "strict", WatchState.WATCHING, None, 42, 11, 1)


def line(header: Header, width: int, paused: str | None = None, *, dead: bool = False) -> str:
    bar = HeaderBar(id="header")
    bar._header, bar._paused, bar._dead = header, paused, dead
    return "".join(text for text, _ in bar.compose_lines(width, 1)[0])


def test_with_room_it_says_everything() -> None:
    assert line(HEADER, 120) == (
        " policy-console   sample_policies/   production   level strict   ● watching"
        "   generation 42   11 in force   ✖ 1 refused"
    )


@pytest.mark.parametrize("width", [120, 100, 80, 60, 50])
def test_at_every_width_it_says_what_is_refused(width: int) -> None:
    shown = line(HEADER, width)
    assert len(shown) <= width
    assert "● watching" in shown
    assert "1 refused" in shown


def test_of_a_long_folder_the_end_is_shown() -> None:
    shown = line(replace(HEADER, folder="/var/lib/" + "x" * 80 + "/policies"), 100)
    assert "xxx/policies  " in shown
    assert "strict" in shown
    assert len(shown) <= 100


def test_nothing_refused_is_not_mentioned() -> None:
    assert "refused" not in line(replace(HEADER, refused=0), 120)


def test_a_pause_and_a_dead_engine_are_told() -> None:
    assert "‖ paused, 12 waiting" in line(HEADER, 120, "12")
    assert "✖ engine stopped" in line(HEADER, 120, dead=True)
    assert "watching" not in line(HEADER, 120, dead=True)
