"""Policies in a cell: loaded, judged, compared, and asked what if."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from policyconsole import EngineThread, ValidationLevel, load_folder, what_if
from policyconsole.cli.main import main
from policyconsole.exploring.policies import Policies
from policyconsole.watching.folder import RootLostError
from tests.policies import REFUSED_AT_STRICT, toml

SAMPLES = Path(__file__).parents[2] / "sample_policies"
PRODUCTION, STAGING = "production-security-policy", "staging-security-policy"
HOSTILE = "<script>alert(1)</script>\x1b[31m"


@pytest.fixture
def policies() -> Policies:
    return load_folder(SAMPLES)


def test_a_folder_is_a_mapping_by_id(policies: Policies) -> None:
    assert len(policies) == 6
    assert policies[PRODUCTION].path == "production.toml"
    assert policies[PRODUCTION].config.security.tls.min_version == "TLSv1.3"
    assert PRODUCTION in repr(policies)
    assert "<table>" in policies._repr_html_()
    assert policies._ipython_key_completions_() == list(policies)
    assert list(policies.to_frame()["policy"]) == list(policies)
    with pytest.raises(KeyError) as unknown:
        policies["production-securty-policy"]
    assert str(unknown.value) == (
        "there is no policy 'production-securty-policy'; is 'production-security-policy' meant?"
    )
    with pytest.raises(KeyError):
        policies["nobody"]


@pytest.mark.parametrize("level", ValidationLevel)
def test_it_is_judged_as_check_judges_it(
    policies: Policies, level: ValidationLevel, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["check", str(SAMPLES), "--level", level, "--format", "json"])
    checked = json.loads(capsys.readouterr().out)
    said = {
        os.path.basename(file["path"]): [found["code"] for found in file["diagnostics"]]
        for file in checked["files"]
    }
    for policy in policies.values():
        found = policy.validate(level)
        assert [item.code for item in found] == said[policy.path]
        assert found.accepted == bool(found)
    assert len(policies.validate(level)) == 6


def test_a_finding_shows_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(REFUSED_AT_STRICT, encoding="utf-8")
    (policy,) = load_folder(tmp_path).values()
    assert policy.validate("basic").accepted
    found = policy.validate("strict")
    assert not found
    assert found.codes == ("SEC003",)
    assert found.verdict == f"{policy.id}: refused at strict, 1 error"
    assert '| min_version = "TLSv1.0"' in repr(found)
    assert "<mark" in found._repr_html_()
    assert found._repr_html_().startswith("<details open><summary><strong>")
    many = replace(found, diagnostics=found.diagnostics * 21)
    assert many._repr_html_().startswith("<details><summary><strong>")
    assert [error.code for error in found.errors] == ["SEC003"]
    assert found.warnings == found.recommendations == ()
    assert found.table().rows[0][:2] == ("SEC003", "error")
    with pytest.raises(
        ValueError, match="level must be one of basic, standard, strict, custom; not 'strickt'"
    ):
        policy.validate("strickt")


def test_the_nearest_configuration_counts(tmp_path: Path) -> None:
    (tmp_path / "policy-console.toml").write_text('level = "strict"\nignore = ["SEC003"]\n')
    (tmp_path / "a.toml").write_text(REFUSED_AT_STRICT, encoding="utf-8")
    (policy,) = load_folder(tmp_path).values()
    found = policy.validate()
    assert (found.level, found.accepted, found.codes) == (ValidationLevel.STRICT, True, ())


def test_two_policies_are_compared_field_by_field(policies: Policies) -> None:
    found = policies[PRODUCTION].diff(policies[STAGING])
    assert found
    assert "security.tls.min_version" in found.fields
    assert ("security.tls.min_version", '"TLSv1.3"', '"TLSv1.2"') in found.table().rows
    assert "<details><summary>Lines</summary>" in found._repr_html_()
    same = policies[PRODUCTION].diff(policies[PRODUCTION])
    assert not same
    assert "No field differs." in repr(same)


def test_what_if_gives_the_report_of_a_change_that_nobody_has_made(policies: Policies) -> None:
    before = (SAMPLES / "production.toml").read_bytes()
    answer = what_if(policies[PRODUCTION], {"security.tls.min_version": "TLSv1.0"}, "strict")
    assert not answer.accepted
    assert [found.code for found in answer.new] == ["SEC003"]
    assert answer.gone == ()
    assert answer.difference.fields == ("security.tls.min_version",)
    assert "would be refused at strict; findings: 1 new" in repr(answer)
    assert "would be refused" in answer._repr_html_()
    assert (SAMPLES / "production.toml").read_bytes() == before
    assert policies[PRODUCTION].config.security.tls.min_version == "TLSv1.3"


def test_what_if_takes_fields_that_the_file_does_not_have(policies: Policies) -> None:
    development = policies["development-security-policy"]
    answer = what_if(
        development,
        {"authentication.require_mfa": None, 'custom."a b".c': [1, 2], "version": "2.6.0"},
    )
    assert answer.accepted
    assert set(answer.difference.fields) == {
        "authentication.require_mfa", 'custom."a b"', "version",
    }  # fmt: skip
    assert [found.code for found in answer.gone] == ["SYNTAX004", "REC004"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"monitoring.interval_seconds": "often"}, "TYPE001"),
        ({"security.tls.min_versoin": "TLSv1.3"}, "FIELD001"),
    ],
)
def test_what_if_says_what_cannot_be(
    policies: Policies, changes: dict[str, object], code: str
) -> None:
    assert code in [found.code for found in what_if(policies[PRODUCTION], changes).new]


NOISY = """\
id = "noisy"
name = "Noisy"
version = "1.0.0"
[security.rate_limiting]
requests_per_minute = 1200  # policy-console: ignore[SEC004] the load test needs it
"""


@pytest.mark.parametrize("value", [{"security.tls.min_version": "TLSv1.0"}, {"name": "Louder"}])
def test_what_if_keeps_what_the_file_says_beside_its_values(
    tmp_path: Path, value: dict[str, object]
) -> None:
    """A comment that suppresses, what is ignored in this file, and that everybody may write to it."""
    (tmp_path / "policy-console.toml").write_text(
        'level = "strict"\n[per-file-ignores]\n"legacy/*" = ["SEC003"]\n'
    )
    (tmp_path / "legacy").mkdir()
    file = tmp_path / "legacy" / "noisy.toml"
    file.write_text(NOISY)
    file.chmod(0o666)
    (policy,) = load_folder(tmp_path).values()
    assert policy.validate().codes == ("SEC014",)
    answer = what_if(policy, value)
    assert answer.after.codes == ("SEC014",)
    assert answer.new == answer.gone == ()


def test_what_if_says_the_line_that_would_be_wrong(policies: Policies) -> None:
    answer = what_if(policies[PRODUCTION], {"security.tls.min_version": "TLSv1.0"}, "strict")
    assert '24 | min_version = "TLSv1.0"      # the last client' in repr(answer)
    assert "<mark" in answer._repr_html_()


def test_what_if_takes_fields_out(policies: Policies) -> None:
    answer = what_if(policies[PRODUCTION], {"security.rate_limiting.requests_per_minute": None})
    assert answer.difference.table().rows[0][1:] == ("300", "60")


def test_what_if_takes_a_whole_table(policies: Policies) -> None:
    answer = what_if(policies[PRODUCTION], {"security.tls": {"min_version": "TLSv1.0"}}, "strict")
    assert [found.code for found in answer.new] == ["SEC003"]


def test_what_no_policy_can_hold_is_a_mistake(policies: Policies) -> None:
    with pytest.raises(TypeError, match=r"custom\.x: a policy cannot hold a set"):
        what_if(policies[PRODUCTION], {"custom.x": {1}})


def test_it_is_compared_with_what_is_in_force(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(toml("a", requests_per_minute=61))
    with EngineThread(tmp_path) as engine:
        in_force = engine.policies["a"]
    (tmp_path / "a.toml").write_text(toml("a", requests_per_minute=62))
    policy = load_folder(tmp_path)["a"]
    wanted = ("security.rate_limiting.requests_per_minute", "62", "61")
    for other in (in_force, in_force.config):
        assert policy.diff(other).table().rows == (wanted,)
    with pytest.raises(TypeError, match="not with a str"):
        policy.diff("a")  # type: ignore[arg-type]  # what somebody may write


@pytest.mark.parametrize("field", ["", "a..b", "security[0]"])
def test_what_is_no_field_is_a_mistake(policies: Policies, field: str) -> None:
    with pytest.raises(ValueError, match="field"):
        what_if(policies[PRODUCTION], {field: 1})


def test_what_cannot_be_loaded_is_a_problem_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(toml(), encoding="utf-8")
    (tmp_path / "bad.toml").write_text("id = \n", encoding="utf-8")
    policies = load_folder(tmp_path)
    assert list(policies) == ["a-policy"]
    assert list(policies.problems) == ["bad.toml"]
    assert policies.problems["bad.toml"].codes == ("PARSE001",)
    assert "1 file cannot be used: see .problems" in repr(policies)
    with pytest.raises(RootLostError):
        load_folder(tmp_path / "nowhere")


def test_of_two_files_with_one_id_the_valid_one_has_it(tmp_path: Path) -> None:
    (tmp_path / "policy-console.toml").write_text('level = "strict"')
    (tmp_path / "a.toml").write_text(toml("one", min_version="TLSv1.0"))
    (tmp_path / "b.toml").write_text(toml("one"))
    (tmp_path / "c.toml").write_text(toml("one", requests_per_minute=61))
    policies = load_folder(tmp_path)
    assert policies["one"].path == "b.toml"
    assert {path: found.codes for path, found in policies.problems.items()} == {
        "a.toml": ("SET001", "SEC003"),
        "c.toml": ("SET001",),
    }
    assert 'the id "one" is already taken by b.toml' in repr(policies.problems["c.toml"])


def test_no_text_is_markup_and_no_secret_is_shown(tmp_path: Path) -> None:
    name = json.dumps(HOSTILE)
    (tmp_path / "a.toml").write_text(
        f'id = {name}\nname = {name}\nversion = "1"\n[custom]\n{name} = {name}\n'
        'api_key = "hunter2"\n',
        encoding="utf-8",
    )
    policies = load_folder(tmp_path)
    policy = policies[HOSTILE]
    answer = what_if(policy, {"custom.api_key": "hunter3", "name": HOSTILE + "!"}, "custom")
    shown: list[Any] = [policies, policies.validate("custom"), policy, policy.validate("custom"), answer,
             policy.diff(policy), policy.validate("custom").table(), answer.difference]  # fmt: skip
    frames = [policy.to_frame(), policy.validate("custom").to_frame(), answer.difference.to_frame()]
    assert all(len(frame) for frame in frames)
    for text in (policy.config, policy.loaded, policy.side, *frames):
        assert "hunter" not in (text.to_string() if isinstance(text, pd.DataFrame) else repr(text))
    for value in shown:
        html = value._repr_html_()
        assert "<script" not in html
        assert "\x1b" not in html
        assert "\x1b" not in repr(value)
        assert "hunter" not in html + repr(value)
