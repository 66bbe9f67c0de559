"""Rules of a team's own: a policy names its owner, and its sessions fit into a working day."""

from policyconsole import Context, Finding, Rule, Severity, ValidationLevel, hookimpl, rule

WORKING_DAY = 12 * 60 * 60
"""Seconds that a session may last (TEAM002)."""


@rule("TEAM001", error=Severity.HIGH, field="custom.owner")
def names_its_owner(context: Context) -> Finding | None:
    """Nobody owns the policy.

    Whoever is woken by an alert has to know whom to ask.

    Example:
        [custom]
        environment = "production"

    Fix: Set custom.owner to the name of a team.
    """
    if isinstance(context.config.custom.get("owner"), str):
        return None
    return Finding("nobody owns this policy", "set custom.owner to the name of a team")


@rule(
    "TEAM002",
    level=ValidationLevel.STRICT,
    field="authentication.session_timeout_seconds",
)
def fits_a_working_day(context: Context) -> Finding | None:
    """In production, a session lasts longer than twelve hours.

    Example:
        custom.environment = "production"
        authentication.session_timeout_seconds = 86400

    Fix: Set 43200 or less.
    """
    timeout = context.config.authentication.session_timeout_seconds
    if context.environment != "production" or timeout <= WORKING_DAY:
        return None
    return Finding(f"sessions last {timeout:,} s, longer than a working day", "set 43200 or less")


@hookimpl
def policyconsole_rules() -> list[Rule]:
    """Give the rules of this plug-in."""
    return [names_its_owner, fits_a_working_day]
