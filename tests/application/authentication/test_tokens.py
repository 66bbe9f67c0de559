import hashlib
import hmac
import json
from base64 import urlsafe_b64encode

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from policyconsole.application.authentication.tokens import (
    ALGORITHMS,
    TokenError,
    TokenIssuer,
    key_set,
)
from tests.application.authentication.signing import (
    AUDIENCE,
    NOW,
    SECRET,
    claims,
    issuer,
    private_key,
    public_key,
    token,
    unsigned,
)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_token_that_is_right_counts_with_each_algorithm(algorithm: str) -> None:
    assert issuer(algorithm).claims(token(algorithm))["sub"] == "ada"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"exp": NOW - 3600}, "the token has expired"),
        ({"nbf": NOW + 3600}, "the token is not valid yet"),
        ({"iat": NOW + 3600}, "the token is not valid yet"),
        ({"aud": "https://other.example"}, "the token is for another audience"),
        ({"aud": ["https://other.example"]}, "the token is for another audience"),
        ({"aud": 5}, "the token is for another audience"),
        ({"exp": None}, "the token has no exp"),
        ({"aud": None}, "the token has no aud"),
        ({"exp": "soon"}, "the token cannot be read"),
        ({"exp": float("inf")}, "the token cannot be read"),
        ({"exp": float("nan")}, "the token cannot be read"),
        ({"nbf": [1]}, "the token cannot be read"),
        ({"nbf": float("inf")}, "the token cannot be read"),
        ({"iat": float("inf")}, "the token cannot be read"),
        ({"iat": -float("inf")}, "the token cannot be read"),
    ],
)
def test_a_token_that_says_something_wrong_does_not_count(
    changed: dict[str, object], reason: str
) -> None:
    # PyJWT signs no claims of the wrong type: the payload is signed as bytes.
    payload = json.dumps(claims(**changed)).encode()
    signed = jwt.api_jws.encode(payload, private_key("ES256"), "ES256")
    with pytest.raises(TokenError) as told:
        issuer().claims(signed)
    assert str(told.value) == reason


def test_clocks_may_differ_by_the_leeway() -> None:
    late = token(exp=NOW - 3600, nbf=NOW - 7200, iat=NOW - 7200)
    early = token(nbf=NOW + 3600, iat=NOW + 3600)
    generous, strict = issuer(leeway_seconds=10_000), issuer(leeway_seconds=0)
    for one in (late, early):
        assert generous.claims(one)
        with pytest.raises(TokenError):
            strict.claims(one)


def test_one_of_several_audiences_is_enough() -> None:
    both = issuer(audience=["https://other.example", AUDIENCE])
    assert both.claims(token())
    assert both.claims(token(aud=["https://third.example", "https://other.example"]))
    with pytest.raises(TokenError, match="another audience"):
        both.claims(token(aud=AUDIENCE + "/"))


def test_the_issuer_must_be_named_where_one_is_given() -> None:
    named = issuer(issuer="https://id.example")
    assert named.claims(token(iss="https://id.example"))
    with pytest.raises(TokenError, match="from another issuer"):
        named.claims(token(iss="https://id.example.evil"))
    with pytest.raises(TokenError, match="the token has no iss"):
        named.claims(token())
    assert issuer().claims(token(iss="https://anyone.example"))


def test_a_token_that_was_tampered_with_does_not_count() -> None:
    head, payload, signature = token().split(".")
    more = urlsafe_b64encode(json.dumps(claims(sub="root")).encode()).rstrip(b"=").decode()
    flipped = signature[:10] + ("A" if signature[10] != "A" else "B") + signature[11:]
    for forged in (f"{head}.{more}.{signature}", f"{head}.{payload}.{flipped}"):
        with pytest.raises(TokenError, match="the signature of the token is wrong"):
            issuer().claims(forged)
    with pytest.raises(TokenError):
        issuer().claims(f"{head}.{payload}.")


