"""``api_key``: a random key in a header of its own."""

import hmac
from collections.abc import Mapping

from policyconsole.application.authentication.answers import refuse
from policyconsole.application.authentication.credentials import hash_api_key
from policyconsole.application.request import Decision, Request


class ApiKeyCheck:
    """Objects to requests without a key that the service knows.

    A key stands for a program, not for a person: ``require_mfa`` does not concern it.
    """

    challenge = None

    def __init__(self, keys: Mapping[str, str], header: str) -> None:
        self._keys = keys
        self._header = header

    def __call__(self, request: Request, _now: float, /) -> Decision | None:
        """Compare the key with every one there is, so that time tells nothing."""
        key = request.headers.get(self._header, "").strip(" \t")
        if not key:
            return refuse(f'there is no "{self._header}" header')
        if not key.isascii():
            return refuse("the API key is not known")
        digest = hash_api_key(key).encode()
        known = False
        for kept in tuple(self._keys.values()):
            known |= hmac.compare_digest(kept.encode(), digest)
        return None if known else refuse("the API key is not known")
