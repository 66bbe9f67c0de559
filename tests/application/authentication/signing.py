"""Keys and tokens for the tests, made anew for each run."""

import json
import time
from functools import cache

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from policyconsole.application.authentication.tokens import TokenIssuer, key_set

AUDIENCE = "https://api.example"
SECRET = b"s" * 64
NOW = int(time.time())
"""When the tests were loaded: minutes may pass until one of them runs."""


@cache
def private_key(
    algorithm: str,
) -> "rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | bytes":
    """Give the one key there is for the algorithms of its kind."""
    if algorithm in {"RS256", "other"}:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    if algorithm[:2] in {"RS", "PS"}:
        return private_key("RS256")
    curves = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
    if algorithm in curves:
        return ec.generate_private_key(curves[algorithm])
    return ed25519.Ed25519PrivateKey.generate() if algorithm == "EdDSA" else SECRET


def public_key(algorithm: str) -> str | bytes:
    """Give what verifies: the public key in PEM, or the secret."""
    key = private_key(algorithm)
    if isinstance(key, bytes):
        return key
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def claims(**changed: object) -> dict[str, object]:
    """Give claims that are right; a change to None leaves one out."""
    right = {"sub": "ada", "aud": AUDIENCE, "iat": NOW, "exp": NOW + 86_400, **changed}
    return {name: value for name, value in right.items() if value is not None}


def token(
    algorithm: str = "ES256", key: object = None, kid: str | None = None, /, **changed: object
) -> str:
    """Sign claims, those that are right but for ``changed``."""
    headers = None if kid is None else {"kid": kid}
    signer = private_key(algorithm) if key is None else key
    return jwt.encode(claims(**changed), signer, algorithm, headers)  # type: ignore[arg-type]  # any key


def unsigned(header: dict[str, object], payload: object) -> str:
    """Put a token together without a signature."""
    parts = [
        jwt.utils.base64url_encode(json.dumps(part).encode()).decode() for part in (header, payload)
    ]
    return ".".join((*parts, ""))


def issuer(algorithm: str = "ES256", /, **changed: object) -> TokenIssuer:
    """Give an issuer that signs with one algorithm."""
    given = {
        "keys": key_set(public_key(algorithm), algorithm),
        "algorithms": [algorithm],
        "audience": AUDIENCE,
        **changed,
    }
    return TokenIssuer(**given)  # type: ignore[arg-type]  # as the test gives it
