"""Long work in short turns, so that everyone else on the loop gets one too."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from time import perf_counter
from typing import TypeVar

TURN = 0.005
"""Seconds of work before others on the loop get their turn."""

Item = TypeVar("Item")


async def in_turns(items: Iterable[Item]) -> AsyncIterator[Item]:
    """Give one item after the other, and everyone else on the loop a turn every 5 ms."""
    end = perf_counter() + TURN
    for item in items:
        yield item
        if perf_counter() > end:
            await asyncio.sleep(0)
            end = perf_counter() + TURN
