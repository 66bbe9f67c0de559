"""Why a content cannot be decoded: DecodeError, and the diagnostics that it carries."""

from policyconsole.diagnostics import Diagnostic, Place, Severity, error
from policyconsole.wording import shortened


class DecodeError(ValueError):
    """A text is not a policy's data; ``diagnostic`` (FILE, PARSE or TYPE001) says why and where."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


TOP = Place(1, 1, 1, 1)
"""The place of the top of a file: what belongs to no table is said there."""


def empty() -> DecodeError:
    """FILE004: nothing is in the file, or only white space and comments."""
    return DecodeError(
        error(
            "FILE004",
            Severity.CRITICAL,
            "the file is empty",
            help="write the policy, or delete the file to retire it",
        )
    )


def not_utf8(message: str, place: Place) -> DecodeError:
    """FILE003: the bytes are no UTF-8."""
    return DecodeError(
        error("FILE003", Severity.CRITICAL, message, place=place, help="save the file as UTF-8")
    )


def not_well_formed(message: str, place: Place, advice: str | None = None) -> DecodeError:
    """PARSE001: the parser gave up at ``place``."""
    return DecodeError(error("PARSE001", Severity.CRITICAL, message, place=place, help=advice))


def key_twice(field: str | None, place: Place, first: Place | None) -> DecodeError:
    """PARSE002: the key at ``place`` was already there, at ``first`` where that is known."""
    named = "this key" if field is None else shortened(field)
    before = "before" if first is None else f"first on line {first.line}"
    return DecodeError(
        error(
            "PARSE002",
            Severity.CRITICAL,
            f"{named} is there twice: {before}",
            field=field,
            place=place,
            help="keep the one that is meant and delete the other",
        )
    )


def too_much(message: str, place: Place) -> DecodeError:
    """PARSE003: nested deeper, or expanded further, than any policy needs."""
    return DecodeError(
        error(
            "PARSE003",
            Severity.CRITICAL,
            message,
            place=place,
            help="a policy is settings only: make it flatter and smaller",
        )
    )


def wrong_type(
    message: str, place: Place, advice: str | None = None, *, field: str | None = None
) -> DecodeError:
    """TYPE001, where decoding itself finds it: the top, a key, or an ambiguous number."""
    return DecodeError(
        error("TYPE001", Severity.HIGH, message, place=place, field=field, help=advice)
    )
