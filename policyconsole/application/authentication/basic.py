"""``basic``: a user name and a password with each request (RFC 7617)."""

import hashlib
import hmac
import secrets
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

from policyconsole.application.authentication.answers import authorization, refuse
from policyconsole.application.authentication.credentials import has_control_characters
from policyconsole.application.authentication.passwords import (
    StoredPassword,
    hash_password,
    normalized,
)
from policyconsole.application.request import Decision, Request

REMEMBERED_SECONDS = 60.0
"""How long after its last use a password that was right is known without PBKDF2."""

REMEMBERED_PASSWORDS = 1024
"""How many right passwords are known at once; the one that was used last longest ago goes first."""


class VerifiedPasswords:
    """Which passwords were right a moment ago; safe to use from several threads.

    Nothing of a password is kept but a keyed digest, and the key is made anew in each
    process. The digest covers the stored password too: one that is changed is
    unknown at once.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._used: OrderedDict[bytes, float] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._used)

    def knows(self, user: str, stored: str, password: str, now: float) -> bool:
        """Whether this password was right for this user within ``REMEMBERED_SECONDS``."""
        digest = self._digest(user, stored, password)
        with self._lock:
            used = self._used.get(digest)
            if used is None:
                return False
            if not 0 <= now - used <= REMEMBERED_SECONDS:
                del self._used[digest]
                return False
            self._used[digest] = now
            self._used.move_to_end(digest)
            return True

    def add(self, user: str, stored: str, password: str, now: float) -> None:
        """Keep that this password is right."""
        digest = self._digest(user, stored, password)
        with self._lock:
            self._used[digest] = now
            self._used.move_to_end(digest)
            if len(self._used) > REMEMBERED_PASSWORDS:
                self._used.popitem(last=False)

    def _digest(self, *texts: str) -> bytes:
        parts = [text.encode() for text in texts]
        message = b"".join(len(part).to_bytes(8) + part for part in parts)
        return hmac.digest(self._key, message, hashlib.sha256)


class BasicCheck:
    """Objects to requests without the name and password of a user.

    ``rounds`` is how long each look at a password takes, in rounds of PBKDF2, whether
    or not there is such a user: as many as the most that a password is stored with.
    With ``require_mfa`` a client certificate in the user's name is asked for as well.
    """

    challenge = 'Basic realm="policy", charset="UTF-8"'

    def __init__(
        self,
        users: Mapping[str, str],
        rounds: int,
        *,
        require_mfa: bool,
        verified: VerifiedPasswords,
    ) -> None:
        self.verified = verified
        self.users = users
        self._rounds = rounds
        self._require_mfa = require_mfa
        self._nobody = StoredPassword.read(hash_password(secrets.token_hex(), 1))

    def __call__(self, request: Request, now: float, /) -> Decision | None:
        """Judge by name and password; slow where the password was not right a moment ago."""
        given = _name_and_password(authorization(request, "basic"))
        if given is None:
            return refuse('there is no "Authorization: Basic" header with a name and a password')
        user, password = given
        if not self._is_right(user, password, now):
            return refuse("the user name or the password is wrong")
        if self._require_mfa and request.client_name != user:
            return refuse(
                "the policy requires a second factor (authentication.require_mfa): "
                "besides the password, a client certificate in the user's name"
            )
        return None

    def _is_right(self, user: str, password: str, now: float) -> bool:
        text = self.users.get(user)
        if text is not None and self.verified.knows(user, text, password, now):
            return True
        try:
            stored = StoredPassword.read(text or "")
        except ValueError:
            self._nobody.matches(password, self._rounds)
            return False
        if not stored.matches(password, self._rounds):
            return False
        self.verified.add(user, text or "", password, now)
        return True


def _name_and_password(credentials: str | None) -> tuple[str, str] | None:
    if credentials is None:
        return None
    try:
        text = b64decode(credentials, validate=True).decode()
    except ValueError:
        return None
    name, colon, password = text.partition(":")
    if not colon or has_control_characters(text):
        return None
    return normalized(name), normalized(password)
