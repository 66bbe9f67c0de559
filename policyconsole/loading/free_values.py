"""TYPE002 for values that no section checks: what is below ``custom`` or in an unknown field.

They may be anything but what cannot be compared or told: a number that is not
finite (NaN differs even from itself: each look would find a change), and a time
that does not exist in UTC.
"""

import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from policyconsole.diagnostics import Diagnostic, Severity, error
from policyconsole.fields import FieldPath, format_field
from policyconsole.loading.unknown_fields import REPORTED
from policyconsole.policy import exists_in_utc


def refused_values(values: Iterable[tuple[FieldPath, object]]) -> Iterator[Diagnostic]:
    """Give an error for each value below the given ones that no policy may hold.

    The first hundred one by one, in the order of the policy, and one for the rest.
    """
    found = _refused(values)
    for path, message in islice(found, REPORTED):
        yield error("TYPE002", Severity.HIGH, message, field=format_field(path))
    more = sum(1 for _ in found)
    if more:
        yield error("TYPE002", Severity.HIGH, f"{more:,} more values are wrong")


def _refused(values: Iterable[tuple[FieldPath, object]]) -> Iterator[tuple[FieldPath, str]]:
    waiting = list(values)[::-1]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*path, key), item) for key, item in value.items()][::-1]
        elif isinstance(value, list):
            waiting += [((*path, index), item) for index, item in enumerate(value)][::-1]
        elif isinstance(value, float) and not math.isfinite(value):
            yield path, f"must be a finite number, got {value}"
        elif isinstance(value, datetime) and value.tzinfo and not exists_in_utc(value):
            yield path, f"must be in the years 1 to 9999 in UTC, got {value.isoformat()}"
