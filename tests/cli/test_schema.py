"""``policy-console schema``, through a pipe."""

import json
import subprocess
from importlib.metadata import version

import pytest
from jsonschema import Draft7Validator

from policyconsole.cli import schema as command
from policyconsole.cli.main import main
from policyconsole.diagnostics import Kind
from policyconsole.schema import policy_schema
from policyconsole.validation.plugins import PluginRules
from policyconsole.validation.rule import Rule
from tests.cli.processes import PROGRAM, environment, run


def test_the_schema_goes_to_standard_output_whole() -> None:
    done = run("schema")
    assert (done.returncode, done.stderr) == (0, b"")
    schema = json.loads(done.stdout)
    assert schema == policy_schema(version("policy-console"))
    Draft7Validator.check_schema(schema)


def test_the_rules_of_plug_ins_are_told_at_their_fields(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    team = Rule("TEAM001", Kind.WARNING, "We say what a policy is for.", field="description")
    monkeypatch.setattr(command, "plugin_rules", lambda: PluginRules((team,)))
    assert main(["schema"]) == 0
    described = json.loads(capsys.readouterr().out)["properties"]["description"]
    assert described["description"].endswith("TEAM001 (warning): We say what a policy is for.")


def test_it_ends_quietly_when_nobody_reads_on() -> None:
    with subprocess.Popen(
        [*PROGRAM, "schema"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_it_takes_no_arguments() -> None:
    done = run("schema", "policies")
    assert done.returncode == 2
    assert done.stdout == b""
    assert b"unrecognized arguments: policies" in done.stderr
