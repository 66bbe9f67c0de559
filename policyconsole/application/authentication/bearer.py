"""``jwt`` and ``oauth2``: a signed token with each request (RFC 6750)."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from policyconsole.application.authentication.answers import authorization, refuse
from policyconsole.application.request import Decision, Request

if TYPE_CHECKING:
    from policyconsole.application.authentication.tokens import TokenIssuer

FACTORS: Mapping[str, str] = {
    "kba": "knowledge",
    "pin": "knowledge",
    "pwd": "knowledge",
    "hwk": "possession",
    "otp": "possession",
    "sc": "possession",
    "sms": "possession",
    "swk": "possession",
    "tel": "possession",
    "face": "inherence",
    "fpt": "inherence",
    "iris": "inherence",
    "retina": "inherence",
    "vbm": "inherence",
}
"""The values of ``amr`` (RFC 8176, section 2) that are a factor, by its kind (NIST SP 800-63B)."""


class BearerCheck:
    """Objects to requests without a token of the issuer.

    With ``require_mfa`` the token must say that there were two factors; a session
    lasts ``session_seconds`` from ``auth_time`` on, or from ``iat`` without one.
    """

    challenge = 'Bearer realm="policy"'

    def __init__(self, issuer: "TokenIssuer", *, require_mfa: bool, session_seconds: int) -> None:
        from policyconsole.application.authentication.tokens import TokenError  # noqa: PLC0415 - PyJWT

        self._token_error = TokenError
        self._issuer = issuer
        self._require_mfa = require_mfa
        self._session_seconds = session_seconds

    def __call__(self, request: Request, now: float, /) -> Decision | None:
        """Judge by the token and what it says of its session."""
        token = authorization(request, "bearer")
        if token is None:
            return refuse('there is no "Authorization: Bearer" header with a token')
        try:
            claims = self._issuer.claims(token)
        except self._token_error as problem:
            return refuse(str(problem))
        objection = self._session_objection(claims, now)
        if objection is None and self._require_mfa and not shows_two_factors(claims.get("amr")):
            objection = (
                "the policy requires a second factor (authentication.require_mfa), "
                "and the amr of the token shows none"
            )
        return None if objection is None else refuse(objection)

    def _session_objection(self, claims: Mapping[str, object], now: float) -> str | None:
        begin = claims.get("auth_time", claims.get("iat"))
        if (
            isinstance(begin, bool)
            or not isinstance(begin, int | float)
            or not math.isfinite(begin)
        ):
            return "the token does not say when its session began: neither auth_time nor iat"
        age, leeway = now - begin, self._issuer.leeway_seconds
        if age > self._session_seconds + leeway:
            return "the session has ended (authentication.session_timeout_seconds)"
        return "the session of the token begins in the future" if age < -leeway else None


def shows_two_factors(amr: object) -> bool:
    """Whether an ``amr`` claim says ``mfa``, or names methods of two kinds."""
    if not isinstance(amr, list):
        return False
    methods = [method for method in amr if isinstance(method, str)]
    kinds = {FACTORS[method] for method in methods if method in FACTORS}
    return "mfa" in methods or len(kinds) > 1
