"""Waiting for a condition, with a limit: never a bare sleep."""

import asyncio
import time
from collections.abc import Callable

LIMIT = 10.0
"""Seconds until a condition that does not come true fails the test: far beyond what any takes."""


async def eventually(condition: Callable[[], object], limit: float = LIMIT) -> None:
    """Wait until ``condition`` holds."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "the condition did not come true in time"
        await asyncio.sleep(0.005)


def eventually_blocking(condition: Callable[[], object], limit: float = LIMIT) -> None:
    """Wait until ``condition`` holds, without a loop."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "the condition did not come true in time"
        time.sleep(0.005)


async def holds(condition: Callable[[], object], seconds: float) -> None:
    """Assert that ``condition`` is true all along for a while: something must not happen meanwhile."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert condition()
        await asyncio.sleep(0.005)
