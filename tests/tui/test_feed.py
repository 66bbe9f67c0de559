"""From the engine to the dashboard, with a pause in between."""

import pytest

from policyconsole.events import QUEUE_LENGTH
from policyconsole.tui.feed import Feed
from tests.tui.scripted import ScriptedEngine
from tests.tui.stories import empty, usual


def test_it_begins_with_the_state_of_the_moment() -> None:
    engine = ScriptedEngine(usual)
    feed = Feed(engine)
    feed.start()
    assert engine.alive
    assert feed.dashboard.header.level == "strict"
    assert len(feed.dashboard.rows) == 6
    feed.pull()
    assert feed.dashboard.events_seen == 19


def test_events_that_come_are_folded_in() -> None:
    engine = ScriptedEngine(empty)
    feed = Feed(engine)
    feed.start()
    feed.pull()
    before = feed.dashboard.version
    feed.pull()
    assert feed.dashboard.version == before
    engine.apply("a.toml", "a", "")
    feed.pull()
    assert list(feed.dashboard.rows) == ["a.toml"]


def test_while_paused_events_wait_and_nothing_changes() -> None:
    engine = ScriptedEngine(empty)
    feed = Feed(engine)
    feed.start()
    feed.pull()
    feed.paused = True
    engine.apply("a.toml", "a", "")
    feed.pull()
    assert feed.dashboard.rows == {}
    assert feed.waiting_text == "1"
    feed.paused = False
    feed.pull()
    assert list(feed.dashboard.rows) == ["a.toml"]
    assert feed.waiting == 0


@pytest.mark.slow
def test_what_did_not_fit_is_made_up_for() -> None:
    engine = ScriptedEngine(empty)
    feed = Feed(engine)
    feed.start()
    for number in range(QUEUE_LENGTH + 100):
        engine.apply(f"{number}.toml", f"policy-{number}", "")
    assert feed.waiting_text == f"{QUEUE_LENGTH}+"
    feed.pull()
    assert len(feed.dashboard.rows) == QUEUE_LENGTH + 100


def test_closed_it_takes_no_more() -> None:
    engine = ScriptedEngine(empty)
    feed = Feed(engine)
    feed.start()
    feed.pull()
    feed.close()
    engine.apply("a.toml", "a", "")
    feed.pull()
    assert feed.dashboard.rows == {}
