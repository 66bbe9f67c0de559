"""SEC: the algorithm that data is encrypted with. From Strict on."""

from policyconsole.diagnostics import Severity
from policyconsole.policy import Encryption
from policyconsole.validation.algorithms import USUAL, Algorithm, algorithm, nearest_algorithm
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Context, Finding, rule
from policyconsole.wording import quoted


@rule(
    "SEC007",
    error=Severity.HIGH,
    level=ValidationLevel.STRICT,
    field="security.encryption.algorithm",
)
def broken_algorithm(context: Context) -> Finding | None:
    """Data is encrypted with DES, 3DES, RC2, RC4, Blowfish or IDEA, in ECB mode, or not at all.

    The keys of DES are found by trying them all, RC4 leaks what it encrypts, and ciphers with
    blocks of 64 bits repeat themselves after some gigabytes. ECB encrypts equal blocks
    equally, so that patterns stay visible.

    Example:
        security.encryption.algorithm = "DES-EDE3-CBC"

    Passes:
        security.encryption.algorithm = "ChaCha20-Poly1305"

    Fix: Set "AES-256-GCM" or "ChaCha20-Poly1305", and encrypt anew what is stored.

    Source: OWASP ASVS 5.0, appendix C, "Cipher Algorithms" and "AES Cipher Modes"; NIST
    SP 800-131A Rev. 2, table 1: encryption with 3DES is disallowed after 2023.
    """
    security = context.config.security
    if security.encryption.algorithm in USUAL or not security.enabled:
        return None
    named = _in_use(security.encryption)
    if named is None or named.broken is None:
        return None
    return Finding(
        f"{quoted(security.encryption.algorithm)} {named.broken}",
        'set "AES-256-GCM" or "ChaCha20-Poly1305" (OWASP ASVS 5.0, appendix C)',
    )


@rule("SEC008", level=ValidationLevel.STRICT, field="security.encryption.algorithm")
def unknown_algorithm(context: Context) -> Finding | None:
    """The encryption algorithm is none that is known.

    A slip of the pen, a home-made cipher and a new one look alike from here: nobody has
    checked what protects the data.

    Example:
        security.encryption.algorithm = "ASE-256-GCM"

    Passes:
        security.encryption.algorithm = "AES-256-GCM"

    Fix: Correct the spelling, or use an algorithm that has been studied in public.

    Source: OWASP ASVS 5.0, appendix C, "Cipher Algorithms"; CWE-327 (broken or risky
    cryptographic algorithm).
    """
    security = context.config.security
    if security.encryption.algorithm in USUAL or not security.enabled:
        return None
    named = _in_use(security.encryption)
    if named is None or named.known:
        return None
    meant = nearest_algorithm(security.encryption.algorithm)
    return Finding(
        f"{quoted(security.encryption.algorithm)} is no algorithm that is known",
        f"did you mean {quoted(meant)}?"
        if meant
        else 'set "AES-256-GCM" or "ChaCha20-Poly1305" (OWASP ASVS 5.0, appendix C)',
    )


def _in_use(encryption: Encryption) -> Algorithm | None:
    return algorithm(encryption.algorithm) if encryption.enabled else None


RULES = (broken_algorithm, unknown_algorithm)
"""The rules of this module, in order."""
