"""Which fixes are kept: what helps, and nothing else."""

from dataclasses import replace

import pytest

from policyconsole.diagnostics import Diagnostic, Kind
from policyconsole.fixing.edits import SetValue
from policyconsole.fixing.fix import fix_safely
from policyconsole.fixing.repair import PASSES, repair
from policyconsole.fixing.table import ENTRIES, Entry
from policyconsole.judging import Judgement, judge
from policyconsole.loading.formats import Format
from policyconsole.validation.catalogue import CATALOGUE, Catalogue
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Context, Finding, rule
from policyconsole.validation.ruleset import Ruleset

from .mending import codes, left, mended, policy

OLD_TLS = '[security.tls]\nmin_version = "TLSv1.0"\n'
FEW_ROUNDS = "[security.encryption]\npbkdf2_iterations = 1000\n"


def test_a_fix_that_makes_another_finding_is_held_back_and_said() -> None:
    text = policy('[security.tls]\nmin_versoin = "TLSv1.2"\n')
    result = mended(text)
    assert result.content.decode() == text
    assert left(result) == ["FIELD001"]
    [(diagnostic, reason)] = result.held_back
    assert (diagnostic.code, reason) == ("FIELD001", "it would bring REC002")


def test_of_what_stands_behind_an_alias_it_is_said_where_it_is_not() -> None:
    text = policy("x: &old\n  min_version: TLSv1.0\nsecurity:\n  tls: *old\n", Format.YAML)
    result = mended(text, Format.YAML)
    assert result.content.decode() == text
    assert [reason for _, reason in result.held_back] == [
        "what security.tls holds stands elsewhere in the text"
    ]


def test_one_fix_that_is_held_back_does_not_hold_back_the_others() -> None:
    text = policy('[security.tls]\nmin_versoin = "TLSv1.2"\n' + FEW_ROUNDS)
    result = mended(text)
    assert result.content.decode() == text.replace("1000", "600000")
    assert sorted(codes(result)) == ["REC001", "SEC002"]
    assert left(result) == ["FIELD001"]


def test_the_lowest_tls_may_leave_the_advice_to_raise_it_and_nothing_else() -> None:
    result = mended(policy(OLD_TLS))
    assert (codes(result), left(result)) == (["SEC003"], ["REC002"])
    leaving = {code: entry.leaves for code, entry in ENTRIES.items() if entry.leaves}
    assert leaving == {"SEC003": {"REC002"}, "TYPE001": {"REC002"}}


def test_what_a_fix_leaves_is_mended_in_the_next_pass() -> None:
    result = mended(policy(OLD_TLS), unsafe=True)
    assert "TLSv1.3" in result.content.decode()
    assert (codes(result), left(result)) == (["SEC003"], [])


def test_mended_content_has_nothing_more_to_mend() -> None:
    text = policy(OLD_TLS + FEW_ROUNDS + "[monitoring]\ninterval_seconds = 900\n")
    once = mended(text, unsafe=True)
    again = mended(once.content, unsafe=True)
    assert (again.content, again.fixed, again.held_back) == (once.content, (), ())


def test_unsafe_fixes_are_made_only_when_asked_for() -> None:
    text = policy("[security]\nenabled = false\n")
    assert mended(text).content.decode() == text
    assert mended(text, unsafe=True).content.decode() == text.replace("false", "true")


def test_what_a_rule_says_of_other_fields_once_the_types_are_right_is_no_reason_to_wait() -> None:
    text = policy('monitoring.interval_seconds = "60"\nsecurity.tls.min_version = "best"\n')
    result = mended(text)
    assert result.content.decode() == text.replace('"60"', "60")
    assert left(result) == ["SEC003"]


def test_what_a_rule_says_of_the_field_that_was_written_is() -> None:
    text = policy('[monitoring]\ninterval_seconds = "900"\n')
    result = mended(text)
    assert result.content.decode() == text
    assert [reason for _, reason in result.held_back] == ["it would bring LOGIC004, REC003"]


def test_content_that_cannot_be_decoded_stays() -> None:
    for content in (b"", b"\xff", b"id = ", b'id = "a"\nid = "b"\n'):
        result = mended(content, unsafe=True)
        assert (result.content, result.fixed, result.held_back) == (content, (), ())


def test_two_unknown_fields_that_mean_the_same_one_both_stay() -> None:
    text = policy('[security.tls]\nmin_versoin = "TLSv1.3"\nmin_verison = "TLSv1.3"\n')
    assert mended(text, unsafe=True).content.decode() == text


def test_a_name_that_is_there_already_is_not_given_again() -> None:
    text = policy('[security.tls]\nmin_version = "TLSv1.3"\nmin_versoin = "TLSv1.3"\n')
    assert mended(text, unsafe=True).content.decode() == text


def test_a_missing_field_is_mended_where_its_misspelt_name_is() -> None:
    result = mended('id = "a-policy"\nnaem = "A policy"\nversion = "1.0.0"\n')
    assert b'\nname = "A policy"\n' in result.content
    assert (sorted(codes(result)), left(result)) == (["FIELD001", "TYPE003"], [])


def test_rules_that_do_not_run_have_no_fixes() -> None:
    text = policy(OLD_TLS)
    result = mended(text, level=ValidationLevel.STANDARD)
    assert result.content.decode() == text


def test_the_environment_counts() -> None:
    text = policy("[authentication]\nrequire_mfa = false\n")
    result = mended(text, unsafe=True, environment="production")
    assert sorted(codes(result)) == ["ENV002", "REC004"]


