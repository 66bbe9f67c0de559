"""The console over a scripted engine: what the page gets, and what its controls ask for."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import ipywidgets
import pytest

from policyconsole.diagnostics import Severity, error
from policyconsole.events import Change, EventType, PolicyEvent
from policyconsole.notebook import PolicyConsole
from policyconsole.notebook.controls import Controls
from policyconsole.validation.levels import ValidationLevel
from tests.notebook.scripted import Page, RecordingComm, ScriptedEngine
from tests.waiting import eventually_blocking

HOSTILE = "<script>alert(1)</script>\x1b[31m\n.toml"


@pytest.fixture
def engine() -> ScriptedEngine:
    engine = ScriptedEngine()
    engine.apply("a.toml", "a-policy")
    engine.begin()
    return engine


@pytest.fixture
def console(engine: ScriptedEngine, pages: dict[str, Page]) -> Iterator[PolicyConsole]:
    with PolicyConsole.attach(engine) as console:
        yield console


@pytest.fixture
def page(console: PolicyConsole, pages: dict[str, Page]) -> Page:
    [page] = pages.values()
    return page


def say(console: PolicyConsole, content: object) -> None:
    """Send a message as the page would."""
    view = live_view(console)
    view._handle_custom_msg(content, [])


def live_view(console: PolicyConsole) -> ipywidgets.DOMWidget:
    return console._widget.children[1]


def controls(console: PolicyConsole) -> Controls:
    return console._controls


def test_the_first_snapshot_comes_with_the_widget(page: Page) -> None:
    assert page.messages[0]["type"] == "snapshot"
    assert page.shown == {"a-policy": ("live", "1")}


def test_what_happens_reaches_the_page_while_the_main_thread_is_busy(
    engine: ScriptedEngine, page: Page
) -> None:
    """Nothing here gives way to a kernel's loop: there is none."""
    engine.apply("b.toml", "b-policy")

    eventually_blocking(
        lambda: page.shown == {"a-policy": ("live", "1"), "b-policy": ("live", "1")}
    )
    assert set(page.threads[1:]) == {"policy-console view"}
    assert page.gaps == 0


def test_hello_is_answered_with_everything(
    engine: ScriptedEngine, console: PolicyConsole, page: Page
) -> None:
    engine.apply("b.toml", "b-policy")
    eventually_blocking(lambda: len(page.rows) == 2)
    count = len(page.messages)

    say(console, {"type": "hello"})

    eventually_blocking(lambda: len(page.messages) > count)
    assert page.messages[-1]["type"] == "snapshot"
    assert len(page.messages[-1]["rows"]) == 2


@pytest.mark.parametrize("content", [None, "hello", [], {}, {"type": "other"}, {"type": ["hello"]}])
def test_another_message_from_the_page_is_passed_over(
    console: PolicyConsole, page: Page, content: object
) -> None:
    count = len(page.messages)

    say(console, content)
    console.close()

    assert all(message["type"] != "snapshot" for message in page.messages[count:])
    assert console.problem == ""


def test_after_closing_hello_is_still_answered(console: PolicyConsole, page: Page) -> None:
    console.close()
    count = len(page.messages)

    say(console, {"type": "hello"})

    assert [message["type"] for message in page.messages[count:]] == ["snapshot"]


def test_closing_sends_the_last_events_and_leaves_a_foreign_engine_alone(
    engine: ScriptedEngine, console: PolicyConsole, page: Page
) -> None:
    engine.apply("b.toml", "b-policy")

    console.close()
    console.close()

    assert console.closed
    assert page.shown == {"a-policy": ("live", "1"), "b-policy": ("live", "1")}
    assert (engine.started, engine.stopped) == (0, 0)
    assert controls(console).level.disabled


def test_after_closing_no_thread_is_left(engine: ScriptedEngine, pages: dict[str, Page]) -> None:
    before = set(threading.enumerate())
    with PolicyConsole.attach(engine):
        assert set(threading.enumerate()) > before

    assert set(threading.enumerate()) <= before


def test_the_controls_ask_the_engine(engine: ScriptedEngine, console: PolicyConsole) -> None:
    controls(console).level.value = "strict"
    controls(console).environment.value = " production "
    controls(console).environment.value = ""
    controls(console).revalidate.click()

    assert engine.asked == [("strict", None), ("strict", "production"), ("strict", None)]
    assert engine.revalidations == 1


def configured(level: str, environment: str | None) -> PolicyEvent:
    changes = (Change("level", None, level), Change("environment", None, environment))
    return PolicyEvent(EventType.CONFIGURED, changes=changes)


def test_the_controls_follow_settings_that_changed_without_them(
    engine: ScriptedEngine, console: PolicyConsole
) -> None:
    engine.tell(configured("custom", "staging"))

    eventually_blocking(lambda: controls(console).environment.value == "staging")
    assert controls(console).level.value == "custom"
    assert engine.asked == []


