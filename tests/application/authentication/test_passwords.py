import hashlib

import pytest

from policyconsole.application.authentication.passwords import StoredPassword, hash_password

DJANGOS = "pbkdf2_sha256$1000000$seasalt$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps="
"""What Django's own tests expect of "lètmein" with one million rounds."""


def test_what_django_keeps_of_a_password_is_read_and_verified() -> None:
    stored = StoredPassword.read(DJANGOS)
    assert stored.iterations == 1_000_000
    assert stored.matches("l\u00e8tmein", 1)
    assert str(stored) == DJANGOS


def test_it_is_pbkdf2_with_sha256_with_a_salt_of_its_own() -> None:
    first, second = hash_password("secret", 3), hash_password("secret", 3)
    _, rounds, salt, _ = first.split("$")
    assert rounds == "3"
    assert salt != second.split("$")[2]
    assert len(salt) == 32
    key = hashlib.pbkdf2_hmac("sha256", b"secret", salt.encode(), 3)
    assert StoredPassword.read(first) == StoredPassword(3, salt.encode(), key)


@pytest.mark.parametrize("password", ["", "a:b:c", "pässwörd 日本語 🔑", "x" * 2000])
def test_any_password_verifies_and_another_does_not(password: str) -> None:
    stored = StoredPassword.read(hash_password(password, 2))
    assert stored.matches(password, 2)
    assert not stored.matches(password + " ", 2)


def test_how_a_keyboard_composes_a_letter_does_not_matter() -> None:
    assert StoredPassword.read(hash_password("e\u0301", 2)).matches("\u00e9", 2)
    assert StoredPassword.read(hash_password("\u00e9", 2)).matches("e\u0301", 2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hunter2",
        "pbkdf2_sha1$1$salt$" + DJANGOS.split("$")[3],
        "pbkdf2_sha256$0$salt$" + DJANGOS.split("$")[3],
        "pbkdf2_sha256$-5$salt$" + DJANGOS.split("$")[3],
        "pbkdf2_sha256$2147483648$salt$" + DJANGOS.split("$")[3],
        "pbkdf2_sha256$many$salt$" + DJANGOS.split("$")[3],
        "pbkdf2_sha256$1$$" + DJANGOS.split("$")[3],
        "pbkdf2_sha256$1$sält$" + DJANGOS.split("$")[3],
        "pbkdf2_sha256$1$salt$hunter2=",
        "pbkdf2_sha256$1$salt$",
        DJANGOS + "$",
    ],
)
def test_what_is_no_stored_password_is_told_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="not a password as") as told:
        StoredPassword.read(text)
    assert "hunter2" not in str(told.value)
    assert told.value.__cause__ is None


def test_keys_and_salts_are_not_shown() -> None:
    assert repr(StoredPassword.read(DJANGOS)) == "StoredPassword(iterations=1000000)"