def test_an_environment_whose_rules_would_refuse_the_policy_is_not_named() -> None:
    text = policy('[authentication]\nrequire_mfa = false\n[custom]\nenvironment = "Production"\n')
    result = mended(text)
    assert result.content.decode() == text
    assert {reason for _, reason in result.held_back} == {"it would bring ENV002"}


@pytest.mark.parametrize("form", Format)
def test_version_of_yaml_that_is_a_number_is_kept_letter_by_letter(form: Format) -> None:
    mark = {Format.TOML: "version = ", Format.YAML: "version: ", Format.JSON: '"version": '}[form]
    end = "\n}" if form is Format.JSON else "\n"
    text = policy(f"{mark}1.10{end}", form, version=False)
    result = mended(text, form)
    assert result.content.decode() == text.replace("1.10", '"1.10.0"')
    assert left(result) == []


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch) -> dict[str, Entry]:
    """The table, open to more entries while a test runs."""
    entries = dict(ENTRIES)
    monkeypatch.setattr("policyconsole.fixing.repair.ENTRIES", entries)
    return entries


def flipping(own: str, field: str) -> Ruleset:
    @rule(own, field=field)
    def odd(context: Context) -> Finding | None:
        """The rate is odd."""
        rate = context.config.security.rate_limiting.requests_per_minute
        return Finding("odd") if rate % 2 else None

    return Ruleset(rules=Catalogue([*CATALOGUE.values(), odd]))


def test_a_fix_that_changes_nothing_for_the_finding_is_not_written(
    entry: dict[str, Entry],
) -> None:
    field = "security.rate_limiting.requests_per_minute"
    path = tuple(field.split("."))
    entry["OWN001"] = Entry(lambda _: fix_safely(SetValue(path, 7)), "a test")
    result = mended(policy(f"{field} = 5\n"), rules=flipping("OWN001", field))
    assert b"= 5" in result.content
    assert [reason for _, reason in result.held_back] == ["the finding would stay"]


def test_fixes_that_undo_each_other_come_to_an_end(entry: dict[str, Entry]) -> None:
    """Each makes its finding go and brings the other's, as the table allows here."""
    field = "security.rate_limiting.requests_per_minute"
    path, judged = tuple(field.split(".")), []

    def judging(content: bytes) -> Judgement:
        judgement = judge(content, Format.TOML, Ruleset(), "a.toml")
        assert judgement.policy is not None
        rate = judgement.policy.config.security.rate_limiting.requests_per_minute
        judged.append(rate)
        found = Diagnostic(f"OWN00{rate}", Kind.WARNING, "x", field=field)
        return replace(judgement, diagnostics=(found,))

    for mine, other in ((1, 2), (2, 1)):
        entry[f"OWN00{mine}"] = Entry(
            lambda _, value=other: fix_safely(SetValue(path, value)),  # type: ignore[misc]
            "a test",
            leaves=frozenset({f"OWN00{other}"}),
        )
    content = policy(f"{field} = 1\n").encode()
    result = repair(content, Format.TOML, judging(content), judging)
    assert len(judged) == PASSES + 1
    assert result.content == content
    assert result.fixed == ()


def test_findings_that_one_edit_mends_are_all_counted() -> None:
    result = mended(policy("[monitoring]\ninterval_seconds = 900\n"), unsafe=True)
    assert sorted(codes(result)) == ["LOGIC004", "REC003"]


def test_a_file_in_which_everything_is_wrong_is_not_tried_for_ever() -> None:
    text = policy('[security.tls]\ncipher_suites = [1, 2, "x", 4]\n')
    judged: list[bytes] = []

    def judging(content: bytes) -> Judgement:
        judged.append(content)
        return before

    before = judge(text.encode(), Format.TOML, Ruleset(), "a.toml")
    result = repair(text.encode(), Format.TOML, before, judging, tries=3)
    assert len(judged) == 3
    assert [reason for _, reason in result.held_back] == [
        "the finding would stay",
        "the finding would stay",
        "so much is wrong here that not everything was tried",
    ]


BROKEN = ["TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_NULL_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"]
GOOD = "TLS_AES_128_GCM_SHA256"


@pytest.mark.parametrize("listed", [[GOOD, *BROKEN], [*BROKEN, GOOD], [BROKEN[0], GOOD, BROKEN[1]]])
def test_broken_suites_are_taken_out_wherever_they_stand(listed: list[str]) -> None:
    lines = "".join(f"    - {suite}  # {suite[-5:]}\n" for suite in listed)
    result = mended(
        policy(f"security:\n  tls:\n    cipher_suites:\n{lines}", Format.YAML), Format.YAML
    )
    kept = f"security:\n  tls:\n    cipher_suites:\n    - {GOOD}  # {GOOD[-5:]}\n"
    assert result.content.decode() == policy(kept, Format.YAML)
    text = policy(f"security.tls.cipher_suites = {listed}\n".replace("'", '"'))
    assert mended(text).content.decode() == policy(f'security.tls.cipher_suites = ["{GOOD}"]\n')


def test_the_last_suite_is_not_taken_out() -> None:
    text = policy(
        f'[security.tls]\nmin_version = "TLSv1.2"\ncipher_suites = ["{BROKEN[0]}", "{BROKEN[1]}"]\n'
    )
    result = mended(text)
    assert result.content.decode() == text.replace(f'"{BROKEN[0]}", ', "")
    assert left(result).count("SEC009") == 1
