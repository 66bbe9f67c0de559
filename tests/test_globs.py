"""Patterns for paths: every text is one, whatever is between its brackets."""

import warnings

import pytest

from policyconsole.globs import matches


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("[a-c].toml", "abc", "d-"),
        ("[!a-c].toml", "d-", "abc/"),
        ("[^^].toml", "a", "^"),
        ("[z-a].toml", "", "amz-"),
        ("[z-ab].toml", "b", "amz-"),
        ("[!z-a].toml", "am", "/"),
        ("[]-].toml", "]-", "a"),
        ("[a&&b].toml", "ab&", "c"),
        ("[[a].toml", "[a", "b"),
        (r"[\d].toml", "\\d", "5"),
        ("[ -~].toml", "a!", "/"),
    ],
)
def test_brackets_stand_for_one_character(pattern: str, matching: str, others: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = {one for one in matching + others if matches(f"{one}.toml", (pattern,))}
    assert found == set(matching)
