"""A command that runs until it is told to stop is told, whichever thread the kernel tells."""

import subprocess
import sys

import pytest

TOLD_ELSEWHERE = """
import signal, sys, threading
from policyconsole.cli.ending import stopping

waiting, told = threading.Event(), threading.Event()

def hand_the_signal_to_another_thread():
    waiting.wait()
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    threading.Event().wait()  # this thread takes no notice of it

threading.Thread(target=hand_the_signal_to_another_thread, daemon=True).start()
with stopping(told.set, lambda: 0):
    waiting.set()
    told.wait()
print("stopped")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals go to processes there")
def test_a_signal_that_another_thread_got_stops_the_command_too() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TOLD_ELSEWHERE], capture_output=True, text=True, timeout=20
    )
    assert (done.stdout, done.stderr, done.returncode) == ("stopped\n", "", 0)


OTHERS = """
import signal, threading
from policyconsole.cli.ending import stopping

told = threading.Event()
signal.signal(signal.SIGUSR1, lambda *_: None)
with stopping(told.set, lambda: 0):
    signal.raise_signal(signal.SIGUSR1)
    print(told.wait(0.3))
    signal.raise_signal(signal.SIGTERM)
    told.wait()
print("stopped")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal there")
def test_a_signal_that_somebody_else_handles_stops_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", OTHERS], capture_output=True, text=True, timeout=20
    )
    assert (done.stdout, done.stderr, done.returncode) == ("False\nstopped\n", "", 0)
