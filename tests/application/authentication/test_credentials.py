import hashlib

import pytest

from policyconsole.application.authentication.credentials import Credentials, hash_api_key
from policyconsole.application.authentication.passwords import hash_password

STORED = hash_password("secret", 1)


@pytest.mark.parametrize("user", ["a:b", "a\nb", "e\u0301ve"])
def test_a_user_name_that_could_never_come_in_is_refused(user: str) -> None:
    with pytest.raises(ValueError, match="a name has no colon and no control character"):
        Credentials(users={"ada": STORED, user: STORED})


def test_a_stored_password_in_plain_text_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match='user "ada": not a password as') as told:
        Credentials(users={"ada": "hunter2"})
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("digest", ["plain-key", "A" * 64, "a" * 63])
def test_an_api_key_in_plain_text_is_refused_and_not_repeated(digest: str) -> None:
    with pytest.raises(ValueError, match='API key of "shop": not a digest') as told:
        Credentials(api_keys={"shop": digest})
    assert digest not in str(told.value)


def test_one_name_in_the_place_of_several_and_a_header_in_capitals_are_refused() -> None:
    with pytest.raises(ValueError, match="client_names"):
        Credentials(client_names="shop")
    with pytest.raises(ValueError, match="lower case"):
        Credentials(api_key_header="X-API-Key")


def test_an_api_key_is_kept_as_its_sha_256() -> None:
    assert hash_api_key("abc") == hashlib.sha256(b"abc").hexdigest()
    assert Credentials(api_keys={"shop": hash_api_key("abc")})


def test_neither_passwords_nor_keys_are_shown() -> None:
    shown = repr(Credentials(users={"ada": STORED}, api_keys={"shop": hash_api_key("abc")}))
    assert STORED not in shown
    assert hash_api_key("abc") not in shown
