"""Policies that a client can tell from one another, and what each answers to each request."""

from dataclasses import dataclass

from tests.guarded.service import POLICY_ID
from tests.guarded.serving import Reply

NO_POLICY = "403 no_policy"
"""What every request is told while no policy is in force."""

_NARROW, _WIDE = 1000, 3000
_LONG = "a" * 5000
_ATTACK = "'%20or%201=1%20--"
_TEXT = b"b" * 2000
_JSON = b'{"name": "\' or 1=1 --"}'


@dataclass(frozen=True, slots=True)
class Probe:
    """A request that is sent again and again; ``body`` is what an application that gets it gives back."""

    name: str
    raw: bytes
    body: bytes = b""

    def told(self, reply: Reply) -> str:
        """Say in one line what a reply says."""
        if reply.status == 200:
            return "200 as sent" if reply.body == self.body else f"200 with {reply.body!r}"
        if reply.headers.get("content-type") != "application/problem+json":
            return f"{reply.status} {reply.body!r}"
        problem = reply.json()
        return f"{reply.status} {problem['code']}" + (
            f" {problem['detail']}" if reply.status == 413 else ""
        )

    def expected(self, number: int | None) -> str:
        """Say what the policy of a number answers; None where none is in force."""
        if number is None:
            return NO_POLICY
        if self.name == "long" or (self.name == "long body" and longest(number) < _WIDE):
            return too_long(number)
        return "400 bad_input" if "attack" in self.name and not number % 2 else "200 as sent"


def _get(target: str) -> bytes:
    return f"GET {target} HTTP/1.1\r\nhost: service\r\n\r\n".encode()


def _post(headers: str, body: bytes) -> bytes:
    return f"POST /echo HTTP/1.1\r\nhost: service\r\n{headers}\r\n\r\n".encode() + body


PROBES = (
    Probe("plain", _get("/echo?page=2")),
    Probe("long", _get(f"/echo?q={_LONG}")),
    Probe("attack in the query", _get(f"/echo?q={_ATTACK}")),
    Probe(
        "attack in the body",
        _post(f"content-type: application/json\r\ncontent-length: {len(_JSON)}", _JSON),
        _JSON,
    ),
    Probe(
        "long body",
        _post(f"content-type: text/plain\r\ncontent-length: {len(_TEXT)}", _TEXT),
        _TEXT,
    ),
    Probe(
        "pieces",
        _post("transfer-encoding: chunked", b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"),
        b"onetwo",
    ),
)
"""Each says something else of the policy: its length limit, its rules, that bodies come whole."""


def longest(number: int) -> int:
    """The bytes that the policy of a number lets through: no two policies have the same limit."""
    return number + (_WIDE if number % 3 == 1 else _NARROW)


def too_long(number: int) -> str:
    """What the policy of a number, and no other, says to a request that is too long."""
    return f"413 too_large longer than {longest(number)} bytes"


def version(number: int) -> str:
    """The version that the policy of a number has."""
    return f"1.0.{number}"


def policy(number: int) -> str:
    """The text of a policy: its limit names it, and is wide in every third; every second lets SQL injection through."""
    return f"""\
id = "{POLICY_ID}"
name = "Told apart by its answers"
version = "{version(number)}"

[security.input_validation]
max_input_length = {longest(number)}
sql_injection_protection = {"false" if number % 2 else "true"}

[security.rate_limiting]
requests_per_minute = 6000000
burst_size = 100000
"""


def refused(number: int) -> str:
    """A text that no policy can be made of; half of them are not even well formed."""
    text = policy(number)
    return text + "[[" if number % 2 else text.replace("burst_size = 100000", "burst_size = 'many'")
