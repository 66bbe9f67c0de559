"""REC: what would be better still. These rules run at every level and refuse nothing."""

from policyconsole.diagnostics import Impact
from policyconsole.validation.algorithms import USUAL, algorithm
from policyconsole.validation.rule import Context, Finding, rule
from policyconsole.wording import quoted

GOOD_ITERATIONS = 100_000
"""Rounds of PBKDF2 from which on REC001 recommends no more."""

BEST_ITERATIONS = 600_000
"""Rounds of PBKDF2 from which on nothing is recommended (REC005)."""

GOOD_INTERVAL = 300
"""Seconds between two checks up to which nothing is recommended (REC003)."""

IDLE_SESSION = 900
"""Seconds that a session should last at most where compliance is strict (REC007)."""


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

    Passes:
        security.enabled = true
        security.encryption.pbkdf2_iterations = 600000

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

    Passes:
        security.enabled = true
        security.tls.min_version = "TLSv1.3"

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

    Passes:
        monitoring.interval_seconds = 300

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

    Passes:
        authentication.enabled = true
        authentication.require_mfa = true

    Fix: Set authentication.require_mfa to true.

    Source: NIST SP 800-63B-4, sections 2.1 and 2.2: offered at AAL1, required from AAL2 on.
    """
    authentication = context.config.authentication
    if not authentication.enabled or authentication.require_mfa:
        return None
    return Finding("no second factor is required", "set require_mfa to true (NIST SP 800-63B-4)")


@rule(
    "REC005",
    recommendation=Impact.SECURITY,
    field="security.encryption.pbkdf2_iterations",
)
def enough_iterations(context: Context) -> Finding | None:
    """Security is on, and PBKDF2 runs fewer than 600,000 rounds.

    That many rounds of HMAC-SHA-256 take a server a fraction of a second, and whoever guesses
    at stolen passwords as much for every single guess. Below 100,000 rounds it is REC001
    that says so.

    Example:
        security.enabled = true
        security.encryption.pbkdf2_iterations = 310000

    Passes:
        security.enabled = true
        security.encryption.pbkdf2_iterations = 600000

    Fix: Set 600000 for PBKDF2 with HMAC-SHA-256.

    Source: OWASP Password Storage Cheat Sheet: "a work factor of 600,000 or more"; OWASP ASVS
    5.0, appendix C, "Hash Functions for Password Storage".
    """
    iterations = context.config.security.encryption.pbkdf2_iterations
    if iterations >= BEST_ITERATIONS or iterations < GOOD_ITERATIONS:
        return None
    if not context.config.security.enabled:
        return None
    return Finding(
        f"{iterations:,} rounds of PBKDF2 are fewer than {BEST_ITERATIONS:,}",
        f"set {BEST_ITERATIONS} (OWASP Password Storage Cheat Sheet)",
    )


@rule("REC006", recommendation=Impact.SECURITY, field="security.encryption.algorithm")
def authenticated_encryption(context: Context) -> Finding | None:
    """Security is on, and the encryption algorithm names no mode that notices changes.

    What is encrypted in CBC, CTR, CFB or OFB alone can be changed without anyone noticing,
    and at times be read by watching how the receiver fails. Where no mode is named, a library
    chooses one, at times ECB.

    Example:
        security.encryption.algorithm = "AES-256-CBC"

    Passes:
        security.encryption.algorithm = "AES-256-GCM"

    Fix: Use "AES-256-GCM" or "ChaCha20-Poly1305".

    Source: OWASP ASVS 5.0, appendix C, "AES Cipher Modes" and "Authenticated Encryption".
    """
    security = context.config.security
    name = security.encryption.algorithm
    if name in USUAL or not security.enabled or not security.encryption.enabled:
        return None
    named = algorithm(name)
    if named.authenticated or not named.known or named.broken is not None:
        return None
    return Finding(
        f"{quoted(name)} names no mode that notices changes",
        'use "AES-256-GCM" or "ChaCha20-Poly1305" (OWASP ASVS 5.0, appendix C)',
    )


@rule(
    "REC007",
    recommendation=Impact.SECURITY,
    field="authentication.session_timeout_seconds",
)
def short_idle_session(context: Context) -> Finding | None:
    """The compliance mode is strict, and sessions last longer than 900 seconds.

    PCI DSS asks who is there again after fifteen minutes without activity, NIST does at its
    highest level. One timeout for both idle and busy sessions has to keep to the shorter.

    Example:
        custom.compliance_mode = "strict"
        authentication.session_timeout_seconds = 3600

    Passes:
        custom.compliance_mode = "strict"
        authentication.session_timeout_seconds = 900

    Fix: Set 900 seconds or less, or the compliance mode "standard".

    Source: PCI DSS 4.0, 8.2.8; NIST SP 800-63B-4, section 2.3.3: 15 minutes without activity
    at AAL3.
    """
    timeout = context.config.authentication.session_timeout_seconds
    if timeout <= IDLE_SESSION or context.config.custom.get("compliance_mode") != "strict":
        return None
    return Finding(
        f"sessions last {timeout:,} s, longer than the strictest rules allow without activity",
        f"set {IDLE_SESSION} or less (PCI DSS 4.0, 8.2.8)",
    )


RULES = (
    more_iterations,
    newer_tls,
    shorter_interval,
    second_factor,
    enough_iterations,
    authenticated_encryption,
    short_idle_session,
)
"""The rules of this module, in order."""
