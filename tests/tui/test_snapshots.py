"""Pictures of the app at the sizes and in the states that people see."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from textual.pilot import Pilot

from policyconsole.snapshot import Loading
from policyconsole.tui.themes import DARK, LIGHT
from tests.tui.keeping import REVISIONS, keeping
from tests.tui.panes.test_guards import asked
from tests.tui.scripted import ScriptedEngine
from tests.tui.showing import NARROW, WIDE, Shown, app_on
from tests.tui.stories import dead, degraded, empty, hostile, usual

Story = Callable[[ScriptedEngine], None]
Compare = Callable[..., bool]


def loading(engine: ScriptedEngine) -> None:
    """Ten thousand files are read for the first time."""
    engine.loading = Loading(3_200, 10_000)


PICTURES: dict[str, tuple[Story, tuple[int, int], Sequence[str]]] = {
    "usual-wide": (usual, WIDE, ()),
    "usual-stacked": (usual, NARROW, ()),
    "usual-one-pane": (usual, (50, 16), ()),
    "refused-wide": (usual, WIDE, ("end", "enter")),
    "refused-stacked": (usual, NARROW, ("end", "enter")),
    "source-wide": (usual, WIDE, ("end", "5")),
    "source-stacked": (usual, NARROW, ("end", "5")),
    "events-stacked": (usual, NARROW, ("2", "up", "up")),
    "latency-stacked": (usual, NARROW, ("3",)),
    "tall-and-narrow": (usual, (80, 50), ("2",)),
    "filter-wide": (usual, WIDE, ("slash", *"prod")),
    "diff-wide": (usual, WIDE, ("end", "6")),
    "diff-stacked": (usual, NARROW, ("end", "6")),
    "effective-wide": (usual, WIDE, ("end", "7")),
    "effective-stacked": (usual, NARROW, ("end", "7")),
    "history-wide": (keeping(*REVISIONS), WIDE, ("down", "8", "m", "down")),
    "history-stacked": (keeping(*REVISIONS), NARROW, ("down", "8")),
    "histogram-wide": (usual, WIDE, ("L",)),
    "histogram-one-pane": (usual, (50, 16), ("3", "L")),
    "guards-wide": (asked, WIDE, ("9",)),
    "guards-one-pane": (asked, (50, 16), ("9",)),
    "loading-stacked": (loading, NARROW, ()),
    "zoomed-wide": (usual, WIDE, ("z",)),
    "paused-wide": (usual, WIDE, ("space",)),
    "level-wide": (usual, WIDE, ("l",)),
    "environment-stacked": (usual, NARROW, ("e",)),
    "rollback-stacked": (keeping(*REVISIONS), NARROW, ("down", "R")),
    "help-wide": (usual, WIDE, ("question_mark",)),
    "help-stacked": (usual, NARROW, ("question_mark",)),
    "empty-wide": (empty, WIDE, ()),
    "empty-stacked": (empty, NARROW, ()),
    "degraded-wide": (degraded, WIDE, ()),
    "dead-stacked": (dead, NARROW, ()),
    "hostile-wide": (hostile, WIDE, ("down", "down", "down", "down")),
}


def picture(story: Story, size: tuple[int, int], keys: Sequence[str], theme: str) -> dict[str, Any]:
    """What ``snap_compare`` needs: an app that has drawn everything before the picture is taken."""
    engine = ScriptedEngine(story)
    app = app_on(engine)
    app.theme = theme

    async def before(pilot: Pilot[int]) -> None:
        shown = Shown(app, pilot, engine)
        await shown.settle()
        await shown.press(*keys)
        await shown.rest()

    return {"app": app, "terminal_size": size, "run_before": before}


@pytest.mark.parametrize("name", PICTURES)
def test_picture(name: str, snap_compare: Compare) -> None:
    assert snap_compare(**picture(*PICTURES[name], DARK.name))


@pytest.mark.parametrize("size", [WIDE, NARROW, (50, 16)], ids=["wide", "stacked", "one-pane"])
@pytest.mark.parametrize("theme", [DARK.name, LIGHT.name, "ansi-dark", "ansi-light"])
def test_picture_in_every_theme(theme: str, size: tuple[int, int], snap_compare: Compare) -> None:
    assert snap_compare(**picture(usual, size, ("end", "enter"), theme))
