"""The Policies pane: its columns and its order."""

import pytest

from policyconsole.events import Latency
from tests.tui.showing import NARROW, WIDE, Shown, showing
from tests.tui.stories import large, usual


def first(shown: Shown) -> str:
    return str(shown.console.policies.list.items[0])


async def test_s_sorts_by_the_next_column_and_the_frame_says_which() -> None:
    async with showing() as shown:
        assert first(shown) == "development.yaml"
        await shown.press("s")
        assert first(shown) == "staging.toml"  # refused
        pane = shown.text_of(shown.console.policies)
        assert "by status ↓" in pane
        assert "status↓" in pane


async def test_capital_s_turns_the_order_round() -> None:
    async with showing() as shown:
        await shown.press("S")
        assert first(shown) == "staging.toml"
        assert "by file ↑" in shown.text_of(shown.console.policies)
        await shown.press("S")
        assert first(shown) == "development.yaml"
        assert "by file" not in shown.text_of(shown.console.policies)


async def test_the_cursor_stays_on_its_policy_when_the_order_changes() -> None:
    async with showing() as shown:
        await shown.press("home", "down")
        chosen = shown.console.policies.list.cursor_item
        await shown.press("s", "s", "S")
        assert shown.console.policies.list.cursor_item == chosen


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_click_on_a_column_sorts_by_it_and_a_second_one_turns_it_round(
    size: tuple[int, int],
) -> None:
    async with showing(size=size) as shown:
        columns = shown.console.policies.columns
        at = shown.text_of(columns).index("⚑")
        await shown.pilot.click(columns, offset=(at, 0))
        await shown.settle()
        assert "by findings ↓" in shown.text_of(shown.console.policies)
        await shown.pilot.click(columns, offset=(at, 0))
        await shown.settle()
        assert "by findings ↑" in shown.text_of(shown.console.policies)


async def test_each_column_stands_over_its_figures() -> None:
    async with showing(usual, (160, 40)) as shown:
        await shown.press("z")
        lines = shown.text_of(shown.console.policies).splitlines()
        head = next(line for line in lines if "⚑" in line)
        row = next(line for line in lines if "payments-gateway" in line)
        assert row[head.index("policy") :].startswith("payments-gateway")
        assert row[head.index("file") :].startswith("payments/gateway.json")
        assert row[head.index("env") :].startswith("production")
        assert row[head.index("rev") + 2] == "1"
        assert row[head.index("⚑")] == "·"


async def test_the_latency_of_a_policy_stands_in_its_line() -> None:
    async with showing(size=NARROW) as shown:
        latency = Latency(0.4, 0.3, 0.2, 0.1, 2.1)
        shown.engine.apply("reporting.toml", "reporting", 'id = "reporting"', latency=latency)
        await shown.settle()
        row = next(line for line in shown.screen.splitlines() if "● live     reporting" in line)
        assert row.rstrip(" ┃").endswith("2.10")


async def test_a_new_file_takes_its_place_in_the_order() -> None:
    async with showing(large(30)) as shown:
        await shown.press("s", "S")
        shown.engine.apply("a.toml", "aardvark", "")
        await shown.settle()
        await shown.press("S", "s")  # by policy
        assert first(shown) == "a.toml"
