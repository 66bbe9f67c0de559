"""SEC012 to SEC014: secrets in a policy, of which no value is ever repeated, and who may write."""

import json
import random
import re
import string
import time

import pytest

from policyconsole.masking import mask_lines
from policyconsole.policy import PolicyConfig
from policyconsole.tokens import token_form
from policyconsole.validation.engine import PolicyValidationEngine
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rules.exposure import MOST_SECRETS
from policyconsole.validation.secrets import is_plain_secret
from tests.validation import beyond
from tests.validation.building import findings, policy

SECRETS = [*beyond.REPORTED["SEC012"], *beyond.REPORTED["SEC013"]]


@pytest.mark.parametrize("toml", SECRETS)
def test_no_part_of_a_secret_is_repeated(toml: str) -> None:
    secrets = [word for word in re.findall(r"[\w!-]{8,}", toml) if re.search(r"\d", word)]
    parts = {secret[start : start + 6] for secret in secrets for start in range(len(secret) - 5)}

    found = [finding for finding in findings(toml) if finding.code in {"SEC012", "SEC013"}]

    assert found
    for finding in found:
        assert not any(part in f"{finding.message} {finding.help}" for part in parts)
    shown = "\n".join(mask_lines(toml.split("\n")))
    assert [part for part in parts if part in shown] == []


@pytest.mark.parametrize(
    ("toml", "field"),
    [
        (beyond.REPORTED["SEC012"][2], "description"),
        (beyond.REPORTED["SEC012"][3], "custom.list[1]"),
        (beyond.REPORTED["SEC012"][4], "custom.deep[0].keys.google"),
        (beyond.REPORTED["SEC012"][5], "authentication.webhook"),
        (beyond.REPORTED["SEC012"][6], "security.tls.note"),
        (beyond.REPORTED["SEC013"][4], "client_secret"),
        (beyond.REPORTED["SEC013"][5], "custom.oauth.tokens[0]"),
        (beyond.REPORTED["SEC013"][6], 'custom."a key".secret'),
    ],
)
def test_says_where(toml: str, field: str) -> None:
    assert [found.field for found in findings(toml) if found.code.startswith("SEC")] == [field]


def test_keys_that_are_no_text_are_no_names() -> None:
    config = PolicyConfig(
        id="a", name="A", version="1.0.0", custom={"keys": {1: "q8Zr5Vw2Tn7Kc4Xb"}}
    )

    assert PolicyValidationEngine().validate(config, ValidationLevel.CUSTOM).diagnostics == ()


@pytest.mark.parametrize("secret", ["ghp_" + "a1B2" * 9, "q8Zr5Vw2Tn7Kc4Xb"])
def test_many_secrets_are_not_all_told(secret: str) -> None:
    toml = f"custom.tokens = {json.dumps([secret] * 1000)}"

    assert len(findings(toml)) == MOST_SECRETS


def test_of_random_keys_nearly_all_are_told() -> None:
    chance = random.Random(7)
    letters = string.ascii_letters + string.digits
    keys = ["".join(chance.choices(letters, k=32)) for _ in range(1000)]
    in_hexadecimal = ["".join(chance.choices("0123456789abcdef", k=32)) for _ in range(1000)]

    assert sum(is_plain_secret("api_key", key) for key in keys) >= 990
    assert sum(is_plain_secret("api_key", key) for key in in_hexadecimal) >= 990
    assert not any(token_form(key) for key in (*keys, *in_hexadecimal))


def test_everybody_may_write_is_a_warning_without_a_place() -> None:
    engine = PolicyValidationEngine()

    for level in ValidationLevel:
        report = engine.validate(policy(), level, writable_by_others=True)
        assert [found.code for found in report.diagnostics] == ["SEC014"] * (level.rank >= 2)
        assert report.is_valid
    (found,) = report.diagnostics
    assert (found.field, found.place, found.help) == (None, None, "chmod o-w, or chmod 600")


@pytest.mark.parametrize(
    "text",
    [
        "://" * 3_000_000,
        "eyJ-" * 2_500_000,
        "-----BEGIN " + "A " * 5_000_000,
        "://" + "a" * 10_000_000,
        " sk-a" * 2_000_000,
    ],
    ids=lambda text: str(text[:8]),
)
def test_what_only_looks_like_tokens_takes_no_time(text: str) -> None:
    config = PolicyConfig(id="a", name="A", version="1.0.0", custom={"token": text, "b": [text]})
    engine = PolicyValidationEngine()
    begin = time.process_time()

    report = engine.validate(config, ValidationLevel.CUSTOM)

    assert time.process_time() - begin < 1.0
    assert report.diagnostics == ()


@pytest.mark.parametrize(
    "value", ["a" * 4000, "a-" * 2000, "a.b+" * 1000, "a" * 4000 + "!", "A" * 4000]
)
def test_nor_does_what_only_looks_like_a_secret(value: str) -> None:
    begin = time.process_time()

    assert not is_plain_secret("api_key", value)
    assert time.process_time() - begin < 0.1
