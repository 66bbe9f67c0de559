"""``check --format text``: for people, the way a compiler says it, with a summary at the end."""

from collections.abc import Iterator

from policyconsole.cli.reports.run import Run, Summary
from policyconsole.cli.text import Paint, counted, diagnostic_lines
from policyconsole.cli.verdicts import Verdict
from policyconsole.diagnostics import Kind
from policyconsole.validation.levels import ValidationLevel


def pieces(run: Run, paint: Paint) -> Iterator[str]:
    """Give what was found, a piece a file, and the summary; nothing at all where no file was checked."""
    for verdict in run:
        if verdict.judgement.diagnostics:
            yield _file_text(verdict, paint) + "\n"
    if run.summary.files:
        yield summary_text(run.summary, run.rules.level, paint) + "\n"


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


def summary_text(summary: Summary, level: ValidationLevel, paint: Paint) -> str:
    """Say in a line how many files were checked, and what came of it."""
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
