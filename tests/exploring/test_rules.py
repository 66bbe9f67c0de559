"""A rule in a cell says what the command says."""

from pathlib import Path

import pytest

from policyconsole import explain
from policyconsole.cli.main import main
from policyconsole.exploring.rules import ExplainedRule
from policyconsole.validation.catalogue import CATALOGUE


def words(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize("code", ["SEC003", "PARSE001", "REC001"])
def test_it_says_what_the_command_says(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["rule", code])
    assert words(repr(explain(code.lower()))) == words(capsys.readouterr().out)


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_rule_shows_itself(code: str) -> None:
    html = ExplainedRule(CATALOGUE[code])._repr_html_()
    assert f"<strong>{code}: " in html
    assert html.count("<div>") == html.count("</div>")


def test_an_unknown_code_is_told_with_the_one_that_is_meant() -> None:
    with pytest.raises(KeyError) as unknown:
        explain("SEC03")
    assert str(unknown.value).startswith("there is no rule 'SEC03'; is 'SEC0")


def test_the_rules_of_a_folder_are_known(tmp_path: Path) -> None:
    (tmp_path / "policy-console.toml").write_text(
        '[[rules]]\ncode = "TEAM001"\nkind = "error"\nseverity = "high"\n'
        'message = "no <b>owner</b>"\nrequire = "has(policy.custom.owner)"\n',
        encoding="utf-8",
    )
    html = explain("TEAM001", tmp_path)._repr_html_()
    assert "TEAM001: error (high)" in html
    assert "<b>" not in html
