"""Fixes for the settings that rules look at."""

import re

from policyconsole.fields import parse_field
from policyconsole.fixing.edits import SetValue
from policyconsole.fixing.fix import Fix, Fixer, Subject, fix_if_asked, fix_safely
from policyconsole.policy import RateLimiting

_VERSION = re.compile(r"\s*[vV]?([0-9]+(?:\.[0-9]+){0,2})\s*")
_TLS = re.compile(
    r"\s*(?P<name>tls|ssl|)[ _-]?v?[ _-]?(?P<major>[0-9])(?:[._](?P<minor>[0-9]))?\s*"
)
_LOWEST_TLS = "TLSv1.2"
_DEFAULT_RATE = RateLimiting().requests_per_minute


def set_safely(field: str, value: object) -> Fixer:
    """Make a fixer that sets ``field`` where there is no other answer."""
    return lambda _: fix_safely(SetValue(parse_field(field), value))


def set_if_asked(*values: tuple[str, object]) -> Fixer:
    """Make a fixer that sets fields and so changes what the policy means."""
    edits = [SetValue(parse_field(field), value) for field, value in values]
    return lambda _: fix_if_asked(*edits)


def switch_on(*fields: str) -> Fixer:
    """Make a fixer that sets those of some fields to true that the file sets to false."""
    paths = [parse_field(field) for field in fields]

    def fixer(subject: Subject) -> Fix | None:
        off = [path for path in paths if subject.at(path) is False]
        return fix_if_asked(*(SetValue(path, True) for path in off)) if off else None

    return fixer


def complete_version(subject: Subject) -> Fix | None:
    """Write a version as three numbers: ``1.0`` is ``1.0.0``, ``v2`` is ``2.0.0``."""
    value = subject.value
    version = three_numbers(value) if isinstance(value, str) else None
    return fix_safely(SetValue(subject.path, version)) if version else None


def three_numbers(text: str) -> str | None:
    """Give a version as three numbers, zeros for those that are missing; None if it is another thing."""
    match = _VERSION.fullmatch(text)
    return ".".join([*match[1].split("."), "0", "0"][:3]) if match else None


def lowest_tls(subject: Subject) -> Fix | None:
    """Set the lowest version of TLS that may be used, or the one that was meant by another name."""
    value = subject.value
    version = tls_version(value) if isinstance(value, str) else None
    return fix_safely(SetValue(subject.path, version)) if version else None


def tls_version(text: str) -> str | None:
    """Give the name of the TLS version that ``text`` means; for a prohibited one the lowest allowed."""
    match = _TLS.fullmatch(text.lower())
    if match is None or (match["name"] != "ssl" and match["major"] != "1"):
        return None
    if match["name"] == "ssl" or match["minor"] in {None, "0", "1", "2"}:
        return _LOWEST_TLS
    return "TLSv1.3" if match["minor"] == "3" else None


def half_burst(subject: Subject) -> Fix | None:
    """Set the largest burst that SEC005 lets pass: half of a minute's requests."""
    rate = subject.at(("security", "rate_limiting", "requests_per_minute"))
    half = (rate if isinstance(rate, int) else _DEFAULT_RATE) // 2
    return fix_if_asked(SetValue(subject.path, half)) if half else None
