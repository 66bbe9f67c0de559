"""Own rules in CEL: what they may say, what they see, and how they fail."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from policyconsole.diagnostics import Diagnostic, Impact, Kind, Severity
from policyconsole.validation.catalogue import CATALOGUE, Catalogue
from policyconsole.validation.cel import MOST_TEXT
from policyconsole.validation.engine import PolicyValidationEngine
from policyconsole.validation.expressions import ExpressionError, ExpressionRule, compile_rule
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Rule
from tests.cli.processes import environment
from tests.validation.building import policy

SECRETS = """
[custom]
password = "hunter2"
age = 5
names = { hunter2 = 1 }
items = [1, 2]
"""


def own(require: str, **table: object) -> ExpressionRule:
    """A ``[[rules]]`` table: a warning unless it says otherwise."""
    given = {"code": "TEAM001", "kind": "warning", "message": "not as we do it"}
    return ExpressionRule.model_validate({**given, "require": require, **table})


def judged(
    *specs: ExpressionRule,
    toml: str = "",
    level: ValidationLevel = ValidationLevel.BASIC,
    environment: str | None = None,
) -> tuple[Diagnostic, ...]:
    """What such rules say about a policy."""
    rules = Catalogue(compile_rule(spec) for spec in specs)
    return (
        PolicyValidationEngine(environment=environment, rules=rules)
        .validate(policy(toml), level)
        .diagnostics
    )


def holds(require: str, toml: str = "", environment: str | None = None) -> bool:
    """Whether an expression is true for a policy; a failure is neither."""
    found = judged(own(require), toml=toml, environment=environment)
    assert [finding.code for finding in found] in ([], ["TEAM001"]), found
    return not found


def failure(require: str, toml: str = SECRETS) -> str:
    """Why an expression judged nothing."""
    (found,) = judged(own(require), toml=toml)
    assert (found.code, found.kind) == ("RULE002", Kind.WARNING)
    before, _, reason = found.message.partition("the rule TEAM001 failed and judged nothing: ")
    assert before == ""
    assert "hunter2" not in f"{found.message} {found.help}"
    return reason


def mistake(source: str, key: str = "require") -> tuple[int, int, str]:
    """Where and why an expression does not compile."""
    table = {"require": source} if key == "require" else {"require": "true", "when": source}
    with pytest.raises(ExpressionError) as caught:
        compile_rule(own(**table))
    assert caught.value.key == key
    return caught.value.line, caught.value.column, caught.value.message


def test_what_is_required_and_not_so_is_reported_with_the_rules_words() -> None:
    spec = own(
        "has(policy.custom.owner)",
        kind="error",
        severity="high",
        field="custom.owner",
        help="name the team",
    )

    (found,) = judged(spec)

    assert (found.code, found.kind, found.severity) == ("TEAM001", Kind.ERROR, Severity.HIGH)
    assert (found.message, found.help, found.field) == (
        "not as we do it",
        "name the team",
        "custom.owner",
    )
    assert judged(spec, toml='custom.owner = "payments"') == ()


def test_a_recommendation_has_an_impact() -> None:
    (found,) = judged(own("false", kind="recommendation", impact="availability"))

    assert (found.kind, found.impact) == (Kind.RECOMMENDATION, Impact.AVAILABILITY)


def test_only_where_when_is_true() -> None:
    spec = own("has(policy.custom.owner)", when='environment == "production"')

    assert judged(spec) == ()
    assert judged(spec, environment="staging") == ()
    assert len(judged(spec, environment="production")) == 1
    assert len(judged(spec, toml='custom.environment = "production"')) == 1


@pytest.mark.parametrize("level", ValidationLevel)
def test_runs_at_every_level_unless_it_names_one(level: ValidationLevel) -> None:
    strict = own("false", code="TEAM002", level="strict")

    found = {finding.code for finding in judged(own("false"), strict, level=level)}

    assert found == ({"TEAM001", "TEAM002"} if level.rank >= 2 else {"TEAM001"})


@pytest.mark.parametrize(
    ("expression", "toml"),
    [
        ("policy.security.encryption.key_size >= 256", ""),
        ("policy.security.encryption.key_size > 100.5 && policy.custom.n > 1u", "custom.n = 2"),
        ("policy.monitoring.metrics.sampling_rate == 1", ""),
        ("policy.security.tls.cipher_suites.exists(s, s.startsWith('TLS_AES'))", ""),
        ("policy.security.tls.cipher_suites.filter(s, s.contains('256')).size() == 3", ""),
        ("policy.description == null && policy.created_at == null", ""),
        (
            "timestamp(policy.created_at) < timestamp('2026-01-01T00:00:00Z')",
            "created_at = 2026-01-01T00:30:00+01:00",
        ),
        (
            "timestamp(policy.updated_at) - timestamp(policy.created_at) == duration('24h')",
            "created_at = 2026-01-01T00:00:00Z\nupdated_at = 2026-01-02T00:00:00Z",
        ),
        ("policy.custom.day == '2026-01-01'", "custom.day = 2026-01-01"),
        ("policy.unheard == 'of' && policy.security.unheard == 1", "unheard = 'of'\nsecurity.unheard = 1"),
        ("'a key' in policy.custom && policy.custom['a key'] == 1", "custom.'a key' = 1"),
        ("!has(policy.custom.owner) && policy.custom.?owner.orValue('nobody') == 'nobody'", ""),
        ("policy.custom.n > 9223372036854775807", "custom.n = 18446744073709551616"),
        ("policy.custom.name.matches('^[a-zü]+$')", "custom.name = 'grün'"),
        ("environment == ''", ""),
        ("policy.custom.missing == 1 || true", ""),
    ],
)  # fmt: skip
def test_sees(expression: str, toml: str) -> None:
    assert holds(expression, toml)
    assert not holds(f"!({expression})", toml)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("policy.custom.missing", 'in require, the key "missing" is not there: has() asks for one'),
        ("policy.custom.names[policy.custom.password + 'x'] == 1", "in require, the key is not there"),
        ("policy.custom.password + 1 == 2", "types: +(string, int64)"),
        ("policy.custom.password", "it gives string, not true or false"),
        ("policy.custom.password.matches(policy.custom.password + '(')", "a regular expression"),
        ("timestamp(policy.custom.password) == timestamp('2026-01-01T00:00:00Z')", "INVALID_ARG"),
        ("int(policy.custom.password) == 1", "cannot convert string to int"),
        ("{policy.custom.password: 1, policy.custom.password: 2}.size() == 2", "cannot be worked out"),
        ("policy.custom.items[9] == 1", "index=9 size=2"),
        ("policy.custom.age / 0 == 1", "divide by zero"),
        ("policy.custom.age + 9223372036854775807 > 1", "integer overflow"),
        ("policy.custom.password.length", "a field is asked of a value that is no mapping"),
        ("policy.description", "it gives null"),
    ],
)  # fmt: skip
def test_an_expression_that_fails_says_why_and_no_secret(expression: str, reason: str) -> None:
    assert reason in failure(expression)


def test_the_other_rules_go_on_and_an_error_that_judged_nothing_refuses() -> None:
    failing = own("policy.custom.missing", kind="error", severity="low")
    other = own("false", code="TEAM002")

    refused = judged(failing, other)

    assert [(finding.code, finding.blocks) for finding in refused] == [
        ("RULE001", True),
        ("TEAM002", False),
    ]


def test_a_when_that_fails_is_told_too() -> None:
    (found,) = judged(own("true", when="policy.custom.missing"))

    assert found.code == "RULE002"
    assert "in when, the key" in found.message


def test_a_loop_without_end_ends() -> None:
    numbers = f"custom.n = {list(range(200))}"

    assert holds("policy.custom.n.all(a, a < 200)", numbers)
    assert "more than 10,000 times" in failure(
        "policy.custom.n.all(a, policy.custom.n.all(b, a < 200 && b < 200))", numbers
    )


def test_a_policy_with_too_much_text_is_not_handed_over() -> None:
    fits = policy().model_dump_json()
    room = MOST_TEXT - len(fits) - 10

    assert holds("true", f'custom.text = "{"x" * room}"')
    assert "100,000 characters" in failure("true", f'custom.text = "{"x" * MOST_TEXT}"')


@pytest.mark.parametrize(
    "expression",
    [
        "policy.custom.l.all(x, (x + policy.custom.t).size() > 0)",
        "policy.custom.l.all(x, ([x] + policy.custom.l).size() > 0)",
        "policy.custom.l.filter(x, x == '').size() == 0",
        "policy.custom.l.filter(x, x.matches('a+')).size() > 0",
    ],
)
def test_what_is_copied_at_each_round_of_a_loop_wants_a_small_policy(expression: str) -> None:
    def toml(items: int) -> str:
        return f"[custom]\nt = 'text'\nl = {['a' * 10] * items}"

    assert holds(expression, toml(100))
    assert "too large to filter it or put texts together" in failure(expression, toml(2000))
    assert holds("policy.custom.l.all(x, x.matches('^[a+]+$'))", toml(2000))
    assert holds("(policy.id + policy.name + policy.custom.t).size() > 0", toml(2000))


def test_at_its_bounds_an_expression_needs_some_hundred_megabytes() -> None:
    code = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
from tests.validation.test_expressions import holds
items = ["a"] * 1500
assert holds("policy.custom.l.filter(x, x != '').size() == 1500", f"custom.l = {items}")
many = "policy.custom.l.all(x, policy.custom.l.all(y, (x + policy.custom.t).size() > 0))"
toml = f"custom.l = {['a'] * 99}\\ncustom.t = '{'a' * 25000}'"
assert holds(many, toml)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("macro", ["map", "optMap", "optFlatMap"])
def test_no_expression_can_double_a_text_again_and_again(macro: str) -> None:
    assert holds(f"policy.id != '.{macro}('")

    line, column, message = mistake(f"true &&\n  policy.id.{macro}(x, x + x) == ''")

    assert (line, column) == (2, 13)
    assert message.startswith(f"{macro} makes new values")


@pytest.mark.parametrize(
    "source",
    [
        "[1].// as a list\nmap(x, x) == [1]",
        "[1].map// as a list\n(x, x) == [1]",
        '"""a"b""" != "" && [1].map(x, x) != [] || "" != ""',
        "'''a'b''' != '' && [1].map(x, x) != [] || '' != ''",
        "'http://a' != '' && [1].map(x, x) != []",
    ],
)
def test_neither_a_comment_nor_a_text_hides_what_makes_new_values(source: str) -> None:
    assert mistake(source)[2].startswith("map makes new values")


