"""``policy-console schema``, through a pipe."""

import json
import subprocess
from importlib.metadata import version

from jsonschema import Draft7Validator

from policyconsole.schema import policy_schema
from tests.cli.processes import PROGRAM, environment, run


def test_the_schema_goes_to_standard_output_whole() -> None:
    done = run("schema")
    assert (done.returncode, done.stderr) == (0, b"")
    schema = json.loads(done.stdout)
    assert schema == policy_schema(version("policy-console"))
    Draft7Validator.check_schema(schema)


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
