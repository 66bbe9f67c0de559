import os
from pathlib import Path

import pytest

from policyconsole import reading
from policyconsole.diagnostics import Place
from policyconsole.loading.formats import Format
from policyconsole.loading.loader import LoadedPolicy, PolicyLoader, PolicyLoadError, parse
from tests.policies import NOT_WELL_FORMED, REPORT, toml

from .sources import SOURCES, TOML


def test_the_example_of_the_report_loads() -> None:
    config = PolicyLoader.load(REPORT)
    assert config.id == "production-security-policy"
    assert config.version == "2.1.0"
    assert config.description == "本番環境向けセキュリティポリシー"
    assert config.security.encryption.pbkdf2_iterations == 100_000
    assert config.security.tls.cipher_suites == ("TLS_AES_256_GCM_SHA384",)
    assert config.monitoring.log_level == "warn"
    assert config.authentication.require_mfa


def test_the_example_gives_no_warning() -> None:
    assert parse(REPORT.read_bytes(), Format.TOML).diagnostics == ()


@pytest.mark.parametrize("form", Format)
def test_what_is_loaded_comes_with_its_source(form: Format) -> None:
    content = b"\xef\xbb\xbf" + SOURCES[form].encode()
    policy = parse(content, form)
    assert policy == LoadedPolicy(
        config=parse(TOML.encode(), Format.TOML).config,
        digest=reading.digest(content),
        text=SOURCES[form],
        format=form,
        diagnostics=(),
    )


def error(content: str | bytes, form: Format = Format.TOML) -> PolicyLoadError:
    with pytest.raises(PolicyLoadError) as caught:
        parse(content.encode() if isinstance(content, str) else content, form)
    return caught.value


def test_the_error_carries_the_digest_and_the_text() -> None:
    found = error(NOT_WELL_FORMED)
    assert found.digest == reading.digest(NOT_WELL_FORMED.encode())
    assert found.text == NOT_WELL_FORMED
    assert found.policy_id is None
    assert found.diagnostics[0].place == Place(2, 8, 2, 8)


def test_what_is_no_text_has_a_digest_only() -> None:
    found = error(b"id = '\xff'")
    assert found.digest == reading.digest(b"id = '\xff'")
    assert found.text is None


@pytest.mark.parametrize(
    ("content", "policy_id"),
    [
        ("id = 'x'", "x"),
        ("id = 'x'\nname = 1\nversion = 1", "x"),
        (toml("x", extra="custom.a = nan"), "x"),
        ("id = 3", None),
        ("id = ''", None),
        ("name = 'x'", None),
        ("id = 'x'\nname =", None),
    ],
)
def test_the_error_carries_the_id_that_the_content_claims(
    content: str, policy_id: str | None
) -> None:
    assert error(content).policy_id == policy_id


def test_the_error_says_what_and_where(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m.toml"
    path.write_text(TOML + "[monitoring]\nlog_level = 3\n", encoding="utf-8")
    with pytest.raises(PolicyLoadError) as caught:
        PolicyLoader.load(path)
    assert caught.value.path == str(path)
    assert str(caught.value) == (
        f"{tmp_path}/a\\x1b[31m.toml: 5:13: TYPE001: monitoring.log_level: "
        "expected text, got a whole number (3)"
    )


@pytest.mark.parametrize("name", ["policy.ini", "policy", "policy.toml.bak"])
def test_a_name_that_tells_no_format(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(TOML, encoding="utf-8")
    with pytest.raises(PolicyLoadError) as caught:
        PolicyLoader.load(tmp_path / name)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "FILE001"
    assert ".toml" in (diagnostic.help or "")


def test_what_cannot_be_read_is_a_diagnostic(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    for name in ("missing.toml", "pipe.toml", "a\0b.toml"):
        with pytest.raises(PolicyLoadError) as caught:
            PolicyLoader.load(tmp_path / name)
        (diagnostic,) = caught.value.diagnostics
        assert diagnostic.code == "FILE001"
        assert caught.value.digest is None


def test_a_path_may_be_text(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(SOURCES[Format.JSON], encoding="utf-8")
    assert PolicyLoader.load(str(tmp_path / "a.json")).id == "a-policy"


def test_nothing_is_placed_while_nothing_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("places were worked out")

    monkeypatch.setattr("policyconsole.loading.loader.place", fail)
    for form in Format:
        assert parse(SOURCES[form].encode(), form).config
    with pytest.raises(AssertionError):
        parse(b"id = 1", Format.TOML)
