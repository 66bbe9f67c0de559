"""Plain data out of a policy's values: what the formats can write, and read again."""

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from policyconsole.fields import FieldPath, format_field
from policyconsole.loading.limits import (
    DEPTH_LIMIT,
    LARGEST_INTEGER,
    SMALLEST_INTEGER,
    VALUE_LIMIT,
)


class EncodeError(ValueError):
    """A value cannot be written in a format; ``field`` names it."""

    def __init__(self, path: FieldPath, reason: str) -> None:
        self.field = format_field(path) or None
        super().__init__(f"{self.field}: {reason}" if self.field else reason)


def plain(
    data: Mapping[str, object], *, times: bool, clocks: bool, nulls: bool
) -> dict[str, object]:
    """Copy ``data`` as dictionaries, lists, text, numbers, booleans, times and None.

    Without ``times``, dates and times become RFC 3339 text, without ``clocks`` times of
    day do; without ``nulls``, None is refused. Raises :class:`EncodeError` for what no
    policy file can hold.
    """
    return _Copy(times=times, clocks=clocks, nulls=nulls).mapping(data, ())


class _Copy:
    """One walk over a policy's values; counts them, for shared lists can stand for millions."""

    def __init__(self, *, times: bool, clocks: bool, nulls: bool) -> None:
        self._times = times
        self._clocks = clocks
        self._nulls = nulls
        self._count = 1

    def mapping(self, value: Mapping[str, object], path: FieldPath) -> dict[str, object]:
        self._require_shallow(path)
        copy: dict[str, object] = {}
        for key, item in value.items():
            if not isinstance(key, str):
                raise EncodeError(path, f"the key {key!r} is not text")
            copy[self._text(key, path)] = self._value(item, (*path, key))
        return copy

    def _value(self, value: object, path: FieldPath) -> object:
        self._count += 1
        if self._count > VALUE_LIMIT:
            raise EncodeError(path[:1], f"holds more than {VALUE_LIMIT:,} values")
        match value:
            case None:
                if not self._nulls:
                    raise EncodeError(path, "TOML has no null: leave the field out")
                return None
            case bool():
                return value
            case str():
                return self._text(value, path)
            case int():
                if not SMALLEST_INTEGER <= value <= LARGEST_INTEGER:
                    raise EncodeError(path, "the number is too large")
                return int(value)
            case float():
                if not math.isfinite(value):
                    raise EncodeError(path, f"{value} cannot be compared and has no place in JSON")
                return float(value)
            case datetime() | date() | time():
                return self._time(value, path)
            case Mapping():
                return self.mapping(value, path)
            case list() | tuple():
                self._require_shallow(path)
                return [self._value(item, (*path, index)) for index, item in enumerate(value)]
            case _:
                kind = type(value).__name__
                raise EncodeError(path, f"a value of type {kind} cannot be written to a file")

    def _require_shallow(self, path: FieldPath) -> None:
        if len(path) >= DEPTH_LIMIT:
            raise EncodeError(path[:1], f"nested deeper than {DEPTH_LIMIT} levels")

    def _text(self, text: str, path: FieldPath) -> str:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise EncodeError(path, "holds half a character, a lone surrogate") from None
        return str(text)

    def _time(self, value: datetime | date | time, path: FieldPath) -> object:
        offset = None if not isinstance(value, datetime | time) else value.utcoffset()
        if offset is not None and (isinstance(value, time) or offset % timedelta(minutes=1)):
            raise EncodeError(path, f"{value} has an offset that RFC 3339 cannot write")
        if self._clocks if isinstance(value, time) else self._times:
            return value
        text = value.isoformat()
        return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text
