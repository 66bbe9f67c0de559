"""How a command that runs until it is told to stop is told so."""

import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopping(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` once, on a thread of its own, at Ctrl-C, SIGTERM or when standard output closes.

    Whatever the main thread is doing goes on, so that it can finish its line and write
    those that follow. A second signal ends the process at once. For the main thread.
    """
    # SimpleQueue.put may be called from a signal handler, whatever it interrupts.
    requests: SimpleQueue[bool] = SimpleQueue()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        requests.put(True)

    def await_request() -> None:
        if requests.get():
            stop()

    before = {number: signal.signal(number, on_signal) for number in _SIGNALS}
    stopper = threading.Thread(target=await_request, name="policy-console stop", daemon=True)
    stopper.start()
    if sys.stdout is not None and hasattr(select, "poll"):
        threading.Thread(
            target=_await_hang_up,
            args=(sys.stdout.fileno(), requests),
            name="policy-console output",
            daemon=True,
        ).start()
    try:
        yield
    finally:
        requests.put(False)
        stopper.join()
        for number, handler in before.items():
            signal.signal(number, handler)


def _await_hang_up(descriptor: int, requests: SimpleQueue[bool]) -> None:
    """Wait until nobody can read ``descriptor`` any more; a file is always readable."""
    poller = select.poll()
    # No event is asked for: an error or a hang-up is reported all the same.
    poller.register(descriptor, 0)
    poller.poll()
    requests.put(True)
