"""What the monitor says in a service's log: one line each, safe to show."""

from policyconsole.application.monitoring.meter import RequestReport
from policyconsole.diagnostics import Kind
from policyconsole.escaping import printable
from policyconsole.events import EventType, PolicyEvent
from policyconsole.wording import first_of

_WHAT = {
    EventType.REJECTED: "refused",
    EventType.APPLY_FAILED: "not put in force",
    EventType.DEGRADED: "policies are not watched as they should be",
    EventType.STOPPED: "policies stay as they are, whatever their files say",
}


def alert_line(event: PolicyEvent) -> str:
    """Say what is wrong: which policy, which file, the first error, what stays in force."""
    subject = f"policy {event.policy_id}: " if event.policy_id is not None else ""
    path = f"{event.path} " if event.path is not None else ""
    parts = [f"{subject}{path}{_WHAT.get(event.type, event.type.value)}"]
    errors = [found for found in event.diagnostics if found.kind is Kind.ERROR]
    if errors:
        first = errors[0]
        field = f" {first.field}:" if first.field else ""
        parts.append(first_of(f"{first.code}{field} {first.message}", len(errors)))
    if event.message is not None:
        parts.append(event.message)
    return printable("; ".join(parts))


def report_line(policy_id: str, report: RequestReport) -> str:
    """Say how many requests there were, and how long the checks took, in milliseconds."""
    text = (
        f"policy {policy_id}: {report.total} requests, {report.allowed} allowed,"
        f" {report.refused} refused, {report.limited} limited"
    )
    if report.p50 is not None and report.p99 is not None:
        text += f"; checks p50 {report.p50 * 1000:.3f} ms, p99 {report.p99 * 1000:.3f} ms"
    return printable(text)
