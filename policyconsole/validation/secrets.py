"""Whether a policy holds a secret: told by the form of a value, or by the name of its field.

False alarms cost more than a secret missed, for they teach people to pass over the
warning: a value counts by its name only where it also looks like a secret. Nothing here
gives a value back.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from policyconsole.fields import FieldPath
from policyconsole.masking import is_secret
from policyconsole.policy import (
    Authentication,
    Encryption,
    InputValidation,
    Metrics,
    Monitoring,
    PolicyConfig,
    RateLimiting,
    Section,
    Security,
    Tls,
)
from policyconsole.tokens import PLACEHOLDER, is_marked, token_form

_SHORTEST = 8
"""What has fewer characters is not looked at."""

_LONGEST = 4096
"""What has more characters is no secret that a name tells: a list, a text, a certificate."""

_LONGEST_NAME = 100
"""A key with more characters is no name."""

_MOST_SEARCHED = 1_000_000
"""How many characters of a policy are searched for tokens: some 50 ms at worst."""


_SECTIONS: Mapping[type[Section], FieldPath] = {
    PolicyConfig: (),
    Security: ("security",),
    Encryption: ("security", "encryption"),
    Tls: ("security", "tls"),
    InputValidation: ("security", "input_validation"),
    RateLimiting: ("security", "rate_limiting"),
    Monitoring: ("monitoring",),
    Metrics: ("monitoring", "metrics"),
    Authentication: ("authentication",),
}
"""Where each section stands in a policy."""

_TELLING = re.compile(
    r"(?:pass(?:word|wd|phrase|code)|pwd|secret|credential|token|key|bearer|dsn)s?[0-9]*$"
)
"""What a name ends with whose value is the secret itself: not ``token_type`` or ``secret_name``."""

_PASSWORD = re.compile(r"(?:pass(?:word|wd|phrase|code)|pwd)s?[0-9]*$")

_KEPT_ELSEWHERE = re.compile(
    r"""
      [$%&*!<>{(\[]                 # $NAME, ${NAME}, %NAME%, <name>, {{ name }}, ***, $argon2id$
    | [a-z][a-z0-9+.-]*+:           # env:NAME, vault:path, arn:aws:..., op://..., file:...
    | ENC\[ | AQICAH | AgB          # sealed: sops, AWS KMS, sealed secrets
    | [.~]?/ | [A-Za-z]:\\         # the path of a file
    | .*\s                          # words
    | (?i:x+$|none$)
    """
    rf"| (?i:{PLACEHOLDER})",
    re.VERBOSE,
)
"""What only says where a secret is, and what stands in the place of one."""

_ORDINARY = re.compile(r"[A-Za-z]*[0-9]{0,5}[A-Za-z]?[0-9]?")
"""A part of a name that people give: ``prod``, ``v2``, ``2026``, ``ed25519``, ``secp256k1``."""

_ALGORITHM = re.compile(r"(?i)argon|bcrypt|scrypt|pbkdf|sha|md5|hmac|ntlm")
_BETWEEN = re.compile(r"[-_./:]")


Text: TypeAlias = tuple[str, str, FieldPath, str | int]
"""A text that somebody may have written a secret into: name, text, where it stands.

The name is its own key, or of a list that of the list; then follow the path to what holds
it, and its key or position there. A plain tuple, for one is made of every text at each save.
"""

Texts: TypeAlias = Sequence[Text]


def texts_of(config: PolicyConfig) -> Texts:
    """Collect what was written below ``custom``, in unknown fields and in the description.

    Texts of fewer than eight characters are left out.
    """
    found: list[Text] = []
    if config.description is not None:
        found.append(("description", config.description, (), "description"))
    if config.custom:
        _collect(found, ("custom",), config.custom)
    security, monitoring = config.security, config.monitoring
    for section in (
        config,
        security,
        security.encryption,
        security.tls,
        security.input_validation,
        security.rate_limiting,
        monitoring,
        monitoring.metrics,
        config.authentication,
    ):
        if section.__pydantic_extra__:
            _collect(found, _SECTIONS[type(section)], section.__pydantic_extra__)
    return found


def tokens(texts: Texts) -> Sequence[tuple[FieldPath, str]]:
    """Give the path of each text in which a token or key stands, with the kind of it."""
    # All at once: most policies hold none, and looking into each text takes far longer.
    if not is_marked("\n".join([value for _, value, _, _ in texts])[:_MOST_SEARCHED]):
        return ()
    found: list[tuple[FieldPath, str]] = []
    left = _MOST_SEARCHED
    for _, value, above, last in texts:
        form = token_form(value[:left])
        if form is not None:
            found.append(((*above, last), form))
        left -= len(value)
        if left <= 0:
            break
    return found


def plain_secrets(texts: Texts) -> Sequence[FieldPath]:
    """Give the path of each text that looks like the secret its name says it is, tokens apart."""
    return [
        (*above, last)
        for name, value, above, last in texts
        if _is_telling(name) and is_plain_secret(name, value) and token_form(value) is None
    ]


def is_plain_secret(name: str, value: str) -> bool:
    """Whether ``value`` looks like the secret that ``name`` says it is.

    References to where a secret is kept, hashes, placeholders, and names that people give
    (``jwt``, ``prod-key-2026``, ``X-API-Key``) are none.
    """
    if not _is_telling(name) or not _SHORTEST <= len(value) <= _LONGEST:
        return False
    if _KEPT_ELSEWHERE.match(value) or _ALGORITHM.match(value):
        return False
    odd = sum(len(part) for part in _BETWEEN.split(value) if not _ORDINARY.fullmatch(part))
    if _PASSWORD.search(name.lower()):
        return bool(odd) or any(character.isdecimal() for character in value)
    return odd >= _SHORTEST and any(character.isdecimal() for character in value)


def _collect(found: list[Text], path: FieldPath, mapping: Mapping[str, object]) -> None:
    for key, value in mapping.items():
        if isinstance(value, str):
            if len(value) >= _SHORTEST:
                found.append((key, value, path, key))
        elif isinstance(value, dict):
            _collect(found, (*path, key), value)
        elif isinstance(value, list):
            _collect_items(found, (*path, key), key, value)


def _collect_items(found: list[Text], path: FieldPath, name: str, items: Sequence[object]) -> None:
    for position, item in enumerate(items):
        if isinstance(item, str):
            if len(item) >= _SHORTEST:
                found.append((name, item, path, position))
        elif isinstance(item, dict):
            _collect(found, (*path, position), item)
        elif isinstance(item, list):
            _collect_items(found, (*path, position), name, item)


@lru_cache(maxsize=1024)
def _is_telling(name: object) -> bool:
    if not isinstance(name, str):  # a policy made in Python may hold any keys
        return False
    return len(name) <= _LONGEST_NAME and bool(_TELLING.search(name.lower())) and is_secret(name)
