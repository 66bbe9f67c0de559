"""``policy-console [FOLDER]``: the terminal app."""

import argparse
import os
import shlex
import sys

from policyconsole.cli.arguments import PROGRAM, WRONG_USAGE
from policyconsole.cli.folders import folder_problem
from policyconsole.cli.streams import tell

_USUAL_FOLDER = "policies"


def run(options: argparse.Namespace) -> int:
    """Run the terminal app as ``options`` say and give the exit code."""
    folder = options.folder
    if folder is None:
        folder = _USUAL_FOLDER if os.path.isdir(_USUAL_FOLDER) else os.curdir
    if problem := folder_problem(folder):
        tell(f"{problem} ('{PROGRAM} --help' lists the commands)")
        return WRONG_USAGE
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        tell(
            "the terminal app needs a terminal; without one, use"
            f" '{PROGRAM} watch {shlex.quote(folder)}'"
        )
        return WRONG_USAGE

    from policyconsole.hosting import EngineThread
    from policyconsole.tui.app import run as show
    from policyconsole.watching.hints import WatcherKind

    return show(
        EngineThread(
            folder,
            level=options.level,
            environment=options.environment,
            watcher=WatcherKind(options.watcher),
        )
    )
