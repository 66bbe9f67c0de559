"""Values in messages: short, quoted, and guessed right."""

import json

import pytest

from policyconsole.wording import LONGEST_VALUE, cause, choice, first_of, nearest, quoted, shortened


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ""), ("abcde", "abcde"), ("abcdef", "abcd…"), ("日本語です", "日本語です")],
)
def test_shortened(text: str, expected: str) -> None:
    assert shortened(text, 5) == expected


def test_quoted() -> None:
    assert quoted("prod") == '"prod"'
    assert quoted("x" * 40) == f'"{"x" * 40}"'
    assert quoted("x" * 41) == f'"{"x" * 39}…"'


@pytest.mark.parametrize(
    ("names", "expected"),
    [(["a"], '"a"'), (["a", "b"], '"a" or "b"'), (["a", "b", "c"], '"a", "b" or "c"')],
)
def test_choice(names: list[str], expected: str) -> None:
    assert choice(names) == expected


@pytest.mark.parametrize(
    ("problem", "expected"),
    [(ValueError("no"), "no"), (MemoryError(), "MemoryError"), (SystemExit(3), "3")],
)
def test_cause(problem: BaseException, expected: str) -> None:
    assert cause(problem) == expected


def test_first_of() -> None:
    assert first_of("a is away", 1) == "a is away"
    assert first_of("a is away", 3) == "a is away (and 2 more)"


def test_choice_with_another_last_word() -> None:
    assert choice(["a", "b"], "and") == '"a" and "b"'


ENVIRONMENTS = ("development", "staging", "production")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("prod", "production"),
        (" PRODUCTION", "production"),
        ("dev", "development"),
        ("stage", "staging"),
        ("stg", "staging"),
        ("qa", None),
        ("", None),
        ("x" * 10_000_000, None),
    ],
)
def test_nearest(value: str, expected: str | None) -> None:
    assert nearest(value, ENVIRONMENTS, likeness=0.4) == expected


def test_quotes_keep_text_on_one_line() -> None:
    assert quoted('a\n"本"') == '"a\\n\\"本\\""'


@pytest.mark.parametrize(
    ("name", "meant"),
    [("verson", "version"), ("VERSION", "version"), ("xyz", None), ("version" * 20, None)],
)
def test_a_slip_of_the_pen(name: str, meant: str | None) -> None:
    assert nearest(name, ["id", "name", "version"]) == meant


@pytest.mark.parametrize("text", ["\x1f" * 20, '"' * 40, "a" * 30 + "\n" * 30, "\\" * 1000])
def test_what_is_escaped_counts_as_it_is_shown(text: str) -> None:
    shown = quoted(text)

    assert len(shown) <= LONGEST_VALUE + 2
    assert text.startswith(json.loads(shown).removesuffix("…"))


def test_no_secret_that_its_form_tells_is_quoted() -> None:
    token = "ghp_" + "a1B2" * 9
    long = "eyJ" + "a" * 200 + ".eyJ" + "a" * 200 + "." + "a" * 200

    assert quoted(f"x {token}") == '"x ***"'
    assert quoted("db://u:a-password-of-more-than-forty-characters@host") == '"db://***@host"'
    assert quoted(long) == '"***"'
