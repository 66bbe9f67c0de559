import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyconsole.application.authentication.bearer import BearerCheck, shows_two_factors
from policyconsole.application.request import Decision, Refusal, Request
from tests.application.authentication.signing import NOW, claims, issuer, token, unsigned


def judge(
    authorization: str, *, require_mfa: bool = False, session_seconds: int = 300
) -> Decision | None:
    made = BearerCheck(issuer(), require_mfa=require_mfa, session_seconds=session_seconds)
    return made(Request(headers={"authorization": authorization}), NOW)


def reason(refusal: Decision | None) -> str:
    assert refusal is not None
    assert not refusal.allowed
    assert refusal.code is Refusal.UNAUTHENTICATED
    return refusal.reason


def test_a_token_that_is_right_comes_in() -> None:
    assert judge(f"Bearer {token()}") is None
    assert judge(f"bEARER  {token()} ") is None


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Basic YTpi", "Token x", "Bearer é", "Bearer " + "x" * 20_000],
)
def test_without_a_token_nobody_comes_in(authorization: str) -> None:
    assert reason(judge(authorization)).startswith('there is no "Authorization: Bearer" header')


def test_the_reason_tells_what_is_wrong_with_the_token_and_repeats_nothing_of_it() -> None:
    refused = token(exp=NOW - 3600, sub="hunter2")
    told = reason(judge(f"Bearer {refused}"))
    assert told == "the token has expired"
    assert reason(judge("Bearer hunter2")) == "the token cannot be read"
    unnamed = unsigned({"alg": "none", "kid": "hunter2"}, claims())
    assert "hunter2" not in reason(judge(f"Bearer {unnamed}"))


@pytest.mark.parametrize(
    ("begin", "ended"),
    [
        ({"auth_time": NOW - 300}, False),
        ({"auth_time": NOW - 330}, False),  # the leeway is 30 s
        ({"auth_time": NOW - 331}, True),
        ({"auth_time": NOW - 331, "iat": NOW}, True),  # a token that was renewed
        ({"auth_time": NOW, "iat": NOW - 331}, False),
        ({"iat": NOW - 330}, False),
        ({"iat": NOW - 331}, True),
        ({"auth_time": NOW - 0.5}, False),
    ],
)
def test_a_session_lasts_from_its_login_or_from_its_token_on(
    begin: dict[str, float], ended: bool
) -> None:
    refusal = judge(f"Bearer {token(**begin)}")
    assert (refusal is not None) == ended
    if ended:
        assert reason(refusal).startswith("the session has ended")


@pytest.mark.parametrize("begin", ["yesterday", True, [NOW], {}])
def test_a_session_without_a_readable_begin_is_refused(begin: object) -> None:
    assert "neither auth_time nor iat" in reason(judge(f"Bearer {token(auth_time=begin)}"))


def test_a_session_without_any_begin_or_with_one_to_come_is_refused() -> None:
    assert "neither auth_time nor iat" in reason(judge(f"Bearer {token(iat=None)}"))
    assert "in the future" in reason(judge(f"Bearer {token(auth_time=NOW + 31)}"))
    assert judge(f"Bearer {token(auth_time=NOW + 30)}") is None
    for never in (float("inf"), float("nan")):
        assert "neither auth_time nor iat" in reason(judge(f"Bearer {token(auth_time=never)}"))


@pytest.mark.parametrize(
    ("amr", "enough"),
    [
        (["mfa"], True),
        (["pwd", "mfa"], True),
        (["pwd", "otp"], True),
        (["pin", "hwk"], True),
        (["hwk", "fpt"], True),
        (["pwd"], False),
        (["pwd", "pin"], False),  # both are known by heart
        (["otp", "sms"], False),
        (["pwd", "rba", "geo", "mca", "user", "wia"], False),
        (["MFA"], False),
        ([], False),
        (None, False),
        ("mfa", False),
        ({"mfa": True}, False),
        ([["mfa"], 5], False),
    ],
)
def test_two_factors_are_two_kinds_of_factor(amr: object, enough: bool) -> None:
    assert shows_two_factors(amr) is enough
    refusal = judge(f"Bearer {token(amr=amr)}", require_mfa=True)
    assert (refusal is None) is enough
    if not enough:
        assert "second factor" in reason(refusal)
    assert judge(f"Bearer {token(amr=amr)}", require_mfa=False) is None


@given(st.text(st.characters()) | st.text(st.characters()).map(lambda text: "Bearer " + text))
def test_no_header_is_an_exception(authorization: str) -> None:
    assert judge(authorization) is not None
