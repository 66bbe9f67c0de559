import pytest

from policyconsole.diagnostics import Severity
from policyconsole.loading.formats import Format

from .sources import TOML, YAML, load, marked, only, refused


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("custom.x = nan", "custom.x", "nan"),
        ("custom.x = [1, {y = -inf}]", "custom.x[1].y", "-inf"),
        ("security.tls.x = +inf", "security.tls.x", "+inf"),
        ("x = [[nan]]", "x[0][0]", "nan"),
        ("custom.x = 9999-12-31T23:59:59-00:01", "custom.x", "9999-12-31T23:59:59-00:01"),
        ("custom.x = 0001-01-01T00:00:00+00:01", "custom.x", "0001-01-01T00:00:00+00:01"),
    ],
)
def test_what_cannot_be_compared_or_told_is_refused(line: str, field: str, value: str) -> None:
    text = TOML + line
    (diagnostic,) = (item for item in refused(text, Format.TOML) if item.blocks)
    assert diagnostic.code == "TYPE002"
    assert diagnostic.severity is Severity.HIGH
    assert diagnostic.field == field
    assert marked(text, diagnostic.place) == value


def test_yaml_has_its_own_words_for_them() -> None:
    text = YAML + "custom: {x: .NaN}\n"
    assert marked(text, only(text, Format.YAML).place) == ".NaN"


def test_other_values_are_the_teams_own() -> None:
    text = (
        TOML + "[custom]\na = 1e308\nb = 0001-01-01T00:00:00\nc = 9999-12-31T23:59:59Z\nd = 1.5\n"
    )
    assert load(text, Format.TOML).config.custom["a"] == 1e308


def test_a_hundred_are_told_in_order_and_the_rest_is_counted() -> None:
    text = TOML + "custom.x = [" + "nan, " * 300 + "]\n"
    count, *found = refused(text, Format.TOML)
    assert [item.field for item in found] == [f"custom.x[{number}]" for number in range(100)]
    assert (count.code, count.field, count.message) == (
        "TYPE002",
        None,
        "200 more values are wrong",
    )
