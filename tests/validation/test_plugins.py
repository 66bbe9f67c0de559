"""Rules of plug-ins: found by their entry point, and what is wrong with one told with its name."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from policyconsole.diagnostics import Diagnostic, Kind
from policyconsole.engine import PolicyApplicationEngine
from policyconsole.events import EventType
from policyconsole.judging import judge
from policyconsole.loading.formats import Format
from policyconsole.validation.catalogue import CATALOGUE
from policyconsole.validation.choice import Choice
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.plugins import PluginRules, plugin_rules
from policyconsole.validation.ruleset import Ruleset
from tests.cli.processes import environment, run
from tests.policies import toml
from tests.waiting import LIMIT

VALID = toml()
NUMBERS = count()

IMPORTS = """
from policyconsole import Context, Finding, Impact, Rule, Severity, ValidationLevel, hookimpl, rule
"""

OWNER = """
@rule("TEAM001", error=Severity.HIGH, field="custom.owner")
def names_its_owner(context):
    '''Nobody owns the policy.'''
    if "owner" not in context.config.custom:
        return Finding("nobody owns this policy")
"""

GIVE = """
@hookimpl
def policyconsole_rules():
    return [{rules}]
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put plug-ins where an installer would: a module, and the package's entry point."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))

    def put(source: str, name: str = "team", *, entry: str | None = None) -> None:
        module = f"plugin_{next(NUMBERS)}"
        (site / f"{module}.py").write_text(IMPORTS + source)
        told = site / f"{name}_package-1.0.dist-info"
        told.mkdir()
        (told / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}-package\nVersion: 1.0\n"
        )
        (told / "entry_points.txt").write_text(f"[policyconsole]\n{name} = {entry or module}\n")
        plugin_rules.cache_clear()

    plugin_rules.cache_clear()
    yield put
    plugin_rules.cache_clear()


def problem(found: PluginRules) -> str:
    """The one thing that is wrong, as it is told."""
    (told,) = found.problems
    assert (told.code, told.kind) == ("RULE003", Kind.ERROR)
    assert told.help is not None
    assert "team-package" in told.help
    before, _, what = told.message.partition("the plug-in team (team-package 1.0) gives ")
    assert before == ""
    return what


def judged(plugins: PluginRules, content: str = VALID) -> dict[str, Diagnostic]:
    rules = Ruleset(ValidationLevel.BASIC, rules=plugins.catalogue)
    judgement = judge(content.encode(), Format.TOML, rules, "a.toml")
    return {found.code: found for found in judgement.diagnostics}


@pytest.mark.usefixtures("install")
def test_without_a_plugin_there_is_the_catalogue_alone() -> None:
    assert plugin_rules() == PluginRules()
    assert plugin_rules().catalogue is CATALOGUE


def test_its_rules_judge_with_the_others(install: Install) -> None:
    install(OWNER + GIVE.format(rules="names_its_owner"))

    plugins = plugin_rules()

    assert plugins.problems == ()
    assert list(plugins.catalogue) == [*CATALOGUE, "TEAM001"]
    found = judged(plugins, VALID)["TEAM001"]
    assert (found.message, found.field, found.blocks) == (
        "nobody owns this policy",
        "custom.owner",
        True,
    )
    assert found.place is not None
    assert "TEAM001" not in judged(plugins, VALID + '\n[custom]\nowner = "me"\n')


def test_its_rules_can_be_chosen_like_any_other(install: Install) -> None:
    install(OWNER + GIVE.format(rules="names_its_owner"))

    def valid(**choice: object) -> bool:
        chosen = Choice.model_validate(choice)
        rules = Ruleset(rules=plugin_rules().catalogue, choice=chosen)
        return judge(VALID.encode(), Format.TOML, rules, "a.toml").accepted

    assert not valid()
    assert valid(ignore=["TEAM"])
    assert valid(severity={"TEAM001": "warning"})
    assert valid(select=["SEC"])


