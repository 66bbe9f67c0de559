from base64 import b64encode
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyconsole.application.authentication import basic
from policyconsole.application.authentication.basic import BasicCheck, VerifiedPasswords
from policyconsole.application.authentication.passwords import hash_password
from policyconsole.application.request import Decision, Refusal, Request
from tests.application.authentication.rounds import count_rounds

NOW = 1_000_000.0


def header(name: str, password: str, scheme: str = "Basic") -> Request:
    return raw(f"{scheme} {b64encode(f'{name}:{password}'.encode()).decode()}")


def raw(authorization: str, client_name: str | None = None) -> Request:
    return Request(headers={"authorization": authorization}, client_name=client_name)


def check(
    users: dict[str, str], rounds: int = 4, *, require_mfa: bool = False
) -> Callable[[Request], Decision | None]:
    made = BasicCheck(users, rounds, require_mfa=require_mfa, verified=VerifiedPasswords())
    return lambda request: made(request, NOW)


@pytest.fixture
def rounds_done(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    return count_rounds(monkeypatch)


@pytest.mark.parametrize("name", ["ada", "Zoë", "日本", "user name", ""])
@pytest.mark.parametrize("password", ["secret", "with:colon:s", "pässwörd 🔑", ""])
def test_a_user_with_the_right_password_comes_in(name: str, password: str) -> None:
    judge = check({name: hash_password(password, 2), "eve": hash_password("other", 2)})
    assert judge(header(name, password)) is None
    refusal = judge(header(name, password + "!"))
    assert refusal is not None
    assert refusal.code is Refusal.UNAUTHENTICATED
    assert not refusal.allowed


def test_the_scheme_counts_in_any_case_and_names_in_any_composition() -> None:
    judge = check({"\u00e9ve": hash_password("\u00e9", 2)})
    assert judge(header("e\u0301ve", "e\u0301", "bASIC")) is None


def test_who_is_unknown_and_whose_password_is_wrong_are_told_the_same() -> None:
    judge = check({"ada": hash_password("secret", 2)})
    wrong, unknown = judge(header("ada", "hunter2")), judge(header("hunter2", "secret"))
    assert wrong == unknown
    assert wrong is not None
    assert wrong.reason == "the user name or the password is wrong"


def test_a_password_of_another_user_is_wrong() -> None:
    judge = check({"ada": hash_password("a-secret", 2), "bob": hash_password("b-secret", 2)})
    assert judge(header("ada", "a-secret")) is None
    assert judge(header("bob", "a-secret")) is not None


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Basic",
        "Basic ",
        "Bearer YTpi",
        "YTpi",
        "Basic !!!!",
        "Basic YWRh",  # no colon
        "Basic " + b64encode(b"ada:\xff").decode(),
        "Basic " + b64encode(b"ada:sec\nret").decode(),
        "Basic " + b64encode(b"ada:secret").decode() + " x",
        "Basic \u00e9\u00e9\u00e9\u00e9",
        "Basic " + b64encode(b"ada:" + b"x" * 20_000).decode(),
    ],
)
def test_malformed_headers_are_refused_before_any_work(
    authorization: str, rounds_done: list[int]
) -> None:
    refusal = check({"ada": hash_password("secret", 2)})(raw(authorization))
    assert refusal is not None
    assert refusal.reason.startswith('there is no "Authorization: Basic" header')
    assert rounds_done == [2, 1]  # to make the user and the check


def test_no_header_at_all_is_refused() -> None:
    assert check({})(Request()) is not None


@given(st.text(st.characters()) | st.text(st.characters()).map(lambda text: "Basic " + text) | st.binary().map(
    lambda data: "Basic " + b64encode(data).decode()
))  # fmt: skip
def test_no_header_is_an_exception(authorization: str) -> None:
    refusal = check({"ada": "broken since it was given"}, 1)(raw(authorization))
    assert refusal is not None


def test_time_does_not_tell_who_is_there_or_whose_rounds_are_old(rounds_done: list[int]) -> None:
    users = {"old": hash_password("secret", 3), "new": hash_password("secret", 9)}
    judge = check({**users, "broken": "not stored by hash_password"}, 9)
    for name in ("old", "new", "broken", "nobody"):
        rounds_done.clear()
        assert judge(header(name, "wrong")) is not None
        assert sum(rounds_done) == 9


def test_a_password_that_was_right_costs_no_rounds_again(rounds_done: list[int]) -> None:
    users = {"ada": hash_password("secret", 2)}
    judge = check(users)
    assert judge(header("ada", "secret")) is None
    rounds_done.clear()
    assert judge(header("ada", "secret")) is None
    assert rounds_done == []
    assert judge(header("ada", "wrong")) is not None
    assert judge(header("ada", "wrong")) is not None
    assert sum(rounds_done) == 8  # what is wrong is never remembered


def test_a_password_that_is_changed_or_taken_out_does_not_let_in_for_a_moment_longer() -> None:
    users = {"ada": hash_password("secret", 2)}
    judge = check(users)
    assert judge(header("ada", "secret")) is None
    users["ada"] = hash_password("another", 2)
    assert judge(header("ada", "secret")) is not None
    assert judge(header("ada", "another")) is None
    del users["ada"]
    assert judge(header("ada", "another")) is not None


def test_what_was_right_is_forgotten_a_minute_after_its_last_use() -> None:
    known = VerifiedPasswords()
    known.add("ada", "stored", "secret", NOW)
    assert known.knows("ada", "stored", "secret", NOW + 60)
    assert known.knows("ada", "stored", "secret", NOW + 120)
    assert not known.knows("ada", "stored", "secret", NOW + 180.1)
    assert len(known) == 0
    known.add("ada", "stored", "secret", NOW)
    assert not known.knows("ada", "stored", "secret", NOW - 1)  # the clock was set back


def test_what_was_right_is_known_for_that_user_that_store_and_that_password_only() -> None:
    known = VerifiedPasswords()
    known.add("ab", "c", "d", NOW)
    for other in (("a", "bc", "d"), ("ab", "cd", ""), ("", "abc", "d"), ("ab", "c", "D")):
        assert not known.knows(*other, NOW)
    assert known.knows("ab", "c", "d", NOW)
    assert not VerifiedPasswords().knows("ab", "c", "d", NOW)


def test_neither_passwords_nor_their_plain_digests_are_remembered() -> None:
    known, again = VerifiedPasswords(), VerifiedPasswords()
    for one in (known, again):
        one.add("ada", "stored", "secret", NOW)
    assert known._used.keys() != again._used.keys()
    assert all(len(digest) == 32 for digest in known._used)


def test_the_one_used_last_longest_ago_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(basic, "REMEMBERED_PASSWORDS", 2)
    known = VerifiedPasswords()
    known.add("first", "", "", NOW)
    known.add("second", "", "", NOW)
    assert known.knows("first", "", "", NOW)
    known.add("third", "", "", NOW)
    assert len(known) == 2
    assert known.knows("first", "", "", NOW)
    assert not known.knows("second", "", "", NOW)


def test_a_second_factor_is_a_certificate_in_the_users_own_name() -> None:
    judge = check({"ada": hash_password("secret", 2)}, require_mfa=True)
    right = header("ada", "secret").headers["authorization"]
    assert judge(raw(right, client_name="ada")) is None
    for name in (None, "", "bob"):
        refusal = judge(raw(right, client_name=name))
        assert refusal is not None
        assert "second factor" in refusal.reason
    wrong = judge(raw(header("ada", "wrong").headers["authorization"], client_name="ada"))
    assert wrong is not None
    assert wrong.reason == "the user name or the password is wrong"
