"""The level and the environment that were asked for last, ahead of what the engine has told."""

import pytest

from policyconsole.events import QUEUE_LENGTH, EventType
from policyconsole.tui.settings import Settings
from policyconsole.validation.levels import ValidationLevel
from tests.tui.scripted import ScriptedEngine


def begun() -> tuple[ScriptedEngine, Settings]:
    engine = ScriptedEngine()
    settings = Settings(engine)
    engine.start()
    settings.start()
    return engine, settings


def now(settings: Settings) -> tuple[str, str | None]:
    settings.pull()
    return settings.level.value, settings.environment


def test_it_begins_with_what_the_engine_has() -> None:
    _, settings = begun()
    assert now(settings) == ("strict", "production")


def test_what_is_told_of_an_earlier_wish_does_not_undo_a_later_one() -> None:
    engine, settings = begun()
    engine.is_behind = True
    settings.set_level(ValidationLevel.BASIC)
    settings.set_level(ValidationLevel.STRICT)
    engine.tell(EventType.STARTED)
    assert now(settings) == ("strict", "production")
    settings.set_level(ValidationLevel.CUSTOM)
    engine.do_next()
    assert now(settings) == ("custom", "production")
    engine.catch_up()
    assert now(settings) == ("custom", "production")


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_once_told_of_the_engine_counts_again(environment: str) -> None:
    engine, settings = begun()
    settings.set_environment(environment)
    engine.configure(ValidationLevel.BASIC, None)
    assert now(settings) == ("basic", None)


def test_what_was_missed_is_made_up_for() -> None:
    engine, settings = begun()
    engine.configure(ValidationLevel.BASIC, "staging")
    for _ in range(QUEUE_LENGTH):
        engine.tell(EventType.RECOVERED)
    assert now(settings) == ("basic", "staging")


def test_closed_it_takes_no_more() -> None:
    engine, settings = begun()
    settings.close()
    engine.configure(ValidationLevel.BASIC, None)
    assert now(settings) == ("strict", "production")
