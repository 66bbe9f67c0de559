"""The configuration of a command: found, or said on standard error what is wrong with it."""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress

from policyconsole.cli.streams import tell
from policyconsole.cli.text import Paint, counted, diagnostic_lines
from policyconsole.configuration.load import load_configuration
from policyconsole.configuration.mistakes import ConfigurationError
from policyconsole.configuration.model import Configuration

_SETTINGS = (
    "level",
    "environment",
    "select",
    "ignore",
    "block_on",
    "fail_on",
    "baseline",
    "watcher",
    "state_dir",
)
"""The options that are settings too."""


def folder_of(path: str) -> str:
    """Give the folder whose configuration counts for a PATH: itself, or that of a file."""
    return path if os.path.isdir(path) else os.path.dirname(path) or os.curdir


def configuration_for(folder: str, options: argparse.Namespace) -> Configuration | None:
    """Give the configuration for a folder.

    Where it cannot be used, every mistake is said on standard error, and None given.
    """
    named = {name: getattr(options, name, None) for name in _SETTINGS}
    given = {name: value for name, value in named.items() if value is not None}
    if getattr(options, "severity", None) is not None:
        given["severity"] = dict(options.severity)
    if getattr(options, "no_history", False):
        given["history"] = {"enabled": False}
    if getattr(options, "write_baseline", None):
        given["baseline"] = None  # what is to be written need not be there, and hides nothing
    try:
        configuration = load_configuration(folder, file=options.config, options=given)
    except ConfigurationError as error:
        say_mistakes(error)
        return None
    return configuration


def tell_idle(configurations: Iterable[Configuration], options: argparse.Namespace) -> None:
    """Say what is selected and does not run at the level, once however many folders it is for."""
    told: dict[str, None] = {}
    for configuration in configurations:
        idle = configuration.ruleset().idle
        if options.select or len(idle) == len(configuration.select):
            for selector, level in idle.items():
                told[
                    f"{selector} is selected and does not run at level {configuration.level}:"
                    f" --level {level} does it"
                ] = None
    for message in told:
        tell(message)


def say_mistakes(error: ConfigurationError) -> None:
    """Say each mistake as a compiler does."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.writelines(line + "\n" for line in _lines(error))
    mistakes = counted(len(error.mistakes), "mistake")
    tell(f"the configuration cannot be used: {mistakes}")


def _lines(error: ConfigurationError) -> Iterator[str]:
    for mistake in error.mistakes:
        yield from diagnostic_lines(mistake.shown, mistake.diagnostic, mistake.source, Paint(False))
        yield ""
