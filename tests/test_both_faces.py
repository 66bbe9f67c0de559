"""One event log, two faces: the terminal and the notebook show the same words and numbers."""

from collections.abc import Callable

import pytest

from policyconsole.application.request import Refusal
from policyconsole.application.tally import RequestCounts
from policyconsole.notebook.feed import Feed
from policyconsole.notebook.payload import Message
from tests.tui.scripted import ScriptedEngine
from tests.tui.showing import Shown, showing
from tests.tui.stories import degraded, usual

LARGE = (260, 120)
"""A terminal in which nothing has to be cut."""


def guarded(engine: ScriptedEngine) -> None:
    usual(engine)
    engine.requests = {
        "payments-gateway": RequestCounts(
            1_200, {Refusal.TOO_MANY_REQUESTS: 30, Refusal.BAD_INPUT: 4}
        )
    }


def lines(text: str) -> list[list[str]]:
    """Give the words of each line, frames and cursor aside."""
    return [line.translate({ord(c): " " for c in "│┃▌"}).split() for line in text.splitlines()]


def stands(words: list[str], text: str) -> bool:
    """Whether all of these words stand on one line of a pane, in their order."""
    wanted = " ".join(words).split()
    for line in lines(text):
        rest = iter(line)
        if all(word in rest for word in wanted):
            return True
    return False


@pytest.mark.parametrize("story", [guarded, degraded])
async def test_both_faces_say_the_same(story: Callable[[ScriptedEngine], None]) -> None:
    async with showing(story, LARGE) as shown:
        feed = Feed(shown.engine, lambda: None, clock=shown.engine.clock)
        page = feed.first_message()
        _same_header(page, shown)
        _same_policies(page, shown)
        _same_events(page, shown)
        _same_latency(page, shown)
        await _same_diagnostics(page, shown)
        await shown.press("9")
        for guard in page["guards"]:
            told = [guard[part] for part in ("policy", "allowed", "limited", "refused", "why")]
            assert stands(told, shown.text_of(shown.console.latency)), told
        assert bool(page["guards"]) == (story is guarded)
        feed.close()


def _same_header(page: Message, shown: Shown) -> None:
    header = page["header"]
    first = shown.screen.splitlines()[0]
    for part in ("folder", "environment", "level", "watch", "generation", "in_force", "refused"):
        assert header[part] in first, part
    assert header["message"] in shown.screen


def _same_policies(page: Message, shown: Shown) -> None:
    text = shown.text_of(shown.console.policies)
    assert len(page["rows"]) == 6
    for row in page["rows"]:
        findings = str(row["findings"]) if row["findings"] else "·"
        said = [row["sign"], row["status"], row["name"], f"r{row['revision']}", findings]
        assert stands(said, text), said
        assert row["note"] in text


def _same_events(page: Message, shown: Shown) -> None:
    text = shown.text_of(shown.console.events)
    for event in page["events"]:
        said = [event["time"], event["sign"], event["word"], event["subject"]]
        assert stands(said, text), said
        for word in event["detail"].split():
            assert word in text, event


def _same_latency(page: Message, shown: Shown) -> None:
    text = shown.text_of(shown.console.latency)
    for stage in page["latency"]["stages"]:
        said = [str(stage[part]) for part in ("stage", "p50", "p95", "p99", "max", "target")]
        assert stands(said, text), said
        if stage["on_target"] is not None:
            assert stands([str(stage["stage"]), "met" if stage["on_target"] else "missed"], text)


async def _same_diagnostics(page: Message, shown: Shown) -> None:
    for row in page["rows"]:
        shown.console.choose(row["path"])
        await shown.settle()
        text = shown.text_of(shown.console.detail)
        assert row["standing"] in text
        for found in row["diagnostics"]:
            said = [found["sign"], found["kind"], found["code"], found["weight"], found["place"],
                    found["field"]]  # fmt: skip
            assert stands(said, text), said
            assert found["message"] in text
            assert found["help"] in text
            assert found["source"] in text
