"""Admission: which requests may come in, by their Host, their Origin and their token."""

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

TOKEN_BYTES = 32
"""Random bytes of a generated token: OWASP asks for 16 of a session's."""

SHORTEST_TOKEN = 16
"""Characters that a token of one's own must have."""

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""What a page on this machine may be called; any other name may be somebody's DNS rebinding."""

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?", re.ASCII)
_TOKEN = re.compile(rf"[A-Za-z0-9._~-]{{{SHORTEST_TOKEN},}}", re.ASCII)

ONLY_OPENED = (
    "This page opens with its token only: open the URL that 'policy-console serve' printed,"
    " with all that follows '?token='."
)


class NoTokenError(ValueError):
    """What was given cannot be a token; its text says why."""


class NoOriginError(ValueError):
    """What was given is no URL that a page can have; its text says why."""


def new_token() -> str:
    """Make a token that nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def checked_token(text: str) -> str:
    """Give a token of one's own; raises :class:`NoTokenError` for what cannot be one."""
    if not _TOKEN.fullmatch(text):
        raise NoTokenError(
            f"a token has at least {SHORTEST_TOKEN} letters, digits or any of '.', '_', '~', '-'"
        )
    return text


def origin_of(url: str) -> str:
    """Give the origin of a URL as browsers write it; raises :class:`NoOriginError`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    name = parts.hostname or ""
    host = f"[{name}]" if ":" in name else name
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        raise NoOriginError(f"{url!r} is not a URL that begins with http:// or https://")
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if port in {None, usual} else f":{port}")


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may come in.

    ``token`` is what a page must bring, None where none is asked for. ``names`` are the
    names (lower case, without port) by which the server may be called, None for any: a
    server with a token may be called by any, since another page does not know it.
    ``public_origin`` is where a proxy shows the page, ``cookie`` the name under which a
    browser keeps that it has brought the token.
    """

    token: str | None
    names: frozenset[str] | None
    public_origin: str | None
    cookie: str

    def refusal(self, headers: Mapping[str, str], *, drives: bool) -> str | None:
        """Say why a request cannot come in whatever its token, or None.

        ``drives`` is whether the request is the websocket that drives the app: only a
        page of this server may open that, and browsers say whose page it is in Origin.
        """
        host = headers.get("Host", "").lower()
        found = _HOST.fullmatch(host)
        if found is None:
            return "The request does not say in Host which server it means."
        public = self.public_origin is not None and host == _host_of(self.public_origin)
        if self.names is not None and found["name"] not in self.names and not public:
            return (
                f"This server is not called {found['name']}."
                " Open the URL that 'policy-console serve' printed."
            )
        if drives and headers.get("Origin", "").lower() not in self._origins(host):
            return "Only a page of this server may drive the app."
        return None

    def _origins(self, host: str) -> set[str]:
        own = {f"http://{host}", f"https://{host}"}
        return own | {self.public_origin} if self.public_origin else own

    def proves(self, kept: str | None) -> bool:
        """Whether a cookie shows that the token was brought before; True where none is asked for."""
        if self.token is None:
            return True
        return kept is not None and _same(kept, self.proof)

    def opens(self, brought: str | None) -> bool:
        """Whether this is the token."""
        return self.token is not None and brought is not None and _same(brought, self.token)

    @property
    def proof(self) -> str:
        """What the cookie holds: not the token, which cannot be had from it.

        A browser sends cookies to every port of a host.
        """
        return hmac.digest((self.token or "").encode(), b"policy-console page", "sha256").hex()


def _host_of(origin: str) -> str:
    return origin.partition("://")[2]


def _same(one: str, other: str) -> bool:
    """Compare in a time that does not tell how much is right."""
    return hmac.compare_digest(one.encode(errors="replace"), other.encode())
