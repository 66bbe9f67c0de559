"""TYPE001, TYPE002, TYPE003: what pydantic finds, in words that say what to write instead."""

import re
from collections.abc import Iterator
from datetime import date
from typing import get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from policyconsole.diagnostics import Diagnostic, Severity, error
from policyconsole.fields import FieldPath, format_field
from policyconsole.loading.formats import TABLE_WORDS, Format
from policyconsole.loading.unknown_fields import REPORTED
from policyconsole.loading.words import described
from policyconsole.policy import PolicyConfig, Section
from policyconsole.wording import nearest, quoted

_EXPECTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "tuple_type": "a list",
    "datetime_type": "a time",
    "rfc3339": "a time",
    "timezone_aware": "a time with an offset",
}
_TABLES = frozenset({"model_type", "dict_type", "mapping_type"})
_RANGES = frozenset({"greater_than_equal", "less_than_equal", "greater_than", "less_than"})
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?", re.ASCII)
_BOOLEANS = frozenset({"true", "false", "yes", "no", "on", "off"})
_A_TIME = "write it as 2026-11-23T18:00:00Z"


def type_errors(problem: ValidationError, form: Format) -> Iterator[Diagnostic]:
    """Give pydantic's findings as diagnostics without places: the first hundred, and a count."""
    details = problem.errors(include_url=False)
    for item in details[:REPORTED]:
        yield _diagnostic(item, form)
    if len(details) > REPORTED:
        more = len(details) - REPORTED
        yield error("TYPE001", Severity.HIGH, f"{more:,} more values are wrong")


def _diagnostic(item: ErrorDetails, form: Format) -> Diagnostic:
    path, value = item["loc"], item["input"]
    field = format_field(path)
    got = described(value, field, TABLE_WORDS[form])
    code, advice = "TYPE001", None
    match item["type"]:
        case "missing":
            code, message = "TYPE003", f"{field} is missing"
            advice = f"add {field}" + (" above the first table" if form is Format.TOML else "")
        case "literal_error" if isinstance(value, str):
            choices = get_args(_annotation(path))
            code, message = "TYPE002", f"must be one of {', '.join(choices)}; got {quoted(value)}"
            meant = nearest(value, choices)
            advice = f"did you mean {quoted(meant)}?" if meant else None
        case "literal_error":
            message, advice = f"expected text, got {got}", _quotes(value, form)
        case "finite_number":
            code, message = "TYPE002", f"must be {_range(path)}, got {value}"
        case kind if kind in _RANGES:
            code, message = "TYPE002", f"must be {_range(path)}, got {value}"
        case "time_range":
            code, message = "TYPE002", f"must be in the years 1 to 9999 in UTC, got {got}"
        case kind if kind in _TABLES:
            message = f"expected {TABLE_WORDS[form]}, got {got}"
            advice = "leave it out, or write its fields below it" if value is None else None
        case kind if kind in _EXPECTED:
            message, advice = f"expected {_EXPECTED[kind]}, got {got}", _advice(kind, value, form)
        case _:
            message = item["msg"][:1].lower() + item["msg"][1:]
    return error(code, Severity.HIGH, message, field=field, help=advice)


def _advice(kind: str, value: object, form: Format) -> str | None:
    """Say what to write instead, where the value tells what was meant."""
    match kind, value:
        case "string_type", _:
            return _quotes(value, form)
        case "bool_type", str() if value.lower() in _BOOLEANS:
            return "write true or false, without quotes"
        case "int_type", float() if value.is_integer():
            return f"write {value:.0f}"
        case "int_type" | "float_type", str() if _NUMBER.fullmatch(value):
            number = float(value)
            if kind == "float_type" or number.is_integer():
                return f"write {number:.15g} without quotes"
        case "tuple_type", str():
            return f"put it in brackets: [{quoted(value)}]"
        case "timezone_aware", _:
            return "add Z for UTC, or an offset such as +09:00"
        case "rfc3339" | "datetime_type", _:
            return _A_TIME
    return None


def _quotes(value: object, form: Format) -> str | None:
    """Say why what looks like text is none; YAML turns many words into something else."""
    if value is None:
        return 'write "" for an empty text, or leave the field out'
    if isinstance(value, dict | list):
        return None
    if form is not Format.YAML:
        return "put it in quotes"
    if isinstance(value, bool):
        return "put it in quotes: YAML reads yes, no, on and off as true or false"
    kind = "a date or time" if isinstance(value, date) else "a number"
    return f"put it in quotes: without them YAML reads it as {kind}"


def _range(path: FieldPath) -> str:
    """Say between which numbers a field lies."""
    field = field_at(path)
    ends = [end for rule in (field.metadata if field else ()) for end in _ends(rule)]
    return f"between {min(ends)} and {max(ends)}" if ends else "in range"


def _ends(rule: object) -> Iterator[int]:
    for name in ("ge", "le"):
        end = getattr(rule, name, None)
        if isinstance(end, int | float):
            yield int(end)


def _annotation(path: FieldPath) -> object:
    field = field_at(path)
    return field.annotation if field else None


def field_at(path: FieldPath) -> FieldInfo | None:
    """Find the model's field at ``path``; None for what is not a field."""
    section: type[Section] = PolicyConfig
    field: FieldInfo | None = None
    for step in path:
        field = section.model_fields.get(str(step))
        annotation = field.annotation if field else None
        if isinstance(annotation, type) and issubclass(annotation, Section):
            section = annotation
    return field
