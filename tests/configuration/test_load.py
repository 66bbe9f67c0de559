"""load_configuration: which source wins, and what is said of a mistake in each."""

import os
from pathlib import Path

import pytest

from policyconsole import Configuration, ConfigurationError, ValidationLevel, load_configuration
from policyconsole.configuration import rules
from policyconsole.configuration.mistakes import Mistake
from policyconsole.configuration.model import KEYS
from policyconsole.configuration.settings import Settings
from policyconsole.diagnostics import Severity
from policyconsole.validation.choice import FailOn, Weight
from policyconsole.validation.expressions import ExpressionRule, compile_rule
from policyconsole.validation.rule import Rule

OWN_RULE = """
[[rules]]
code = "TEAM001"
kind = "warning"
message = "nobody owns it"
require = 'has(policy.custom.owner)'
"""


@pytest.fixture
def file(folder: Path) -> Path:
    """Where the configuration is, above the folder of policies."""
    return folder.parent / "policy-console.toml"


def mistakes(folder: Path, **options: object) -> tuple[Mistake, ...]:
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(folder, options=options)
    return caught.value.mistakes


def told(found: tuple[Mistake, ...]) -> list[tuple[str, str, int | None, int | None]]:
    """Where, code, line and column of each."""
    return [
        (
            os.path.basename(item.where),
            item.diagnostic.code,
            item.diagnostic.place.line if item.diagnostic.place else None,
            item.diagnostic.place.column if item.diagnostic.place else None,
        )
        for item in found
    ]


def test_without_anything_every_default_counts(folder: Path) -> None:
    configuration = load_configuration(folder)
    assert configuration.plain() == Configuration().plain()
    assert configuration.level is ValidationLevel.STANDARD
    assert configuration.origin is not None
    assert configuration.origin.found is None


