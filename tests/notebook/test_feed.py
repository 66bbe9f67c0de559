"""The feed sends what the page has not seen, numbered without a gap, and nothing when idle."""

from policyconsole.diagnostics import Severity, error
from policyconsole.events import Change, EventType, PolicyEvent
from policyconsole.notebook.feed import Feed
from policyconsole.notebook.payload import EVENTS_SHOWN, row_key
from tests.notebook.scripted import Page, ScriptedEngine


def started(engine: ScriptedEngine) -> tuple[Feed, Page]:
    """A feed whose page has the whole state after the first load."""
    engine.apply("a.toml", "a-policy")
    feed, page = Feed(engine, lambda: None), Page()
    page.take(feed.first_message())
    engine.begin()
    message = feed.next_message()
    assert message is not None
    page.take(message)
    return feed, page


def test_the_end_of_the_first_load_sends_everything() -> None:
    engine = ScriptedEngine()
    feed = Feed(engine, lambda: None)
    engine.apply("a.toml", "a-policy")
    assert not feed.wait_settled(0)
    delta = feed.next_message()
    engine.begin()

    whole = feed.next_message()

    assert delta is not None
    assert delta["type"] == "delta"
    assert whole is not None
    assert whole["type"] == "snapshot"
    assert feed.wait_settled(0)


def test_an_engine_that_runs_already_is_settled() -> None:
    engine = ScriptedEngine()
    engine.apply("a.toml", "a-policy")
    engine.begin()

    feed = Feed(engine, lambda: None)

    assert feed.wait_settled(0)
    assert [row["name"] for row in feed.state()["rows"]] == ["a-policy"]


def test_deltas_are_numbered_and_hold_only_what_changed() -> None:
    engine = ScriptedEngine()
    feed, page = started(engine)

    engine.apply("b.toml", "b-policy")
    first = feed.next_message()
    engine.refuse("a.toml", error("X001", Severity.HIGH, "no"))
    second = feed.next_message()

    assert first is not None
    assert second is not None
    assert second["number"] == first["number"] + 1
    assert [row["name"] for row in second["rows"]] == ["a-policy"]
    assert [event["word"] for event in second["events"]] == ["rejected"]
    page.take(first)
    page.take(second)
    assert page.gaps == 0
    assert page.shown == {"a-policy": ("refused", "1"), "b-policy": ("live", "1")}


def test_many_events_make_one_message() -> None:
    engine = ScriptedEngine()
    feed, _ = started(engine)
    for _round in range(50):
        engine.apply("a.toml", "a-policy")

    message = feed.next_message()

    assert message is not None
    assert [row["revision"] for row in message["rows"]] == ["51"]
    assert len(message["events"]) == 50
    assert feed.next_message() is None


def test_the_first_message_is_everything_so_far() -> None:
    engine = ScriptedEngine()
    engine.apply("a.toml", "a-policy")
    feed = Feed(engine, lambda: None)

    first = feed.first_message()

    assert (first["type"], first["number"]) == ("snapshot", 0)
    assert [row["name"] for row in first["rows"]] == ["a-policy"]
    assert feed.next_message() is None


def test_nothing_new_is_no_message() -> None:
    feed, _ = started(ScriptedEngine())

    assert feed.next_message() is None


def test_a_file_that_is_gone_is_told_by_its_key() -> None:
    engine = ScriptedEngine()
    feed, page = started(engine)

    engine.remove("a.toml")
    message = feed.next_message()

    assert message is not None
    assert message["gone"] == [row_key("a.toml")]
    page.take(message)
    assert page.shown == {}


def test_who_asks_gets_the_whole_state_with_the_number_of_the_last_delta() -> None:
    engine = ScriptedEngine()
    feed, _ = started(engine)
    engine.apply("b.toml", "b-policy")
    delta = feed.next_message()

    feed.ask_whole()
    whole = feed.next_message()

    assert delta is not None
    assert whole is not None
    assert (whole["type"], whole["number"]) == ("snapshot", delta["number"])
    assert [row["name"] for row in whole["rows"]] == ["a-policy", "b-policy"]
    assert [event["word"] for event in whole["events"]] == ["started", "applied"]
    assert feed.next_message() is None


