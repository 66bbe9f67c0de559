"""Passwords, kept as PBKDF2-HMAC-SHA256 in the form that Django writes too."""

import hashlib
import hmac
import secrets
import unicodedata
from base64 import b64decode, b64encode
from dataclasses import dataclass, field

from policyconsole.policy import LARGEST_NUMBER

ALGORITHM = "pbkdf2_sha256"
"""What a stored password begins with."""

_SALT_BYTES = 16  # NIST SP 800-132, section 5.1: at least 128 bits


@dataclass(frozen=True, slots=True)
class StoredPassword:
    """What is kept of a password: the rounds of PBKDF2, the salt, and the key that they gave."""

    iterations: int
    salt: bytes = field(repr=False)
    key: bytes = field(repr=False)

    @classmethod
    def read(cls, text: str) -> "StoredPassword":
        """Read ``pbkdf2_sha256$ROUNDS$SALT$KEY``; ValueError, without the text, if it is none."""
        problem = f"not a password as {ALGORITHM}$ROUNDS$SALT$KEY"
        parts = text.split("$")
        if len(parts) != 4 or parts[0] != ALGORITHM or not text.isascii():
            raise ValueError(problem)
        _, rounds, salt, key = parts
        try:
            iterations, derived = int(rounds), b64decode(key, validate=True)
        except ValueError:
            raise ValueError(problem) from None
        if not 1 <= iterations <= LARGEST_NUMBER or not salt or len(derived) != 32:
            raise ValueError(problem)
        return cls(iterations, salt.encode(), derived)

    def __str__(self) -> str:
        key = b64encode(self.key).decode()
        return f"{ALGORITHM}${self.iterations}${self.salt.decode()}${key}"

    def matches(self, password: str, rounds: int) -> bool:
        """Whether this is what is kept of ``password``.

        Takes as long as ``rounds`` rounds of PBKDF2 do if this one has fewer, so that
        time does not tell which password is an old one.
        """
        derived = _derive(password, self.salt, self.iterations)
        if rounds > self.iterations:
            _derive(password, self.salt, rounds - self.iterations)
        return hmac.compare_digest(derived, self.key)


def hash_password(password: str, iterations: int) -> str:
    """Give what to keep of ``password``: with a new salt and so many rounds of PBKDF2."""
    salt = secrets.token_hex(_SALT_BYTES).encode()
    return str(StoredPassword(iterations, salt, _derive(password, salt, iterations)))


def normalized(text: str) -> str:
    """Give a name or a password in Unicode's form C (RFC 8265), whatever keyboard it came from."""
    return unicodedata.normalize("NFC", text)


def _derive(password: str, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", normalized(password).encode(), salt, iterations)
