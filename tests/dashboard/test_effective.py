"""Every value in force, and where it comes from."""

from datetime import UTC, datetime

import pytest

from policyconsole.application.policy_set import ActivePolicy
from policyconsole.dashboard.effective import EffectiveValue, effective
from policyconsole.dashboard.sources import text_in_force
from policyconsole.loading.formats import format_of
from policyconsole.loading.loader import parse
from policyconsole.reading import digest
from policyconsole.snapshot import FileStatus, Verdict
from tests.tui.keeping import revision

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
TOML = """\
id = "a"
name = "A"
version = "1.0.0"
[security.tls]
min_version = "TLSv1.2"
[custom]
hosts = ["x",
  "y"]
owner.team = "core"
api_key = "hunter2"
"""
YAML = """\
id: a
name: A
version: 1.0.0
security: {tls: {min_version: TLSv1.2}}
custom:
  hosts: [x, y]
  owner:
    team: core
  api_key: hunter2
"""
JSON = """\
{"id": "a",
 "name": "A", "version": "1.0.0",
 "security": {"tls": {"min_version": "TLSv1.2"}},
 "custom": {"hosts": ["x", "y"], "owner": {"team": "core"},
  "api_key": "hunter2"}}
"""


def active(path: str, text: str) -> ActivePolicy:
    form = format_of(path)
    assert form is not None
    loaded = parse(text.encode(), form)
    return ActivePolicy(loaded.config, 1, loaded.digest, path, NOW)


def values(path: str, text: str, shown: str | None) -> dict[str, EffectiveValue]:
    found = effective(active(path, text), shown)
    return {f"{value.table}.{value.name}".lstrip("."): value for value in found}


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        ("a.toml", TOML, (1, 5, 7, 9, 10)),
        ("a.yaml", YAML, (1, 4, 6, 8, 9)),
        ("a.json", JSON, (1, 3, 4, 4, 5)),
    ],
    ids=["toml", "yaml", "json"],
)
def test_a_value_of_the_file_has_its_line(path: str, text: str, lines: tuple[int, ...]) -> None:
    found = values(path, text, text)
    wanted = (
        "id",
        "security.tls.min_version",
        "custom.hosts",
        "custom.owner.team",
        "custom.api_key",
    )
    assert [found[name].line for name in wanted] == list(lines)
    assert [found[name].value for name in wanted] == [
        '"a"', '"TLSv1.2"', '["x", "y"]', '"core"', '"***"',
    ]  # fmt: skip
    assert found["id"].origin == f"line {lines[0]}"


def test_what_the_file_does_not_say_is_a_default() -> None:
    found = values("a.toml", TOML, TOML)
    assert found["security.tls.enforce"] == EffectiveValue("security.tls", "enforce", "true", False)
    assert found["authentication.method"].origin == "default"
    assert found["description"].value == "none"


def test_without_its_text_a_value_still_says_that_the_file_gives_it() -> None:
    found = values("a.toml", TOML, None)
    assert (found["id"].line, found["id"].origin) == (None, "file")
    assert found["security.tls.enforce"].origin == "default"


def test_what_stands_in_no_table_comes_first_and_each_table_once() -> None:
    tables = [value.table for value in effective(active("a.toml", TOML), TOML)]
    assert tables[0] == ""
    assert tables[-1] == "custom"
    assert [table for table in dict.fromkeys(tables) if table.startswith("security")] == [
        "security", "security.encryption", "security.tls", "security.input_validation",
        "security.rate_limiting",
    ]  # fmt: skip


def test_names_and_values_are_safe_to_show() -> None:
    text = TOML + '"\\u001b[2J" = "\\u202e"\n'
    shown = [(value.name, value.value) for value in effective(active("a.toml", text), text)]
    assert not any(character in repr(shown) for character in ("\x1b", "\u202e"))


def test_the_text_in_force_is_that_of_the_file_or_a_kept_one() -> None:
    policy = active("a.toml", TOML)
    same = FileStatus("a.toml", "a", Verdict.IN_FORCE, (), NOW, digest=policy.digest, source=TOML)
    assert text_in_force(policy, same, ()) == TOML
    other = FileStatus("a.toml", "a", Verdict.REFUSED, (), NOW, digest="sha256:1", source="id")
    assert text_in_force(policy, other, ()) is None
    known = revision(1)
    assert text_in_force(policy, other, (known,)) is None, "another content"
    content = known.content.decode()
    assert digest(known.content) == known.digest
    assert text_in_force(active("a.toml", content), other, (known,)) == content
