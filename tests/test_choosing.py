"""What is chosen counts for the engine and for ``check`` alike."""

import json
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import pytest

from policyconsole import EventType, PolicyApplicationEngine, ValidationLevel
from policyconsole.cli.main import main
from policyconsole.configuration.load import load_configuration
from policyconsole.diagnostics import Diagnostic, Severity
from policyconsole.judging import Judgement, judge
from policyconsole.loading.formats import Format, format_of
from policyconsole.snapshot import Verdict
from policyconsole.validation.catalogue import CATALOGUE, Catalogue
from policyconsole.validation.choice import Choice, Weight
from policyconsole.validation.rule import Context, Finding, rule
from policyconsole.validation.ruleset import Ruleset
from tests.policies import NOT_WELL_FORMED, toml

CUSTOM = ValidationLevel.CUSTOM
FILES = {
    "good.toml": toml("good"),
    "old.toml": toml("old", min_version="TLSv1.0", version="1.0", requests_per_minute=5000),
    "legacy/old.yaml": "id: older\nname: n\nversion: '1.0'\nsecurity: {tls: {min_version: TLSv1.1}}\n",
    "legacy/suppressed.toml": toml("suppressed").replace(
        '"TLSv1.3"', '"TLSv1.0" # policy-console: ignore[SEC003, SEC004] the gateway'
    ),
    "unknown.json": '{"id": "unknown", "name": "n", "version": "1.0.0", "sampling": 1}',
    "broken.toml": NOT_WELL_FORMED,
    "wrong.toml": "sampling = 1\n" + toml("wrong").replace('"1.0.0"', "1"),
    "twin.toml": toml("old", min_version="TLSv1.0"),
}
CONFIGURATIONS = {
    "nothing": "",
    "ignore": 'ignore = ["SEC", "FIELD001"]',
    "select": 'select = ["SEC003"]\nignore = ["SEC"]',
    "severity": '[severity]\nFIELD001 = "high"\nSEC003 = "recommendation"\nSYNTAX004 = "low"',
    "block_on": 'block-on = "critical"',
    "per_file": '[per-file-ignores]\n"policies/legacy/*" = ["SEC003"]\n"wrong.toml" = ["ALL"]',
    "suppressions": '[severity]\nSUPP001 = "critical"',
    "baseline": 'baseline = "known.txt"',
}


def write(folder: Path, configuration: str = "") -> Path:
    policies = folder / "policies"
    for name, content in FILES.items():
        path = policies / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (folder / "policy-console.toml").write_text(f'level = "strict"\n{configuration}\n')
    return policies


def findings(diagnostics: tuple[Diagnostic, ...]) -> list[dict[str, Any]]:
    return [dict(item.record()) for item in diagnostics]


