"""Alerts and reports on a thread of their own, that is there only while something waits."""

import logging
import threading
from collections.abc import Iterator

import pytest

from policyconsole.application.monitoring.reporter import MOST_ALERTS, Reporter
from policyconsole.events import EventType, PolicyEvent
from tests.waiting import eventually_blocking


def is_there() -> bool:
    return "policy-console monitor" in {thread.name for thread in threading.enumerate()}


def waits(reporter: Reporter) -> bool:
    """Whether its thread waits for something, and does nothing else."""
    return bool(vars(reporter._changed)["_waiters"])


class Given:
    """What a reporter gave, at a time that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0
        self.seqs: list[int] = []
        self.reports: list[tuple[str, float]] = []
        self.free = threading.Event()
        self.free.set()
        self.reporter = Reporter(
            self.alert, lambda *report: self.reports.append(report), lambda: self.now
        )

    def alert(self, event: PolicyEvent) -> None:
        assert self.free.wait(20)
        self.seqs.append(event.seq)
        if event.message is not None:
            raise LookupError(event.message)


@pytest.fixture
def given() -> Iterator[Given]:
    made = Given()
    yield made
    made.free.set()
    made.reporter.end()
    eventually_blocking(lambda: not is_there())


def rejected(seq: int, message: str | None = None) -> PolicyEvent:
    return PolicyEvent(EventType.REJECTED, seq=seq, message=message)


def test_alerts_come_in_order_and_the_thread_goes(given: Given) -> None:
    for seq in range(3):
        given.reporter.alert(rejected(seq))
    eventually_blocking(lambda: given.seqs == [0, 1, 2])
    eventually_blocking(lambda: not is_there())
    given.reporter.alert(rejected(3))
    eventually_blocking(lambda: given.seqs == [0, 1, 2, 3])


def test_nobody_waits_for_who_takes_an_alert_and_what_does_not_fit_is_counted(
    given: Given, caplog: pytest.LogCaptureFixture
) -> None:
    given.free.clear()
    given.reporter.alert(rejected(0))
    eventually_blocking(is_there)
    eventually_blocking(lambda: not given.reporter._alerts)
    for seq in range(1, MOST_ALERTS + 4):
        given.reporter.alert(rejected(seq))
    given.free.set()
    eventually_blocking(lambda: len(given.seqs) == MOST_ALERTS + 1)
    assert given.seqs == [0, *range(4, MOST_ALERTS + 4)]
    assert [record.getMessage() for record in caplog.records] == ["3 alerts were lost"]


def test_reports_come_when_they_are_due_for_all_policies_on_one_thread(given: Given) -> None:
    given.reporter.remind("b", 2000.0)
    given.reporter.remind("a", 1000.0)
    eventually_blocking(lambda: waits(given.reporter))
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("policy-console monitor") == 1
    assert given.reports == []
    given.now = 1000.0
    given.reporter.alert(rejected(1))  # wakes it
    eventually_blocking(lambda: given.reports == [("a", 1000.0)])
    eventually_blocking(lambda: waits(given.reporter))
    given.now = 2001.0
    given.reporter.alert(rejected(2))
    eventually_blocking(lambda: given.reports == [("a", 1000.0), ("b", 2000.0)])
    eventually_blocking(lambda: not is_there())


def test_it_waits_for_a_report_no_longer_than_needed() -> None:
    reports = list[str]()
    reporter = Reporter(lambda _: None, lambda policy_id, _: reports.append(policy_id), lambda: 0.0)
    reporter.remind("a", 1e12)  # longer than any thread can wait at once
    eventually_blocking(lambda: waits(reporter))
    reporter.remind("b", 0.0)
    eventually_blocking(lambda: reports == ["b"])
    eventually_blocking(lambda: waits(reporter))
    reporter.end()
    eventually_blocking(lambda: reports == ["b", "a"])
    eventually_blocking(lambda: not is_there())


def test_the_end_gives_what_is_due_later_and_nothing_after_it(given: Given) -> None:
    given.reporter.remind("a", 1000.0)
    eventually_blocking(lambda: waits(given.reporter))
    given.reporter.end()
    eventually_blocking(lambda: given.reports == [("a", 1000.0)])
    given.reporter.remind("a", 0.0)
    eventually_blocking(lambda: not is_there())
    assert given.reports == [("a", 1000.0)]


def test_who_fails_keeps_the_next_from_nothing(
    given: Given, caplog: pytest.LogCaptureFixture
) -> None:
    given.reporter.alert(rejected(1, "no pager"))
    given.reporter.alert(rejected(2))
    eventually_blocking(lambda: given.seqs == [1, 2])
    eventually_blocking(lambda: not is_there())
    (record,) = caplog.records
    assert (record.name, record.levelno) == (
        "policyconsole.application.monitoring.reporter",
        logging.ERROR,
    )
    assert "no pager" in (record.exc_text or "")


def test_without_a_thread_to_be_had_the_next_change_tries_again(
    given: Given, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        given.reporter.alert(rejected(1))
    assert "can't start new thread" in caplog.text
    given.reporter.alert(rejected(2))
    eventually_blocking(lambda: given.seqs == [1, 2])
