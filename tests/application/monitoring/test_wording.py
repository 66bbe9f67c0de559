"""What the monitor says in a service's log."""

from policyconsole.application.monitoring.meter import RequestReport
from policyconsole.application.monitoring.wording import alert_line, report_line
from policyconsole.diagnostics import Diagnostic, Kind, Severity, error
from policyconsole.events import EventType, PolicyEvent


def test_an_alert_says_which_file_why_and_what_stays() -> None:
    found = (
        Diagnostic("REC001", Kind.RECOMMENDATION, "better so"),
        error("SEC003", Severity.HIGH, "too old", field="security.tls.min_version"),
        error("SEC004", Severity.LOW, "and that"),
    )
    event = PolicyEvent(
        EventType.REJECTED,
        policy_id="a",
        path="a\n.toml",
        diagnostics=found,
        message="revision 1 stays in force",
    )
    assert alert_line(event) == (
        "policy a: a\\n.toml refused; SEC003 security.tls.min_version: too old (and 1 more);"
        " revision 1 stays in force"
    )
    failed = PolicyEvent(EventType.APPLY_FAILED, policy_id="a", path="a.toml", message="it hangs")
    assert alert_line(failed) == "policy a: a.toml not put in force; it hangs"
    degraded = PolicyEvent(EventType.DEGRADED, message="the folder is gone")
    assert alert_line(degraded) == (
        "policies are not watched as they should be; the folder is gone"
    )


def test_a_report_says_counts_and_milliseconds() -> None:
    assert report_line("a\x1b", RequestReport(5, 2, 1, 0.00012, 0.0034)) == (
        "policy a\\x1b: 8 requests, 5 allowed, 2 refused, 1 limited;"
        " checks p50 0.120 ms, p99 3.400 ms"
    )
    assert report_line("a", RequestReport(1, 0, 0, None, None)) == (
        "policy a: 1 requests, 1 allowed, 0 refused, 0 limited"
    )