@pytest.mark.parametrize("name", CONFIGURATIONS)
async def test_the_engine_and_check_agree(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policies = write(tmp_path)
    main(["check", "--level=strict", str(policies), f"--write-baseline={tmp_path / 'known.txt'}"])
    (tmp_path / "known.txt").write_text(
        json.dumps(
            {
                "version": 1,
                "findings": [
                    item
                    for item in json.loads((tmp_path / "known.txt").read_text())["findings"]
                    if item["code"] != "SEC004"
                ],
            }
        )
    )
    write(tmp_path, CONFIGURATIONS[name])
    capsys.readouterr()
    main(["check", "--format=json", str(policies)])
    checked = {
        str(Path(file["path"]).relative_to(policies)): file
        for file in json.loads(capsys.readouterr().out)["files"]
    }
    async with PolicyApplicationEngine(
        policies, configuration=load_configuration(policies)
    ) as engine:
        snapshot = engine.snapshot()
    assert set(snapshot.files) == set(checked) == set(FILES)
    for path, status in snapshot.files.items():
        assert (status.verdict is Verdict.IN_FORCE) is checked[path]["valid"], path
        told = [
            {**item, "message": item["message"].replace(f"{policies}/", "")}
            for item in checked[path]["diagnostics"]
        ]
        assert findings(status.diagnostics) == told, path


def judged(path: str, choice: Choice, folder: str = "/etc") -> Judgement:
    form = format_of(path)
    assert form is not None
    rules = Ruleset(ValidationLevel.STRICT, choice=choice, folder=folder)
    return judge(FILES[path].encode(), form, rules, f"/etc/policies/{path}")


CODES = ("SEC003", "SEC004", "SYNTAX004", "FIELD001", "SUPP001")


@pytest.mark.parametrize("path", FILES)
def test_without_a_code_everything_else_is_the_same(path: str) -> None:
    every = judged(path, Choice(ignore=("SUPP",)))
    subsets = chain.from_iterable(combinations(CODES, size) for size in range(len(CODES) + 1))
    for ignored in subsets:
        chosen = judged(path, Choice(ignore=("SUPP", *ignored)))
        assert chosen.diagnostics == tuple(
            item for item in every.diagnostics if item.code not in ignored
        )
        by_file = judged(path, Choice(ignore=("SUPP",), per_file_ignores={"*.*": ignored}))
        assert by_file.diagnostics == chosen.diagnostics
        assert by_file.accepted is chosen.accepted


@pytest.mark.parametrize(
    ("pattern", "counts"),
    [
        ("old.toml", True),
        ("*.toml", True),
        ("policies/*.toml", True),
        ("policies", True),
        ("**/old.toml", True),
        ("policies/**", True),
        ("*/old.toml", True),
        ("other/*.toml", False),
        ("*.yaml", False),
        ("OLD.toml", False),
        ("toml", False),
    ],
)
def test_the_pattern_of_a_path_counts_from_the_folder_of_the_configuration(
    pattern: str, counts: bool
) -> None:
    judgement = judged("old.toml", Choice(per_file_ignores={pattern: ("SEC",)}))
    assert ("SEC003" not in [item.code for item in judgement.diagnostics]) is counts
    assert judgement.accepted is counts
    assert not judged("old.toml", Choice(per_file_ignores={"etc/*": ("SEC",)})).accepted


def test_patterns_that_match_add_up() -> None:
    choice = Choice(per_file_ignores={"*.toml": ("SEC003",), "old.*": ("SEC004", "SYNTAX")})
    assert judged("old.toml", choice).diagnostics == ()


def test_what_is_ignored_in_a_file_stays_ignored_whatever_is_selected() -> None:
    choice = Choice(select=("SEC003",), per_file_ignores={"*.toml": ("SEC",)})
    assert judged("old.toml", choice).diagnostics == ()


def test_a_rule_that_fails_does_not_run_where_it_is_ignored() -> None:
    @rule("TEAM001", error=Severity.HIGH)
    def broken(context: Context) -> Finding | None:
        """It fails."""
        raise KeyError(context)

    rules = Ruleset(
        rules=Catalogue([*CATALOGUE.values(), broken]),
        choice=Choice(per_file_ignores={"legacy/*": ("TEAM001",)}),
        folder="/etc",
    )
    for path, codes in (("/etc/a.toml", ["RULE001"]), ("/etc/legacy/a.toml", [])):
        found = judge(toml().encode(), Format.TOML, rules, path).diagnostics
        assert [item.code for item in found] == codes


def test_a_warning_of_loading_can_refuse_where_that_is_chosen() -> None:
    assert judged("unknown.json", Choice()).accepted
    refused = judged("unknown.json", Choice(severity={"FIELD001": Weight.MEDIUM}))
    assert [(item.code, item.severity) for item in refused.diagnostics] == [
        ("FIELD001", Severity.MEDIUM)
    ]
    assert not refused.accepted


async def test_the_engine_tells_of_findings_that_count_only(tmp_path: Path) -> None:
    policies = write(tmp_path, CONFIGURATIONS["per_file"])
    engine = PolicyApplicationEngine(policies, configuration=load_configuration(policies))
    events = engine.subscribe()
    async with engine:
        told = {event.path: event for event in events.drain() if event.path is not None}
    assert told["old.toml"].type is EventType.REJECTED
    assert told["legacy/old.yaml"].type is EventType.APPLIED
    assert [item.code for item in told["legacy/old.yaml"].diagnostics] == ["SYNTAX004"]
    assert [item.code for item in told["wrong.toml"].diagnostics] == ["TYPE001"]
