"""SEC: how strong the protections are. From Strict on."""

from policyconsole.diagnostics import Severity
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Context, Finding, rule
from policyconsole.wording import quoted

SMALLEST_KEY = 256
"""Bits (SEC001)."""

FEWEST_ITERATIONS = 10_000
"""Rounds of PBKDF2 (SEC002)."""

MOST_REQUESTS = 1000
"""Requests a minute (SEC004)."""

LARGEST_INPUT = 10 * 1024 * 1024
"""Bytes: 10 MiB (SEC006)."""

SAFE_TLS = ("TLSv1.2", "TLSv1.3")
"""The versions of TLS that may be used (SEC003)."""

_OLD_TLS = {"TLSv1": "TLS 1.0", "TLSv1.0": "TLS 1.0", "TLSv1.1": "TLS 1.1"}


@rule(
    "SEC001",
    error=Severity.HIGH,
    level=ValidationLevel.STRICT,
    field="security.encryption.key_size",
)
def small_key(context: Context) -> Finding | None:
    """Security is on, and the encryption key has fewer than 256 bits.

    What is encrypted today can be kept until a short key is within reach. 256 bits is the
    key of AES-256, the algorithm that a policy has by default.

    Example:
        security.enabled = true
        security.encryption.key_size = 128

    Passes:
        security.enabled = true
        security.encryption.key_size = 256

    Fix: Set key_size to 256, and use an algorithm that takes such a key.

    Source: The figure is the report's; FIPS 197 for AES-256.
    """
    security = context.config.security
    if not security.enabled or security.encryption.key_size >= SMALLEST_KEY:
        return None
    return Finding(
        f"a key of {security.encryption.key_size} bits is shorter than {SMALLEST_KEY}",
        f"set {SMALLEST_KEY}, the key size of AES-256 (FIPS 197)",
    )


@rule("SEC002", level=ValidationLevel.STRICT, field="security.encryption.pbkdf2_iterations")
def few_iterations(context: Context) -> Finding | None:
    """Security is on, and PBKDF2 runs fewer than 10,000 rounds.

    Every round makes each guess at a stolen password dearer. Below 10,000, a single graphics
    card tries whole dictionaries.

    Example:
        security.enabled = true
        security.encryption.pbkdf2_iterations = 1000

    Passes:
        security.enabled = true
        security.encryption.pbkdf2_iterations = 600000

    Fix: Set 600000 for PBKDF2 with HMAC-SHA-256.

    Source: NIST SP 800-63B (2017), section 5.1.1.2: "typically at least 10,000 iterations";
    OWASP Password Storage Cheat Sheet: 600,000.
    """
    security = context.config.security
    if not security.enabled or security.encryption.pbkdf2_iterations >= FEWEST_ITERATIONS:
        return None
    return Finding(
        f"{security.encryption.pbkdf2_iterations:,} rounds of PBKDF2 are fewer than "
        f"{FEWEST_ITERATIONS:,}",
        "set 600000 (OWASP Password Storage Cheat Sheet)",
    )


@rule("SEC003", error=Severity.HIGH, level=ValidationLevel.STRICT, field="security.tls.min_version")
def old_tls(context: Context) -> Finding | None:
    """TLS is enforced, and its minimum version is neither TLSv1.2 nor TLSv1.3.

    TLS 1.0 and 1.1 rest on MD5 and SHA-1 and know none of the modern ciphers; they must not
    be used any more. The two names are written as here, capitals included.

    Example:
        security.tls.enforce = true
        security.tls.min_version = "TLSv1.0"

    Passes:
        security.tls.enforce = true
        security.tls.min_version = "TLSv1.2"

    Fix: Set min_version to "TLSv1.3", or to "TLSv1.2" for clients that know no better.

    Source: RFC 8996.
    """
    tls = context.config.security.tls
    if not tls.enforce or tls.min_version in SAFE_TLS:
        return None
    old = _OLD_TLS.get(tls.min_version)
    return Finding(
        f"{old} is below the minimum of 1.2"
        if old
        else f'{quoted(tls.min_version)} is neither "TLSv1.2" nor "TLSv1.3"',
        'set "TLSv1.2" or "TLSv1.3" (RFC 8996)',
    )


@rule("SEC004", level=ValidationLevel.STRICT, field="security.rate_limiting.requests_per_minute")
def generous_rate(context: Context) -> Finding | None:
    """Rate limiting is on, and allows more than 1,000 requests a minute.

    A limit that nobody reaches stops nobody: at this rate a client can try passwords, or copy
    what the service holds, at leisure.

    Example:
        security.rate_limiting.enabled = true
        security.rate_limiting.requests_per_minute = 5000

    Passes:
        security.rate_limiting.enabled = true
        security.rate_limiting.requests_per_minute = 1000

    Fix: Set 1,000 or less, and give the few clients that need more a policy of their own.

    Source: The figure is the report's; OWASP API4:2023, unrestricted resource consumption.
    """
    limits = context.config.security.rate_limiting
    if not limits.enabled or limits.requests_per_minute <= MOST_REQUESTS:
        return None
    return Finding(
        f"{limits.requests_per_minute:,} requests a minute are more than {MOST_REQUESTS:,}",
        f"set {MOST_REQUESTS} or less (OWASP API4:2023)",
    )


@rule("SEC005", level=ValidationLevel.STRICT, field="security.rate_limiting.burst_size")
def large_burst(context: Context) -> Finding | None:
    """Rate limiting is on, and a burst may be more than half of a minute's requests.

    A client that may send half of its minute at once is hardly limited in the moment that
    counts.

    Example:
        security.rate_limiting.requests_per_minute = 60
        security.rate_limiting.burst_size = 31

    Passes:
        security.rate_limiting.requests_per_minute = 60
        security.rate_limiting.burst_size = 30

    Fix: Set at most half of requests_per_minute, rounded down.

    Source: The figure is the report's.
    """
    limits = context.config.security.rate_limiting
    largest = limits.requests_per_minute // 2
    if not limits.enabled or limits.burst_size <= largest:
        return None
    return Finding(
        f"a burst of {limits.burst_size:,} is more than half of "
        f"{limits.requests_per_minute:,} requests a minute",
        f"set {largest} or less" if largest else "raise requests_per_minute to 2 or more",
    )


@rule("SEC006", level=ValidationLevel.STRICT, field="security.input_validation.max_input_length")
def long_input(context: Context) -> Finding | None:
    """Input validation is on, and lets through inputs of more than 10 MiB.

    Every byte has to be searched for attacks: a few large requests keep the service busy.

    Example:
        security.input_validation.enabled = true
        security.input_validation.max_input_length = 104857600

    Passes:
        security.input_validation.enabled = true
        security.input_validation.max_input_length = 10485760

    Fix: Set 10,485,760 bytes or less, and take large uploads on a way of their own.

    Source: The figure is the report's; OWASP API4:2023, unrestricted resource consumption.
    """
    checks = context.config.security.input_validation
    if not checks.enabled or checks.max_input_length <= LARGEST_INPUT:
        return None
    return Finding(
        f"inputs of up to {checks.max_input_length:,} bytes are let through, more than 10 MiB",
        f"set {LARGEST_INPUT} or less (OWASP API4:2023)",
    )


RULES = (small_key, few_iterations, old_tls, generous_rate, large_burst, long_input)
"""The rules of this module, in order."""
