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


@rule("ENV001", error=Severity.CRITICAL, level=ValidationLevel.CUSTOM, field="security.enabled")
def production_without_security(context: Context) -> Finding | None:
    """In production, security is switched off.

    What LOGIC001 warns of elsewhere is an error where the customers are.

    Example:
        custom.environment = "production"
        security.enabled = false

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


RULES = (
    production_without_security,
    production_without_mfa,
    production_debug_log,
    development_low_rate,
    environment_without_rules,
)
"""The rules of this module, in order."""
