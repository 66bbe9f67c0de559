"""What differs between two revisions, by field and by line, and that no secret is in it."""

import pytest

from policyconsole.events import Change
from policyconsole.loading.loader import PolicyLoadError
from policyconsole.rollback.comparison import compare, source_difference
from tests.policies import toml
from tests.rollback.keeping import revision

RATE = "security.rate_limiting.requests_per_minute"


def test_the_fields_and_the_sections_that_differ() -> None:
    compared = compare(revision(toml()), revision(toml(requests_per_minute=50, version="1.1.0"), 2))
    assert compared.changes == (Change("version", "1.0.0", "1.1.0"), Change(RATE, 60, 50))
    assert compared.sections == ("security",)


def test_two_formats_of_one_policy_differ_in_no_field() -> None:
    yaml = "id: a-policy\nname: A policy\nversion: 1.0.0\n"
    plain = 'id = "a-policy"\nname = "A policy"\nversion = "1.0.0"\n'
    assert compare(revision(plain), revision(yaml, path="a.yaml")).changes == ()


def test_a_content_that_cannot_be_loaded_any_more() -> None:
    with pytest.raises(PolicyLoadError, match="TYPE001"):
        compare(revision(toml()), revision(toml(extra="created_at = 7"), 2))


def test_the_lines_that_differ_name_both_revisions_and_hide_secrets() -> None:
    old = revision(toml() + '\n[custom]\napi_key = "sk-live-1"\n', 3)
    new = revision(toml(log_level="warn") + '\n[custom]\napi_key = "sk-live-2"\n', 4)
    lines = list(source_difference(old, new))
    assert lines[:2] == ["--- a.toml (revision 3)", "+++ a.toml (revision 4)"]
    assert [line for line in lines[2:] if line[0] in "+-"] == [
        '-log_level = "info"',
        '+log_level = "warn"',
    ]
    assert not [line for line in lines if "sk-live" in line]


def test_a_secret_that_differs_is_not_shown_as_lines() -> None:
    old = revision('password = "one"\n')
    assert list(source_difference(old, revision('password = "two"\n', 2))) == []


def test_what_would_drive_a_terminal_is_escaped() -> None:
    lines = list(source_difference(revision("a = 1\n"), revision("a = 1\n# \x1b[2J\n", 2)))
    assert "+# \\x1b[2J" in lines
