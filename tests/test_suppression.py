"""Comments that suppress findings: what they count for, and what is said of them."""

import time

import pytest

from policyconsole.judging import Judgement, judge
from policyconsole.loading.formats import Format
from policyconsole.suppression import MOST
from policyconsole.validation.catalogue import Catalogue
from policyconsole.validation.choice import Choice, Weight
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Context, Finding, rule
from policyconsole.validation.ruleset import Ruleset

TOML, YAML = Format.TOML, Format.YAML
STRICT, CUSTOM = Ruleset(ValidationLevel.STRICT), Ruleset(ValidationLevel.CUSTOM)

HEAD = 'id = "a"\nname = "n"\nversion = "1.0.0"\n'
YAML_HEAD = 'id: a\nname: n\nversion: "1.0.0"\n'


def judged(text: str, form: Format = TOML, rules: Ruleset = STRICT) -> Judgement:
    return judge(text.encode(), form, rules, "a-file")


def found(text: str, form: Format = TOML, rules: Ruleset = STRICT) -> list[str]:
    """What is reported, as ``SEC003 5`` with the line."""
    return [
        f"{item.code} {item.place.line if item.place else None}"
        for item in judged(text, form, rules).diagnostics
    ]


def tls(line: str) -> str:
    return f"{HEAD}[security.tls]\n{line}\n"


