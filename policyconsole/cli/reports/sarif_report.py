"""``check --format sarif``: SARIF 2.1.0, as GitHub's code scanning and other viewers read it.

The order of the keys, the levels and the figures of ``security-severity`` follow GitHub
Docs, "SARIF support for code scanning": above 9.0 is critical, from 7.0 high, from 4.0
medium, above 0 low. It wants a line for every finding: one of the file as a whole is
shown at its first.
"""

from importlib.metadata import PackageNotFoundError, version
from urllib.parse import quote

from policyconsole.cli.arguments import PROGRAM
from policyconsole.cli.reports.json_report import as_json
from policyconsole.cli.reports.report import Setting, Write
from policyconsole.cli.reports.summary import Summary
from policyconsole.cli.verdicts import Verdict
from policyconsole.diagnostics import Diagnostic, Kind, Severity
from policyconsole.fingerprint import fingerprints
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


class SarifReport:
    """Gathers every finding and writes one log with one run."""

    def __init__(self, write: Write, setting: Setting) -> None:
        self._write = write
        self._rules = setting.rules
        self._indexes: dict[str, int] = {}
        self._described: list[dict[str, object]] = []
        self._results: list[dict[str, object]] = []

    def add(self, verdict: Verdict) -> None:
        """Take the findings of a file in."""
        diagnostics, text = verdict.judgement.diagnostics, verdict.judgement.text
        path = verdict.path.replace("\\", "/") if "/" not in verdict.path else verdict.path
        for diagnostic, print_ in zip(
            diagnostics, fingerprints(path, text, diagnostics), strict=True
        ):
            self._results.append(
                {
                    "ruleId": diagnostic.code,
                    "ruleIndex": self._index(diagnostic),
                    "level": _LEVELS[diagnostic.kind],
                    "message": {"text": _message(diagnostic)},
                    "locations": [_location(path, diagnostic)],
                    "partialFingerprints": {"policyConsole/v1": print_},
                }
            )

    def end(self, summary: Summary) -> None:
        """Write the log."""
        driver = {
            "name": PROGRAM,
            **_version(),
            "rules": self._described,
        }
        run = {
            "tool": {"driver": driver},
            "invocations": [{"executionSuccessful": True}],
            "columnKind": "unicodeCodePoints",
            "results": self._results,
            "properties": {
                "level": self._rules.level.value,
                "environment": self._rules.environment,
                "files": summary.files,
                "refused": summary.invalid,
            },
        }
        self._write(as_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}))

    def _index(self, diagnostic: Diagnostic) -> int:
        """Give the place of a finding's rule among those described; describe it if it is the first."""
        code = diagnostic.code
        if code not in self._indexes:
            self._indexes[code] = len(self._described)
            self._described.append(_descriptor(diagnostic, self._rules.rules.get(code)))
        return self._indexes[code]


def _version() -> dict[str, str]:
    """Give the program's version, where it is installed."""
    try:
        return {"version": version(PROGRAM)}
    except PackageNotFoundError:
        return {}


def _descriptor(diagnostic: Diagnostic, rule: Rule | None) -> dict[str, object]:
    """Describe the rule of a finding, with the weight that it was given."""
    properties: dict[str, object] = {"tags": ["security"], "precision": "very-high"}
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
        described["help"] = {"text": text or said.what}
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
    """Give a path as a URI reference; a colon in it begins no scheme."""
    encoded = quote(path.encode("utf-8", "surrogateescape"))
    return f"file://{encoded}" if path.startswith("/") else encoded
