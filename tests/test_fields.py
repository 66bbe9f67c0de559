import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyconsole.fields import FieldPath, format_field, parse_field

WRITTEN: list[tuple[FieldPath, str]] = [
    ((), ""),
    (("id",), "id"),
    (("security", "tls", "min_version"), "security.tls.min_version"),
    (("security", "tls", "cipher_suites", 0), "security.tls.cipher_suites[0]"),
    (("custom", "a", 0, 12, "b"), "custom.a[0][12].b"),
    (("custom", "a key"), 'custom."a key"'),
    (("custom", ""), 'custom.""'),
    (("custom", "1", "-"), "custom.1.-"),
    (("a.b", "c"), '"a.b".c'),
    (('say "x"', "\\", "\n"), '"say \\"x\\""."\\\\"."\\n"'),
    (("本番", "[0]"), '"本番"."[0]"'),
]


@pytest.mark.parametrize(("path", "text"), WRITTEN)
def test_a_path_is_written_as_people_read_it(path: FieldPath, text: str) -> None:
    assert format_field(path) == text


@pytest.mark.parametrize(("path", "text"), WRITTEN)
def test_what_is_written_is_read_again(path: FieldPath, text: str) -> None:
    assert parse_field(text) == path


STEPS = st.text(max_size=5) | st.integers(0, 10**6)


@given(st.text(max_size=5), st.lists(STEPS, max_size=5))
def test_every_path_comes_back(first: str, rest: list[str | int]) -> None:
    path = (first, *rest)
    assert parse_field(format_field(path)) == path


@given(st.lists(STEPS, max_size=4), st.lists(STEPS, max_size=4))
def test_different_paths_are_written_differently(
    one: list[str | int], other: list[str | int]
) -> None:
    assert (format_field(("x", *one)) == format_field(("x", *other))) is (one == other)


@pytest.mark.parametrize(
    "text", ["a b", '"a', "a[x]", "a[-1]", "a..b", "a.", "[", '"\\q"', "\ud800"]
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_field(text)
