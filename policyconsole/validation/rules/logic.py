"""LOGIC: settings that contradict each other or defeat their purpose. From Standard on."""

from policyconsole.diagnostics import Impact, Severity
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Context, Finding, rule

LONGEST_ALERT_INTERVAL = 600
"""Seconds between two checks while alerts are on (LOGIC004)."""

SHORTEST_SESSION = 300
"""Seconds that a session should last at least (LOGIC007)."""

LONGEST_SESSION = 86_400
"""Seconds that a session should last at most: 24 hours (LOGIC008)."""


@rule("LOGIC001", level=ValidationLevel.STANDARD, field="security.enabled")
def security_off(context: Context) -> Finding | None:
    """Security is switched off as a whole.

    Encryption, TLS, input validation and rate limiting all stand below this switch. What the
    policy says about them has no effect, so LOGIC002 and LOGIC003 then stay silent.

    Example:
        security.enabled = false

    Passes:
        security.enabled = true

    Fix: Set security.enabled to true, and switch off only the part that is in the way.
    """
    if context.config.security.enabled:
        return None
    return Finding(
        "security is switched off as a whole",
        "set security.enabled to true, and switch off only the part that is in the way",
    )


@rule(
    "LOGIC002",
    error=Severity.HIGH,
    level=ValidationLevel.STANDARD,
    field="security.tls.cipher_suites",
)
def no_cipher_suites(context: Context) -> Finding | None:
    """TLS is enforced, but no cipher suite is allowed.

    Two sides that have no suite in common cannot agree on a connection: nobody could connect
    any more. Silent while security is off (LOGIC001).

    Example:
        security.tls.enforce = true
        security.tls.cipher_suites = []

    Passes:
        security.tls.enforce = true
        security.tls.cipher_suites = ["TLS_AES_128_GCM_SHA256"]

    Fix: List the suites to allow, or leave the field out for the default.

    Source: RFC 8446, sections 4.1.1 and 9.1.
    """
    security = context.config.security
    if not security.enabled or not security.tls.enforce or security.tls.cipher_suites:
        return None
    return Finding(
        "TLS is enforced, but no cipher suite is allowed: nobody could connect",
        'allow "TLS_AES_128_GCM_SHA256" at least (RFC 8446), or leave the list out',
    )


@rule("LOGIC003", level=ValidationLevel.STANDARD, field="security.input_validation")
def idle_input_validation(context: Context) -> Finding | None:
    """Input validation is on, but protects against neither SQL injection nor XSS.

    Someone who reads that input validation is on believes that both are covered, while only
    the length of the input is looked at. Silent while security is off (LOGIC001).

    Example:
        [security.input_validation]
        enabled = true
        sql_injection_protection = false
        xss_protection = false

    Passes:
        [security.input_validation]
        enabled = true
        sql_injection_protection = true
        xss_protection = false

    Fix: Switch both protections on, or the one that the service needs.

    Source: CWE-89 (SQL injection); CWE-79 (cross-site scripting).
    """
    security = context.config.security
    checks = security.input_validation
    protected = checks.sql_injection_protection or checks.xss_protection
    if not security.enabled or not checks.enabled or protected:
        return None
    return Finding(
        "input validation is on, but protects against neither SQL injection nor XSS",
        "set sql_injection_protection and xss_protection to true",
    )


@rule("LOGIC004", level=ValidationLevel.STANDARD, field="monitoring.interval_seconds")
def late_alerts(context: Context) -> Finding | None:
    """Alerts are on, but more than 600 seconds pass between two checks.

    An alert comes a whole interval late in the worst case. After more than ten minutes, what
    it warns of may be over.

    Example:
        monitoring.alerts_enabled = true
        monitoring.interval_seconds = 900

    Passes:
        monitoring.alerts_enabled = true
        monitoring.interval_seconds = 600

    Fix: Set an interval of 600 seconds or less.

    Source: The figure is the report's.
    """
    monitoring = context.config.monitoring
    if not monitoring.alerts_enabled or monitoring.interval_seconds <= LONGEST_ALERT_INTERVAL:
        return None
    return Finding(
        f"alerts are on, but checks are {monitoring.interval_seconds:,} s apart: too far to warn",
        f"set {LONGEST_ALERT_INTERVAL} or less",
    )