def test_is_asked_once_in_a_process(install: Install) -> None:
    install(OWNER + GIVE.format(rules="names_its_owner"))

    assert plugin_rules() is plugin_rules()


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import not_installed_anywhere\n", "no rules: ModuleNotFoundError: No module named"),
        ("1 / 0\n", "no rules: ZeroDivisionError: division by zero"),
        ("def :\n", "no rules: SyntaxError: "),
        ("raise SystemExit(3)\n", "no rules: SystemExit: 3"),
        ("", "no rules: it has no function policyconsole_rules marked with @hookimpl"),
        (
            "def policyconsole_rules():\n    return []\n",
            "no rules: it has no function policyconsole_rules marked with @hookimpl",
        ),
        (
            "@hookimpl\ndef policyconsole_rule():\n    return []\n",
            "no rules: it has no function policyconsole_rules marked with @hookimpl",
        ),
        (
            "@hookimpl\ndef policyconsole_rules(config):\n    return []\n",
            "no rules: PluginValidationError: ",
        ),
        (GIVE.format(rules="1 / 0"), "no rules: ZeroDivisionError"),
        (
            "@hookimpl\ndef policyconsole_rules():\n    exit()\n",
            "no rules: SystemExit",
        ),
        (
            "@hookimpl\ndef policyconsole_rules():\n    pass\n",
            "no rules: policyconsole_rules gives None, not a list of rules",
        ),
        (
            "@hookimpl\ndef policyconsole_rules():\n    return 5\n",
            "no rules: policyconsole_rules gives a int, not a list of rules",
        ),
        (
            OWNER + "@hookimpl\ndef policyconsole_rules():\n    return names_its_owner\n",
            "no rules: policyconsole_rules gives a Rule, not a list of rules",
        ),
        (
            OWNER + "@hookimpl\ndef policyconsole_rules():\n    yield names_its_owner\n    1 / 0\n",
            "no rules: ZeroDivisionError",
        ),
        (
            GIVE.format(rules="print"),
            "a rule that is left out: a builtin_function_or_method is no rule",
        ),
        (
            OWNER.replace("TEAM001", "SEC003") + GIVE.format(rules="names_its_owner"),
            "a rule that is left out: SEC003: policy-console has a rule with this code",
        ),
        (
            OWNER.replace("TEAM001", "team 1") + GIVE.format(rules="names_its_owner"),
            "a rule that is left out: team 1: a code is capital letters",
        ),
        (
            OWNER.replace("error=Severity.HIGH", "level='strict'")
            + GIVE.format(rules="names_its_owner"),
            "a rule that is left out: the level of TEAM001 is a str",
        ),
        (
            OWNER.replace("Severity.HIGH", "'high'") + GIVE.format(rules="names_its_owner"),
            "a rule that is left out: the severity of TEAM001 is a str",
        ),
        (
            OWNER.replace("custom.owner", "custom..owner") + GIVE.format(rules="names_its_owner"),
            "a rule that is left out: the field of TEAM001 is no dotted path",
        ),
    ],
)
def test_a_broken_plugin_is_told_with_its_name(install: Install, source: str, what: str) -> None:
    install(source)
    install(OWNER.replace("TEAM001", "TEAM009") + GIVE.format(rules="names_its_owner"), "works")

    found = plugin_rules()

    assert problem(found).startswith(what)
    assert [rule.code for rule in found.rules] == ["TEAM009"]


def test_a_module_that_is_not_there_is_told(install: Install) -> None:
    install("", entry="gone_since_it_was_installed")

    assert "ModuleNotFoundError" in problem(plugin_rules())


def test_the_first_of_two_plugins_keeps_a_code(install: Install) -> None:
    install(OWNER + GIVE.format(rules="names_its_owner"), "alpha")
    install(OWNER + GIVE.format(rules="names_its_owner"), "team")

    found = plugin_rules()

    assert problem(found) == (
        "a rule that is left out: TEAM001: another plug-in has a rule with this code"
    )
    assert len(found.rules) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return 'text'", "it gives something else than findings with a message"),
        ("return Finding(5)", "it gives something else than findings with a message"),
        ("return Finding('m', 5)", "the help of a finding is no text"),
        ("return Finding('m', field='a..b')", "the field of a finding is no dotted path"),
        ("raise SystemExit", "it tried to end the program"),
        ("return 5", "TypeError in _findings"),
        ("raise ValueError(context.config.id)", "ValueError in fails"),
    ],
)
def test_a_rule_that_fails_is_a_finding_with_its_code(
    install: Install, body: str, reason: str
) -> None:
    failing = f"@rule('TEAM002')\ndef fails(context):\n    {body}\n"
    install(OWNER + failing + GIVE.format(rules="fails, names_its_owner"))

    found = judged(plugin_rules())

    assert found["RULE002"].message.startswith(
        f"the rule TEAM002 failed and judged nothing: {reason}"
    )
    assert found["TEAM001"].blocks


