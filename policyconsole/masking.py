"""Which values are secrets, and how they are shown instead.

A policy should hold no secret; where one does all the same, no face, event or
log repeats it.
"""

import re
from collections.abc import Mapping

MASK = "***"
"""What stands in the place of a secret."""

_WORDS = (
    r"pass(?:word|wd|phrase)s?|secrets?|tokens?|credentials?|"
    r"(?:api|access|private|signing|encryption)_?keys?"
)
_SECRET_NAME = re.compile(rf"(?:^|[^a-z0-9])(?:{_WORDS})(?:[^a-z0-9]|$)")
_CAMEL_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SOURCE_ASSIGNMENT = re.compile(
    r"""^(?P<head>[^=:#]*?["']?(?P<key>[\w.\- ]+)["']?\s*[=:]\s*)(?P<value>\S.*)$"""
)


def is_secret(field: str) -> bool:
    """Whether the name of ``field`` (a dotted path) says that it holds a secret."""
    return _SECRET_NAME.search(_CAMEL_BOUNDARY.sub("_", field).lower()) is not None


def mask(field: str, value: object) -> object:
    """Give ``value`` as it may be shown for ``field``.

    Text below a name that looks like a secret becomes ``***``, at any depth of
    lists and mappings. Numbers, booleans and times are no secrets
    (``password_min_length = 12`` stays readable).
    """
    if isinstance(value, Mapping):
        return {key: mask(f"{field}.{key}", item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(field, item) for item in value]
    return MASK if isinstance(value, str) and is_secret(field) else value


def mask_line(line: str) -> str:
    """Give a line of a policy's source with the value of a secret-looking key masked."""
    match = _SOURCE_ASSIGNMENT.match(line)
    if match is None or not is_secret(match["key"].strip()):
        return line
    return match["head"] + MASK
