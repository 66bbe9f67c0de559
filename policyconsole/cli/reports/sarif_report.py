"""``check --format sarif``: SARIF 2.1.0, as GitHub's code scanning and other viewers read it.

The levels and the figures of ``security-severity`` follow GitHub Docs, "SARIF support for
code scanning": above 9.0 is critical, from 7.0 high, from 4.0 medium, above 0 low. It wants
a line for every finding: one of the file as a whole is shown at its first. It takes a
relative path as one from the top of the repository: run ``check`` there. Its own
fingerprint, primaryLocationLineHash, is left to the action that uploads, which warns of
any that it has not worked out itself.
"""

import os
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import quote

from policyconsole.cli.arguments import PROGRAM
from policyconsole.cli.reports.json_report import Items, as_json, indented
from policyconsole.cli.reports.report import Setting, Write
from policyconsole.cli.reports.summary import Summary
from policyconsole.cli.verdicts import Verdict
from policyconsole.diagnostics import Diagnostic, Kind, Severity
from policyconsole.fingerprint import fingerprints
from policyconsole.paths import relative_path
from policyconsole.validation.rule import Rule

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
"""Where the published schema is."""

_LEVELS = {Kind.ERROR: "error", Kind.WARNING: "warning", Kind.RECOMMENDATION: "note"}
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.5",
}

_ADDRESS = re.compile(r"https://[^\s<>()\"]+[^\s<>()\".,;:]")


class SarifReport:
    """Writes one log with one run, a finding a line; the rules found are described at the end."""

    def __init__(self, write: Write, setting: Setting) -> None:
        self._setting = setting
        self._indexes: dict[str, int] = {}
        self._described: list[dict[str, object]] = []
        head = as_json({"$schema": SCHEMA, "version": "2.1.0"}).removesuffix("\n}")
        head += (
            ',\n  "runs": [\n    {\n      "columnKind": "unicodeCodePoints",\n      "results": ['
        )
        self._results = Items(write, head, "      ]")

    def add(self, verdict: Verdict) -> None:
        """Write the findings of a file."""
        diagnostics, text = verdict.judgement.diagnostics, verdict.judgement.text
        if not diagnostics:
            return
        path = relative_path(verdict.path, "")
        for diagnostic, known_by in zip(
            diagnostics, fingerprints(path, text, diagnostics), strict=True
        ):
            result = {
                "ruleId": diagnostic.code,
                "ruleIndex": self._index(diagnostic),
                "level": _LEVELS[diagnostic.kind],
                "message": {"text": _message(diagnostic)},
                "locations": [_location(path, diagnostic)],
                "partialFingerprints": {"policyConsole/v1": known_by},
            }
            self._results.add(indented(as_json(result, None), 8))

    def end(self, summary: Summary) -> None:
        """Write what is said of the run as a whole."""
        driver = {
            "name": PROGRAM,
            **_version(),
            "rules": self._described,
        }
        here = Path.cwd().as_uri()
        run = {
            "tool": {"driver": driver},
            "invocations": [
                {
                    "executionSuccessful": self._setting.complete and summary.files > 0,
                    "workingDirectory": {"uri": here if here.endswith("/") else f"{here}/"},
                }
            ],
            "properties": {
                "level": self._setting.level,
                "environment": self._setting.environment,
                "files": summary.files,
                "refused": summary.invalid,
            },
        }
        rest = indented(as_json(run), 4).lstrip().removeprefix("{")
        self._results.end(f",{rest}\n  ]\n}}")

    def _index(self, diagnostic: Diagnostic) -> int:
        """Give the place of a finding's rule among those described; describe it if it is the first."""
        code = diagnostic.code
        if code not in self._indexes:
            self._indexes[code] = len(self._described)
            self._described.append(_descriptor(diagnostic, self._setting.rule(code)))
        return self._indexes[code]


def _version() -> dict[str, str]:
    """Give the program's version, where it is installed."""
    try:
        return {"version": version(PROGRAM)}
    except PackageNotFoundError:
        return {}


def _descriptor(diagnostic: Diagnostic, rule: Rule | None) -> dict[str, object]:
    """Describe the rule of a finding, with the weight that it was given."""
    properties: dict[str, object] = {
        "tags": ["security"],
        "precision": "very-high",
        "problem.severity": diagnostic.kind.value,
    }
    if diagnostic.severity is not None:
        properties["security-severity"] = _SCORES[diagnostic.severity]
    described: dict[str, object] = {
        "id": diagnostic.code,
        "defaultConfiguration": {"level": _LEVELS[diagnostic.kind]},
        "properties": properties,
    }
    if rule is not None and rule.explanation.what:
        said = rule.explanation
        source = f"Source: {said.source}" if said.source else ""
        text = "\n\n".join(filter(None, (said.why, f"Fix: {said.fix}" if said.fix else "", source)))
        described["shortDescription"] = {"text": said.what}
        described["fullDescription"] = {"text": said.why or said.what}
        example = f"```\n{said.example}\n```" if said.example else ""
        shown = (said.why, example, f"**Fix:** {said.fix}" if said.fix else "", source)
        described["help"] = {
            "text": text or said.what,
            "markdown": "\n\n".join(filter(None, shown)) or said.what,
        }
        if address := _ADDRESS.search(said.source):
            described["helpUri"] = address[0]
    return described


def _message(diagnostic: Diagnostic) -> str:
    """Say what is wrong and what to do; SARIF reads ``[a](b)`` as a link (section 3.11.6)."""
    said = f"{diagnostic.message}. {diagnostic.help}" if diagnostic.help else diagnostic.message
    if "](" in said:
        for character in "\\[]":
            said = said.replace(character, "\\" + character)
    return said


def _location(path: str, diagnostic: Diagnostic) -> dict[str, object]:
    place = diagnostic.place
    region = {"startLine": 1}
    if place is not None:
        region = {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        }
    location: dict[str, object] = {
        "physicalLocation": {"artifactLocation": {"uri": _uri(path)}, "region": region}
    }
    if diagnostic.field:
        location["logicalLocations"] = [{"fullyQualifiedName": diagnostic.field}]
    return location


def _uri(path: str) -> str:
    """Give a path that counts from the current folder as a URI reference; absolute if it leads out.

    A colon in it begins no scheme: it is encoded, as every byte that has a meaning.
    """
    if path.startswith("../") or os.path.isabs(path):
        return Path(os.path.abspath(path)).as_uri()
    return quote(os.fsencode(path))
