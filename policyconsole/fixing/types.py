"""Fixes for values of the wrong type (TYPE001)."""

import re
from datetime import UTC, date, datetime, time
from types import UnionType
from typing import Annotated, Union, get_args, get_origin

from pydantic import AwareDatetime

from policyconsole.fields import FieldPath
from policyconsole.fixing.edits import SetValue
from policyconsole.fixing.fix import Fix, Subject, fix_if_asked, fix_safely
from policyconsole.fixing.settings import three_numbers, tls_version
from policyconsole.loading.type_errors import field_at
from policyconsole.policy import Section

_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_ONE_NAME = re.compile(r"[\w-]+")
"""What is one item: in ``A:B``, OpenSSL's way, stand two."""

_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_WITHOUT_OFFSET = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
)


def right_type(subject: Subject) -> Fix | None:
    """Write the value that was meant in the type that the field has, where there is but one way."""
    expected, value, path = _expected(subject.path), subject.value, subject.path
    if expected is str:
        text = _text(subject)
        return fix_safely(SetValue(path, text)) if text is not None else None
    if isinstance(expected, type) and issubclass(expected, Section):
        return fix_if_asked(SetValue(path, {})) if value is None else None
    if expected is datetime:
        moment = _in_utc(value)
        return fix_if_asked(SetValue(path, moment)) if moment is not None else None
    meant = _meant(expected, value)
    return fix_safely(SetValue(path, meant)) if meant is not None else None


def _meant(expected: object, value: object) -> object:
    match value:
        case str() if expected is bool:
            return _WORDS.get(value.strip().lower())
        case str() if expected is int and _WHOLE.fullmatch(value.strip()) and len(value) < 20:
            return int(value)
        case str() if expected is float and _NUMBER.fullmatch(value.strip()) and len(value) < 20:
            return float(value)
        case float() if expected is int and value.is_integer() and abs(value) < 1e15:
            return int(value)
        case str() if expected is tuple and _ONE_NAME.fullmatch(value):
            return [value]
    return None


def _text(subject: Subject) -> str | None:
    """Give as text what was written without quotes, letter by letter: 1.10 is not 1.1."""
    if not isinstance(subject.value, int | float | date | time) or not subject.token:
        return None
    text = subject.token
    match subject.path:
        case ("version",):
            return three_numbers(text) or text
        case ("security", "tls", "min_version"):
            return tls_version(text) or text
    return text


def _in_utc(value: object) -> datetime | str | None:
    """Give a time that has no offset as one in UTC."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    if isinstance(value, str) and _WITHOUT_OFFSET.fullmatch(value):
        return value + "Z"
    return None


def _expected(path: FieldPath) -> object:
    """Give the type of the field at ``path``; that of an item for one of a list."""
    if path and isinstance(path[-1], int):
        return str if _expected(path[:-1]) is tuple else None
    field = field_at(path)
    kind: object = field.annotation if field else None
    while get_origin(kind) in {Union, UnionType, Annotated}:  # optional text, a time
        kind = get_args(kind)[0]
    if kind is AwareDatetime:
        return datetime
    return get_origin(kind) or kind
