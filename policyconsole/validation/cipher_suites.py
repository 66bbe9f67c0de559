"""What the names of TLS cipher suites say; ``cipher_suites.txt`` beside this holds those of IANA.

A suite may be written with IANA's name (``TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256``) or with
OpenSSL's (``ECDHE-RSA-AES128-GCM-SHA256``): both mean the same.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from policyconsole.wording import nearest

_REGISTRY = Path(__file__).with_name("cipher_suites.txt")

TLS_1_3 = frozenset(
    {
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_AES_128_CCM_SHA256",
        "TLS_AES_128_CCM_8_SHA256",
    }
)
"""RFC 8446, appendix B.4."""

USUAL = TLS_1_3 | {
    f"TLS_ECDHE_{key}_WITH_{cipher}"
    for key in ("RSA", "ECDSA")
    for cipher in ("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256")
}
"""What policies mostly list, and no rule has anything against: RFC 8446, appendix B.4; RFC 9325,
section 4.2; RFC 7905. Only for other names is the registry read."""

SIGNALS = frozenset({"TLS_EMPTY_RENEGOTIATION_INFO_SCSV", "TLS_FALLBACK_SCSV"})
"""What IANA registers among the suites and is none: RFC 5746; RFC 7507."""

_WEAK_PARTS = {
    "NULL": "encrypts nothing",
    "EXP": "has an export key of 40 or 56 bits",
    "EXPORT": "has an export key of 40 or 56 bits",
    "ANON": "authenticates nobody",
    "ADH": "authenticates nobody",
    "AECDH": "authenticates nobody",
    "RC2": "encrypts with RC2",
    "RC4": "encrypts with RC4",
    "3DES": "encrypts with 3DES",
    "CBC3": "encrypts with 3DES",
    "DES40": "encrypts with DES",
    "DES": "encrypts with DES",
}
"""By a part of the name, the gravest first."""

_WITHOUT_ENCRYPTION = frozenset({"TLS_SHA256_SHA256", "TLS_SHA384_SHA384"})
"""RFC 9150: integrity only."""

_STATIC = re.compile(r"TLS_(?:RSA|DH|ECDH)_")


@cache
def registry() -> Mapping[str, str]:
    """Give IANA's name by every name that is known: IANA's own and OpenSSL's."""
    names: dict[str, str] = {}
    for line in _REGISTRY.read_text("ascii").splitlines():
        if not line.startswith("#"):
            _, name, *others = line.split()
            names |= dict.fromkeys((name, *others), name)
    return names


def registered(name: str) -> str | None:
    """Give IANA's name of a suite, or None where neither IANA nor OpenSSL knows the name."""
    return name if name in USUAL else registry().get(name)


@lru_cache(maxsize=256)
def nearest_suite(name: str) -> str | None:
    """Give the name that ``name`` is probably meant to be, in the same way of writing, or None.

    Kept for the next save: comparing with all names takes 10 ms.
    """
    of_iana = name.upper().startswith("TLS_")
    known = {each.lower(): each for each in registry() if each.startswith("TLS_") == of_iana}
    found = nearest(name, known, likeness=0.8)
    return None if found is None else known[found]


def weakness(name: str) -> str | None:
    """Say what is broken about a suite, or None: no encryption, no authentication, a broken cipher."""
    suite = registered(name) or name
    if suite in _WITHOUT_ENCRYPTION:
        return "encrypts nothing"
    parts = frozenset(re.split(r"[_-]", suite.upper()))
    return next((said for part, said in _WEAK_PARTS.items() if part in parts), None)


def lacks_forward_secrecy(name: str) -> bool:
    """Whether the suite exchanges keys by static RSA or Diffie-Hellman, or by an anonymous one."""
    return _STATIC.match(registered(name) or name) is not None


def belongs_to_tls_1_3(name: str) -> bool | None:
    """Whether TLS 1.3 can use the suite (and nothing older can); None where it is not known.

    The names of TLS 1.3 hold no key exchange, hence no ``_WITH_``; RFC 9367's alone do.
    """
    suite = registered(name)
    return None if suite is None else "_WITH_" not in suite or "_MGM_" in suite
