import json
from urllib.parse import quote

import pytest

from policyconsole.application.applier import apply
from policyconsole.application.changes import changed_sections
from policyconsole.application.request import Refusal, Request
from policyconsole.application.target import Transition
from policyconsole.application.targets.input_validator import InputValidator
from policyconsole.policy import PolicyConfig


def policy(enabled: bool = True, **validation: object) -> PolicyConfig:
    security = {"enabled": enabled, "input_validation": validation}
    return PolicyConfig.model_validate(
        {"id": "p", "name": "P", "version": "1.0.0", "security": security}
    )


def transition(old: PolicyConfig | None, new: PolicyConfig | None) -> Transition:
    return Transition("p", old, new, changed_sections(old, new))


async def validator(config: PolicyConfig) -> InputValidator:
    target = InputValidator()
    await apply(transition(None, config), [target])
    return target


def code(target: InputValidator, request: Request) -> Refusal | None:
    refusal = target.check("p", request, 0.0)
    assert refusal is None or not refusal.allowed
    return refusal.code if refusal else None


SQL, SCRIPT = "' or '1'='1", "<script>alert(1)</script>"


@pytest.mark.parametrize("attack", [SQL, SCRIPT])
@pytest.mark.parametrize(
    "where", ["query", "path", "cookie", "form", "json", "key", "text", "wide", "nojson"]
)
async def test_an_attack_is_found_wherever_it_stands(attack: str, where: str) -> None:
    kinds = {
        "query": Request(query=f"a=1&b={quote(attack)}"),
        "path": Request(path=f"/items/{quote(attack)}"),
        "cookie": Request(headers={"cookie": f"a=1; b={quote(attack)}"}),
        "form": Request(
            headers={"content-type": "application/x-www-form-urlencoded"},
            body=f"a=1&b={quote(attack)}".encode(),
        ),
        "json": Request(
            headers={"content-type": "application/json; charset=utf-8"},
            body=json.dumps({"a": [{"b": attack}]}).encode(),
        ),
        "key": Request(
            headers={"content-type": "application/problem+json"}, body=json.dumps({attack: 1}).encode()
        ),
        "text": Request(body=attack.encode()),
        "wide": Request(headers={"content-type": "text/plain; charset=utf-16"}, body=attack.encode("utf-16")),
        "nojson": Request(headers={"content-type": "application/json"}, body=attack.encode()),
    }  # fmt: skip
    assert code(await validator(policy()), kinds[where]) is Refusal.BAD_INPUT


async def test_each_protection_can_be_off() -> None:
    no_sql = await validator(policy(sql_injection_protection=False))
    no_script = await validator(policy(xss_protection=False))
    sql, script = Request(body=SQL.encode()), Request(body=SCRIPT.encode())
    assert (code(no_sql, sql), code(no_sql, script)) == (None, Refusal.BAD_INPUT)
    assert (code(no_script, sql), code(no_script, script)) == (Refusal.BAD_INPUT, None)


async def test_off_skips_everything() -> None:
    target = await validator(policy(enabled=False, max_input_length=1))
    assert code(target, Request(body=SQL.encode())) is None
    assert target.check_size("p", Request(body=b"12345"), 0.0) is None


async def test_the_limit_is_to_the_byte_and_counts_path_query_and_body() -> None:
    target = await validator(policy(max_input_length=10))
    assert code(target, Request(path="/a", query="b=1", body=b"12345")) is None
    assert code(target, Request(path="/a", query="b=1", body=b"123456")) is Refusal.TOO_LARGE
    announced = Request(path="/", headers={"content-length": "10"})
    assert code(target, announced) is Refusal.TOO_LARGE
    assert code(target, Request(path="/", headers={"content-length": "9"})) is None
    assert (
        code(target, Request(path="/", headers={"content-length": "9" * 5000})) is Refusal.TOO_LARGE
    )


async def test_what_is_declared_binary_is_not_looked_into() -> None:
    target = await validator(policy())
    assert (
        code(target, Request(headers={"content-type": "image/png"}, body=SCRIPT.encode())) is None
    )


async def test_ordinary_requests_pass() -> None:
    target = await validator(policy())
    request = Request(
        path="/search",
        query="q=O%27Reilly+books&page=2&sort=price",
        headers={
            "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "referer": "https://example.org/search?q=it%27s&from=1",
            "cookie": "session=abc.DEF-123; theme=dark",
            "content-type": "application/json",
        },
        body=json.dumps({"name": "D'Angelo & Sons", "note": "5 o'clock -- or later"}).encode(),
    )
    assert code(target, request) is None


async def test_the_refusal_quotes_nothing_of_the_request() -> None:
    refusal = (await validator(policy())).check("p", Request(query="a=%27or%201=1"), 0.0)
    assert refusal is not None
    assert refusal.reason == "what looks like SQL injection in the query"


async def test_a_retired_policy_lets_nothing_through_and_undo_brings_it_back() -> None:
    config = policy(max_input_length=10)
    target = await validator(config)
    retiring = await target.prepare(transition(config, None))
    assert code(target, Request()) is None
    await retiring.commit()
    assert code(target, Request()) is Refusal.NO_POLICY
    await retiring.undo()
    assert code(target, Request(body=b"12345678901")) is Refusal.TOO_LARGE
    changing = await target.prepare(transition(config, policy(max_input_length=100)))
    await changing.commit()
    assert code(target, Request(body=b"12345678901")) is None
    await changing.undo()
    assert code(target, Request(body=b"12345678901")) is Refusal.TOO_LARGE


async def test_json_of_any_depth_is_read() -> None:
    target = await validator(policy())
    body = b"[" * 900 + json.dumps(SCRIPT).encode() + b"]" * 900
    headers = {"content-type": "application/json"}
    assert code(target, Request(headers=headers, body=body)) is Refusal.BAD_INPUT
    assert (
        code(target, Request(headers=headers, body=b"[" * 100_000 + SCRIPT.encode()))
        is Refusal.BAD_INPUT
    )
