"""LOGIC: algorithm and key, version and cipher suites have to go together. From Standard on."""

from policyconsole.diagnostics import Severity
from policyconsole.validation.algorithms import algorithm
from policyconsole.validation.cipher_suites import TLS_1_3, belongs_to_tls_1_3
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Context, Finding, rule
from policyconsole.wording import quoted

ALGORITHM, KEY_SIZE = "AES-256-GCM", 256
"""What a policy has by default, and what goes together (LOGIC011)."""


@rule(
    "LOGIC011",
    error=Severity.MEDIUM,
    level=ValidationLevel.STANDARD,
    field="security.encryption.key_size",
)
def other_key_size(context: Context) -> Finding | None:
    """The name of the encryption algorithm says another key size than key_size.

    One of the two is wrong, and which of them counts is up to the program that reads the
    policy. XTS, SIV and CBC with HMAC take two keys of the size that is named.

    Example:
        security.encryption.algorithm = "AES-128-GCM"
        security.encryption.key_size = 256

    Passes:
        security.encryption.algorithm = "AES-256-GCM"
        security.encryption.key_size = 256

    Fix: Name the algorithm that takes a key of that size, or correct key_size.

    Source: FIPS 197: AES-128, AES-192 and AES-256 are named after the bits of their keys.
    """
    security = context.config.security
    encryption = security.encryption
    if encryption.key_size == KEY_SIZE and encryption.algorithm == ALGORITHM:
        return None
    if not security.enabled or not encryption.enabled:
        return None
    named = algorithm(encryption.algorithm).key_sizes
    if not named or encryption.key_size in named:
        return None
    return Finding(
        f"{quoted(encryption.algorithm)} takes a key of {named[0]} bits, not of "
        f"{encryption.key_size:,}",
        f"set {named[0]}, or the algorithm that is meant",
    )


@rule(
    "LOGIC012",
    error=Severity.HIGH,
    level=ValidationLevel.STANDARD,
    field="security.tls.cipher_suites",
)
def no_suite_of_the_version(context: Context) -> Finding | None:
    """TLS 1.3 is enforced, but none of the cipher suites is one of TLS 1.3.

    The suites of TLS 1.2 and older cannot be used with TLS 1.3: nobody could connect any
    more. Silent while security is off (LOGIC001).

    Example:
        security.tls.min_version = "TLSv1.3"
        security.tls.cipher_suites = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]

    Passes:
        security.tls.min_version = "TLSv1.3"
        security.tls.cipher_suites = ["TLS_AES_128_GCM_SHA256"]

    Fix: Add a suite of TLS 1.3, or leave the list out for the default.

    Source: RFC 8446, section 9.1 and appendix B.4.
    """
    suites = _suites_of_another_version(context)
    if not suites or len(suites) < len(context.config.security.tls.cipher_suites):
        return None
    return Finding(
        "TLS 1.3 is enforced, but no cipher suite of TLS 1.3 is allowed: nobody could connect",
        'allow "TLS_AES_128_GCM_SHA256" at least (RFC 8446), or leave the list out',
    )


@rule("LOGIC013", level=ValidationLevel.STANDARD, field="security.tls.cipher_suites")
def idle_suites(context: Context) -> Finding | None:
    """TLS 1.3 is enforced, but cipher suites of older versions are listed too.

    They are never used: whoever reads the list believes that clients with TLS 1.2 get in.
    Silent while security is off (LOGIC001).

    Example:
        security.tls.min_version = "TLSv1.3"
        security.tls.cipher_suites = [
            "TLS_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        ]

    Passes:
        security.tls.min_version = "TLSv1.2"
        security.tls.cipher_suites = [
            "TLS_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        ]

    Fix: Delete them, or set min_version to "TLSv1.2" if such clients are meant to get in.

    Source: RFC 8446, appendix B.4.
    """
    suites = _suites_of_another_version(context)
    listed = context.config.security.tls.cipher_suites
    if not suites or len(suites) == len(listed):
        return None
    position, suite = suites[0]
    more = f" and {len(suites) - 1} more" if len(suites) > 1 else ""
    return Finding(
        f"{quoted(suite)}{more} cannot be used with TLS 1.3, the oldest version allowed",
        'delete what TLS 1.3 cannot use, or set min_version to "TLSv1.2"',
        f"security.tls.cipher_suites[{position}]",
    )


def _suites_of_another_version(context: Context) -> list[tuple[int, str]]:
    """Give the suites, and where they stand, that an enforced TLS 1.3 cannot use."""
    security = context.config.security
    tls = security.tls
    if tls.min_version != "TLSv1.3" or TLS_1_3.issuperset(tls.cipher_suites):
        return []
    if not tls.enforce or not security.enabled:
        return []
    return [
        (position, suite)
        for position, suite in enumerate(tls.cipher_suites)
        if belongs_to_tls_1_3(suite) is False
    ]


RULES = (other_key_size, no_suite_of_the_version, idle_suites)
"""The rules of this module, in order."""
