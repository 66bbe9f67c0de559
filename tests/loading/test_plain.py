from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import IntEnum, StrEnum
from types import MappingProxyType

import pytest

from policyconsole.loading.formats import EncodeError, Format, decode, encode
from policyconsole.loading.limits import DEPTH_LIMIT, VALUE_LIMIT


class Colour(StrEnum):
    RED = "red"


class Size(IntEnum):
    LARGE = 3


def nested(levels: int) -> dict[str, object]:
    value: dict[str, object] = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


def looped() -> dict[str, object]:
    value: dict[str, object] = {}
    value["a"] = [value]
    return value


def doubled(times: int) -> dict[str, object]:
    value: object = 1
    for _ in range(times):
        value = [value, value]
    return {"a": value}


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        ({"a": {"b": [1, {1, 2}]}}, "a.b[1]", "set"),
        ({"a": b"x"}, "a", "bytes"),
        ({"a": object()}, "a", "object"),
        ({"a": float("nan")}, "a", "nan"),
        ({"a": [float("-inf")]}, "a[0]", "-inf"),
        ({"a": 2**128}, "a", "too large"),
        ({"a": "\ud800"}, "a", "surrogate"),
        ({"a": {"\ud800": 1}}, "a", "surrogate"),
        ({"a": {1: 2}}, "a", "not text"),
        ({"a": time(1, tzinfo=UTC)}, "a", "offset"),
        ({"a": datetime(2026, 1, 1, tzinfo=timezone(timedelta(seconds=1)))}, "a", "offset"),
        (nested(DEPTH_LIMIT + 1), "a", "deeper"),
        (looped(), "a", "deeper"),
        (doubled(30), "a", "values"),
        ({"a": list(range(VALUE_LIMIT))}, "a", "values"),
    ],
)
@pytest.mark.parametrize("form", Format)
def test_what_no_file_can_hold_is_named(
    form: Format, data: dict[str, object], field: str, words: str
) -> None:
    with pytest.raises(EncodeError, match=words) as caught:
        encode(data, form)
    assert caught.value.field == field


def test_null_has_no_place_in_toml() -> None:
    data: Mapping[str, object] = {"custom": {"a": [1, None]}}
    with pytest.raises(EncodeError, match="null") as caught:
        encode(data, Format.TOML)
    assert caught.value.field == "custom.a[1]"
    assert decode(encode(data, Format.YAML), Format.YAML) == data
    assert decode(encode(data, Format.JSON), Format.JSON) == data


@pytest.mark.parametrize("form", Format)
def test_what_is_as_good_as_plain_becomes_plain(form: Format) -> None:
    data = MappingProxyType({"a": (Colour.RED, Size.LARGE), "b": MappingProxyType({"c": 1})})
    assert decode(encode(data, form), form) == {"a": ["red", 3], "b": {"c": 1}}


TIMES: dict[str, object] = {
    "utc": datetime(2026, 11, 23, 18, 0, 0, 123456, tzinfo=UTC),
    "offset": datetime(2026, 11, 23, 18, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
    "local": datetime(2026, 11, 23, 18),  # noqa: DTZ001 - without an offset on purpose
    "date": date(2026, 11, 23),
    "time": time(7, 32),
}
TEXTS = {
    "utc": "2026-11-23T18:00:00.123456Z",
    "offset": "2026-11-23T18:00:00-09:30",
    "local": "2026-11-23T18:00:00",
    "date": "2026-11-23",
    "time": "07:32:00",
}


@pytest.mark.parametrize(
    ("form", "read"),
    [
        (Format.TOML, TIMES),
        (Format.YAML, TIMES | {"time": TEXTS["time"]}),
        (Format.JSON, TEXTS),
    ],
)
def test_times_stay_times_where_the_format_has_them(form: Format, read: object) -> None:
    assert decode(encode(TIMES, form), form) == read


def test_a_value_that_is_there_twice_is_written_twice() -> None:
    when = datetime(2026, 11, 23, tzinfo=UTC)
    shared = [1]
    text = encode({"a": shared, "b": shared, "c": when, "d": when}, Format.YAML)
    assert "&" not in text
    assert decode(text, Format.YAML) == {"a": [1], "b": [1], "c": when, "d": when}