OLD = 'min_version = "TLSv1.0"'
NEW = 'min_version = "TLSv1.3"'
WHY = "until the gateway is replaced"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (tls(OLD), ["SEC003 5"]),
        (tls(f"{OLD} # policy-console: ignore[SEC003] {WHY}"), []),
        (tls(f"{OLD} #policy-console:ignore[SEC003]{WHY}"), []),
        (tls(f"{OLD} # policy-console: ignore [ SEC003 ] - {WHY}"), []),
        (tls(f"{OLD} # policy-console: ignore[REC002, SEC003] {WHY}"), ["SUPP001 5"]),
        (tls(f"# policy-console: ignore[SEC003] {WHY}\n{OLD}"), []),
        (tls(f"# policy-console: ignore[SEC003] {WHY}\n\n# a note\n{OLD}"), []),
        (tls(f"# policy-console: ignore[SEC003] {WHY}\ncipher_suites = []\n{OLD}"),
         ["SUPP001 5", "LOGIC002 6", "SEC003 7"]),
        (tls(f"{OLD}\n# policy-console: ignore[SEC003] {WHY}"), ["SEC003 5", "SUPP001 6"]),
        (tls(f"{OLD}\nenforce = true # policy-console: ignore[SEC003] {WHY}"),
         ["SEC003 5", "SUPP001 6"]),
        (f"# policy-console: ignore-file[SEC003] {WHY}\n{tls(OLD)}", []),
        (f"# licence\n\n# policy-console: ignore-file[SEC003] {WHY}\n{tls(OLD)}", []),
        (tls(f"# policy-console: ignore-file[SEC003] {WHY}\n{OLD}"), ["SUPP002 5", "SEC003 6"]),
        (f"# policy-console: ignore-file[SEC003] {WHY}\n{tls(NEW)}",
         ["SUPP001 1"]),
        (tls(f"{NEW} # policy-console: ignore[SEC003, SEC003] {WHY}"), ["SUPP001 5"]),
        (tls(f"{OLD} # policy-console: ignore[SEC003]"), ["SEC003 5", "SUPP002 5"]),
        (tls(f"{OLD} # policy-console: ignore[SEC003] --"), ["SEC003 5", "SUPP002 5"]),
        (tls(f"{OLD} # policy-console: ignore SEC003 {WHY}"), ["SEC003 5", "SUPP002 5"]),
        (tls(f"{OLD} # policy-console: ignore[] {WHY}"), ["SEC003 5", "SUPP002 5"]),
        (tls(f"{OLD} # policy-console: ignore[SEC003,] {WHY}"), ["SEC003 5", "SUPP002 5"]),
        (tls(f"{OLD} # policy-console: disable[SEC003] {WHY}"), ["SEC003 5", "SUPP002 5"]),
        (tls(f"{OLD} # policy-console: ignore[SEC3] {WHY}"), ["SEC003 5", "SUPP003 5"]),
        (tls(f"{OLD} # policy-console: ignore[SEC] {WHY}"), ["SEC003 5", "SUPP003 5"]),
        (tls(f"{OLD} # policy-console: ignore[ALL] {WHY}"), ["SEC003 5", "SUPP003 5"]),
        (tls(f"{OLD} # policy-console: ignore[SEC3, SEC003] {WHY}"), ["SUPP003 5"]),
        (tls(f"{OLD} # policy-console: ignore[SUPP001, SEC003] {WHY}"), ["SUPP003 5"]),
        (tls(f"{OLD} # policy-console: ignore[TYPE001, SEC003] {WHY}"), ["SUPP003 5"]),
        (tls(f"{OLD} # Policy-Console: ignore[SEC003] {WHY}"), ["SEC003 5"]),
        (tls(f"{OLD} # see policy-console: ignore[SEC003] {WHY}"), ["SEC003 5"]),
        (tls(f"{OLD}\r").replace("\n", "\r\n").replace("\r\r", "\r"), ["SEC003 5"]),
        (tls(f"{OLD} # policy-console: ignore[SEC003] {WHY}").replace("\n", "\r\n"), []),
        ("\ufeff" + tls(f"{OLD} # policy-console: ignore[SEC003] {WHY}"), []),
        (f'{HEAD}description = "# policy-console: ignore-file[SEC003] no"\n[security.tls]\n{OLD}\n',
         ["SEC003 6"]),
        (f'{HEAD}description = """\n# policy-console: ignore[SEC003] no"""\n[security.tls]\n{OLD}\n',
         ["SEC003 7"]),
        (f"{HEAD}[security.tls] # policy-console: ignore[SEC003] {WHY}\n{OLD}\n",
         ["SUPP001 4", "SEC003 5"]),
    ],
)  # fmt: skip
def test_in_toml(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("security:\n  tls:\n    min_version: TLSv1.0\n", ["SEC003 6"]),
        (f"security:\n  tls:\n    min_version: TLSv1.0 # policy-console: ignore[SEC003] {WHY}\n", []),
        (f"security:\n  tls:\n    # policy-console: ignore[SEC003] {WHY}\n    min_version: TLSv1.0\n", []),
        (f"security: {{tls: {{min_version: TLSv1.0}}}} # policy-console: ignore[SEC003] {WHY}\n", []),
        (f"security: {{tls: {{ # policy-console: ignore[SEC003] {WHY}\n  min_version: TLSv1.0}}}}\n",
         ["SUPP001 4", "SEC003 5"]),
        (f"security: {{tls: {{\n  # policy-console: ignore[SEC003] {WHY}\n  min_version: TLSv1.0}}}}\n", []),
        ("description: |\n  # policy-console: ignore-file[SEC003] no\nsecurity: {tls: {min_version: TLSv1.0}}\n",
         ["SEC003 6"]),
        (f"security:\n  tls:\n    min_version: >- # policy-console: ignore[SEC003] {WHY}\n      TLSv1.0\n", []),
        (f"security:\n  tls:\n    min_version: # policy-console: ignore[SEC003] {WHY}\n      TLSv1.0\n", []),
        (f"security:\n  tls: # policy-console: ignore[SEC003] {WHY}\n    min_version: TLSv1.0\n",
         ["SUPP001 5", "SEC003 6"]),
    ],
)  # fmt: skip
def test_in_yaml(below: str, expected: list[str]) -> None:
    assert found(YAML_HEAD + below, YAML) == expected


LIST = 'cipher_suites = [\n  "x",\n]'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("[\n]", ["LOGIC002 5"]),
        (f"[ # policy-console: ignore[LOGIC002] {WHY}\n]", []),
        (f"[\n] # policy-console: ignore[LOGIC002] {WHY}", []),
        (f"[\n  # policy-console: ignore[LOGIC002] {WHY}\n]", ["LOGIC002 5", "SUPP001 6"]),
    ],
)
def test_a_list_over_several_lines_counts_as_one(value: str, expected: list[str]) -> None:
    assert found(tls(f"cipher_suites = {value}")) == expected


