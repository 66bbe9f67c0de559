"""``policy-console check``: validate files or folders once."""

import argparse
from collections.abc import Callable, Iterable
from contextlib import ExitStack

from policyconsole.cli.arguments import WRONG_USAGE
from policyconsole.cli.progress import Progress
from policyconsole.cli.report_file import report_file
from policyconsole.cli.reports.report import Make, Report, Setting
from policyconsole.cli.reports.summary import Summary
from policyconsole.cli.streams import Output, tell
from policyconsole.cli.text import Paint, counted
from policyconsole.cli.verdicts import Found, PathError, each_once, find, judge_all
from policyconsole.escaping import printable
from policyconsole.validation.plugins import plugin_rules
from policyconsole.validation.ruleset import Ruleset

_REFUSED = 1


def run(options: argparse.Namespace) -> int:
    """Check the PATHs of ``options`` and give the exit code."""
    usage = _wrong_fix_options(options)
    if usage is not None:
        tell(usage)
        return WRONG_USAGE
    found, wrong = _find_all(options.paths)
    plugins = plugin_rules()
    for problem in plugins.problems:
        tell(f"{problem.code}: {problem.message}; {problem.help}")
    if plugins.problems and (options.fix or options.diff):
        tell("nothing is fixed while rules are missing that a fix would have to pass")
        return WRONG_USAGE
    rules = Ruleset(options.level, options.environment, plugins.catalogue)
    output = Output()
    if options.diff:
        return _show_differences(found, rules, output, unsafe=options.unsafe_fixes, wrong=wrong)
    progress = Progress(sum(len(place.files) for place in found))

    def write(text: str) -> None:
        progress.erase()
        output.write(text)

    to_file = options.output is not None
    fixed, all_written = tuple[str, ...](), True
    with ExitStack() as stack:
        stack.callback(progress.erase)
        line = stack.enter_context(report_file(options.output, found)) if to_file else write
        if options.fix:  # not before the report is sure to have a place
            fixed, all_written = _fix(found, rules, unsafe=options.unsafe_fixes)
        setting = Setting(
            rules,
            coloured=output.coloured and not to_file,
            complete=not (wrong or plugins.problems),
            width=None if to_file else output.width,
            fixed=fixed,
        )
        report = _report(options.format)(line, setting)
        summary = _tell_all(found, rules, report, progress, lambda: to_file or _flushed(output))
    if to_file:
        said = summary.line(rules.level, Paint(output.coloured))
        output.write(f"{said}: see {printable(options.output)}")
    output.flush()
    if options.format != "text":  # a report for programs has no place for it
        for message in fixed:
            tell(message)
    if wrong or not summary.files or plugins.problems:
        return WRONG_USAGE
    return _REFUSED if summary.invalid or not all_written else 0


def _wrong_fix_options(options: argparse.Namespace) -> str | None:
    """Say what is wrong with the options about fixes taken together."""
    if options.unsafe_fixes and not (options.fix or options.diff):
        return "--unsafe-fixes goes with --fix or --diff"
    if options.diff and (options.format != "text" or options.output is not None):
        return "--diff writes a diff and no report: leave --format and --output out"
    return None


def _fix(found: Iterable[Found], rules: Ruleset, *, unsafe: bool) -> tuple[tuple[str, ...], bool]:
    """Mend the files; give what to say of it, and whether everything could be written."""
    from policyconsole.cli.fix import mend_all, told, write_all

    written, complete = write_all(mend_all(found, rules, unsafe=unsafe))
    return told(written), complete


def _show_differences(
    found: Iterable[Found], rules: Ruleset, output: Output, *, unsafe: bool, wrong: bool
) -> int:
    """Write what ``--fix`` would change; refused files are counted, for the diff does not show them."""
    from policyconsole.cli.fix import mend_all, show_all

    files = show_all(mend_all(found, rules, unsafe=unsafe), output)
    output.flush()
    verdicts = [verdict.judgement.accepted for verdict in judge_all(found, rules)]
    refused = verdicts.count(False)
    if refused:
        tell(f"{counted(refused, 'file')} refused as it stands: see 'policy-console check'")
    if wrong or not verdicts:
        return WRONG_USAGE
    return _REFUSED if files or refused else 0


def _tell_all(
    found: Iterable[Found],
    rules: Ruleset,
    report: Report,
    progress: Progress,
    is_read: Callable[[], bool],
) -> Summary:
    """Judge every file and tell the report; when nobody reads it any more, the first refusal ends it."""
    summary = Summary()
    for verdict in judge_all(found, rules):
        summary = summary.with_file(verdict)
        report.add(verdict)
        progress.advance()
        if not is_read() and summary.invalid:
            return summary
    report.end(summary)
    return summary


def _flushed(output: Output) -> bool:
    """Hand on what was written, and say whether somebody still reads."""
    output.flush()
    return output.open


def _report(name: str) -> Make:
    """Load the report of a format; the others are not needed."""
    match name:
        case "json":
            from policyconsole.cli.reports.json_report import JsonReport

            return JsonReport
        case "sarif":
            from policyconsole.cli.reports.sarif_report import SarifReport

            return SarifReport
        case "github":
            from policyconsole.cli.reports.github_report import GithubReport

            return GithubReport
        case "junit":
            from policyconsole.cli.reports.junit_report import JunitReport

            return JunitReport
        case _:
            from policyconsole.cli.reports.text_report import TextReport

            return TextReport


def _find_all(paths: Iterable[str]) -> tuple[list[Found], bool]:
    """Find the files of every PATH, each once; say whether one of the PATHs makes it wrong usage."""
    found, wrong = [], False
    for path in dict.fromkeys(paths):
        try:
            place = find(path)
        except PathError as problem:
            tell(str(problem))
            wrong = wrong or not problem.skippable
            continue
        if not (place.files or place.unlisted):
            # A PATH that was named and not checked must not look like one that was.
            wrong = True
            tell(f"no policy file in {path} (*.toml, *.yaml, *.yml, *.json)")
        found.append(place)
    return each_once(found), wrong
