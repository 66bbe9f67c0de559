"""How a command that runs until it is told to stop is told so."""

import math
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from time import monotonic
from types import FrameType

from policyconsole.cli.streams import tell

PATIENCE = 5.0
"""Seconds for which a reader may take nothing once the command was told to stop."""

TWICE = 0.5
"""Seconds within which a second signal is the same request: GNU timeout signals the command, and
then the group that it belongs to."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_HANG_UP = 0


@contextmanager
def stopping(stop: Callable[[], None], progress: Callable[[], int]) -> Iterator[None]:
    """Call ``stop`` once, on a thread of its own, at Ctrl-C, SIGTERM or when standard output closes.

    Whatever the main thread is doing goes on, so that it can finish its line and write
    those that follow. A second signal ends the process at once, unless it follows within
    half a second: ``timeout`` and some shells send each twice. So does the first
    where ``progress``, how much was written, has not changed for 5 s since: a reader
    that takes nothing would keep it for ever. For the main thread.
    """
    requests: SimpleQueue[int | None] = SimpleQueue()
    over = threading.Event()
    first: list[float] = []

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if not first:
            first.append(monotonic())
        elif monotonic() - first[0] > TWICE:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    def await_request() -> None:
        number = requests.get()
        if number is None:
            return
        if number != _HANG_UP:
            threading.Thread(
                target=_end_where_nothing_moves,
                args=(number, over, progress, first),
                name="policy-console end",
                daemon=True,
            ).start()
        stop()

    ours, pythons = socket.socketpair()
    pythons.setblocking(False)
    threading.Thread(
        target=_await_number, args=(ours, requests), name="policy-console signals", daemon=True
    ).start()
    former = signal.set_wakeup_fd(pythons.fileno(), warn_on_full_buffer=False)
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
        requests.put(None)
        stopper.join()
        over.set()
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(former)
        pythons.close()


def _await_number(ours: socket.socket, requests: SimpleQueue[int | None]) -> None:
    """Ask for the end at a signal whose number Python itself writes, whichever thread got it.

    The handler runs on the main thread, which hears nothing of a signal that another thread
    got while it waits for a lock. Numbers come of whatever has a handler: others are passed over.
    """
    with ours:
        while number := ours.recv(1):
            if number[0] in _SIGNALS:
                requests.put(number[0])


def _end_where_nothing_moves(
    number: int, over: threading.Event, progress: Callable[[], int], first: list[float]
) -> None:
    """End the process as a second signal would, once nothing more has been written for a while.

    ``first`` holds when the first one came.
    """
    written = progress()
    while not over.wait(PATIENCE):
        if progress() == written:
            message = (
                f"standard output took nothing for {PATIENCE:g} s: the last events are not told"
            )
            telling = threading.Thread(target=tell, args=(message,), daemon=True)
            telling.start()
            telling.join(1)  # standard error may be the same pipe
            first.insert(0, -math.inf)
            # The handler runs on the main thread, which has to be woken from its write.
            if sys.platform != "win32":
                signal.pthread_kill(threading.main_thread().ident or 0, number)
            over.wait(TWICE)
            os._exit(128 + number)  # it is stuck where no signal reaches it
        written = progress()


def _await_hang_up(descriptor: int, requests: SimpleQueue[int | None]) -> None:
    """Wait until nobody can read ``descriptor`` any more; a file is always readable."""
    poller = select.poll()
    # No event is asked for: an error or a hang-up is reported all the same.
    poller.register(descriptor, 0)
    poller.poll()
    requests.put(_HANG_UP)
