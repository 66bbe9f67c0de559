"""``check --format json``: the document that the contracts fix."""

import json
from typing import TypedDict

from policyconsole.cli.reports.report import Setting, Write
from policyconsole.cli.reports.summary import Summary
from policyconsole.cli.verdicts import Verdict
from policyconsole.diagnostics import DiagnosticRecord


class FileRecord(TypedDict):
    """One file as ``check --format json`` writes it."""

    path: str
    policy_id: str | None
    valid: bool
    digest: str | None
    diagnostics: list[DiagnosticRecord]


class JsonReport:
    """Gathers every file and writes one document."""

    def __init__(self, write: Write, setting: Setting) -> None:
        self._write = write
        self._rules = setting.rules
        self._files: list[FileRecord] = []

    def add(self, verdict: Verdict) -> None:
        """Take a file in."""
        judgement = verdict.judgement
        self._files.append(
            {
                "path": verdict.path,
                "policy_id": judgement.policy_id,
                "valid": judgement.accepted,
                "digest": judgement.digest,
                "diagnostics": [diagnostic.record() for diagnostic in judgement.diagnostics],
            }
        )

    def end(self, summary: Summary) -> None:
        """Write the document."""
        document = {
            "version": 1,
            "level": self._rules.level.value,
            "environment": self._rules.environment,
            "files": self._files,
            "summary": summary.record(),
        }
        self._write(as_json(document))


def as_json(document: object) -> str:
    """Give a document as JSON; a name that is not UTF-8 has its lone surrogates escaped."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return text.encode("utf-8", "backslashreplace").decode()
