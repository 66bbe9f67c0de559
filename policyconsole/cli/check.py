"""``policy-console check``: validate files or folders once."""

import argparse
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypedDict

from policyconsole.cli.arguments import WRONG_USAGE
from policyconsole.cli.configured import configuration_for, folder_of
from policyconsole.cli.streams import Output, tell
from policyconsole.cli.text import Paint, counted, diagnostic_lines
from policyconsole.cli.verdicts import Configured, Found, PathError, Verdict, find, judge_all
from policyconsole.diagnostics import Diagnostic, DiagnosticRecord, Kind
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.plugins import plugin_rules

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
    configured = _configure_all(options)
    if configured is None:
        return WRONG_USAGE
    found, wrong = _find_all(configured)
    verdicts = judge_all(found)
    levels = dict.fromkeys(place.rules.level for place in found)
    environments = {place.rules.environment for place in found}
    plugins = plugin_rules()
    for problem in plugins.problems:
        tell(f"{problem.code}: {problem.message}; {problem.help}")
    output = Output()
    if options.format == "json":
        level = next(iter(levels)) if len(levels) == 1 else None
        environment = environments.pop() if len(environments) == 1 else None
        summary = _write_json(verdicts, level, environment, output)
    else:
        summary = _write_text(verdicts, " and ".join(levels), output)
    output.flush()
    if wrong or not summary.files or plugins.problems:
        return WRONG_USAGE
    return _REFUSED if summary.invalid else 0


def _configure_all(options: argparse.Namespace) -> dict[str, Configured] | None:
    """Give each PATH the configuration that is nearest to it; None where one cannot be used."""
    folders: dict[str, Configured] = {}
    configured: dict[str, Configured] = {}
    for path in options.paths:
        folder = folder_of(path)
        if folder not in folders:
            configuration = configuration_for(folder, options)
            if configuration is None:
                return None
            folders[folder] = Configured(configuration.ruleset(), configuration.files)
        configured[path] = folders[folder]
    return configured


def _find_all(configured: Mapping[str, Configured]) -> tuple[list[Found], bool]:
    """Find the files of every PATH; say whether one of the PATHs makes it wrong usage."""
    found, wrong = [], False
    for path, by in configured.items():
        try:
            found.append(find(path, by))
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
    verdicts: Iterable[Verdict],
    level: ValidationLevel | None,
    environment: str | None,
    output: Output,
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
        "level": level.value if level else None,
        "environment": environment,
        "files": files,
        "summary": summary.record(),
    }
    text = json.dumps(document, ensure_ascii=False, indent=2)
    # A name that is not UTF-8 holds lone surrogates: backslashreplace writes them as JSON does.
    output.write(text.encode("utf-8", "backslashreplace").decode())
    return summary


def _write_text(verdicts: Iterable[Verdict], level: str, output: Output) -> Summary:
    paint, summary = Paint(output.coloured), Summary()
    for verdict in verdicts:
        judgement = verdict.judgement
        summary = summary.with_file(judgement.diagnostics, valid=judgement.accepted)
        if judgement.diagnostics:
            output.write(_file_text(verdict, paint))
            output.flush()
        if not output.open and summary.invalid:
            return summary
    if summary.files:
        output.write(_summary_text(summary, level, paint))
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


def _summary_text(summary: Summary, level: str, paint: Paint) -> str:
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
