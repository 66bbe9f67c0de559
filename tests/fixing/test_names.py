"""Which known name was meant."""

import pytest

from policyconsole.fixing.names import distance

from .mending import mended, policy


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "", 0),
        ("a", "", 1),
        ("name", "name", 0),
        ("naem", "name", 1),
        ("nme", "name", 1),
        ("nbme", "name", 1),
        ("kitten", "sitting", 3),
        ("min_versoin", "min_version", 1),
    ],
)
def test_distance(one: str, other: str, expected: int) -> None:
    assert distance(one, other) == distance(other, one) == expected


@pytest.mark.parametrize(
    ("table", "written", "meant", "safe"),
    [
        ("security.tls", "min_versoin", "min_version", True),
        ("security.tls", "minVersion", "min_version", True),
        ("security.tls", "MIN-VERSION", "min_version", True),
        ("authentication", "session_timeout_second", "session_timeout_seconds", True),
        ("authentication", "session_timeout_minutes", "session_timeout_seconds", False),
        ("authentication", "session_timeout_hours", "session_timeout_seconds", False),
        ("monitoring", "interval", "interval_seconds", False),
        ("monitoring", "interval_minutes", "interval_seconds", False),
        ("security.rate_limiting", "requests_per_second", "requests_per_minute", False),
        ("security.rate_limiting", "burst_rate", "burst_size", False),
        ("security.rate_limiting", "window_size_hours", "window_size_seconds", False),
        ("security.rate_limiting", "burst_size2", "burst_size", False),
        ("security.tls", "mni_version", "min_version", True),
        ("security.tls", "mim_vresion", "min_version", True),
        ("security.tls", "minversion", "min_version", True),
    ],
)
def test_only_a_slip_of_the_pen_is_mended_without_being_asked(
    table: str, written: str, meant: str, safe: bool
) -> None:
    value = '"TLSv1.3"' if meant == "min_version" else "30" if "burst" in meant else "300"
    text = policy(f"[{table}]\n{written} = {value}\n")
    assert mended(text).content.decode() == (text.replace(written, meant) if safe else text)
    assert mended(text, unsafe=True).content.decode() == text.replace(written, meant)


@pytest.mark.parametrize(
    ("table", "written"),
    [
        ("security.tls", 'max_version = "TLSv1.3"'),
        ("security.tls", 'maximumVersion = "TLSv1.3"'),
        ("security.input_validation", "min_input_length = 5"),
        ("security.input_validation", "minimum_input_length = 5"),
        ("security", "disabled = true"),
        ("monitoring", "alerts_disabled = true"),
    ],
)
def test_what_says_the_contrary_is_not_what_was_meant(table: str, written: str) -> None:
    """As max_input_length the least length was put in force: every longer input refused."""
    text = policy(f"[{table}]\n{written}\n")
    assert mended(text, unsafe=True).content.decode() == text


def test_a_name_of_any_length_is_no_trouble() -> None:
    text = policy(f"{'x' * 100_000} = 1\n")
    assert mended(text, unsafe=True).content.decode() == text
