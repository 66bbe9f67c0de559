"""Which bearer tokens count: the keys of who issues them, and what a token must say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

try:
    import jwt
except ImportError as problem:  # pragma: no cover - the tests have it
    raise ImportError("tokens need PyJWT: pip install 'policy-console[jwt]'") from problem

ALGORITHMS: Mapping[str, tuple[str, str | None]] = {
    "HS256": ("oct", None),
    "HS384": ("oct", None),
    "HS512": ("oct", None),
    "RS256": ("RSA", None),
    "RS384": ("RSA", None),
    "RS512": ("RSA", None),
    "PS256": ("RSA", None),
    "PS384": ("RSA", None),
    "PS512": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}
"""The algorithms of RFC 7518 and RFC 8037 that a service may accept, with the keys that they
take: type and curve. ``none`` is not among them."""

_REASONS: Mapping[type[jwt.PyJWTError], str] = {
    jwt.ExpiredSignatureError: "the token has expired",
    jwt.ImmatureSignatureError: "the token is not valid yet",
    jwt.InvalidAudienceError: "the token is for another audience",
    jwt.InvalidIssuerError: "the token is from another issuer",
    jwt.InvalidAlgorithmError: "the token is signed with an algorithm that is not accepted",
    jwt.InvalidSignatureError: "the signature of the token is wrong",
}
_UNREADABLE = "the token cannot be read"


class TokenError(Exception):
    """A token does not count; the message says why and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class TokenIssuer:
    """Who issues the tokens that a service accepts.

    ``keys`` is a JSON Web Key Set (RFC 7517) as data, ``{"keys": [...]}``; ``key_set``
    makes one from a PEM file or a shared secret. ``algorithms`` are the only ones that
    count, whatever a token says. A token must name the ``audience`` (one of them), must
    have an ``exp``, and must name the ``issuer`` if one is given. The clocks of the two
    may differ by ``leeway_seconds``; ours is the system's. Raises ValueError for keys or algorithms that
    cannot be right, a secret that is too short (RFC 7518, section 3.2) among them.
    """

    keys: Mapping[str, object] = field(repr=False)
    algorithms: Sequence[str]
    audience: str | Sequence[str]
    issuer: str | None = None
    leeway_seconds: float = 30.0
    _ready: tuple[jwt.PyJWK, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        algorithms = tuple(self.algorithms)
        if not algorithms or set(algorithms) - set(ALGORITHMS):
            raise ValueError(f"algorithms: some of {', '.join(ALGORITHMS)}")
        if len({ALGORITHMS[name][0] == "oct" for name in algorithms}) > 1:
            raise ValueError(
                "algorithms: shared secrets (HS) and public keys do not mix (RFC 8725)"
            )
        if not self.audience or not all(self.audience):
            raise ValueError("audience: the name that tokens for this service carry in aud")
        if not 0 <= self.leeway_seconds < float("inf"):
            raise ValueError("leeway_seconds: from 0 on")
        ready = tuple(_usable(self.keys, algorithms))
        if not ready:
            raise ValueError("keys: none in the set is for one of the algorithms")
        object.__setattr__(self, "_ready", ready)

    def claims(self, token: str) -> Mapping[str, object]:
        """Give what a token says, once its signature, times, audience and issuer are right.

        Raises :class:`TokenError` otherwise.
        """
        try:
            header = jwt.get_unverified_header(token)
            kid = header.get("kid")
            named = [key for key in self._ready if kid is None or key.key_id in {None, kid}]
            if not named:
                raise TokenError("no key of the issuer has the name that the token gives")
            keys = [key for key in named if key.algorithm_name == header.get("alg")]
            for key in keys[:-1]:
                try:
                    return self._decode(token, key)
                except jwt.InvalidSignatureError:
                    continue
            return self._decode(token, keys[-1] if keys else named[0])
        except jwt.MissingRequiredClaimError as problem:
            raise TokenError(f"the token has no {problem.claim}") from problem
        except jwt.PyJWTError as problem:
            raise TokenError(_REASONS.get(type(problem), _UNREADABLE)) from problem
        except (ArithmeticError, RecursionError, TypeError, ValueError) as problem:
            raise TokenError(_UNREADABLE) from problem

    def _decode(self, token: str, key: jwt.PyJWK) -> Mapping[str, object]:
        return jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            audience=self.audience,
            issuer=self.issuer,
            leeway=self.leeway_seconds,
            options={"require": ["exp", "aud"]},
        )


def key_set(key: str | bytes, algorithm: str, key_id: str | None = None) -> dict[str, object]:
    """Make a key set of one key: a public key in PEM, or the shared secret of an HS algorithm.

    Raises ValueError if it is no key for that algorithm.
    """
    kind = jwt.get_algorithm_by_name(algorithm) if algorithm in ALGORITHMS else None
    if kind is None:
        raise ValueError(f"algorithm: one of {', '.join(ALGORITHMS)}")
    try:
        made = {**kind.to_jwk(kind.prepare_key(key), as_dict=True), "alg": algorithm}
    except (jwt.PyJWTError, TypeError, ValueError) as problem:
        raise ValueError(f"key: not one for {algorithm}") from problem
    return {"keys": [made if key_id is None else {**made, "kid": key_id}]}


def _usable(keys: Mapping[str, object], algorithms: Sequence[str]) -> "list[jwt.PyJWK]":
    """List each key with each algorithm that it may verify with."""
    listed = keys.get("keys")
    if not isinstance(listed, Sequence) or not all(isinstance(key, Mapping) for key in listed):
        raise ValueError('keys: a key set as RFC 7517 has it, {"keys": [...]}')
    ready = []
    for data in listed:
        if "d" in data:
            raise ValueError("keys: a private key is among them; the public one is enough")
        if data.get("use", "sig") != "sig" or "verify" not in data.get("key_ops", ("verify",)):
            continue
        for algorithm in algorithms:
            kind, curve = ALGORITHMS[algorithm]
            if data.get("kty") != kind or data.get("alg", algorithm) != algorithm:
                continue
            if curve is not None and data.get("crv") != curve:
                continue
            ready.append(_prepared(data, algorithm))
    return ready


def _prepared(data: Mapping[str, object], algorithm: str) -> jwt.PyJWK:
    try:
        key = jwt.PyJWK.from_dict(dict(data), algorithm)
    except jwt.PyJWTError as problem:
        raise ValueError(f"keys: one cannot be read as a key for {algorithm}") from problem
    weakness = key.Algorithm.check_key_length(key.key)
    if weakness is not None:
        raise ValueError(f"keys: {weakness}")
    return key