def test_what_stands_in_a_comment_or_a_text_is_no_code() -> None:
    assert holds('// policy.custom.names.map(x, x)\npolicy.id != """.map(x, \'x\')"""')


@pytest.mark.parametrize(
    ("source", "line", "column", "message"),
    [
        ("policy.id ==", 1, 13, "something is missing here"),
        ("policy.id = 'a'", 1, 11, "'= ' is not CEL"),
        ("policy.id == 'a' and true", 1, 18, "'and' is unexpected here"),
        ("true &&\n  foo", 2, 3, "foo is not known: there are policy, environment and the functions"),
        ("'ü😀' == foo", 1, 9, "foo is not known"),
        ("environment == 1", 1, 13, "== does not take these types: (string, int)"),
        ("'x' in 5", 1, 5, "in does not take these types"),
        ("policy.id.foo()", 1, 14, "foo is not known"),
        ("1 + 1", 1, 1, "it gives int, not true or false"),
        ("'yes'", 1, 1, "it gives string, not true or false"),
        (" ", 1, 2, "something is missing here"),
        ("[" * 50 + "]" * 50, 1, 1, "recursion limit"),
        ("1" + " + 1" * 3000 + " > 1", 1, 1, "nested more than 32 deep"),
        ("x" * 200_000, 1, 1, "limit: 100000"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["require", "when"])
def test_a_mistake_has_a_place(source: str, line: int, column: int, message: str, key: str) -> None:
    found = mistake(source, key)

    assert found[:2] == (line, column)
    assert message in found[2]


@pytest.mark.parametrize(
    ("table", "where", "words"),
    [
        ({"code": "team1"}, "code", "capital letters"),
        ({"code": "TEAM"}, "code", "ends in a number"),
        ({"code": "SEC003"}, "code", "has a rule with this code"),
        ({"code": "FILE099"}, "code", "for what is wrong with a file"),
        ({"kind": "fatal"}, "kind", "'error', 'warning' or 'recommendation'"),
        ({"kind": "error"}, "", "needs severity, one of critical, high, medium, low"),
        ({"kind": "recommendation"}, "", "needs impact, one of security"),
        ({"severity": "high"}, "", "severity goes with the kind error only"),
        ({"impact": "security"}, "", "impact goes with the kind recommendation only"),
        ({"kind": "error", "severity": "worst"}, "severity", "'critical', 'high'"),
        ({"level": "hard"}, "level", "'basic'"),
        ({"message": " "}, "message", "at least 1 character"),
        ({"message": 5}, "message", "valid string"),
        ({"require": True}, "require", "valid string"),
        ({"field": "a..b"}, "field", "a dotted path"),
        ({"field": ""}, "field", "a dotted path"),
        ({"requires": "true"}, "requires", "not permitted"),
    ],
)
def test_a_table_that_is_wrong_says_what(table: dict[str, object], where: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        own(**{"require": "true", **table})  # type: ignore[arg-type]  # some are wrong on purpose

    (problem,) = caught.value.errors()
    assert ".".join(map(str, problem["loc"])) == where
    assert words in problem["msg"]


def test_a_rule_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        own("true").code = "TEAM002"  # type: ignore[misc]  # that is the point


def test_is_explained_like_any_other() -> None:
    rule: Rule = compile_rule(
        own("policy.id != ''", when="true", message="no id\n  Example: none", help="write one")
    )

    explanation = rule.explanation
    assert explanation.what == "no id Example: none"
    assert explanation.why == "A rule of your own requires policy.id != '' where true."
    assert (explanation.fix, explanation.example) == ("write one", "")


def test_is_one_of_a_catalogue_with_the_others() -> None:
    rules = Catalogue([*CATALOGUE.values(), compile_rule(own("false"))])

    found = PolicyValidationEngine(rules=rules).validate(policy("security.enabled = false"))

    assert {finding.code for finding in found.diagnostics} >= {"TEAM001", "LOGIC001"}


def test_each_policy_is_seen_as_itself() -> None:
    engine = PolicyValidationEngine(
        rules=Catalogue(
            [compile_rule(own("policy.custom.n == 1")), compile_rule(own("true", code="TEAM002"))]
        )
    )

    verdicts = [engine.validate(policy(f"custom.n = {n}")).diagnostics for n in (1, 2, 1)]

    assert [len(found) for found in verdicts] == [0, 1, 0]


def test_the_library_is_loaded_only_where_an_expression_is_compiled() -> None:
    code = (
        "import sys; from policyconsole.validation.expressions import ExpressionRule, compile_rule;"
        "spec = ExpressionRule(code='A1', kind='warning', message='m', require='true');"
        "print('cel_expr_python' in sys.modules); compile_rule(spec);"
        "print('cel_expr_python' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )

    assert re.findall(r"\w+", done.stdout) == ["False", "True"]


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cel_expr_python", None)
    with pytest.raises(ExpressionError, match=r"pip install 'policy-console\[cel\]'"):
        compile_rule(own("true"))
