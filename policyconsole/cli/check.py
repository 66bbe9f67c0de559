"""``policy-console check``: validate files or folders once."""

import argparse
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack

from policyconsole.cli.arguments import WRONG_USAGE
from policyconsole.cli.baselines import BaselineUse, write_baseline
from policyconsole.cli.configured import configuration_for, folder_of, tell_idle
from policyconsole.cli.progress import Progress
from policyconsole.cli.report_file import report_file, taken_for_a_policy
from policyconsole.cli.reports.report import Make, Report, Setting
from policyconsole.cli.reports.summary import Summary
from policyconsole.cli.streams import Output, tell
from policyconsole.cli.text import Paint, counted
from policyconsole.cli.verdicts import (
    Configured,
    Found,
    PathError,
    Verdict,
    each_once,
    find,
    judge_all,
)
from policyconsole.configuration.model import Configuration
from policyconsole.escaping import printable
from policyconsole.validation.plugins import plugin_rules
from policyconsole.validation.ruleset import Ruleset

_FAILED = 1


def run(options: argparse.Namespace) -> int:
    """Check the PATHs of ``options`` and give the exit code."""
    usage = _wrong_together(options)
    if usage is not None:
        tell(usage)
        return WRONG_USAGE
    configured = _configure_all(options)
    if configured is None:
        return WRONG_USAGE
    for file in filter(None, (options.write_baseline, options.output)):
        if problem := taken_for_a_policy(file, configured):
            tell(problem)
            return WRONG_USAGE
    found, wrong = _find_all(configured)
    if options.write_baseline is not None:
        if wrong:
            return WRONG_USAGE
        found = write_baseline(options.write_baseline, found)
    use = BaselineUse()
    plugins = plugin_rules()
    for broken in plugins.problems:
        tell(f"{broken.code}: {broken.message}; {broken.help}")
    if plugins.problems and (options.fix or options.diff):
        tell("nothing is fixed while rules are missing that a fix would have to pass")
        return WRONG_USAGE
    output = Output()
    if options.diff:
        return _show_differences(found, output, unsafe=options.unsafe_fixes, wrong=wrong)
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
            fixed, all_written = _fix(found, unsafe=options.unsafe_fixes)
        first, *others = (place.rules for place in found) if found else (Ruleset(),)
        setting = Setting(
            first,
            coloured=output.coloured and not to_file,
            complete=not (wrong or plugins.problems),
            width=None if to_file else output.width,
            others=tuple(others),
            fixed=fixed,
        )
        report = _report(options.format)(line, setting)
        summary = _tell_all(
            use.noting(judge_all(found)), report, progress, lambda: to_file or _flushed(output)
        )
    if to_file:
        said = summary.line(setting.levels, Paint(output.coloured))
        output.write(f"{said}: see {printable(options.output)}")
    output.flush()
    if options.format != "text":  # a report for programs has no place for it
        for message in fixed:
            tell(message)
    use.tell()
    if wrong or not summary.files or plugins.problems:
        return WRONG_USAGE
    return _FAILED if summary.failing or not all_written else 0


def _wrong_together(options: argparse.Namespace) -> str | None:
    """Say which options do not go together."""
    if options.unsafe_fixes and not (options.fix or options.diff):
        return "--unsafe-fixes goes with --fix or --diff"
    if options.diff and (options.format != "text" or options.output is not None):
        return "--diff writes a diff and no report: leave --format and --output out"
    if options.write_baseline is not None and (options.fix or options.diff):
        return "--write-baseline takes the findings as they are: fix them before, or later"
    if options.output is not None:
        for name, file in (
            ("--baseline", options.baseline),
            ("--write-baseline", options.write_baseline),
        ):
            if file and os.path.realpath(file) == os.path.realpath(options.output):
                return f"--output and {name} name the same file: the report would replace it"
    return None


def _fix(found: Iterable[Found], *, unsafe: bool) -> tuple[tuple[str, ...], bool]:
    """Mend the files; give what to say of it, and whether everything could be written."""
    from policyconsole.cli.fix import mend_all, told, write_all

    written, complete = write_all(mend_all(found, unsafe=unsafe))
    return told(written), complete


def _show_differences(found: Iterable[Found], output: Output, *, unsafe: bool, wrong: bool) -> int:
    """Write what ``--fix`` would change; files that fail are counted, for the diff does not show them."""
    from policyconsole.cli.fix import mend_all, show_all

    files = show_all(mend_all(found, unsafe=unsafe), output)
    output.flush()
    verdicts = list(judge_all(found))
    refused = sum(not verdict.judgement.accepted for verdict in verdicts)
    if refused:
        tell(f"{counted(refused, 'file')} refused as it stands: see 'policy-console check'")
    if wrong or not verdicts:
        return WRONG_USAGE
    return _FAILED if files or any(verdict.fails for verdict in verdicts) else 0


def _configure_all(options: argparse.Namespace) -> dict[str, Configured] | None:
    """Give each PATH the configuration that is nearest to it; None where one cannot be used."""
    folders: dict[str, Configuration] = {}
    for folder in map(folder_of, options.paths):
        if folder not in folders:
            configuration = configuration_for(folder, options)
            if configuration is None:
                return None
            folders[folder] = configuration
    tell_idle(folders.values(), options)
    by_folder = {
        folder: Configured(configuration.ruleset(), configuration.files(), configuration.fail_on)
        for folder, configuration in folders.items()
    }
    return {path: by_folder[folder_of(path)] for path in options.paths}


def _tell_all(
    verdicts: Iterable[Verdict],
    report: Report,
    progress: Progress,
    is_read: Callable[[], bool],
) -> Summary:
    """Tell the report of every file; when nobody reads it any more, the first that fails ends it."""
    summary = Summary()
    for verdict in verdicts:
        summary = summary.with_file(verdict)
        report.add(verdict)
        progress.advance()
        if not is_read() and summary.failing:
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


def _find_all(configured: Mapping[str, Configured]) -> tuple[list[Found], bool]:
    """Find the files of every PATH, each once; say whether one of the PATHs makes it wrong usage."""
    found, wrong = [], False
    for path, by in configured.items():
        try:
            place = find(path, by)
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
