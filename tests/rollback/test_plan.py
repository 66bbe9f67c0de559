"""Whether an earlier revision may come back, and as what content."""

from pathlib import Path

import pytest

from policyconsole.loading.loader import PolicyLoader
from policyconsole.reading import digest
from policyconsole.rollback.plan import RollbackError, no_such_revision, plan
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.ruleset import Ruleset
from tests.policies import REFUSED_AT_STRICT, toml
from tests.rollback.keeping import revision

STRICT = Ruleset(ValidationLevel.STRICT)


def test_a_content_in_the_format_of_the_file_is_taken_to_the_byte(tmp_path: Path) -> None:
    old = revision("# why\n" + toml(), 3)
    planned = plan(str(tmp_path), "sub/b.toml", old, STRICT, force=False)
    assert planned.content == old.content
    assert planned.digest == old.digest
    assert (planned.parent, planned.path, planned.forced) == (3, "sub/b.toml", False)
    assert planned.file == str(tmp_path / "sub" / "b.toml")


def test_a_file_of_another_format_gets_the_policy_converted(tmp_path: Path) -> None:
    planned = plan(str(tmp_path), "a.yaml", revision(toml()), STRICT, force=False)
    toml_file, yaml_file = tmp_path / "a.toml", tmp_path / "a.yaml"
    toml_file.write_text(toml())
    yaml_file.write_bytes(planned.content)
    assert PolicyLoader.load(yaml_file) == PolicyLoader.load(toml_file)
    assert planned.digest == digest(planned.content)


def test_what_the_format_cannot_hold_is_refused_with_the_place(tmp_path: Path) -> None:
    null = '{"id": "a-policy", "name": "n", "version": "1.0.0",\n "custom": {"owner": null}}'
    with pytest.raises(RollbackError, match="cannot be written as TOML") as refused:
        plan(str(tmp_path), "a.toml", revision(null, path="a.json"), STRICT, force=True)
    (found,) = refused.value.diagnostics
    assert found.place is not None
    assert (found.place.line, refused.value.path, refused.value.forceable) == (2, "a.json", False)


def test_what_todays_rules_refuse_needs_force(tmp_path: Path) -> None:
    old = revision(REFUSED_AT_STRICT, 2)
    with pytest.raises(RollbackError, match=r"refuse revision 2 of a-policy: SEC003$") as refused:
        plan(str(tmp_path), "a.toml", old, STRICT, force=False)
    assert "SEC003" in [found.code for found in refused.value.diagnostics]
    assert refused.value.source == REFUSED_AT_STRICT
    assert refused.value.forceable
    planned = plan(str(tmp_path), "a.toml", old, STRICT, force=True)
    assert planned.forced
    assert not plan(str(tmp_path), "a.toml", old, Ruleset(), force=True).forced


def test_what_does_not_load_any_more_comes_back_by_no_force(tmp_path: Path) -> None:
    with pytest.raises(RollbackError, match="cannot be loaded any more") as refused:
        plan(str(tmp_path), "a.toml", revision('id = "a-policy"\n'), STRICT, force=True)
    assert refused.value.diagnostics
    assert not refused.value.forceable


def test_the_permissions_of_the_file_are_judged_too(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("")
    file.chmod(0o666)
    by_others = plan(str(tmp_path), "a.toml", revision(toml()), STRICT, force=True).judgement
    file.chmod(0o600)
    by_owner = plan(str(tmp_path), "a.toml", revision(toml()), STRICT, force=True).judgement
    assert by_others.writable_by_others
    assert not by_owner.writable_by_others


@pytest.mark.parametrize(
    ("wanted", "known", "said"),
    [
        (9, [3, 1, 2], "p has no revision 9: kept are 1 to 3"),
        ("good", [2], "p has no revision tagged good: kept is 2"),
        (1, [], "no revision of p is kept"),
    ],
)
def test_a_revision_that_there_is_not(wanted: int | str, known: list[int], said: str) -> None:
    assert str(no_such_revision("p", wanted, known)) == said
