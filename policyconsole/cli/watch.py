"""``policy-console watch``: the engine without a face, one event a line."""

import argparse
import gc
import sys
from collections.abc import Callable
from contextlib import ExitStack

from policyconsole.cli.arguments import (
    GARBAGE_THRESHOLD,
    METRICS_ADDRESS,
    SWITCH_INTERVAL,
    WRONG_USAGE,
)
from policyconsole.cli.configured import configuration_for, tell_idle
from policyconsole.cli.delivery import EventWriter
from policyconsole.cli.ending import stopping
from policyconsole.cli.folders import folder_problem, holds_policy
from policyconsole.cli.narration import narrate
from policyconsole.cli.streams import Output, tell
from policyconsole.cli.text import Paint
from policyconsole.events import PolicyEvent, Subscription
from policyconsole.history.location import state_folder
from policyconsole.hosting import EngineThread


def run(options: argparse.Namespace) -> int:
    """Watch the FOLDER of ``options`` until told to stop, and give the exit code."""
    if problem := folder_problem(options.folder):
        tell(problem)
        return WRONG_USAGE
    if options.metrics_address is not None and options.metrics_port is None:
        tell("--metrics-address needs --metrics-port")
        return WRONG_USAGE
    configuration = configuration_for(options.folder, options)
    if configuration is None:
        return WRONG_USAGE
    if options.log_file and holds_policy(
        options.folder, configuration.files(options.folder), options.log_file
    ):
        tell(f"{options.log_file} is taken for a policy: the log must be another file")
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
    with ExitStack() as stack:
        # First, so that a line is out before anything else is done with its event.
        events = stack.enter_context(engine.subscribe(writer.wake))
        if not _observe(engine, options, {"output": events}, stack):
            return WRONG_USAGE
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


def _observe(
    engine: EngineThread,
    options: argparse.Namespace,
    queues: dict[str, Subscription],
    stack: ExitStack,
) -> bool:
    """Begin with what else was asked for, until ``stack`` ends; False where it cannot be had.

    ``queues`` are the subscriptions there are, by name.
    """
    if options.log_file is not None:
        from policyconsole.cli.log import logging_to

        queues["log"] = stack.enter_context(logging_to(options.log_file, engine))
    if options.metrics_port is not None:
        from policyconsole.cli.scraping import scraped

        try:
            stack.enter_context(scraped(engine, options, queues))
        except OSError as problem:
            place = f"{options.metrics_address or METRICS_ADDRESS} port {options.metrics_port}"
            tell(f"cannot serve metrics on {place}: {problem.strerror or problem}")
            return False
    return True


def _json_line(event: PolicyEvent) -> str:
    return event.to_json()


def _text_writer(engine: EngineThread, output: Output) -> Callable[[PolicyEvent], str]:
    paint = Paint(output.coloured)
    return lambda event: narrate(event, engine.file, paint)
