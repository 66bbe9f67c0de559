"""``mtls``: the name in a client certificate that the server has verified."""

from collections.abc import Collection

from policyconsole.application.authentication.answers import refuse
from policyconsole.application.request import Decision, Refusal, Request


class CertificateCheck:
    """Objects to requests without a client certificate in one of the names.

    A certificate stands for a program, not for a person: ``require_mfa`` does not
    concern it.
    """

    challenge = None

    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    def __call__(self, request: Request, _now: float, /) -> Decision | None:
        """Judge by the verified name, compared as it is."""
        if not request.client_name:
            return refuse("there is no client certificate that the server has verified")
        if request.client_name not in self._names:
            return refuse("the name in the client certificate may not come in", Refusal.FORBIDDEN)
        return None
