"""ENV: what an environment demands. At Custom only, and only where an environment is named.

The environment is ``custom.environment`` of the policy, else the one that the
engine was started with.
"""

from policyconsole.diagnostics import Severity
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Context, Finding, rule
from policyconsole.validation.rules.custom import ENVIRONMENTS
from policyconsole.wording import choice, nearest, quoted

FEWEST_REQUESTS = 100
"""Requests a minute that development needs (ENV004)."""

LONGEST_SESSION = 43_200
"""Seconds that a session should last at most in production: 12 hours (ENV011)."""


@rule("ENV001", error=Severity.CRITICAL, level=ValidationLevel.CUSTOM, field="security.enabled")
def production_without_security(context: Context) -> Finding | None:
    """In production, security is switched off.

    What LOGIC001 warns of elsewhere is an error where the customers are.

    Example:
        custom.environment = "production"
        security.enabled = false

    Passes:
        custom.environment = "production"
        security.enabled = true

    Fix: Set security.enabled to true.

    Source: The report's strict requirements in production.
    """
    if context.environment != "production" or context.config.security.enabled:
        return None
    return Finding("security is switched off in production", "set security.enabled to true")


@rule(
    "ENV002",
    error=Severity.HIGH,
    level=ValidationLevel.CUSTOM,
    field="authentication.require_mfa",
)
def production_without_mfa(context: Context) -> Finding | None:
    """In production, no second factor is required.

    Passwords are guessed, reused and phished. The second factor is what then keeps a stranger
    out.

    Example:
        custom.environment = "production"
        authentication.require_mfa = false

    Passes:
        custom.environment = "production"
        authentication.require_mfa = true

    Fix: Set authentication.require_mfa to true.

    Source: The report's strict requirements in production; PCI DSS 4.0.1, 8.4.2.
    """
    if context.environment != "production" or context.config.authentication.require_mfa:
        return None
    return Finding("no second factor is required in production", "set require_mfa to true")


@rule("ENV003", level=ValidationLevel.CUSTOM, field="monitoring.log_level")
def production_debug_log(context: Context) -> Finding | None:
    """In production, the log level is debug.

    Debug logs tend to hold what should not be kept: tokens, personal data, whole requests.
    They also fill the disk.

    Example:
        custom.environment = "production"
        monitoring.log_level = "debug"

    Passes:
        custom.environment = "production"
        monitoring.log_level = "info"

    Fix: Set info, warn or error, and debug for as long as you look for something.

    Source: CWE-532 (sensitive information in a log file).
    """
    if context.environment != "production" or context.config.monitoring.log_level != "debug":
        return None
    return Finding("debug logs are on in production", 'set "info" or "warn" (CWE-532)')


@rule("ENV004", level=ValidationLevel.CUSTOM, field="security.rate_limiting.requests_per_minute")
def development_low_rate(context: Context) -> Finding | None:
    """In development, fewer than 100 requests a minute are allowed.

    Test runs and reloads soon use that up, and a refused request then looks like a bug in the
    program.

    Example:
        custom.environment = "development"
        security.rate_limiting.requests_per_minute = 60

    Passes:
        custom.environment = "development"
        security.rate_limiting.requests_per_minute = 100

    Fix: Set 100 or more for development.

    Source: The figure is the report's.
    """
    allowed = context.config.security.rate_limiting.requests_per_minute
    if context.environment != "development" or allowed >= FEWEST_REQUESTS:
        return None
    return Finding(
        f"{allowed} requests a minute are soon used up in development",
        f"set {FEWEST_REQUESTS} or more",
    )


@rule("ENV005", level=ValidationLevel.CUSTOM, field="custom.environment")
def environment_without_rules(context: Context) -> Finding | None:
    """The environment is neither production, staging nor development.

    No rule asks anything of an environment with another name: a policy for "prod" passes
    where the same policy for "production" would be refused. The environment may also be the
    one that policy-console was started with.

    Example:
        custom.environment = "prod"

    Passes:
        custom.environment = "production"

    Fix: Use one of the three names, in small letters.
    """
    environment = context.environment
    if environment is None or environment in ENVIRONMENTS:
        return None
    meant = nearest(environment, ENVIRONMENTS, likeness=0.4)
    verb = "choose" if context.config.environment is None else "set"
    return Finding(
        f"no rule knows the environment {quoted(environment)}: nothing is asked of it",
        f"{verb} {quoted(meant) if meant else choice(ENVIRONMENTS)}",
    )


@rule("ENV006", error=Severity.HIGH, level=ValidationLevel.CUSTOM, field="security.tls.enforce")
def production_without_tls(context: Context) -> Finding | None:
    """In production, TLS is not enforced.

    A client that connects without it sends passwords and customers' data readable to everyone
    on the way. Silent while security is off (ENV001).

    Example:
        custom.environment = "production"
        security.tls.enforce = false

    Passes:
        custom.environment = "production"
        security.tls.enforce = true

    Fix: Set security.tls.enforce to true.

    Source: The report's strict requirements in production; CWE-319 (cleartext transmission of
    sensitive information).
    """
    security = context.config.security
    if context.environment != "production" or security.tls.enforce or not security.enabled:
        return None
    return Finding("TLS is not enforced in production", "set security.tls.enforce to true")


