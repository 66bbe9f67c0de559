"""Ending in order when the process is told to."""

import asyncio
import signal
from collections.abc import Callable


def when_told_to_end(leave: Callable[[], None]) -> None:
    """Call ``leave`` on the running loop at SIGTERM and SIGHUP, where there are signals."""
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, leave)
        except (NotImplementedError, RuntimeError, ValueError):
            return  # no signals on this platform, or not on the main thread
