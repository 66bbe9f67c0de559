from datetime import UTC, date, datetime, time

import pytest

from policyconsole.loading.words import described


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        ("60", 'text ("60")'),
        (60, "a whole number (60)"),
        (6.5, "a number (6.5)"),
        (datetime(2026, 11, 23, tzinfo=UTC), "a time (2026-11-23T00:00:00+00:00)"),
        (date(2026, 11, 23), "a date (2026-11-23)"),
        (time(7, 32), "a time of day (07:32:00)"),
        ([1], "a list"),
        ((1,), "a list"),
        ({"a": 1}, "a table"),
        (b"x", "bytes"),
    ],
)
def test_what_a_value_is_called(value: object, words: str) -> None:
    assert described(value, "field", "a table") == words


def test_a_secret_is_not_repeated() -> None:
    assert described("hunter2", "custom.db_password", "a table") == "text (***)"


def test_the_password_of_a_url_is_not_repeated() -> None:
    shown = described("postgres://user:hunter2@host/db", "custom.store", "a table")
    assert shown == 'text ("postgres://***@host/db")'
