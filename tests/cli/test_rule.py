"""``rule``: the list, the explanation of one, the same for programs, and what is no rule."""

import json
import os
import pty
import subprocess
import tomllib
from pathlib import Path

import pytest

from policyconsole.cli.main import main
from policyconsole.cli.rule import FAMILIES, explained, listed
from policyconsole.cli.text import Paint
from policyconsole.diagnostics import Impact, Severity
from policyconsole.validation.catalogue import CATALOGUE
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Context, rule
from tests.cli.processes import PROGRAM, environment, run

PLAIN = Paint(coloured=False)
DOCUMENT = Path(__file__).parents[2] / "docs" / "rules.md"


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["rule", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_lists_every_rule_once_by_family(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys).splitlines()

    codes = [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]
    assert codes == list(CATALOGUE)
    headings = [line.split(":")[0] for line in lines if line and line[0] != " "]
    assert headings == list(FAMILIES)
    assert "SEC: how strong the protections are (from strict on)" in lines
    assert "ENV: what an environment demands (at custom)" in lines
    assert "REC: what would be better still (at every level)" in lines
    assert "  ENV001  error critical  In production, security is switched off." in lines


def test_fits_into_eighty_columns_and_has_no_colours_in_a_pipe() -> None:
    for arguments in ([], ["SEC009"], ["REC"]):
        result = run("rule", *arguments)

        assert (result.returncode, result.stderr) == (0, b"")
        text = result.stdout.decode()
        assert "\x1b" not in text
        assert max(map(len, text.splitlines())) <= 80
        assert not any(line.endswith(" ") for line in text.splitlines())


def test_has_colours_and_the_width_of_the_terminal_on_one() -> None:
    outside, inside = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, "rule", "SEC003"],
        stdin=subprocess.DEVNULL,
        stdout=inside,
        stderr=inside,
        env=environment(TERM="xterm", COLUMNS="50"),
    ) as process:
        os.close(inside)
        text = b""
        try:
            while chunk := os.read(outside, 4096):
                text += chunk
        except OSError:  # what Linux says of a terminal whose other side is closed
            pass
        finally:
            os.close(outside)
    lines = text.decode().splitlines()

    assert process.returncode == 0
    assert lines[0] == "\x1b[1mSEC003\x1b[0m: \x1b[1;31merror (high)\x1b[0m"
    assert lines[2] == "TLS is enforced, and its minimum version is"


def test_explains_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "SEC002") == (
        """\
SEC002: warning

Security is on, and PBKDF2 runs fewer than 10,000 rounds.

Every round makes each guess at a stolen password dearer. Below 10,000, a single
graphics card tries whole dictionaries.

Reported:
    security.enabled = true
    security.encryption.pbkdf2_iterations = 1000

Passes:
    security.enabled = true
    security.encryption.pbkdf2_iterations = 600000

Fix:     Set 600000 for PBKDF2 with HMAC-SHA-256.
Source:  NIST SP 800-63B (2017), section 5.1.1.2: "typically at least 10,000
         iterations"; OWASP Password Storage Cheat Sheet: 600,000.
Field:   security.encryption.pbkdf2_iterations
Levels:  strict, custom
"""
    )


@pytest.mark.parametrize("code", ["sec003", "Sec003", "SEC003"])
def test_small_letters_will_do(capsys: pytest.CaptureFixture[str], code: str) -> None:
    assert shown(capsys, code).startswith("SEC003: error (high)\n")


