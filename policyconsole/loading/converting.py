"""From one format to another: every field, and the same policy afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from policyconsole.diagnostics import Diagnostic, Severity, error
from policyconsole.fields import FieldPath, format_field
from policyconsole.loading.comments import comments
from policyconsole.loading.formats import (
    DecodeError,
    EncodeError,
    Format,
    decode,
    encode,
    written_values,
)
from policyconsole.loading.loader import LoadedPolicy
from policyconsole.loading.spans import place
from policyconsole.policy import PolicyConfig
from policyconsole.wording import shortened


class ConversionError(Exception):
    """A policy cannot be written in a format; ``diagnostics`` say what is in the way, placed."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("; ".join(diagnostic.message for diagnostic in diagnostics))
        self.diagnostics = diagnostics


@dataclass(frozen=True, slots=True)
class Converted:
    """A policy as text in another format, and whether its source had comments, which are not in it."""

    text: str
    comments_lost: bool


def convert(policy: LoadedPolicy, target: Format) -> Converted:
    """Write a loaded policy in the format ``target``: all fields of its source, known or not.

    In JSON dates and times become RFC 3339 text, in YAML times without a date do. Raises
    :class:`ConversionError` for what the format cannot hold: null in TOML.
    """
    data = decode(policy.text, policy.format)
    if target is Format.TOML:
        _require_no_null(policy, data)
    try:
        text = encode(data, target)
        expected = PolicyConfig.model_validate(written_values(data, target))
        again = PolicyConfig.model_validate(decode(text, target))
    except (EncodeError, DecodeError, ValidationError) as problem:
        raise ConversionError((_refused(str(problem)),)) from None
    if again != expected:
        raise ConversionError((_refused(f"in {target.upper()} it would be another policy"),))
    return Converted(text, bool(comments(policy.text, policy.format, "")))


def _require_no_null(policy: LoadedPolicy, data: object) -> None:
    nulls = [
        _refused(
            "TOML has no null", format_field(path), "leave the field out, or write YAML or JSON"
        )
        for path in _nulls(data, ())
    ]
    if nulls:
        raise ConversionError(place(nulls, policy.text, policy.format))


def _nulls(value: object, path: FieldPath) -> Iterator[FieldPath]:
    if value is None:
        yield path
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _nulls(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nulls(item, (*path, index))


def _refused(reason: str, field: str | None = None, advice: str | None = None) -> Diagnostic:
    named = f"{shortened(field)}: {reason}" if field else reason
    return error("TYPE001", Severity.HIGH, named, field=field, help=advice)
