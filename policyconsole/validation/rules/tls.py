"""SEC: the cipher suites of TLS. From Strict on."""

from collections.abc import Callable, Iterator
from itertools import islice

from policyconsole.diagnostics import Severity
from policyconsole.validation.cipher_suites import (
    SIGNALS,
    USUAL,
    lacks_forward_secrecy,
    nearest_suite,
    registered,
    weakness,
)
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Context, Finding, rule
from policyconsole.wording import quoted

MOST_SUITES = 10
"""How many suites of a policy each rule reports at most."""


@rule(
    "SEC009",
    error=Severity.HIGH,
    level=ValidationLevel.STRICT,
    field="security.tls.cipher_suites",
)
def broken_suites(context: Context) -> Iterator[Finding] | None:
    """TLS is enforced with a suite that does not encrypt, does not authenticate, or is broken.

    NULL suites encrypt nothing, anonymous ones let anyone stand in between, and EXPORT, DES,
    RC2, RC4 and 3DES can be broken. A client that knows nothing better, or is talked into it,
    gets such a connection. OpenSSL's names are judged like IANA's.

    Example:
        security.tls.min_version = "TLSv1.2"
        security.tls.cipher_suites = ["TLS_RSA_WITH_3DES_EDE_CBC_SHA"]

    Passes:
        security.tls.min_version = "TLSv1.2"
        security.tls.cipher_suites = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]

    Fix: Delete the suite from the list.

    Source: RFC 9325, section 4.1, for NULL, EXPORT and RC4 (MUST NOT) and for 3DES (SHOULD
    NOT); RFC 5246, appendix A.5, for anonymous suites; NIST SP 800-131A Rev. 2, table 1, for
    3DES.
    """
    return _findings(context, _broken)


@rule("SEC010", level=ValidationLevel.STRICT, field="security.tls.cipher_suites")
def static_key_exchange(context: Context) -> Iterator[Finding] | None:
    """TLS is enforced with a suite that exchanges keys by static RSA or static Diffie-Hellman.

    Such suites have no forward secrecy: whoever records connections today and gets the
    server's key in some years can then read all of them.

    Example:
        security.tls.min_version = "TLSv1.2"
        security.tls.cipher_suites = ["TLS_RSA_WITH_AES_256_GCM_SHA384"]

    Passes:
        security.tls.min_version = "TLSv1.2"
        security.tls.cipher_suites = ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"]

    Fix: Use the suite of the same cipher whose name begins with TLS_ECDHE.

    Source: RFC 9325, section 4.1 (SHOULD NOT).
    """
    return _findings(context, _static)


@rule("SEC011", level=ValidationLevel.STRICT, field="security.tls.cipher_suites")
def unknown_suites(context: Context) -> Iterator[Finding] | None:
    """TLS is enforced with a cipher suite that neither IANA nor OpenSSL knows.

    A name that nobody knows allows nothing, or keeps the server from starting. Suites are
    named one by one; capitals count.

    Example:
        security.tls.cipher_suites = ["TLS_AES_256_GCM_SHA348"]

    Passes:
        security.tls.cipher_suites = ["TLS_AES_256_GCM_SHA384"]

    Fix: Correct the spelling. Write one suite an item, and none of OpenSSL's shorthands.

    Source: IANA, "Transport Layer Security (TLS) Parameters", registry "TLS Cipher Suites".
    """
    return _findings(context, _unknown)


def _findings(
    context: Context, judge: Callable[[str, str], Finding | None]
) -> Iterator[Finding] | None:
    """Judge each suite with the field where it stands; the usual ones are passed over."""
    tls = context.config.security.tls
    if USUAL.issuperset(tls.cipher_suites) or not tls.enforce:
        return None
    found = (
        judge(suite, f"security.tls.cipher_suites[{position}]")
        for position, suite in enumerate(tls.cipher_suites)
        if suite not in USUAL
    )
    return islice((finding for finding in found if finding is not None), MOST_SUITES)


def _broken(suite: str, field: str) -> Finding | None:
    fault = weakness(suite)
    if fault is None:
        return None
    return Finding(f"{quoted(suite)} {fault}", "delete it from the list (RFC 9325)", field)


def _static(suite: str, field: str) -> Finding | None:
    if not lacks_forward_secrecy(suite) or weakness(suite) is not None:
        return None
    return Finding(
        f"{quoted(suite)} has no forward secrecy", "use a TLS_ECDHE suite (RFC 9325)", field
    )


def _unknown(suite: str, field: str) -> Finding | None:
    if registered(suite) is not None or weakness(suite) is not None:
        return None
    if suite in SIGNALS:
        return Finding(
            f"{quoted(suite)} is a signal of the handshake, not a cipher suite",
            "delete it from the list (RFC 5746; RFC 7507)",
            field,
        )
    meant = nearest_suite(suite)
    return Finding(
        f"{quoted(suite)} is no cipher suite that IANA or OpenSSL knows",
        f"did you mean {quoted(meant)}?" if meant else 'name a suite, as "TLS_AES_256_GCM_SHA384"',
        field,
    )


RULES = (broken_suites, static_key_exchange, unknown_suites)
"""The rules of this module, in order."""