def test_what_was_missed_is_made_up_for_from_a_snapshot() -> None:
    engine = ScriptedEngine(queue_length=4)
    feed, page = started(engine)
    for number in range(20):
        engine.apply(f"{number}.toml", f"policy-{number}")

    message = feed.next_message()

    assert message is not None
    page.take(message)
    assert len(page.rows) == 21
    assert message["events"][0]["word"] == "lagged"


def test_a_dead_engine_is_said_and_ends_the_wait_for_the_first_load() -> None:
    engine = ScriptedEngine()
    feed = Feed(engine, lambda: None)
    engine.failure = "out of\x1b memory"

    message = feed.next_message()

    assert message is not None
    assert message["problem"].endswith(r"out of\x1b memory")
    assert feed.wait_settled(0)


def test_a_problem_is_told_once_and_again_when_it_is_over() -> None:
    feed, _ = started(ScriptedEngine())
    feed.report("the files were not judged anew", "no thread")
    told = feed.next_message()
    still = feed.next_message()
    feed.report("the files were not judged anew", "")
    over = feed.next_message()

    assert told is not None
    assert told["problem"] == "the files were not judged anew: no thread"
    assert still is None
    assert over is not None
    assert over["problem"] == ""


def test_a_problem_is_an_event_too() -> None:
    engine = ScriptedEngine()
    feed, page = started(engine)
    seen = page.messages[-1]["events_seen"]
    feed.report("the files were not judged anew", "no <b>\x1b thread")
    feed.report("the files were not judged anew", "no <b>\x1b thread")
    engine.apply("b.toml", "b-policy")
    message = feed.next_message()

    assert message is not None
    assert [event["word"] for event in message["events"]] == ["problem", "applied"]
    assert message["events"][0]["detail"] == r"the files were not judged anew: no <b>\x1b thread"
    assert message["events_seen"] == seen + 2
    assert feed.state()["events"][-2:] == message["events"]
    assert [event.type for event in feed.events()][-1] is EventType.APPLIED


def test_the_newest_events_come_oldest_first() -> None:
    engine = ScriptedEngine()
    feed, _ = started(engine)
    for number in range(2000):
        engine.apply(f"{number}.toml", f"policy-{number}")
    message = feed.next_message()
    assert message is not None
    assert len(message["events"]) == EVENTS_SHOWN
    for number in range(2):
        engine.apply(f"{number}.toml", f"policy-{number}")
    latest = feed.next_message()
    assert latest is not None
    assert [event["subject"] for event in latest["events"]] == ["policy-0", "policy-1"]
    assert feed.state()["events"][-3]["subject"] == "policy-1999"


def test_a_problem_can_be_told_where_nothing_else_can() -> None:
    engine = ScriptedEngine()
    feed, page = started(engine)
    feed.report("the view could not be brought up to date", "a fault")

    page.take(feed.problem_message())

    assert page.gaps == 0
    assert page.problem == "the view could not be brought up to date: a fault"
    assert page.messages[-1]["events"][-1]["word"] == "problem"
    assert feed.next_message() is None, "nothing is told twice"


def test_the_settings_are_those_that_the_engine_told() -> None:
    engine = ScriptedEngine()
    feed, _ = started(engine)
    before = feed.settings

    level = Change("level", "standard", "strict")
    environment = Change("environment", None, "production")
    engine.tell(PolicyEvent(EventType.CONFIGURED, changes=(level, environment)))
    feed.next_message()

    assert before == ("standard", None)
    assert feed.settings == ("strict", "production")


def test_after_close_no_event_is_taken() -> None:
    engine = ScriptedEngine()
    feed, _ = started(engine)
    engine.apply("b.toml", "b-policy")
    feed.close()
    engine.apply("c.toml", "c-policy")

    assert [row["name"] for row in feed.state()["rows"]] == ["a-policy", "b-policy"]
