"""``policy-console demo``: the terminal app, and a scenario that is played in it."""

import argparse
import gc
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from policyconsole.cli.app import NEEDS_A_TERMINAL, is_shown
from policyconsole.cli.arguments import GARBAGE_THRESHOLD, SWITCH_INTERVAL, WRONG_USAGE
from policyconsole.cli.recorded import while_recording
from policyconsole.cli.streams import tell


def run(options: argparse.Namespace) -> int:
    """Play the scenario in a temporary folder, delete that, and give the exit code."""
    if not is_shown():
        tell(NEEDS_A_TERMINAL)
        return WRONG_USAGE
    from policyconsole.demonstration.samples import NoSamplesError, copy_samples

    with tempfile.TemporaryDirectory(
        prefix="policy-console-demo-", ignore_cleanup_errors=True
    ) as place:
        folder = Path(place) / "policies"
        try:
            copy_samples(folder)
        except (NoSamplesError, OSError) as problem:
            tell(f"there is nothing to demonstrate with: {problem}")
            return WRONG_USAGE
        return _show(folder, Path(place) / "state", options)


def _show(folder: Path, state: Path, options: argparse.Namespace) -> int:
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.set_threshold(GARBAGE_THRESHOLD)
    from policyconsole.demonstration.scenario import Stage
    from policyconsole.history.location import state_folder
    from policyconsole.hosting import EngineThread
    from policyconsole.tui.app import run as show
    from policyconsole.tui.screens.demonstration import DemonstrationScreen
    from policyconsole.validation.levels import ValidationLevel

    engine = EngineThread(folder, level=ValidationLevel.STRICT, state_dir=state)

    def stage(pause: Callable[[float], bool]) -> Stage:
        return Stage(folder, engine, pause)

    console = partial(
        DemonstrationScreen, stage=stage, automatic=options.automatic, pace=options.pace
    )
    return while_recording(
        options.record, engine, lambda: show(engine, state_folder=state_folder(), console=console)
    )