@rule(
    "ENV007",
    error=Severity.MEDIUM,
    level=ValidationLevel.CUSTOM,
    field="security.rate_limiting.enabled",
)
def production_without_rate_limit(context: Context) -> Finding | None:
    """In production, rate limiting is switched off.

    A single client may then try passwords without end, or take the service from everyone
    else. Silent while security is off (ENV001).

    Example:
        custom.environment = "production"
        security.rate_limiting.enabled = false

    Passes:
        custom.environment = "production"
        security.rate_limiting.enabled = true

    Fix: Set security.rate_limiting.enabled to true, with as many requests as clients need.

    Source: The report's strict requirements in production; OWASP API4:2023, unrestricted
    resource consumption.
    """
    security = context.config.security
    if (
        context.environment != "production"
        or security.rate_limiting.enabled
        or not security.enabled
    ):
        return None
    return Finding(
        "rate limiting is switched off in production", "set security.rate_limiting.enabled to true"
    )


@rule(
    "ENV008",
    error=Severity.MEDIUM,
    level=ValidationLevel.CUSTOM,
    field="monitoring.alerts_enabled",
)
def production_without_alerts(context: Context) -> Finding | None:
    """In production, alerts are off, or monitoring is as a whole.

    An attack or an outage goes on until a customer calls.

    Example:
        custom.environment = "production"
        monitoring.alerts_enabled = false

    Passes:
        custom.environment = "production"
        monitoring.alerts_enabled = true

    Fix: Set monitoring.enabled and monitoring.alerts_enabled to true.

    Source: The report's strict requirements in production; CWE-778 (insufficient logging).
    """
    monitoring = context.config.monitoring
    if context.environment != "production" or (monitoring.enabled and monitoring.alerts_enabled):
        return None
    if monitoring.enabled:
        return Finding("alerts are off in production", "set monitoring.alerts_enabled to true")
    return Finding(
        "monitoring is switched off in production, and alerts with it",
        "set monitoring.enabled to true",
        "monitoring.enabled",
    )


@rule(
    "ENV009",
    error=Severity.CRITICAL,
    level=ValidationLevel.CUSTOM,
    field="authentication.method",
)
def production_without_authentication(context: Context) -> Finding | None:
    """In production, nobody is asked who they are: the method is none, or authentication is off.

    What LOGIC006 warns of elsewhere is an error where the customers are.

    Example:
        custom.environment = "production"
        authentication.method = "none"

    Passes:
        custom.environment = "production"
        authentication.method = "mtls"

    Fix: Set authentication.enabled to true, and a method such as "oauth2" or "mtls".

    Source: The report's strict requirements in production; CWE-306 (missing authentication for
    critical function).
    """
    authentication = context.config.authentication
    if context.environment != "production":
        return None
    if not authentication.enabled:
        return Finding(
            "authentication is switched off in production",
            "set authentication.enabled to true",
            "authentication.enabled",
        )
    if authentication.method != "none":
        return None
    return Finding("nobody is asked who they are in production", 'set "oauth2" or "mtls"')


@rule(
    "ENV010",
    error=Severity.HIGH,
    level=ValidationLevel.CUSTOM,
    field="authentication.method",
)
def production_basic_without_tls(context: Context) -> Finding | None:
    """In production, the method is basic while TLS is not enforced.

    Basic authentication sends the password with every request, and without TLS everyone on the
    way can read it.

    Example:
        custom.environment = "production"
        authentication.method = "basic"
        security.tls.enforce = false

    Passes:
        custom.environment = "production"
        authentication.method = "basic"
        security.tls.enforce = true

    Fix: Set security.tls.enforce to true, or a method that sends no password.

    Source: The report's strict requirements in production; RFC 7617, section 4.
    """
    authentication, security = context.config.authentication, context.config.security
    if context.environment != "production" or authentication.method != "basic":
        return None
    if not authentication.enabled or (security.enabled and security.tls.enforce):
        return None
    return Finding(
        "passwords are sent without TLS in production",
        "set security.tls.enforce to true (RFC 7617)",
    )


@rule("ENV011", level=ValidationLevel.CUSTOM, field="authentication.session_timeout_seconds")
def production_long_session(context: Context) -> Finding | None:
    """In production, sessions last longer than 43,200 seconds, twelve hours.

    A session that outlives the working day is open while nobody sits in front of it.

    Example:
        custom.environment = "production"
        authentication.session_timeout_seconds = 57600

    Passes:
        custom.environment = "production"
        authentication.session_timeout_seconds = 43200

    Fix: Set 43,200 seconds or less.

    Source: NIST SP 800-63B-4, section 2.3.3: no more than 12 hours at AAL3 (24 hours at AAL2,
    which LOGIC008 warns of everywhere).
    """
    timeout = context.config.authentication.session_timeout_seconds
    if context.environment != "production" or timeout <= LONGEST_SESSION:
        return None
    return Finding(
        f"sessions last {timeout:,} s in production, longer than twelve hours",
        f"set {LONGEST_SESSION} or less (NIST SP 800-63B-4, AAL3)",
    )


RULES = (
    production_without_security,
    production_without_mfa,
    production_debug_log,
    development_low_rate,
    environment_without_rules,
    production_without_tls,
    production_without_rate_limit,
    production_without_alerts,
    production_without_authentication,
    production_basic_without_tls,
    production_long_session,
)
"""The rules of this module, in order."""
