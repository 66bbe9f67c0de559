"""The ``policy-console`` program: which command is meant, and how it ends."""

import argparse
import gc
import sys
from collections.abc import Callable, Mapping, Sequence

from policyconsole.cli.arguments import (
    COMMANDS,
    WRONG_USAGE,
    app_parser,
    check_parser,
    convert_parser,
    demo_parser,
    diff_parser,
    history_parser,
    replay_parser,
    rollback_parser,
    rule_parser,
    schema_parser,
    serve_parser,
    watch_parser,
)
from policyconsole.cli.streams import Output, OutputError, prepare, tell

_PARSERS: Mapping[str | None, Callable[[], argparse.ArgumentParser]] = {
    None: app_parser,
    "check": check_parser,
    "watch": watch_parser,
    "convert": convert_parser,
    "rule": rule_parser,
    "schema": schema_parser,
    "history": history_parser,
    "diff": diff_parser,
    "rollback": rollback_parser,
    "serve": serve_parser,
    "demo": demo_parser,
    "replay": replay_parser,
}

INTERRUPTED = 130
"""What shells give for a program that Ctrl-C ended: 128 and the number of SIGINT."""

_TAKING_A_VALUE = frozenset(
    {
        "--level",
        "--environment",
        "--config",
        "--watcher",
        "--format",
        "--output",
        "--select",
        "--ignore",
        "--severity",
        "--block-on",
        "--fail-on",
        "--baseline",
        "--write-baseline",
        "--tag",
        "--untag",
        "--tagged",
        "--content",
        "--revision",
        "--state-dir",
        "--metrics-port",
        "--metrics-address",
        "--log-file",
        "--host",
        "--port",
        "--token",
        "--public-url",
        "--pace",
        "--speed",
        "--record",
    }
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with ``arguments`` (those of the process if None) and give its exit code."""
    prepare()
    command, rest = split(sys.argv[1:] if arguments is None else arguments)
    try:
        try:
            options = _PARSERS[command]().parse_args(rest)
            run = _load(command)
            if arguments is None:
                # Modules stay until the end: never again look for garbage among them.
                gc.freeze()
            return run(options)
        finally:
            Output().flush()
    except OutputError as problem:
        tell(str(problem))
        return WRONG_USAGE
    except KeyboardInterrupt:
        return INTERRUPTED


def split(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Take the command out of the arguments: the first that is no option, if it is a command's name.

    What is no command may be a folder, which ``./check`` names if need be.
    """
    takes_value = False
    for index, argument in enumerate(arguments):
        if takes_value:
            takes_value = False
        elif argument == "--":
            break
        elif argument.startswith("-"):
            takes_value = argument in _TAKING_A_VALUE
        else:
            if argument in COMMANDS:
                return argument, [*arguments[:index], *arguments[index + 1 :]]
            break
    return None, list(arguments)


def _load(command: str | None) -> Callable[[argparse.Namespace], int]:
    """Load what carries a command out, and nothing else.

    Loading makes no garbage: without looking for any, it takes a tenth less of the time.
    """
    gc.disable()
    try:
        match command:
            case "check":
                from policyconsole.cli.check import run
            case "watch":
                from policyconsole.cli.watch import run
            case "convert":
                from policyconsole.cli.convert import run
            case "rule":
                from policyconsole.cli.rule import run
            case "schema":
                from policyconsole.cli.schema import run
            case "history":
                from policyconsole.cli.history import run
            case "diff":
                from policyconsole.cli.diff import run
            case "rollback":
                from policyconsole.cli.rollback import run
            case "serve":
                from policyconsole.cli.serve import run
            case "demo":
                from policyconsole.cli.demo import run
            case "replay":
                from policyconsole.cli.replay import run
            case _:
                from policyconsole.cli.app import run
    finally:
        gc.enable()
    return run