def test_a_text_over_several_lines_counts_as_one() -> None:
    text = f"{HEAD}[custom]\nenvironment = '''x\ny''' # policy-console: ignore[CUSTOM001] {WHY}\n"
    assert "CUSTOM001 5" in found(text.replace("# policy", "# no"), rules=CUSTOM)
    assert "CUSTOM001 5" not in found(text, rules=CUSTOM)


@rule("TEAM001", field="security.tls.cipher_suites")
def any_suites(context: Context) -> Finding:
    """It always finds something."""
    return Finding("a list of suites")


@pytest.mark.parametrize(
    ("comments", "expected"),
    [
        (("", "", ""), ["TEAM001 7"]),
        (("ignore[TEAM001] x", "", ""), []),
        (("", "ignore[TEAM001] x", ""), []),
        (("", "", "ignore[TEAM001] x"), ["TEAM001 7", "SUPP001 8"]),
    ],
)
def test_the_last_item_of_a_yaml_list_is_not_the_list(
    comments: tuple[str, str, str], expected: list[str]
) -> None:
    key, first, last = (f" # policy-console: {text}" if text else "" for text in comments)
    text = f"{YAML_HEAD}security:\n  tls:\n    cipher_suites:{key}\n    - a{first}\n    - b{last}\n"
    assert found(text, YAML, Ruleset(rules=Catalogue([any_suites]))) == expected


def test_a_table_that_is_opened_again_is_no_long_value() -> None:
    text = f"""{HEAD}[security.tls]
cipher_suites = []
[security] # policy-console: ignore[LOGIC002] {WHY}
enabled = true
"""
    assert found(text) == ["LOGIC002 5", "SUPP001 6"]


def test_what_is_suppressed_counts_and_no_longer_refuses() -> None:
    plain, suppressed = (
        judged(tls(OLD + comment)) for comment in ("", f" # policy-console: ignore[SEC003] {WHY}")
    )
    assert (plain.accepted, plain.suppressed) == (False, 0)
    assert (suppressed.accepted, suppressed.suppressed) == (True, 1)


def test_one_comment_may_suppress_several_findings() -> None:
    text = f"# policy-console: ignore-file[FIELD001] {WHY}\nfoo = 1\nbar = 2\n{HEAD}"
    judgement = judged(text)
    assert (judgement.diagnostics, judgement.suppressed) == ((), 2)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (STRICT, ["SUPP001 5"]),
        (Ruleset(ValidationLevel.STANDARD), []),
        (Ruleset(ValidationLevel.STRICT, choice=Choice(ignore=("SEC",))), []),
        (Ruleset(ValidationLevel.STRICT, choice=Choice(severity={"SEC003": Weight.OFF})), []),
        (Ruleset(ValidationLevel.STRICT, choice=Choice(select=("LOGIC",))), []),
        (
            Ruleset(ValidationLevel.STRICT, choice=Choice(per_file_ignores={"a-*": ("SEC",)})),
            [],
        ),
        (Ruleset(ValidationLevel.STRICT, choice=Choice(ignore=("SUPP",))), []),
    ],
)
def test_a_rule_that_does_not_run_leaves_no_suppression_unused(
    rules: Ruleset, expected: list[str]
) -> None:
    text = tls(f'min_version = "TLSv1.3" # policy-console: ignore[SEC003] {WHY}')
    assert found(text, rules=rules) == expected


@pytest.mark.parametrize(
    ("custom", "expected"),
    [("", []), ('[custom]\nenvironment = "development"\n', ["SUPP001 1"])],
)
@pytest.mark.parametrize("environment", [None, "staging"])
def test_whether_an_environment_rule_is_suppressed_in_vain_is_known_where_the_policy_names_one(
    environment: str | None, custom: str, expected: list[str]
) -> None:
    text = f"# policy-console: ignore-file[ENV002] {WHY}\n{HEAD}{custom}"
    rules = Ruleset(
        ValidationLevel.CUSTOM, environment, choice=Choice(ignore=("REC", "LOGIC", "ENV004"))
    )
    assert found(text, rules=rules) == expected


