"""The ticker runs soon, never more than ten times a second, and leaves no thread behind."""

import threading
from itertools import pairwise

from policyconsole.notebook.ticker import INTERVAL, Ticker
from tests.waiting import eventually_blocking


def test_never_more_than_ten_times_a_second_however_often_it_is_woken() -> None:
    clock = 0.0
    runs: list[float] = []

    def tick() -> None:
        runs.append(clock)
        for _ in range(1000):
            ticker.wake()

    def rest(seconds: float) -> bool:
        nonlocal clock
        clock += seconds
        return clock > 4.95

    ticker = Ticker(tick, rest=rest)
    ticker.wake()
    ticker.run()

    pauses = [after - before for before, after in pairwise(runs)]
    assert INTERVAL == 0.1
    assert len(runs) == 50
    assert min(pauses) >= INTERVAL - 1e-9


def test_after_a_rest_it_runs_at_once() -> None:
    ran = threading.Event()
    ticker = Ticker(ran.set, pulse=3600)
    ticker.start()
    ticker.wake()

    assert ran.wait(10)
    ticker.stop()


def test_unasked_it_runs_with_the_pulse_only() -> None:
    runs: list[int] = []
    ticker = Ticker(lambda: runs.append(1), interval=0, pulse=0.001)
    ticker.start()

    eventually_blocking(lambda: len(runs) > 2)
    ticker.stop()


def test_stop_ends_the_thread_even_in_its_rest() -> None:
    before = set(threading.enumerate())
    ran = threading.Event()
    ticker = Ticker(ran.set, interval=3600, pulse=3600)
    ticker.start()
    ticker.wake()
    assert ran.wait(10)

    ticker.stop()
    ticker.stop()

    assert set(threading.enumerate()) <= before


def test_stop_before_start_is_no_mistake() -> None:
    Ticker(lambda: None).stop()
