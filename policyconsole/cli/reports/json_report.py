"""``check --format json``: one document for programs, in the shape that the contracts fix."""

import json
from collections.abc import Iterator
from typing import TypedDict

from policyconsole.cli.reports.run import Run
from policyconsole.cli.verdicts import Verdict
from policyconsole.diagnostics import DiagnosticRecord


class FileRecord(TypedDict):
    """One file as ``check --format json`` writes it."""

    path: str
    policy_id: str | None
    valid: bool
    digest: str | None
    diagnostics: list[DiagnosticRecord]


def pieces(run: Run) -> Iterator[str]:
    """Give the document, one file after the other: however many there are, one is held at a time."""
    head = {"version": 1, "level": run.rules.level.value, "environment": run.rules.environment}
    yield _written(head).removesuffix("\n}") + ',\n  "files": ['
    separator = "\n    "
    for verdict in run:
        yield separator + _written(_file(verdict)).replace("\n", "\n    ")
        separator = ",\n    "
    end = "\n  ]" if run.summary.files else "]"
    summary = _written(run.summary.record()).replace("\n", "\n  ")
    yield f'{end},\n  "summary": {summary}\n}}\n'


def _file(verdict: Verdict) -> FileRecord:
    judgement = verdict.judgement
    return {
        "path": verdict.path,
        "policy_id": judgement.policy_id,
        "valid": judgement.accepted,
        "digest": judgement.digest,
        "diagnostics": [diagnostic.record() for diagnostic in judgement.diagnostics],
    }


def _written(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    # A name that is not UTF-8 holds lone surrogates: backslashreplace writes them as JSON does.
    return text.encode("utf-8", "backslashreplace").decode()
