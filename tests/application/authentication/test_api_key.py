import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyconsole.application.authentication.api_key import ApiKeyCheck
from policyconsole.application.authentication.credentials import hash_api_key
from policyconsole.application.request import Refusal, Request

KEYS = {name: secrets.token_urlsafe(32) for name in ("shop", "till", "report")}


def check(header: str = "x-api-key") -> ApiKeyCheck:
    return ApiKeyCheck({name: hash_api_key(key) for name, key in KEYS.items()}, header)


@pytest.mark.parametrize("name", KEYS)
def test_each_known_key_comes_in(name: str) -> None:
    assert check()(Request(headers={"x-api-key": KEYS[name]}), 0) is None
    assert check("x-key")(Request(headers={"x-key": f" {KEYS[name]} "}), 0) is None


@pytest.mark.parametrize(
    "key",
    ["unknown", KEYS["shop"] + "x", KEYS["shop"].swapcase(), "é", "\udce9"],
    ids=[
        "unknown",
        "longer",
        "other case",
        "no ASCII",
        "no Unicode",
    ],  # the keys are others each time
)
def test_any_other_key_does_not(key: str) -> None:
    refusal = check()(Request(headers={"x-api-key": key}), 0)
    assert refusal is not None
    assert (refusal.code, refusal.reason) == (
        Refusal.UNAUTHENTICATED,
        "the API key is not known",
    )


def test_the_digest_itself_is_no_key() -> None:
    assert check()(Request(headers={"x-api-key": hash_api_key(KEYS["shop"])}), 0) is not None


def test_a_key_in_another_header_or_in_the_query_does_not_count() -> None:
    key = KEYS["shop"]
    for request in (
        Request(),
        Request(headers={"authorization": key, "x-key": key}, query=f"x-api-key={key}"),
        Request(headers={"x-api-key": " "}),
    ):
        refusal = check()(request, 0)
        assert refusal is not None
        assert refusal.reason == 'there is no "x-api-key" header'


def test_a_key_that_is_taken_out_is_out_at_once() -> None:
    keys = {"shop": hash_api_key(KEYS["shop"])}
    judge = ApiKeyCheck(keys, "x-api-key")
    request = Request(headers={"x-api-key": KEYS["shop"]})
    assert judge(request, 0) is None
    keys["shop"] = "é is no digest"
    assert judge(request, 0) is not None
    keys.clear()
    assert judge(request, 0) is not None


@given(st.text(st.characters()))
def test_no_header_is_an_exception(key: str) -> None:
    assert check()(Request(headers={"x-api-key": key}), 0) is not None
