"""``policy-console watch``: the engine without a face, one event a line."""

import argparse
import gc
import sys
from collections.abc import Callable

from policyconsole.cli.arguments import GARBAGE_THRESHOLD, SWITCH_INTERVAL, WRONG_USAGE
from policyconsole.cli.configured import configuration_for, tell_idle
from policyconsole.cli.delivery import EventWriter
from policyconsole.cli.ending import stopping
from policyconsole.cli.folders import folder_problem
from policyconsole.cli.narration import narrate
from policyconsole.cli.streams import Output, tell
from policyconsole.cli.text import Paint
from policyconsole.events import PolicyEvent
from policyconsole.history.location import state_folder
from policyconsole.hosting import EngineThread


def run(options: argparse.Namespace) -> int:
    """Watch the FOLDER of ``options`` until told to stop, and give the exit code."""
    if problem := folder_problem(options.folder):
        tell(problem)
        return WRONG_USAGE
    configuration = configuration_for(options.folder, options)
    if configuration is None:
        return WRONG_USAGE
    tell_idle([configuration], options)
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.set_threshold(GARBAGE_THRESHOLD)
    engine = EngineThread(
        options.folder, configuration=configuration, state_dir=state_folder(configuration.state_dir)
    )
    output = Output()
    line = _json_line if options.format == "jsonl" else _text_writer(engine, output)
    writer = EventWriter(line, output)
    with engine.subscribe(writer.wake) as events:
        engine.start()
        try:
            with stopping(engine.stop, lambda: output.flushed):
                writer.write_until_over(events)
        finally:
            engine.stop()
    if engine.failure is not None:
        tell(f"the engine ended: {engine.failure}")
        return WRONG_USAGE
    return 0


def _json_line(event: PolicyEvent) -> str:
    return event.to_json()


def _text_writer(engine: EngineThread, output: Output) -> Callable[[PolicyEvent], str]:
    paint = Paint(output.coloured)
    return lambda event: narrate(event, engine.file, paint)
