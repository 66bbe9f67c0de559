"""TYPE002 for values that no section checks: what is below ``custom`` or in an unknown field.

They may be anything but what cannot be compared or told: a number that is not
finite (NaN differs even from itself: each look would find a change), and a time
that does not exist in UTC.
"""

import math
from collections.abc import Iterable, Iterator
from datetime import datetime

from policyconsole.diagnostics import Diagnostic, Severity, error
from policyconsole.fields import FieldPath, format_field
from policyconsole.policy import exists_in_utc


def refused_values(values: Iterable[tuple[FieldPath, object]]) -> Iterator[Diagnostic]:
    """Give an error for each value below the given ones that no policy may hold."""
    waiting = list(values)
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(((*path, key), item) for key, item in value.items())
        elif isinstance(value, list):
            waiting.extend(((*path, index), item) for index, item in enumerate(value))
        elif isinstance(value, float) and not math.isfinite(value):
            yield _error(path, f"must be a finite number, got {value}")
        elif isinstance(value, datetime) and value.tzinfo and not exists_in_utc(value):
            yield _error(path, f"must be in the years 1 to 9999 in UTC, got {value.isoformat()}")


def _error(path: FieldPath, message: str) -> Diagnostic:
    field = format_field(path)
    return error("TYPE002", Severity.HIGH, message, field=field)
