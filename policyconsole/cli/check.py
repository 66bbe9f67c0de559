"""``policy-console check``: validate files or folders once."""

import argparse
from collections.abc import Iterable, Iterator

from policyconsole.cli.arguments import WRONG_USAGE
from policyconsole.cli.reports.run import Run
from policyconsole.cli.streams import Output, tell
from policyconsole.cli.text import Paint
from policyconsole.cli.verdicts import Found, PathError, find, judge_all
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.ruleset import Ruleset

_REFUSED = 1


def run(options: argparse.Namespace) -> int:
    """Check the PATHs of ``options`` and give the exit code."""
    found, wrong = _find_all(options.paths)
    level: ValidationLevel = options.level
    rules = Ruleset(level, options.environment)
    checked = Run(judge_all(found, rules), rules)
    output = Output()
    for piece in _report(options, checked, output):
        output.write(piece, end="")
        if options.format == "text":
            output.flush()
        if not output.open and checked.summary.invalid:
            break  # nobody reads on, and the exit code is known
    output.flush()
    if wrong or not checked.summary.files:
        return WRONG_USAGE
    return _REFUSED if checked.summary.invalid else 0


def _find_all(paths: Iterable[str]) -> tuple[list[Found], bool]:
    """Find the files of every PATH; say whether one of the PATHs makes it wrong usage."""
    found, wrong = [], False
    for path in dict.fromkeys(paths):
        try:
            found.append(find(path))
        except PathError as problem:
            tell(str(problem))
            wrong = wrong or not problem.skippable
            continue
        if not (found[-1].files or found[-1].unlisted):
            # A PATH that was named and not checked must not look like one that was.
            wrong = True
            tell(f"no policy file in {path} (*.toml, *.yaml, *.yml, *.json)")
    return found, wrong


def _report(options: argparse.Namespace, run: Run, output: Output) -> Iterator[str]:
    """Load the format that is wanted, and give its report piece by piece."""
    match options.format:
        case "json":
            from policyconsole.cli.reports.json_report import pieces

            return pieces(run)
        case _:
            from policyconsole.cli.reports.text_report import pieces as text_pieces

            return text_pieces(run, Paint(output.coloured))
