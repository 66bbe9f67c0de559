"""Credentials: what a service knows its clients by."""

import hashlib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from policyconsole.application.authentication.passwords import StoredPassword, normalized
from policyconsole.wording import quoted

if TYPE_CHECKING:
    from policyconsole.application.authentication.tokens import TokenIssuer

_DIGEST_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Credentials:
    """Whom a service lets in, for each method that a policy may name; all of it is optional.

    ``users`` are the stored passwords by user name, as ``hash_password`` gives them.
    ``api_keys`` are the digests of the keys by the name of the client, as
    ``hash_api_key`` gives them, and ``api_key_header`` is the header that brings a key.
    ``token_issuer`` says which bearer tokens count. ``client_names`` are the names in
    client certificates that may come in. They are asked at each request: who is taken out
    is out at once. Where one is None its method refuses everything. Raises ValueError for what cannot be right.
    """

    users: Mapping[str, str] | None = field(default=None, repr=False)
    api_keys: Mapping[str, str] | None = field(default=None, repr=False)
    token_issuer: "TokenIssuer | None" = None
    client_names: Collection[str] | None = None
    api_key_header: str = "x-api-key"

    def __post_init__(self) -> None:
        users = self.users or {}
        for user in users:
            if ":" in user or has_control_characters(user) or user != normalized(user):
                raise ValueError(
                    f"user {quoted(user)}: a name has no colon and no control character "
                    "(RFC 7617), and is in Unicode's form C"
                )
        stored_rounds(users)
        for client, digest in (self.api_keys or {}).items():
            if len(digest) != _DIGEST_LENGTH or not set(digest) <= set("0123456789abcdef"):
                raise ValueError(f"API key of {quoted(client)}: not a digest by hash_api_key")
        if isinstance(self.client_names, str):
            raise ValueError("client_names: several names, not one text")  # noqa: TRY004
        if self.api_key_header != self.api_key_header.lower():
            raise ValueError("api_key_header: in lower case, as requests name their headers")


def stored_rounds(users: Mapping[str, str]) -> dict[str, int]:
    """Give the rounds of PBKDF2 that each user's password is stored with.

    Raises ValueError, which names the user, for a password that cannot be read.
    """
    rounds = {}
    for user, stored in tuple(users.items()):
        try:
            rounds[user] = StoredPassword.read(stored).iterations
        except ValueError as problem:
            raise ValueError(f"user {quoted(user)}: {problem}") from None
    return rounds


def hash_api_key(key: str) -> str:
    """Give what to keep of an API key: its SHA-256, in hexadecimal.

    One round is enough for a random key, such as ``secrets.token_urlsafe(32)``; a word
    that people think up is a password, not a key.
    """
    return hashlib.sha256(key.encode()).hexdigest()


def has_control_characters(text: str) -> bool:
    """Whether a text holds a control character, which RFC 7617 allows in no name or password."""
    return any(unicodedata.category(character) == "Cc" for character in text)
