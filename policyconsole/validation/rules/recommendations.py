"""REC: what would be better still. These rules run at every level and refuse nothing."""

from policyconsole.diagnostics import Impact
from policyconsole.validation.rule import Context, Finding, rule

GOOD_ITERATIONS = 100_000
"""Rounds of PBKDF2 from which on nothing is recommended (REC001)."""

GOOD_INTERVAL = 300
"""Seconds between two checks up to which nothing is recommended (REC003)."""


@rule(
    "REC001",
    recommendation=Impact.SECURITY,
    field="security.encryption.pbkdf2_iterations",
)
def more_iterations(context: Context) -> Finding | None:
    """Security is on, and PBKDF2 runs fewer than 100,000 rounds.

    Hardware gets faster, so the number of rounds has to grow; whoever stays behind makes
    guessing at stolen passwords cheaper year by year.

    Example:
        security.enabled = true
        security.encryption.pbkdf2_iterations = 50000

    Fix: Set 600000 for PBKDF2 with HMAC-SHA-256.

    Source: The figure is the report's; OWASP Password Storage Cheat Sheet: 600,000.
    """
    security = context.config.security
    if not security.enabled or security.encryption.pbkdf2_iterations >= GOOD_ITERATIONS:
        return None
    return Finding(
        f"{security.encryption.pbkdf2_iterations:,} rounds of PBKDF2 are few for today's hardware",
        "set 600000 (OWASP Password Storage Cheat Sheet)",
    )


@rule("REC002", recommendation=Impact.SECURITY, field="security.tls.min_version")
def newer_tls(context: Context) -> Finding | None:
    """Security is on, and TLS 1.2 is still allowed.

    TLS 1.3 has left the weak choices of TLS 1.2 out, hides more of the handshake and connects
    a round trip sooner.

    Example:
        security.enabled = true
        security.tls.min_version = "TLSv1.2"

    Fix: Set min_version to "TLSv1.3" as soon as no client needs 1.2 any more.

    Source: RFC 9325, section 3.1.1; RFC 8446, section 1.2.
    """
    security = context.config.security
    if not security.enabled or security.tls.min_version != "TLSv1.2":
        return None
    return Finding(
        "TLS 1.2 is still allowed; 1.3 is safer and connects faster",
        'set "TLSv1.3" once no client needs 1.2 (RFC 9325)',
    )


@rule("REC003", recommendation=Impact.AVAILABILITY, field="monitoring.interval_seconds")
def shorter_interval(context: Context) -> Finding | None:
    """More than 300 seconds pass between two checks.

    An outage can last the whole interval before anyone knows.

    Example:
        monitoring.interval_seconds = 600

    Fix: Set an interval of 300 seconds or less.

    Source: The figure is the report's.
    """
    interval = context.config.monitoring.interval_seconds
    if interval <= GOOD_INTERVAL:
        return None
    return Finding(
        f"an outage may go unnoticed for {interval:,} s",
        f"set {GOOD_INTERVAL} or less",
    )


@rule("REC004", recommendation=Impact.SECURITY, field="authentication.require_mfa")
def second_factor(context: Context) -> Finding | None:
    """Authentication is on, but no second factor is required.

    Passwords are guessed, reused and phished; a second factor stops most of what follows.

    Example:
        authentication.enabled = true
        authentication.require_mfa = false

    Fix: Set authentication.require_mfa to true.

    Source: NIST SP 800-63B-4, sections 2.1 and 2.2: offered at AAL1, required from AAL2 on.
    """
    authentication = context.config.authentication
    if not authentication.enabled or authentication.require_mfa:
        return None
    return Finding("no second factor is required", "set require_mfa to true (NIST SP 800-63B-4)")


RULES = (more_iterations, newer_tls, shorter_interval, second_factor)
"""The rules of this module, in order."""
