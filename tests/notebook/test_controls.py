"""The controls show what counts, also where somebody asks while the settings change without them."""

from policyconsole.notebook.controls import Controls
from policyconsole.validation.levels import ValidationLevel


def controls() -> tuple[Controls, list[tuple[str, str | None]]]:
    asked: list[tuple[str, str | None]] = []
    made = Controls(
        ValidationLevel.BASIC,
        None,
        lambda level, environment: asked.append((level.value, environment)),
        lambda: None,
    )
    return made, asked


def shown(made: Controls) -> tuple[str, str]:
    return made.level.value, made.environment.value


def test_what_is_asked_stays_until_the_engine_tells_it() -> None:
    made, asked = controls()
    made.level.value = "strict"
    assert asked == [("strict", None)]
    made.follow("standard", None)  # the engine has not come to it yet
    assert shown(made) == ("strict", "")
    made.follow("strict", None)
    made.follow("custom", None)
    assert shown(made) == ("custom", "")
    assert len(asked) == 1


def test_a_request_and_a_change_from_elsewhere_may_be_told_at_once() -> None:
    made, asked = controls()
    made.level.value = "strict"
    made.follow("strict", "production")
    assert shown(made) == ("strict", "production")
    made.follow("custom", "staging")
    assert shown(made) == ("custom", "staging")
    assert len(asked) == 1