def test_a_token_that_another_key_signed_does_not_count() -> None:
    with pytest.raises(TokenError, match="the signature of the token is wrong"):
        issuer("RS256").claims(token("RS256", private_key("other")))


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("trusted", ["ES256", "HS256"])
def test_a_token_without_a_signature_never_counts(alg: str, trusted: str) -> None:
    with pytest.raises(TokenError, match="an algorithm that is not accepted"):
        issuer(trusted).claims(unsigned({"alg": alg, "typ": "JWT"}, claims()))


@pytest.mark.parametrize("claimed", ["HS256", "RS384", "PS256", "ES256"])
def test_the_algorithm_is_the_services_not_the_tokens(claimed: str) -> None:
    with pytest.raises(TokenError, match="an algorithm that is not accepted"):
        issuer("RS256").claims(token(claimed))


def test_a_public_key_is_no_shared_secret() -> None:
    """CVE-2015-9235: who knows the public key signs with it, as if it were a secret."""
    signed = unsigned({"alg": "HS256", "typ": "JWT"}, claims())[:-1]
    mac = hmac.digest(str(public_key("RS256")).encode(), signed.encode(), hashlib.sha256)
    forged = f"{signed}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    with pytest.raises(TokenError, match="an algorithm that is not accepted"):
        issuer("RS256").claims(forged)
    with pytest.raises(ValueError, match="do not mix"):
        issuer("RS256", algorithms=["RS256", "HS256"])


def test_the_key_is_found_by_its_name() -> None:
    first = key_set(public_key("RS256"), "RS256", "first")["keys"]
    second = key_set(public_key("ES256"), "ES256", "second")["keys"]
    assert isinstance(first, list)
    assert isinstance(second, list)
    both = issuer(keys={"keys": first + second}, algorithms=["RS256", "ES256"])
    assert both.claims(token("RS256", None, "first"))
    assert both.claims(token("ES256", None, "second"))
    assert both.claims(token("ES256"))  # without a name each key of the algorithm is tried
    with pytest.raises(TokenError, match="an algorithm that is not accepted"):
        both.claims(token("ES256", None, "first"))
    with pytest.raises(TokenError, match="no key of the issuer"):
        both.claims(token("RS256", None, "third"))


def test_during_a_change_of_keys_tokens_of_both_count() -> None:
    old = key_set(SECRET, "HS256")["keys"]
    new = key_set(b"n" * 64, "HS256")["keys"]
    assert isinstance(old, list)
    assert isinstance(new, list)
    both = issuer("HS256", keys={"keys": old + new})
    assert both.claims(token("HS256"))
    assert both.claims(token("HS256", b"n" * 64))
    with pytest.raises(TokenError, match="signature"):
        both.claims(token("HS256", b"x" * 64))


def test_a_key_without_an_algorithm_serves_those_of_its_kind_that_the_service_accepts() -> None:
    key = key_set(public_key("RS256"), "RS256")["keys"]
    assert isinstance(key, list)
    bare = {name: value for name, value in key[0].items() if name not in {"alg", "key_ops"}}
    some = issuer(keys={"keys": [bare]}, algorithms=["RS512", "PS256"])
    assert some.claims(token("RS512"))
    assert some.claims(token("PS256"))
    with pytest.raises(TokenError, match="not accepted"):
        some.claims(token("RS256"))


def test_a_key_without_a_name_serves_tokens_that_name_one() -> None:
    assert issuer().claims(token("ES256", None, "name"))


def test_a_curve_belongs_to_one_algorithm() -> None:
    key = key_set(public_key("ES384"), "ES384")["keys"]
    assert isinstance(key, list)
    bare = {name: value for name, value in key[0].items() if name not in {"alg", "key_ops"}}
    assert issuer(keys={"keys": [bare]}, algorithms=["ES256", "ES384"]).claims(token("ES384"))
    with pytest.raises(ValueError, match="none in the set"):
        issuer(keys={"keys": [bare]}, algorithms=["ES256"])


