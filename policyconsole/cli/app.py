"""``policy-console [FOLDER]``: the terminal app."""

import argparse
import gc
import os
import shlex
import sys

from policyconsole.cli.arguments import (
    COMMANDS,
    GARBAGE_THRESHOLD,
    PROGRAM,
    SWITCH_INTERVAL,
    WRONG_USAGE,
)
from policyconsole.cli.configured import configuration_for, tell_idle
from policyconsole.cli.folders import folder_problem
from policyconsole.cli.recorded import while_recording
from policyconsole.cli.streams import tell

_USUAL_FOLDER = "policies"

NEEDS_A_TERMINAL = "the terminal app needs a terminal"
"""What is said where there is none."""


def run(options: argparse.Namespace) -> int:
    """Run the terminal app as ``options`` say and give the exit code."""
    folder = options.folder
    if folder is None:
        folder = _USUAL_FOLDER if os.path.isdir(_USUAL_FOLDER) else os.curdir
    if options.too_many and not folder_problem(folder):
        tell(f"one FOLDER at a time: {shlex.join(options.too_many)} is one too many")
        return WRONG_USAGE
    if problem := folder_problem(folder):
        tell(f"{problem} ({_way_out(folder)})")
        return WRONG_USAGE
    if not is_shown():
        tell(f"{NEEDS_A_TERMINAL}; without one, use '{PROGRAM} watch {shlex.quote(folder)}'")
        return WRONG_USAGE

    configuration = configuration_for(folder, options)
    if configuration is None:
        return WRONG_USAGE
    tell_idle([configuration], options)
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.set_threshold(GARBAGE_THRESHOLD)
    from policyconsole.history.location import state_folder
    from policyconsole.hosting import EngineThread
    from policyconsole.tui.app import run as show

    state_dir = state_folder(configuration.state_dir)
    engine = EngineThread(folder, configuration=configuration, state_dir=state_dir)
    return while_recording(
        options.record,
        engine,
        lambda: show(engine, keys=lambda: engine.configuration.keys, state_folder=state_dir),
    )


def is_shown() -> bool:
    """Whether there is a terminal, or a page instead: ``serve`` names what draws there."""
    if os.environ.get("TEXTUAL_DRIVER"):
        return True
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _way_out(folder: str) -> str:
    """Say what may have been meant by a FOLDER that is not there."""
    from policyconsole.wording import nearest

    meant = nearest(folder, COMMANDS)
    return (
        f"did you mean '{PROGRAM} {meant}'?" if meant else f"'{PROGRAM} --help' lists the commands"
    )