@pytest.mark.parametrize(
    ("beginning", "codes"),
    [
        ("SYNTAX", [f"SYNTAX00{n}" for n in range(1, 6)]),
        ("par", ["PARSE001", "PARSE002", "PARSE003"]),
        ("ENV01", ["ENV010", "ENV011"]),
        ("SET00", ["SET001", "SET002"]),
    ],
)
def test_the_beginning_of_a_code_lists_what_begins_so(
    capsys: pytest.CaptureFixture[str], beginning: str, codes: list[str]
) -> None:
    lines = shown(capsys, beginning).splitlines()

    assert [line.split()[0] for line in lines if line[2:3].isupper() and line[0] == " "] == codes


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("SEC003x", "there is no rule SEC003x: did you mean SEC003, SEC"),
        ("SEX003", "did you mean SEC003"),
        ("TSL1", "there is no rule TSL1: 'policy-console rule' lists them all"),
        ("\x1b[31mX", "there is no rule \\x1b[31mX: "),
        ("x" * 5000, "x" * 39 + "…: '"),
    ],
)
def test_an_unknown_code_ends_with_2_and_names_the_nearest(
    capsys: pytest.CaptureFixture[str], code: str, message: str
) -> None:
    assert main(["rule", code]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.count("\n") == 1


def test_for_programs_one_has_the_documented_shape(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(shown(capsys, "--format", "json", "LOGIC010"))

    assert document["version"] == 1
    (found,) = document["rules"]
    assert found == {
        "code": "LOGIC010",
        "family": "LOGIC",
        "kind": "recommendation",
        "severity": None,
        "impact": "security",
        "levels": ["standard", "strict", "custom"],
        "field": "monitoring.alerts_enabled",
        "what": "Security is on, but alerts are off.",
        "why": CATALOGUE["LOGIC010"].explanation.why,
        "example": {
            "language": "toml",
            "reported": "security.enabled = true\nmonitoring.alerts_enabled = false",
            "passes": "security.enabled = true\nmonitoring.alerts_enabled = true",
        },
        "fix": "Set monitoring.alerts_enabled to true.",
        "source": "CWE-778 (insufficient logging); OWASP Top 10:2021, A09.",
    }
    written = DOCUMENT.read_text("utf-8")
    example = json.loads(written.split("```json\n")[1].split("```")[0])
    assert {key: type(value) for key, value in example["rules"][0].items()} == {
        key: type(value) for key, value in found.items()
    }
    assert list(example) == list(document)


def test_for_programs_the_list_holds_every_rule() -> None:
    result = run("rule", "--format", "json")
    document = json.loads(result.stdout)

    assert (result.returncode, result.stderr) == (0, b"")
    assert [found["code"] for found in document["rules"]] == list(CATALOGUE)
    errors = [found for found in document["rules"] if found["kind"] == "error"]
    assert all(found["severity"] for found in errors)
    in_toml = [found for found in document["rules"] if found["example"]["language"] == "toml"]
    assert all(tomllib.loads(found["example"]["passes"]) for found in in_toml)


def test_ends_quietly_when_nobody_reads_on() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nobody:
        result = subprocess.run(
            [*PROGRAM, "rule"],
            stdout=nobody,
            stderr=subprocess.PIPE,
            env=environment(),
            timeout=60,
            check=False,
        )
    assert (result.returncode, result.stderr) == (0, b"")


@rule("TEAM001", error=Severity.LOW, level=ValidationLevel.CUSTOM)
def _own(context: Context) -> None:
    """Nobody owns \x1b[31mthe policy."""


@rule("TEAM002", recommendation=Impact.PERFORMANCE)
def _bare(context: Context) -> None:
    pass


def test_own_rules_have_families_of_their_own_and_are_safe_to_show() -> None:
    assert list(listed([_own, _bare], PLAIN, 80)) == [
        "TEAM",
        "  TEAM001  error low       Nobody owns \\x1b[31mthe policy.",
        "  TEAM002  recommendation",
    ]
    assert list(explained(_bare, PLAIN, 80)) == [
        "TEAM002: recommendation (performance)",
        "",
        "Levels:  basic, standard, strict, custom",
    ]


OWN = """
[[rules]]
code = "TEAM001"
kind = "warning"
message = "a policy names its owner"
require = "has(policy.custom.owner)"
help = "say who is asked about it"
"""


def test_rules_of_the_configuration_are_explained_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "policy-console.toml"
    file.write_text(OWN)
    for arguments in (("--config", str(file), "TEAM001"), ("TEAM001",)):
        text = shown(capsys, *arguments)
        assert "a policy names its owner" in text
        assert "has(policy.custom.owner)" in text
        monkeypatch.chdir(tmp_path)  # and then without being told where


def test_a_broken_configuration_hides_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "policy-console.toml"
    file.write_text('levl = "strict"\n')
    assert main(["rule", "--config", str(file), "CONF002"]) == 0
    said = capsys.readouterr()
    assert "CONF002" in said.out
    assert f"{file}:1:1: error CONF002" in said.err
