"""``policy-console check``: validate files or folders once."""

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from policyconsole.cli.arguments import WRONG_USAGE
from policyconsole.cli.streams import Output, tell
from policyconsole.cli.text import Paint, counted, diagnostic_lines
from policyconsole.cli.verdicts import Found, PathError, Verdict, find, judge_all
from policyconsole.diagnostics import Diagnostic, DiagnosticRecord, Kind
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.ruleset import Ruleset

_REFUSED = 1


class SummaryRecord(TypedDict):
    """The counts at the end of ``check``."""

    files: int
    valid: int
    invalid: int
    errors: int
    warnings: int
    recommendations: int


class FileRecord(TypedDict):
    """One file as ``check --format json`` writes it."""

    path: str
    policy_id: str | None
    valid: bool
    digest: str | None
    diagnostics: list[DiagnosticRecord]


@dataclass(frozen=True, slots=True)
class Summary:
    """How many files were checked, how many refused, and what was found in them."""

    files: int = 0
    invalid: int = 0
    errors: int = 0
    warnings: int = 0
    recommendations: int = 0

    def with_file(self, diagnostics: Iterable[Diagnostic], *, valid: bool) -> "Summary":
        """Count one more file."""
        kinds = [diagnostic.kind for diagnostic in diagnostics]
        return replace(
            self,
            files=self.files + 1,
            invalid=self.invalid + (not valid),
            errors=self.errors + kinds.count(Kind.ERROR),
            warnings=self.warnings + kinds.count(Kind.WARNING),
            recommendations=self.recommendations + kinds.count(Kind.RECOMMENDATION),
        )

    def record(self) -> SummaryRecord:
        """Give the counts in the shape that the contracts fix for JSON."""
        return {
            "files": self.files,
            "valid": self.files - self.invalid,
            "invalid": self.invalid,
            "errors": self.errors,
            "warnings": self.warnings,
            "recommendations": self.recommendations,
        }


def run(options: argparse.Namespace) -> int:
    """Check the PATHs of ``options`` and give the exit code."""
    usage = _wrong_fix_options(options)
    if usage is not None:
        tell(usage)
        return WRONG_USAGE
    found, wrong = _find_all(options.paths)
    level: ValidationLevel = options.level
    rules = Ruleset(level, options.environment)
    output = Output()
    if options.diff:
        return _show_differences(found, rules, output, unsafe=options.unsafe_fixes, wrong=wrong)
    fixed, complete = list[str](), True
    if options.fix:
        from policyconsole.cli.fix import mend_all, told, write_all

        written, complete = write_all(mend_all(found, rules, unsafe=options.unsafe_fixes))
        fixed = told(written)
    verdicts = judge_all(found, rules)
    if options.format == "json":
        summary = _write_json(verdicts, level, options.environment, output)
        for line in fixed:
            tell(line)
    else:
        summary = _write_text(verdicts, rules, output, fixed)
    output.flush()
    if wrong or not summary.files:
        return WRONG_USAGE
    return _REFUSED if summary.invalid or not complete else 0


def _wrong_fix_options(options: argparse.Namespace) -> str | None:
    """Say what is wrong with the options about fixes taken together."""
    if options.unsafe_fixes and not (options.fix or options.diff):
        return "--unsafe-fixes goes with --fix or --diff"
    if options.diff and options.format != "text":
        return "--diff writes a diff and no report: leave --format out"
    return None


def _show_differences(
    found: Sequence[Found], rules: Ruleset, output: Output, *, unsafe: bool, wrong: bool
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


def _write_json(
    verdicts: Iterable[Verdict], level: ValidationLevel, environment: str | None, output: Output
) -> Summary:
    summary, files = Summary(), list[FileRecord]()
    for verdict in verdicts:
        judgement = verdict.judgement
        summary = summary.with_file(judgement.diagnostics, valid=judgement.accepted)
        files.append(
            {
                "path": verdict.path,
                "policy_id": judgement.policy_id,
                "valid": judgement.accepted,
                "digest": judgement.digest,
                "diagnostics": [diagnostic.record() for diagnostic in judgement.diagnostics],
            }
        )
    document = {
        "version": 1,
        "level": level.value,
        "environment": environment,
        "files": files,
        "summary": summary.record(),
    }
    text = json.dumps(document, ensure_ascii=False, indent=2)
    # A name that is not UTF-8 holds lone surrogates: backslashreplace writes them as JSON does.
    output.write(text.encode("utf-8", "backslashreplace").decode())
    return summary


def _write_text(
    verdicts: Iterable[Verdict], rules: Ruleset, output: Output, fixed: Iterable[str]
) -> Summary:
    paint, summary, fixable = Paint(output.coloured), Summary(), None
    for verdict in verdicts:
        judgement = verdict.judgement
        summary = summary.with_file(judgement.diagnostics, valid=judgement.accepted)
        if judgement.diagnostics:
            output.write(_file_text(verdict, paint))
            output.flush()
            if fixable is None:
                from policyconsole.cli.fix import Fixable

                fixable = Fixable()
            fixable.count(verdict, rules)
        if not output.open and summary.invalid:
            return summary
    if summary.files:
        output.write(_summary_text(summary, rules.level, paint))
    for line in filter(None, (fixable.line if fixable else "", *fixed)):
        output.write(line)
    return summary


def _file_text(verdict: Verdict, paint: Paint) -> str:
    """Give everything found in one file; an empty line apart, recommendations one below the other."""
    judgement = verdict.judgement
    lines: list[str] = []
    following = [*judgement.diagnostics[1:], None]
    for diagnostic, after in zip(judgement.diagnostics, following, strict=True):
        lines += diagnostic_lines(verdict.path, diagnostic, judgement.text, paint)
        advice = Kind.RECOMMENDATION
        if after is None or diagnostic.kind is not advice or after.kind is not advice:
            lines.append("")
    return "\n".join(lines)


def _summary_text(summary: Summary, level: ValidationLevel, paint: Paint) -> str:
    verdict = (
        paint.bad(f"{summary.invalid} refused, {summary.files - summary.invalid} valid")
        if summary.invalid
        else paint.good("all valid" if summary.files > 1 else "valid")
    )
    findings = ", ".join(
        counted(number, word)
        for number, word in (
            (summary.errors, "error"),
            (summary.warnings, "warning"),
            (summary.recommendations, "recommendation"),
        )
        if number
    )
    tail = f" ({findings})" if findings else ""
    return f"{counted(summary.files, 'file')} checked at level {level}: {verdict}{tail}"
