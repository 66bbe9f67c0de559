"""``policy-console schema``: the JSON Schema of a policy file."""

import argparse
import json

from policyconsole.cli.arguments import program_version
from policyconsole.cli.streams import Output
from policyconsole.schema import policy_schema
from policyconsole.validation.plugins import plugin_rules


def run(options: argparse.Namespace) -> int:  # noqa: ARG001 - as every command is called
    """Write the schema to standard output and give the exit code."""
    schema = policy_schema(program_version(), plugin_rules().catalogue)
    Output().write(json.dumps(schema, indent=2, ensure_ascii=False))
    return 0