@pytest.mark.parametrize(
    "unfit", [{"use": "enc"}, {"key_ops": ["encrypt"]}, {"alg": "RS384"}, {"kty": "?"}]
)
def test_a_key_for_something_else_is_not_used(unfit: dict[str, object]) -> None:
    key = key_set(public_key("RS256"), "RS256")["keys"]
    assert isinstance(key, list)
    with pytest.raises(ValueError, match="none in the set is for one of the algorithms"):
        issuer("RS256", keys={"keys": [{**key[0], **unfit}]})


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"algorithms": []}, "algorithms"),
        ({"algorithms": ["none"]}, "algorithms"),
        ({"algorithms": ["ES256", "none"]}, "algorithms"),
        ({"algorithms": "ES256"}, "algorithms"),
        ({"audience": ""}, "audience"),
        ({"audience": []}, "audience"),
        ({"audience": ["", "x"]}, "audience"),
        ({"leeway_seconds": -1}, "leeway_seconds"),
        ({"leeway_seconds": float("nan")}, "leeway_seconds"),
        ({"leeway_seconds": float("inf")}, "leeway_seconds"),
        ({"keys": {}}, "keys: a key set"),
        ({"keys": {"keys": ["?"]}}, "keys: a key set"),
        ({"keys": {"keys": []}}, "keys: none"),
        ({"keys": {"keys": [{"kty": "EC", "crv": "P-256", "x": "?"}]}}, "keys: one cannot be read"),
    ],
)
def test_an_issuer_that_cannot_be_right_is_refused(
    changed: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        issuer(**changed)


def test_a_short_secret_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match="below the minimum") as told:
        TokenIssuer(key_set("hunter2", "HS256"), ["HS256"], AUDIENCE)
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_private_key_is_refused_and_not_repeated(algorithm: str) -> None:
    key = private_key(algorithm)
    assert not isinstance(key, bytes)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    keys = key_set(pem, algorithm)
    with pytest.raises(ValueError, match="a private key is among them") as told:
        issuer(algorithm, keys=keys)
    assert json.loads(json.dumps(keys))["keys"][0]["d"] not in str(told.value)


def test_what_is_no_key_for_an_algorithm_makes_no_key_set() -> None:
    for key, algorithm in (("?", "RS256"), (public_key("RS256"), "HS256"), (SECRET, "none")):
        with pytest.raises(ValueError, match=r"key|algorithm"):
            key_set(key, algorithm)


def test_keys_are_not_shown() -> None:
    shown = repr(issuer("HS256"))
    assert str(key_set(SECRET, "HS256")) not in shown
    assert "_ready" not in shown
    assert "HS256" in shown


DEEP = "[" * 11_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "\udce9.e30.e30",
        unsigned({"alg": "ES256", "kid": 5}, claims()),
        unsigned({"alg": ["ES256"]}, claims()),
        unsigned({"alg": "ES256", "crit": ["exp"]}, claims()),
        unsigned({"alg": "ES256"}, [1]),
        urlsafe_b64encode(DEEP.encode()).decode() + ".e30.e30",
    ],
    ids="0123456789",  # not the texts: the claims hold the time
)
def test_what_is_no_token_does_not_count(text: str) -> None:
    with pytest.raises(TokenError):
        issuer().claims(text)


@given(
    st.text(st.characters())
    | st.binary().map(lambda data: urlsafe_b64encode(data).decode() + ".e30.e30")
)
def test_no_text_is_another_exception(text: str) -> None:
    with pytest.raises(TokenError):
        issuer().claims(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["exp", "nbf", "iat", "aud", "iss", "sub", "jti"]), _JSON))
def test_whatever_a_signed_token_says_is_an_answer(said: dict[str, object]) -> None:
    payload = json.dumps({**claims(), **said}).encode()
    signed = jwt.api_jws.encode(payload, SECRET, "HS256")
    trusted = issuer("HS256", issuer="https://id.example")
    try:
        answer = trusted.claims(signed)
    except TokenError:
        return
    assert answer["iss"] == "https://id.example"
