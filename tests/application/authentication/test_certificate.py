from policyconsole.application.authentication.certificate import CertificateCheck
from policyconsole.application.request import Refusal, Request


def test_only_a_verified_name_that_is_listed_comes_in() -> None:
    judge = CertificateCheck(["shop", "till"])
    assert judge(Request(client_name="till"), 0) is None
    unknown = judge(Request(client_name="Shop"), 0)
    assert unknown is not None
    assert unknown.code is Refusal.FORBIDDEN
    for nobody in (None, ""):
        refusal = judge(Request(client_name=nobody, headers={"x-client-name": "shop"}), 0)
        assert refusal is not None
        assert refusal.code is Refusal.UNAUTHENTICATED


def test_an_empty_name_is_nobody_even_if_it_is_listed() -> None:
    assert CertificateCheck([""])(Request(client_name=""), 0) is not None
