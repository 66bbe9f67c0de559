"""What all methods share: the header that is read, and the answer where it does not do."""

from policyconsole.application.request import Decision, Refusal, Request

LONGEST_CREDENTIALS = 16_384
"""How many characters of credentials are looked at; what is longer is refused unread."""


def refuse(reason: str, code: Refusal = Refusal.UNAUTHENTICATED) -> Decision:
    """Give a refusal; ``reason`` repeats nothing that the client sent."""
    return Decision(allowed=False, reason=reason, code=code)


def authorization(request: Request, scheme: str) -> str | None:
    """Give what follows the scheme in the Authorization header, or None if it is not that scheme.

    The scheme counts in any case (RFC 9110, section 11.1).
    """
    header = request.headers.get("authorization", "")
    given, _, credentials = header.partition(" ")
    credentials = credentials.strip(" \t")
    if given.lower() != scheme or not credentials or not credentials.isascii():
        return None
    return credentials if len(credentials) <= LONGEST_CREDENTIALS else None
