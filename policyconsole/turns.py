"""Long work in short turns, so that everyone else on the loop gets one too."""

import asyncio
from time import perf_counter

TURN = 0.005
"""Seconds of work before others on the loop get their turn."""


class Turns:
    """The turns of one piece of long work; the first begins when it is made.

    No generator: for a single item that cost more than the item.
    """

    def __init__(self) -> None:
        self._end = perf_counter() + TURN

    async def share(self) -> None:
        """Give everyone else on the loop a turn if this one has lasted 5 ms; else return at once."""
        if perf_counter() > self._end:
            await asyncio.sleep(0)
            self._end = perf_counter() + TURN