def test_notices_weigh_what_is_chosen() -> None:
    text = tls(f'min_version = "TLSv1.3" # policy-console: ignore[SEC003] {WHY}')
    chosen = Ruleset(ValidationLevel.STRICT, choice=Choice(severity={"SUPP": Weight.LOW}))
    assert not judged(text, rules=chosen).accepted
    assert judged(text).accepted


def test_what_cannot_be_loaded_stays_and_its_warnings_are_suppressed_all_the_same() -> None:
    text = f"""foo = 1 # policy-console: ignore[FIELD001] {WHY}
version = 1 # policy-console: ignore[TYPE001] {WHY}
{HEAD.replace("version", "description")}"""
    judgement = judged(text)
    assert [item.code for item in judgement.diagnostics] == ["TYPE001"]
    assert (judgement.accepted, judgement.suppressed) == (False, 1)


@pytest.mark.parametrize("text", ["id = \n# policy-console: ignore-file[PARSE001] x", ""])
def test_what_is_not_well_formed_has_no_comments(text: str) -> None:
    judgement = judged(text)
    assert [item.kind for item in judgement.diagnostics] == ["error"]


def test_json_has_no_comments() -> None:
    text = '{"id": "a", "name": "policy-console: ignore-file[FIELD001] x", "version": "1.0.0", "foo": 1}'
    assert found(text, Format.JSON) == ["FIELD001 1"]


def test_a_misspelt_code_is_told_with_the_nearest() -> None:
    (_, notice) = judged(tls(f"{OLD} # policy-console: ignore[LOGC002] {WHY}")).diagnostics
    assert notice.help == "did you mean LOGIC002?"
    place = notice.place
    assert place is not None
    assert (place.line, place.column, place.end_line) == (5, 25, 5)


def test_all_codes_of_a_comment_that_suppress_nothing_are_told_at_once() -> None:
    codes = ", ".join(f"SEC00{number}" for number in range(1, 7))
    (notice,) = judged(tls(f"{NEW} # policy-console: ignore[{codes}] {WHY}")).diagnostics
    assert notice.code == "SUPP001"
    assert "SEC001, SEC002, SEC003 and 3 more" in notice.message


def test_all_codes_of_a_comment_that_there_are_not_are_told_at_once() -> None:
    (notice,) = judged(tls(f"{NEW} # policy-console: ignore[X1, X2, X3] {WHY}")).diagnostics
    assert (notice.code, "(nor 2 more)" in notice.message) == ("SUPP003", True)


def test_the_suppressions_that_count_are_so_many() -> None:
    lines = "".join(f"x{n} = 1 # policy-console: ignore[FIELD001] {WHY}\n" for n in range(MOST + 2))
    judgement = judged(lines + HEAD)
    assert [item.code for item in judgement.diagnostics][-1] == "SUPP002"
    assert judgement.suppressed == 100  # so many unknown fields are told one by one


@pytest.mark.parametrize("form", [TOML, YAML])
def test_a_hostile_number_of_comments_is_read_in_time(form: Format) -> None:
    head = HEAD if form is TOML else YAML_HEAD
    comment = f"# policy-console: ignore[{','.join(['SEC003'] * 5)}] x\n"
    text = head + comment * 20_000 + "# policy-console: ignore[" + "a," * 50_000 + "] x\n"
    begin = time.process_time()
    judgement = judged(text, form)
    assert time.process_time() - begin < 5  # seconds; half a second, and hours if it grew faster
    assert len(judgement.diagnostics) == MOST + 1


@pytest.mark.parametrize("writable", [True, False])
def test_permissions_may_be_suppressed_though_they_differ_from_copy_to_copy(writable: bool) -> None:
    text = f"# policy-console: ignore-file[SEC014] a shared folder\n{HEAD}"
    judgement = judge(text.encode(), TOML, STRICT, "a-file", writable_by_others=writable)
    assert (judgement.diagnostics, judgement.suppressed) == ((), int(writable))
