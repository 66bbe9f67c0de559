"""The requests to one service, counted and timed."""

import threading

import pytest

from policyconsole.application.monitoring.meter import CHECK_BOUNDS, RequestMeter, RequestReport
from policyconsole.application.request import Refusal


def test_a_report_tells_what_is_new_since_the_last() -> None:
    meter = RequestMeter(100)
    assert meter.observe(None, 0.001, due=60.0)
    assert not meter.observe(None, 0.003, due=61.0)
    assert not meter.observe(Refusal.TOO_MANY_REQUESTS, 0.002, due=62.0)
    assert not meter.observe(Refusal.BAD_INPUT, None, due=63.0)
    assert meter.report(61.0) is None, "not this one is due"
    assert meter.report(60.0) == RequestReport(2, 1, 1, 0.002, 0.003)
    assert meter.report(60.0) is None
    assert meter.observe(Refusal.BAD_INPUT, None, due=120.0)
    assert meter.report(120.0) == RequestReport(0, 1, 0, None, None)
    assert meter.answers() == {None: 2, Refusal.TOO_MANY_REQUESTS: 1, Refusal.BAD_INPUT: 2}
    assert sum(meter.durations.read()[0]) == 3


def test_as_many_durations_are_kept_for_a_report_as_asked_for_the_newest() -> None:
    meter = RequestMeter(2)
    for seconds in (9.0, 1.0, 2.0):
        meter.observe(None, seconds, due=1.0)
    meter.keep(3)
    meter.observe(None, 3.0, due=1.0)
    report = meter.report(1.0)
    assert report is not None
    assert (report.total, report.p50, report.p99) == (4, 2.0, 3.0)
    meter.observe(None, 5.0, due=2.0)
    meter.keep(1)
    meter.observe(None, 4.0, due=2.0)
    report = meter.report(2.0)
    assert report is not None
    assert (report.p50, report.p99) == (4.0, 4.0)
    assert sum(meter.durations.read()[0]) == 6, "all are in the histogram"


def test_a_report_can_be_put_off_while_one_is_due() -> None:
    meter = RequestMeter(10)
    assert not meter.put_off(5.0)
    meter.observe(None, None, due=60.0)
    assert meter.put_off(5.0)
    assert meter.report(60.0) is None
    assert meter.report(5.0) is not None


def test_no_answer_of_several_threads_is_lost() -> None:
    meter = RequestMeter(10)

    def ask() -> None:
        for _ in range(5000):
            meter.observe(None, 1e-5, due=1.0)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert meter.answers() == {None: 20_000}
    counts, total = meter.durations.read()
    assert counts[CHECK_BOUNDS.index(1e-5)] == 20_000
    assert total == pytest.approx(0.2)
