"""Values over several lines, where a comment may stand on the first or the last of them."""

import pytest

from policyconsole.loading.formats import Format, decode
from policyconsole.loading.spans import long_values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1\n[b]\nc = [1, 2]\n", []),
        ("a = [\n1,\n]\nb = 2\n", [(1, 3, True)]),
        ("a = '''x\ny'''\n", [(1, 2, True)]),
        ("[b]\na = [\n'x']\n", [(2, 3, True)]),
        ("[b.c]\nx = 1\n[b]\ny = 2\n", []),
        ("[[b]]\nx = 1\n[[b]]\nx = [\n]\n", [(4, 5, True)]),
        ("b.c = [\n]\n[b.d]\ne = 1\n", [(1, 2, True)]),
        ("a = '🙂'\r\nb = [\r\n'é',\r\n]\r\n", [(2, 4, True)]),
    ],
)
def test_in_toml(text: str, expected: list[tuple[int, int, bool]]) -> None:
    decode(text, Format.TOML)
    assert list(long_values(text, Format.TOML)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb:\n  c: [1]\n", []),
        ("a:\n- 1\n- 2\nb: 2\n", [(1, 3, False)]),
        ("a:\n-\n  1\n", [(1, 3, False)]),
        ("a: [1,\n 2]\n", [(1, 2, True)]),
        ("a:\n  x\n  -y\n", [(1, 3, True)]),
        ("a: |\n  x\n  y\n\nb: 1\n", [(1, 3, True)]),
        ("b:\n  a: 'x\n   y'\n", [(2, 3, True)]),
        ("a: &x\n  - 1\nb: *x\n", [(1, 2, False)]),
        ("a: {b: 1,\n  c: 2}\n", []),
    ],
)
def test_in_yaml(text: str, expected: list[tuple[int, int, bool]]) -> None:
    decode(text, Format.YAML)
    assert list(long_values(text, Format.YAML)) == expected


def test_in_json_every_value_counts_too() -> None:
    assert long_values('{"a": [\n1]}', Format.JSON) == ((1, 2, True),)
