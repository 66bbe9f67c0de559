"""What the name of an encryption algorithm says: its cipher, mode and key size.

Every library writes them another way (``AES-256-GCM``, ``aes256-gcm@openssh.com``,
``AES/GCM/NoPadding``, ``A256GCM``), so a name is judged by its parts.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from policyconsole.wording import nearest

USUAL = frozenset({"AES-256-GCM", "aes-256-gcm", "CHACHA20-POLY1305", "ChaCha20-Poly1305"})
"""What policies mostly say, and no rule has anything against."""

EXAMPLES = ("AES-256-GCM", "AES-256-CCM", "ChaCha20-Poly1305", "XChaCha20-Poly1305", "AEGIS-256")
"""Algorithms to propose: authenticated, with keys of 256 bits."""

_LONGEST = 64
"""A name with more characters is none."""

_PARTS = re.compile(r"[a-z]+|[0-9]+")

_BROKEN = {
    "des": "DES",
    "desx": "DES",
    "tdes": "3DES",
    "tdea": "3DES",
    "desede": "3DES",
    "tripledes": "3DES",
    "rc2": "RC2",
    "rc4": "RC4",
    "arc4": "RC4",
    "arcfour": "RC4",
    "blowfish": "Blowfish",
    "bf": "Blowfish",
    "idea": "IDEA",
}

_NOTHING = frozenset({"none", "null", "plain", "plaintext", "cleartext", "identity"})

_CIPHERS = frozenset(
    {
        "aes", "rijndael", "chacha", "xchacha", "salsa", "xsalsa", "camellia", "aria", "seed",
        "serpent", "twofish", "kuznyechik", "magma", "aegis", "ascon", "deoxys",
        "rsa", "ecies", "hpke", "fernet", "age",
    }
)  # fmt: skip
"""The first word of an algorithm that is known; SM4 and JOSE's A256… are told by their numbers."""

_SIZED = frozenset(
    {"aes", "rijndael", "a", "camellia", "aria", "aegis", "serpent", "twofish", "rsa"}
)
"""What may be followed by its key size."""

_AUTHENTICATED = frozenset(
    {
        "gcm", "ccm", "ocb", "eax", "siv", "poly", "cwc", "mgm", "hmac", "hs", "kw", "kwp", "gcmkw",
        "aegis", "ascon", "deoxys", "rsa", "ecies", "hpke", "fernet", "age",
    }
)  # fmt: skip
"""What notices a change, or brings its own way to."""

_TWO_KEYS = frozenset({"xts", "siv", "hs", "hmac"})
"""What takes two keys of the size that is named as one (IEEE 1619; RFC 5297; RFC 7518, 5.2)."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """What a name says.

    ``broken`` says what must not be used, in words that follow the name; ``known`` whether
    the cipher is known; ``authenticated`` whether a change of what is encrypted is
    noticed; ``key_sizes`` are the sizes in bits that go with the name, none where it
    names none.
    """

    broken: str | None
    known: bool
    authenticated: bool
    key_sizes: tuple[int, ...]


def algorithm(name: str) -> Algorithm:
    """Take an algorithm's name apart."""
    parts: list[str] = _PARTS.findall(name.lower()) if len(name) <= _LONGEST else []
    words = frozenset(parts)
    broken = _broken(parts, words)
    pairs = list(pairwise(parts))
    sizes = tuple(int(number) for word, number in pairs if word in _SIZED and _is_size(number))
    known = bool(
        broken or words & _CIPHERS or ("sm", "4") in pairs or (parts[:1] == ["a"] and sizes)
    )
    return Algorithm(
        broken=broken,
        known=known,
        # What encrypts a disk has no room for a proof (NIST SP 800-38E).
        authenticated=bool(words & _AUTHENTICATED or "xts" in words),
        key_sizes=(*sizes, *(2 * size for size in sizes)) if words & _TWO_KEYS else sizes,
    )


def nearest_algorithm(name: str) -> str | None:
    """Give the algorithm that ``name`` is probably meant to be, or None."""
    known = {example.lower(): example for example in EXAMPLES}
    found = nearest(name, known)
    return None if found is None else known[found]


def _broken(parts: list[str], words: frozenset[str]) -> str | None:
    if len(parts) == 1 and parts[0] in _NOTHING:
        return "encrypts nothing"
    joined = words | {word + number for word, number in pairwise(parts)}
    cipher = next((said for part, said in _BROKEN.items() if part in joined), None)
    if cipher == "DES" and {"3", "ede", "triple"} & words:
        cipher = "3DES"
    if cipher is not None:
        return f"is {cipher}, which is broken"
    return "is in ECB mode, which shows what repeats" if "ecb" in words else None


def _is_size(digits: str) -> bool:
    return digits.isdecimal() and 64 <= int(digits) <= 65_536
