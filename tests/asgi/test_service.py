"""A guarded service as its clients see it: Starlette under uvicorn, in a process of its own."""

import base64
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.asgi.serving import ask, serving
from tests.waiting import eventually_blocking

OPEN = 'authentication.method = "none"\n'


def policy(policy_id: str = "a-policy", rest: str = OPEN) -> str:
    return f'id = "{policy_id}"\nname = "A policy"\nversion = "1.0.0"\n{rest}'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("policies")
    limit = OPEN + "[security.rate_limiting]\nrequests_per_minute = 600\nburst_size = 2\n"
    policies = {
        "a-policy": OPEN + "[security.rate_limiting]\nenabled = false\n"
        "[security.input_validation]\nmax_input_length = 100000\n",
        "limited": limit,
        "keys": 'authentication.method = "api_key"\n',
        "people": '[authentication]\nmethod = "basic"\nrequire_mfa = false\n',
        "tokens": 'authentication.method = "jwt"\n',
    }
    for name, rest in policies.items():
        (folder / f"{name}.toml").write_text(policy(name, rest))
    return folder


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    with serving(folder) as port:
        yield port


def test_what_is_allowed_comes_to_the_service_as_it_was_sent(port: int) -> None:
    body = bytes(range(256)) * 200
    octets = {"content-type": "application/octet-stream"}
    answer = ask(port, method="POST", body=body, headers=octets)
    assert answer.status == 200
    assert answer.data["body"].encode("latin-1") == body
    parts = [body[:1], body[1:5000], body[5000:]]
    answer = ask(port, method="POST", body=iter(parts), headers=octets)
    assert answer.data["body"].encode("latin-1") == body
    assert ask(port, method="POST", body=b"").status == 200


def test_responses_stream_and_background_tasks_run(port: int) -> None:
    assert ask(port, "/stream").body == b"0\n1\n2\n"
    before = ask(port, "/health").data["background"]
    ask(port)
    eventually_blocking(lambda: ask(port, "/health").data["background"] == before + 1)


def test_no_policy_is_403(port: int) -> None:
    answer = ask(port, "/made-up")
    assert answer.status == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.data == {
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "detail": "no policy of that id is in force",
        "code": "no_policy",
    }


@pytest.mark.parametrize("chunked", [False, True])
def test_what_is_too_long_is_413(port: int, chunked: bool) -> None:
    body = b"x" * 150_000
    answer = ask(port, method="POST", body=iter([body[:9], body[9:]]) if chunked else body)
    assert (answer.status, answer.data["code"]) == (413, "too_large")


def test_what_is_too_long_by_its_announcement_is_not_waited_for(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10000000\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_what_looks_like_an_attack_is_400_and_is_not_repeated(port: int) -> None:
    answer = ask(port, "/?name=%27%20or%201=1--")
    assert (answer.status, answer.data["code"]) == (400, "bad_input")
    assert "or 1=1" not in answer.body.decode()
    attack = json.dumps({"name": "x' OR 1=1 --"}).encode()
    kind = {"content-type": "application/json"}
    assert ask(port, method="POST", body=attack, headers=kind).status == 400


def test_a_large_attack_is_found_too(port: int) -> None:
    body = json.dumps({"padding": "a b " * 10_000, "name": "x' OR 1=1 --"}).encode()
    kind = {"content-type": "application/json"}
    assert ask(port, method="POST", body=body, headers=kind).status == 400


def test_what_comes_too_often_is_429_with_the_time_to_wait(port: int) -> None:
    answers = [ask(port, "/limited") for _ in range(4)]
    refused = next(answer for answer in answers if answer.status != 200)
    assert refused.status == 429
    assert refused.headers["retry-after"] == "1"


def test_who_is_not_known_is_401_with_the_challenge(port: int) -> None:
    answer = ask(port, "/people")
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    known = base64.b64encode(b"ada:correct horse").decode()
    assert ask(port, "/people", headers={"authorization": f"Basic {known}"}).status == 200
    wrong = base64.b64encode(b"ada:battery staple").decode()
    assert ask(port, "/people", headers={"authorization": f"Basic {wrong}"}).status == 401
    assert ask(port, "/keys").status == 401
    assert ask(port, "/keys", headers={"x-api-key": "k" * 32}).status == 200


def test_a_method_without_credentials_is_403(port: int) -> None:
    assert ask(port, "/tokens").status == 403


def test_what_is_not_guarded_gets_through_and_what_cannot_be_judged_does_not(port: int) -> None:
    assert ask(port, "/health").status == 200
    answer = ask(port, "/broken")
    assert answer.status == 500
    assert "mistake" not in answer.body.decode()


def test_a_change_counts_without_a_restart(port: int, folder: Path) -> None:
    (folder / "new.toml").write_text(policy("new"))
    eventually_blocking(lambda: ask(port, "/new").status == 200)
    (folder / "new.toml").unlink()
    eventually_blocking(lambda: ask(port, "/new").status == 403)
