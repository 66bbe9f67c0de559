"""``check --format text``: for people, file by file, with the places marked."""

from typing import TYPE_CHECKING

from policyconsole.cli.reports.report import Setting, Write
from policyconsole.cli.reports.summary import Summary
from policyconsole.cli.text import Paint, diagnostic_lines
from policyconsole.cli.verdicts import Verdict
from policyconsole.diagnostics import Kind

if TYPE_CHECKING:
    from policyconsole.cli.fix import Fixable


class TextReport:
    """Writes each file as it comes, and one line at the end."""

    def __init__(self, write: Write, setting: Setting) -> None:
        self._write = write
        self._fixed = setting.fixed
        self._fixable: Fixable | None = None
        self._levels = setting.levels
        self._paint = Paint(setting.coloured)
        self._width = setting.width

    def add(self, verdict: Verdict) -> None:
        """Write what was found in a file; nothing where nothing was."""
        if verdict.judgement.diagnostics:
            self._write(_file_text(verdict, self._paint, self._width))
            self._count_fixable(verdict)

    def end(self, summary: Summary) -> None:
        """Write what was and could be mended, and last the counts."""
        fixable = self._fixable.line if self._fixable is not None else ""
        for line in filter(None, (*self._fixed, fixable)):
            self._write(line)
        if summary.files:
            self._write(summary.line(self._levels, self._paint))
        if note := summary.note():
            self._write(self._paint.faint(note))

    def _count_fixable(self, verdict: Verdict) -> None:
        if self._fixable is None:
            from policyconsole.cli.fix import Fixable  # loaded where there is something to mend

            self._fixable = Fixable()
        self._fixable.count(verdict)


def _file_text(verdict: Verdict, paint: Paint, width: int | None) -> str:
    """Give everything found in one file; an empty line apart, recommendations one below the other."""
    judgement = verdict.judgement
    lines: list[str] = []
    following = [*judgement.diagnostics[1:], None]
    for diagnostic, after in zip(judgement.diagnostics, following, strict=True):
        lines += diagnostic_lines(verdict.path, diagnostic, judgement.text, paint, width)
        advice = Kind.RECOMMENDATION
        if after is None or diagnostic.kind is not advice or after.kind is not advice:
            lines.append("")
    return "\n".join(lines)