def test_each_source_is_stronger_than_the_one_before(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_configuration(folder).level == "standard"
    file.write_text('level = "basic"\n')
    assert load_configuration(folder).level == "basic"
    monkeypatch.setenv("POLICY_CONSOLE_LEVEL", "strict")
    assert load_configuration(folder).level == "strict"
    assert load_configuration(folder, options={"level": "custom"}).level == "custom"


def test_what_a_stronger_source_does_not_say_the_weaker_does(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('environment = "staging"\nignore = ["SEC004"]\n')
    monkeypatch.setenv("POLICY_CONSOLE_SELECT", "SEC,LOGIC")
    configuration = load_configuration(folder, options={"level": "strict"})
    assert configuration.environment == "staging"
    assert configuration.ignore == ("SEC004",)
    assert configuration.select == ("SEC", "LOGIC")
    assert configuration.level == "strict"


def test_of_a_table_each_key_comes_from_the_strongest_that_has_it(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('[severity]\nSEC003 = "low"\nSEC004 = "off"\n')
    monkeypatch.setenv("POLICY_CONSOLE_SEVERITY", "SEC003=warning")
    severity = load_configuration(folder).severity
    assert severity == {"SEC003": Weight.WARNING, "SEC004": Weight.OFF}


@pytest.mark.parametrize(
    ("name", "text", "field", "expected"),
    [
        ("SELECT", "SEC, LOGIC002", "select", ("SEC", "LOGIC002")),
        ("SELECT", '["SEC"]', "select", ("SEC",)),
        ("SELECT", "SEC", "select", ("SEC",)),
        ("SELECT", "", "select", ("ALL",)),
        ("EXCLUDE", "[]", "exclude", ()),
        ("SEVERITY", '{"SEC003": "off"}', "severity", {"SEC003": Weight.OFF}),
        ("PER_FILE_IGNORES", '{"a/*": ["SEC"]}', "per_file_ignores", {"a/*": ("SEC",)}),
        ("FAIL_ON", "warning", "fail_on", FailOn.WARNING),
        ("BLOCK_ON", "critical", "block_on", Severity.CRITICAL),
        ("environment", "production", "environment", "production"),
    ],
)
def test_a_variable_is_read(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    text: str,
    field: str,
    expected: object,
) -> None:
    monkeypatch.setenv(f"POLICY_CONSOLE_{name}", text)
    assert getattr(load_configuration(folder), field) == expected


@pytest.mark.parametrize(
    ("name", "text", "code", "advice"),
    [
        ("LEVEL", "strickt", "CONF003", 'did you mean "strict"?'),
        ("LEVL", "strict", "CONF002", "did you mean POLICY_CONSOLE_LEVEL?"),
        ("QUITE_ANOTHER", "x", "CONF002", "unset the variable"),
        ("SELECT", "SEC,LOGICS", "CONF004", 'did you mean "LOGIC"?'),
        ("SELECT", '["SEC"', "CONF003", None),
        ("SEVERITY", "SEC003", "CONF003", None),
        ("BASELINE", "nowhere.json", "CONF006", None),
        ("ENVIRONMENT", "  ", "CONF003", "leave it out instead"),
    ],
)
def test_a_mistake_in_a_variable_bears_its_name(
    folder: Path,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    text: str,
    code: str,
    advice: str | None,
) -> None:
    file.write_text('select = ["ALL"]\nlevel = "strict"\nenvironment = "staging"\n')
    monkeypatch.setenv(f"POLICY_CONSOLE_{name}", text)
    (wrong,) = mistakes(folder)
    assert (wrong.where, wrong.diagnostic.code) == (f"POLICY_CONSOLE_{name}", code)
    assert wrong.diagnostic.place is None
    if advice is not None:
        assert wrong.diagnostic.help == advice


@pytest.mark.parametrize(
    "name",
    [
        "SERVICE_HOST",
        "SERVICE_PORT",
        "SERVICE_PORT_HTTP",
        "PORT",
        "PORT_80_TCP_ADDR",
        "WEB_SERVICE_HOST",
        "WEB_PORT_80_TCP",
    ],
)
def test_what_kubernetes_sets_for_a_service_of_our_name_is_none_of_ours(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(f"POLICY_CONSOLE_{name}", "tcp://10.0.0.1:80")
    assert load_configuration(folder).plain() == Configuration().plain()


def test_a_mistake_in_an_option_bears_its_name(folder: Path) -> None:
    assert [item.where for item in mistakes(folder, fail_on="q")] == ["--fail-on"]


def test_the_value_that_counts_is_the_one_that_is_said_to_be_wrong(
    folder: Path, file: Path
) -> None:
    file.write_text('level = "q"\n')
    assert load_configuration(folder, options={"level": "basic"}).level == "basic"
    assert [item.where for item in mistakes(folder)] == [str(file)]


MISTAKES = {
    "unknown setting": ('levle = "strict"', "CONF002", (1, 1), 'did you mean "level"?'),
    "unknown setting in a table": ('[sevrity]\nSEC003 = "off"', "CONF002", (1, 2), None),
    "not among the words": ('level = "custum"', "CONF003", (1, 9), 'did you mean "custom"?'),
    "wrong type": ("level = 3", "CONF003", (1, 9), None),
    "text for a list": ('select = "SEC"', "CONF003", (1, 10), 'put it in brackets: ["SEC"]'),
    "wrong item": ('select = ["SEC", 3]', "CONF003", (1, 18), None),
    "list for a table": ("severity = []", "CONF003", (1, 12), None),
    "blank name": ('environment = " "', "CONF003", (1, 15), "leave it out instead"),
    "unknown code in a list": ('ignore = ["LOGICS"]', "CONF004", (1, 11), 'did you mean "LOGIC"?'),
    "small letters": ('ignore = ["sec003"]', "CONF004", (1, 11), 'did you mean "SEC003"?'),
    "unknown code as a key": ('[severity]\nSEC999 = "off"', "CONF004", (2, 1), None),
    "unknown code of a file": (
        '[per-file-ignores]\n"a/*" = ["SEC", "LOGICS"]',
        "CONF004",
        (2, 17),
        'did you mean "LOGIC"?',
    ),
    "no code at all": ('ignore = ["SEC 3"]', "CONF004", (1, 11), None),
    "what cannot be ignored": ('ignore = ["PARSE001"]', "CONF004", (1, 11), "leave it out"),
    "no such weight": ('severity.SEC003 = "warn"', "CONF003", (1, 19), 'did you mean "warning"?'),
    "not TOML": ("level = \n", "CONF001", (1, 9), None),
    "a key twice": ('level = "basic"\nlevel = "basic"', "CONF001", (2, 1), None),
    "a setting twice": ('fail-on = "never"\nfail_on = "never"', "CONF002", (2, 1), None),
    "no baseline": ('baseline = "nowhere.json"', "CONF006", (1, 12), None),
    "own rule without a message": (
        '[[rules]]\ncode = "TEAM001"\nkind = "warning"\nrequire = "true"',
        "CONF003",
        (1, 3),
        None,
    ),
    "own rule with an unknown key": (
        '[[rules]]\ncode = "TEAM001"\nkind = "warning"\nrequire = "true"\nmessage = "m"\nfeild = "x"',
        "CONF002",
        (6, 1),
        'did you mean "field"?',
    ),
    "own rule with a code of ours": (
        '[[rules]]\ncode = "SEC001"\nkind = "warning"\nrequire = "true"\nmessage = "m"',
        "CONF005",
        (2, 8),
        None,
    ),
    "own rule without its severity": (
        '[[rules]]\ncode = "TEAM001"\nkind = "error"\nrequire = "true"\nmessage = "m"',
        "CONF005",
        (1, 3),
        None,
    ),
    "own rule twice": (OWN_RULE + OWN_RULE, "CONF005", (9, 8), None),
    "an expression that does not compile": (
        OWN_RULE.replace("'has(policy.custom.owner)'", "'''\n  policy.name ==\n    unknown'''"),
        "CONF005",
        (8, 5),
        None,
    ),
}


@pytest.mark.parametrize(("text", "code", "place", "advice"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_file_has_its_place(
    folder: Path, file: Path, text: str, code: str, place: tuple[int, int], advice: str | None
) -> None:
    file.write_text(text)
    found = mistakes(folder)
    assert told(found) == [("policy-console.toml", code, *place)]
    assert found[0].source == text
    if advice is not None:
        assert found[0].diagnostic.help == advice


IN_PYPROJECT = {name: row for name, row in MISTAKES.items() if row[1] != "CONF001"}


@pytest.mark.parametrize(
    ("text", "code", "place", "advice"), IN_PYPROJECT.values(), ids=IN_PYPROJECT
)
def test_a_mistake_in_pyproject_has_its_place(
    folder: Path, text: str, code: str, place: tuple[int, int], advice: str | None
) -> None:
    text = text.replace("[[rules]]", "[[tool.policy-console.rules]]")
    for table in ("severity", "sevrity", "per-file-ignores"):
        text = text.replace(f"[{table}]", f"[tool.policy-console.{table}]")
    head = "" if text.lstrip().startswith("[") else "[tool.policy-console]\n"
    (folder / "pyproject.toml").write_text(f"{head}{text}")
    found = mistakes(folder)
    assert [item[:2] for item in told(found)] == [("pyproject.toml", code)]
    at = found[0].diagnostic.place
    assert at is not None
    assert at.line == place[0] + bool(head)
    assert found[0].diagnostic.help == advice or advice is None


def test_mistakes_of_every_kind_are_told_in_the_order_of_their_places(
    folder: Path, file: Path
) -> None:
    file.write_text('baseline = "nowhere.json"\nignore = ["SEC999"]\n')
    assert [item[1] for item in told(mistakes(folder))] == ["CONF006", "CONF004"]


def test_every_mistake_is_told_in_order(folder: Path, file: Path) -> None:
    file.write_text('level = "q"\nselekt = []\nignore = [1]\n' + OWN_RULE.replace("policy", "p"))
    assert told(mistakes(folder)) == [
        ("policy-console.toml", "CONF003", 1, 9),
        ("policy-console.toml", "CONF002", 2, 1),
        ("policy-console.toml", "CONF003", 3, 11),
    ]


@pytest.mark.parametrize(
    "bytes_", [b"\xef\xbb\xbf", b"# \xf0\x9f\x94\x92\r\n"], ids=["BOM", "CRLF"]
)
def test_places_count_characters_whatever_comes_before(
    folder: Path, file: Path, bytes_: bytes
) -> None:
    file.write_bytes(
        bytes_ + b'environment = "\xc3\xbc"\r\nseverity = {"\xf0\x9f\x94\x92" = 1}\r\n'
    )
    (wrong, other) = mistakes(folder)
    line = 2 + bytes_.count(b"\n")
    assert {told((item,))[0][2:] for item in (wrong, other)} == {(line, 13), (line, 19)}
    file.write_bytes(bytes_ + b'environment = "\xc3\xbc"\r\n')
    assert load_configuration(folder).environment == "ü"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\xff\xfel\0", "UTF-16"), (b"level = '\xff'", "0xff"), (b"level = 'basic'\0", "NUL")],
)
def test_what_is_no_text_is_said(folder: Path, file: Path, content: bytes, words: str) -> None:
    file.write_bytes(content)
    (wrong,) = mistakes(folder)
    assert wrong.diagnostic.code == "CONF001"
    assert words in wrong.diagnostic.message


def test_what_cannot_be_read_is_said(folder: Path, file: Path) -> None:
    os.mkfifo(file)
    assert "named pipe" in mistakes(folder)[0].diagnostic.message
    file.unlink()
    file.symlink_to("nowhere")
    (wrong,) = mistakes(folder)
    assert (wrong.where, wrong.diagnostic.code) == (str(file), "CONF001")
    assert "link" in wrong.diagnostic.message


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "\n\n"])
def test_an_empty_file_says_nothing_but_is_the_nearest(folder: Path, file: Path, text: str) -> None:
    file.write_text('level = "strict"\n')
    (folder / "policy-console.toml").write_text(text)
    configuration = load_configuration(folder)
    assert configuration.level == "standard"
    assert configuration.origin is not None
    assert configuration.origin.found == str(folder / "policy-console.toml")


def test_the_nearest_file_counts_and_no_other(folder: Path, file: Path) -> None:
    below = folder / "team" / "a"
    below.mkdir(parents=True)
    file.write_text('level = "basic"\nenvironment = "staging"\n')
    assert load_configuration(below).level == "basic"
    (folder / "pyproject.toml").write_text('[tool.policy-console]\nlevel = "custom"\n')
    assert load_configuration(below).level == "custom"
    assert load_configuration(below).environment is None
    (folder / "policy-console.toml").write_text('level = "strict"\n')
    assert load_configuration(below).level == "strict"


@pytest.mark.parametrize("text", ["[tool.ruff]\n", "[tool\n", 'x = "policy-console"\n', ""])
def test_a_pyproject_of_others_is_passed_over(folder: Path, file: Path, text: str) -> None:
    file.write_text('level = "strict"\n')
    (folder / "pyproject.toml").write_text(text)
    assert load_configuration(folder).level == "strict"


def test_a_broken_pyproject_that_speaks_of_us_is_not(folder: Path, file: Path) -> None:
    file.write_text('level = "strict"\n')
    (folder / "pyproject.toml").write_text("[tool.policy-console]\nlevel = \n")
    assert told(mistakes(folder)) == [("pyproject.toml", "CONF001", 2, 9)]
    (folder / "pyproject.toml").write_text("[tool]\npolicy-console = 3\n")
    assert told(mistakes(folder)) == [("pyproject.toml", "CONF003", 2, 18)]


def test_the_file_that_is_asked_for_counts_alone(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = folder.parent / "other.toml"
    file.write_text('level = "strict"\n')
    other.write_text('level = "basic"\n')
    assert load_configuration(folder, file=other).level == "basic"
    monkeypatch.setenv("POLICY_CONSOLE_CONFIG", str(other))
    assert load_configuration(folder).level == "basic"
    assert load_configuration(folder, file=file).level == "strict"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.toml", None, "does not exist"),
        ("pyproject.toml", "[tool.x]", "no [tool.policy-console]"),
    ],
)
def test_the_file_that_is_asked_for_must_be_there(
    folder: Path, name: str, text: str | None, words: str
) -> None:
    if text is not None:
        (folder / name).write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(folder, file=folder / name)
    (wrong,) = caught.value.mistakes
    assert (wrong.where, wrong.diagnostic.code) == (str(folder / name), "CONF001")
    assert words in wrong.diagnostic.message


@pytest.mark.parametrize("key", [key for key in KEYS if "-" in key])
def test_a_key_may_be_spelt_with_hyphens_or_underscores(folder: Path, file: Path, key: str) -> None:
    values = {
        "fail-on": '"never"',
        "block-on": '"high"',
        "per-file-ignores": '{"a/*" = ["SEC"]}',
        "state-dir": '"kept"',
    }
    file.write_text(f"{key} = {values[key]}\n")
    hyphens = load_configuration(folder)
    file.write_text(f"{key.replace('-', '_')} = {values[key]}\n")
    assert load_configuration(folder) == hyphens
    assert hyphens.plain() != Configuration().plain()


def test_a_baseline_is_looked_for_beside_the_file_that_names_it(folder: Path, file: Path) -> None:
    (file.parent / "known.json").write_text('{"version": 1, "findings": []}')
    file.write_text('baseline = "known.json"\n')
    configuration = load_configuration(folder)
    assert configuration.baseline == str(file.parent / "known.json")
    assert configuration.ruleset().baseline == configuration.known is not None


def test_the_ruleset_has_everything_that_policies_are_judged_by(folder: Path, file: Path) -> None:
    file.write_text('level = "strict"\nenvironment = "staging"\nignore = ["SEC004"]\n' + OWN_RULE)
    rules = load_configuration(folder).ruleset()
    assert (rules.level, rules.environment) == (ValidationLevel.STRICT, "staging")
    assert rules.choice.ignore == ("SEC004",)
    assert rules.rules["TEAM001"].level is ValidationLevel.BASIC
    assert rules.folder == str(file.parent)


def test_rules_are_compiled_once_and_where_they_are_loaded(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine loads on another thread, so that policies need not wait for the compiling."""
    compiled: list[str] = []

    def compiling(spec: ExpressionRule) -> Rule:
        compiled.append(spec.code)
        return compile_rule(spec)

    monkeypatch.setattr(rules, "compile_rule", compiling)
    file.write_text(OWN_RULE)
    settings = Settings(load_configuration(folder))
    assert "TEAM001" in settings.effective.ruleset().rules
    assert "TEAM001" in settings.asking(ValidationLevel.STRICT, None).effective.ruleset().rules
    assert compiled == ["TEAM001"]
    assert load_configuration(folder) == settings.configuration


def test_a_configuration_made_by_hand_is_tried_when_it_is_used() -> None:
    with pytest.raises(ConfigurationError, match="SEC999"):
        Configuration(ignore=("SEC999",)).ruleset()


def test_an_error_says_its_first_mistake_in_a_line(folder: Path, file: Path) -> None:
    file.write_text('level = "q"\nselekt = []\n')
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(folder)
    assert str(caught.value).startswith(f"{file}:1:9: CONF003: must be one of basic")
    assert str(caught.value).endswith("(and 1 more)")
