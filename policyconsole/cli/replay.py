"""``policy-console replay``: a recording in the terminal app."""

import argparse
import sys
from functools import partial

from policyconsole.cli.app import NEEDS_A_TERMINAL, is_shown
from policyconsole.cli.arguments import SWITCH_INTERVAL, WRONG_USAGE
from policyconsole.cli.streams import tell


def run(options: argparse.Namespace) -> int:
    """Play the FILE of ``options`` and give the exit code."""
    from policyconsole.replaying.reading import NotARecordingError, read_recording

    try:
        recording = read_recording(options.file)
    except NotARecordingError as problem:
        tell(str(problem))
        return WRONG_USAGE
    if not is_shown():
        tell(NEEDS_A_TERMINAL)
        return WRONG_USAGE
    sys.setswitchinterval(SWITCH_INTERVAL)
    from policyconsole.history.location import state_folder
    from policyconsole.replaying.engine import RecordedEngine
    from policyconsole.tui.app import run as show
    from policyconsole.tui.screens.replay import ReplayScreen

    engine = RecordedEngine(recording, options.speed)
    code = show(
        engine,
        state_folder=state_folder(),
        console=partial(ReplayScreen, engine=engine),
        recorded=engine.now,
    )
    if recording.note is not None:
        tell(recording.note)
    return code