def test_what_was_found_before_a_failure_counts(install: Install) -> None:
    failing = "@rule('TEAM002')\ndef fails(context):\n    yield Finding('first')\n    1 / 0\n"
    install(failing + GIVE.format(rules="fails"))

    found = judged(plugin_rules())

    assert found["TEAM002"].message == "first"
    assert "ZeroDivisionError in fails" in found["RULE002"].message


async def test_the_engine_judges_by_them_and_tells_of_a_broken_one(
    install: Install, tmp_path: Path
) -> None:
    install(OWNER + GIVE.format(rules="names_its_owner, names_its_owner"))
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "a.toml").write_text(VALID)

    engine = PolicyApplicationEngine(folder)
    told = engine.subscribe()
    events = []
    async with asyncio.timeout(LIMIT), engine:
        async for event in told:
            events.append(event)
            if event.type is EventType.DEGRADED:
                break

    assert [event.type for event in events] == [
        EventType.REJECTED,
        EventType.STARTED,
        EventType.DEGRADED,
    ]
    assert [found.code for found in events[0].diagnostics if found.blocks] == ["TEAM001"]
    assert "the plug-in team (team-package 1.0) gives a rule" in (events[2].message or "")


def test_pluggy_is_loaded_only_where_there_is_a_plugin(tmp_path: Path) -> None:
    policy = tmp_path / "a.toml"
    policy.write_text(VALID)
    code = (
        "import sys; from policyconsole.cli.main import main; main(sys.argv[1:]);"
        "print([name for name in ('pluggy', 'cel_expr_python') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "check", str(policy)],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "[]"


EXAMPLE = Path(__file__).parents[1] / "plugin_example"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the example plug-in."""
    site = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
            *("--no-build-isolation", "--disable-pip-version-check", "--target", site, EXAMPLE),
        ],
        check=True,
        timeout=100,
    )
    return site


def with_path(site: Path) -> dict[str, str]:
    path = [str(site), environment().get("PYTHONPATH", "")]
    return environment(PYTHONPATH=":".join(filter(None, path)))


@pytest.mark.slow
def test_the_example_plugin_once_installed_judges(installed: Path, tmp_path: Path) -> None:
    policy = tmp_path / "a.toml"
    policy.write_text(VALID)

    without = run("check", policy)
    done = run("check", policy, env=with_path(installed))

    assert without.returncode == 0
    assert done.returncode == 1
    assert b"TEAM001" in done.stdout
    assert b"set custom.owner to the name of a team" in done.stdout
    assert done.stderr == b""
    explained = run("rule", "TEAM001", env=with_path(installed))
    assert (explained.returncode, explained.stderr) == (0, b"")
    assert explained.stdout.startswith(b"TEAM001: error")
    assert run("rule", "TEAM001").returncode == 2


@pytest.mark.slow
def test_a_broken_plugin_ends_check_with_2_after_its_work(installed: Path, tmp_path: Path) -> None:
    policy = tmp_path / "a.toml"
    policy.write_text(VALID)
    site = tmp_path / "site"
    (site / "team_rules").mkdir(parents=True)
    (site / "team_rules" / "__init__.py").write_text("import not_installed_anywhere\n")
    path = f"{site}:{installed}:{environment().get('PYTHONPATH', '')}"

    done = run("check", policy, env=environment(PYTHONPATH=path))

    assert done.returncode == 2
    assert b"1 file checked" in done.stdout
    assert (
        b"policy-console: RULE003: the plug-in team (team-rules 1.0.0) gives no rules"
        in done.stderr
    )
    assert b"not_installed_anywhere" in done.stderr
    assert b"Traceback" not in done.stderr
