"""``check --format github``: workflow commands, which GitHub shows as annotations on a change.

GitHub shows ten errors, ten warnings and ten notices of one step; the rest stays in
the log. Reference: GitHub Docs, "Workflow commands for GitHub Actions".
"""

import os

from policyconsole.cli.reports.report import Setting, Write
from policyconsole.cli.reports.summary import Summary
from policyconsole.cli.text import Paint
from policyconsole.cli.verdicts import Verdict
from policyconsole.diagnostics import Diagnostic, Kind
from policyconsole.escaping import printable

_COMMANDS = {Kind.ERROR: "error", Kind.WARNING: "warning", Kind.RECOMMENDATION: "notice"}
_IN_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = _IN_DATA | str.maketrans({":": "%3A", ",": "%2C"})


class GithubReport:
    """Writes one command a finding, and one line at the end."""

    def __init__(self, write: Write, setting: Setting) -> None:
        self._write = write
        self._levels = setting.levels

    def add(self, verdict: Verdict) -> None:
        """Write the findings of a file."""
        for diagnostic in verdict.judgement.diagnostics:
            self._write(_command(verdict.path, diagnostic))

    def end(self, summary: Summary) -> None:
        """Write the counts, which are no command."""
        if summary.files:
            self._write(summary.line(self._levels, Paint(coloured=False)))


def _command(path: str, diagnostic: Diagnostic) -> str:
    place = diagnostic.place
    properties: dict[str, str | int] = {"file": printable(os.path.normpath(path))}
    if place is not None:
        properties |= {"line": place.line, "endLine": place.end_line, "col": place.column}
        if place.end_line == place.line:  # columns over several lines are refused
            properties["endColumn"] = place.end_column
        else:
            del properties["col"]
    weight = f" ({diagnostic.weight})" if diagnostic.weight else ""
    properties["title"] = f"{diagnostic.code}{weight}"
    said = ",".join(
        f"{name}={str(value).translate(_IN_PROPERTY)}" for name, value in properties.items()
    )
    text = "\n".join(printable(part) for part in (diagnostic.message, diagnostic.help) if part)
    return f"::{_COMMANDS[diagnostic.kind]} {said}::{text.translate(_IN_DATA)}"
