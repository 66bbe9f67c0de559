"""``policy-console serve``: the terminal app in a web browser."""

import argparse
import os

from policyconsole.cli.arguments import WRONG_USAGE
from policyconsole.cli.configured import configuration_for, tell_idle
from policyconsole.cli.folders import folder_problem
from policyconsole.cli.streams import tell

_EXTRA = frozenset({"aiohttp", "textual_serve"})
"""What the extra ``serve`` brings."""


def run(options: argparse.Namespace) -> int:
    """Serve the FOLDER of ``options`` until told to stop, and give the exit code."""
    if problem := folder_problem(options.folder):
        tell(problem)
        return WRONG_USAGE
    try:
        from policyconsole.cli.pages import NotServedError, serve
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in _EXTRA:
            raise
        tell("serve needs more than is installed: pip install 'policy-console[serve]'")
        return WRONG_USAGE
    # Each page reads the configuration again: a mistake is better told before there is any.
    configuration = configuration_for(options.folder, options)
    if configuration is None:
        return WRONG_USAGE
    tell_idle([configuration], options)
    try:
        serve(options, _app_arguments(options))
    except NotServedError as problem:
        tell(str(problem))
        return WRONG_USAGE
    return 0


def _app_arguments(options: argparse.Namespace) -> list[str]:
    """Give the arguments of the app that mean the same as ``options``."""
    given = [
        (name, value)
        for name in ("level", "environment", "config", "block_on", "baseline", "watcher")
        if (value := getattr(options, name)) is not None
    ]
    if options.state_dir is not None:
        given.append(("state_dir", os.path.abspath(options.state_dir)))
    given += [(name, ",".join(getattr(options, name) or ())) for name in ("select", "ignore")]
    given += [("severity", f"{code}={weight}") for code, weight in options.severity or ()]
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in given if value]
    if options.no_history:
        arguments.append("--no-history")
    return [*arguments, "--", options.folder]