@rule(
    "LOGIC005",
    error=Severity.MEDIUM,
    level=ValidationLevel.STANDARD,
    field="monitoring.metrics.sampling_rate",
)
def no_samples(context: Context) -> Finding | None:
    """Metrics are on, but the sampling rate is 0.

    Nothing is measured, and a flat line looks like a quiet service.

    Example:
        monitoring.metrics.enabled = true
        monitoring.metrics.sampling_rate = 0.0

    Passes:
        monitoring.metrics.enabled = true
        monitoring.metrics.sampling_rate = 0.1

    Fix: Set a rate above 0, such as 0.1 for every tenth, or switch metrics off.
    """
    metrics = context.config.monitoring.metrics
    if not metrics.enabled or metrics.sampling_rate > 0:
        return None
    return Finding(
        "metrics are on, but the sampling rate is 0: nothing is measured",
        "set a rate above 0, such as 0.1, or monitoring.metrics.enabled to false",
    )


@rule("LOGIC006", level=ValidationLevel.STANDARD, field="authentication.enabled")
def authentication_off(context: Context) -> Finding | None:
    """Authentication is switched off.

    Everyone who reaches the service may use it, and nobody can say afterwards who did.

    Example:
        authentication.enabled = false

    Passes:
        authentication.enabled = true

    Fix: Set authentication.enabled to true.

    Source: CWE-306 (missing authentication for critical function).
    """
    if context.config.authentication.enabled:
        return None
    return Finding(
        "authentication is switched off: everyone may come in", "set authentication.enabled to true"
    )


@rule("LOGIC007", level=ValidationLevel.STANDARD, field="authentication.session_timeout_seconds")
def short_session(context: Context) -> Finding | None:
    """Sessions end after less than 300 seconds.

    Five minutes is the upper end of what is common even where much is at stake. Below that,
    people are thrown out in the middle of their work, and look for ways around it.

    Example:
        authentication.session_timeout_seconds = 120

    Passes:
        authentication.session_timeout_seconds = 300

    Fix: Set 300 seconds or more.

    Source: OWASP Session Management Cheat Sheet, "Session Expiration": idle timeouts of
    2 to 5 minutes for high-value applications.
    """
    timeout = context.config.authentication.session_timeout_seconds
    if timeout >= SHORTEST_SESSION:
        return None
    return Finding(
        f"sessions end after {timeout} s: people are thrown out in the middle of their work",
        f"set {SHORTEST_SESSION} or more (OWASP Session Management Cheat Sheet)",
    )


@rule("LOGIC008", level=ValidationLevel.STANDARD, field="authentication.session_timeout_seconds")
def long_session(context: Context) -> Finding | None:
    """Sessions last longer than 86,400 seconds, a whole day.

    As long as a session lasts, whoever steals it or sits down at an unlocked screen is in.

    Example:
        authentication.session_timeout_seconds = 604800

    Passes:
        authentication.session_timeout_seconds = 86400

    Fix: Set 86,400 seconds or less.

    Source: NIST SP 800-63B-4, section 2.2.3: no more than 24 hours at AAL2.
    """
    timeout = context.config.authentication.session_timeout_seconds
    if timeout <= LONGEST_SESSION:
        return None
    return Finding(
        f"sessions last {timeout:,} s, longer than a day",
        f"set {LONGEST_SESSION} or less (NIST SP 800-63B-4)",
    )


@rule("LOGIC009", level=ValidationLevel.STANDARD, field="authentication.require_mfa")
def mfa_without_security(context: Context) -> Finding | None:
    """A second factor is required while security is switched off.

    People are asked for two factors, and what they send then travels and rests unprotected.
    One of the two settings is a leftover.

    Example:
        security.enabled = false
        authentication.require_mfa = true

    Passes:
        security.enabled = true
        authentication.require_mfa = true

    Fix: Switch security on.
    """
    if context.config.security.enabled or not context.config.authentication.require_mfa:
        return None
    return Finding(
        "a second factor is required, but security is switched off",
        "set security.enabled to true",
    )


@rule(
    "LOGIC010",
    recommendation=Impact.SECURITY,
    level=ValidationLevel.STANDARD,
    field="monitoring.alerts_enabled",
)
def alerts_off(context: Context) -> Finding | None:
    """Security is on, but alerts are off.

    The protections stop an attack that nobody then hears of, and the next one may get
    through.

    Example:
        security.enabled = true
        monitoring.alerts_enabled = false

    Passes:
        security.enabled = true
        monitoring.alerts_enabled = true

    Fix: Set monitoring.alerts_enabled to true.

    Source: CWE-778 (insufficient logging); OWASP Top 10:2021, A09.
    """
    if not context.config.security.enabled or context.config.monitoring.alerts_enabled:
        return None
    return Finding("alerts are off: nobody hears of an attack", "set alerts_enabled to true")


RULES = (
    security_off,
    no_cipher_suites,
    idle_input_validation,
    late_alerts,
    no_samples,
    authentication_off,
    short_session,
    long_session,
    mfa_without_security,
    alerts_off,
)
"""The rules of this module, in order."""