def test_a_choice_is_not_turned_back_by_an_answer_to_an_earlier_one(
    engine: ScriptedEngine, console: PolicyConsole, page: Page
) -> None:
    controls(console).level.value = "strict"
    controls(console).level.value = "basic"
    engine.tell(configured("strict", None))
    eventually_blocking(lambda: "level strict" in json.dumps(page.messages[-1].get("header")))
    assert controls(console).level.value == "basic"

    engine.tell(configured("basic", None))
    eventually_blocking(lambda: "level basic" in json.dumps(page.messages[-1].get("header")))
    engine.tell(configured("custom", None))

    eventually_blocking(lambda: controls(console).level.value == "custom")
    assert engine.asked == [("strict", None), ("basic", None)]


def test_a_request_that_fails_is_a_line_in_the_view(
    engine: ScriptedEngine, console: PolicyConsole, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError(HOSTILE)

    with monkeypatch.context() as patch:
        patch.setattr(engine, "revalidate", fail)
        controls(console).revalidate.click()

    eventually_blocking(lambda: page.problem)
    assert page.problem.startswith("the files were not judged anew: RuntimeError: <script>")
    assert page.problem.isprintable()
    assert console.problem == page.problem
    controls(console).revalidate.click()
    eventually_blocking(lambda: page.problem == "")


def test_a_message_that_cannot_be_made_is_a_line_in_the_view(
    engine: ScriptedEngine, console: PolicyConsole, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: str) -> None:
        raise ZeroDivisionError(path)

    with monkeypatch.context() as patch:
        patch.setattr(engine, "file", fail)
        patch.setattr(console._feed._dashboard, "_lookup", lambda path: None)
        engine.apply("b.toml", "b-policy")
        eventually_blocking(lambda: "ZeroDivisionError: b.toml" in page.problem)

    say(console, {"type": "hello"})
    eventually_blocking(lambda: page.problem == "")
    assert len(page.rows) == 2


def test_a_message_that_was_not_sent_is_made_up_for(
    engine: ScriptedEngine, console: PolicyConsole, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()

    def fail_once() -> None:
        if not failed.is_set():
            failed.set()
            raise OSError("the socket is gone")

    monkeypatch.setattr(RecordingComm, "fault", staticmethod(fail_once))
    engine.apply("b.toml", "b-policy")

    eventually_blocking(lambda: len(page.rows) == 2)
    assert failed.is_set()


def test_a_dead_engine_is_a_line_in_the_view(
    engine: ScriptedEngine, console: PolicyConsole, page: Page
) -> None:
    engine.failure = "MemoryError"

    eventually_blocking(lambda: page.problem.endswith("MemoryError"))


def test_it_shows_itself_with_a_picture_for_readers_without_a_kernel(
    console: PolicyConsole,
) -> None:
    bundle = console._repr_mimebundle_()

    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "a-policy" in str(bundle["text/html"])
    assert "a-policy" in str(bundle["text/plain"])


def test_hostile_text_is_escaped_in_the_picture(
    engine: ScriptedEngine, console: PolicyConsole
) -> None:
    finding = error("X001", Severity.LOW, HOSTILE, field=HOSTILE, help=HOSTILE)
    engine.refuse(HOSTILE, finding, source=HOSTILE)
    engine.tell(PolicyEvent(EventType.DEGRADED, path=HOSTILE, message=HOSTILE))

    picture = console.snapshot()

    assert "<script" not in picture.html()
    assert "&lt;script&gt;alert(1)" in picture.html()
    assert "\x1b" not in picture.html() + repr(picture)


def test_a_snapshot_does_not_change_any_more(
    engine: ScriptedEngine, console: PolicyConsole
) -> None:
    picture = console.snapshot()
    before = repr(picture), picture.html()
    engine.apply("b.toml", "b-policy")

    assert (repr(picture), picture._repr_html_()) == before
    assert list(picture.engine.policies) == ["a-policy"]
    assert "b-policy" in repr(console.snapshot())


def test_marimo_gets_the_live_view(console: PolicyConsole) -> None:
    assert console._display_() is live_view(console)


def test_its_repr_names_the_folder(console: PolicyConsole) -> None:
    assert repr(console) == "<PolicyConsole of policies, live>"
    console.close()
    assert repr(console) == "<PolicyConsole of policies, closed>"


@pytest.mark.parametrize(
    ("words", "wrong"), [({"level": "harsh"}, "level"), ({"watcher": "magic"}, "watcher")]
)
def test_a_word_that_is_no_choice_is_named_with_the_choices(
    words: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(ValueError, match=f"{wrong} must be one of .*; not '{words[wrong]}'"):
        PolicyConsole("policies", **words)


def test_every_level_can_be_chosen(console: PolicyConsole) -> None:
    assert list(controls(console).level.options) == [level.value for level in ValidationLevel]
