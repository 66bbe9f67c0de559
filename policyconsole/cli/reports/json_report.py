"""``check --format json``: the document that the contracts fix."""

import json
from typing import TypedDict

from policyconsole.cli.reports.report import Setting, Write
from policyconsole.cli.reports.summary import Summary
from policyconsole.cli.verdicts import Verdict
from policyconsole.diagnostics import DiagnosticRecord
from policyconsole.escaping import safe_json


class FileRecord(TypedDict):
    """One file as ``check --format json`` writes it."""

    path: str
    policy_id: str | None
    valid: bool
    digest: str | None
    diagnostics: list[DiagnosticRecord]


class JsonReport:
    """Writes one document, file by file: however many there are, it holds one of them."""

    def __init__(self, write: Write, setting: Setting) -> None:
        head = {"version": 1, "level": setting.level, "environment": setting.environment}
        self._items = Items(write, as_json(head).removesuffix("\n}") + ',\n  "files": [', "  ]")

    def add(self, verdict: Verdict) -> None:
        """Write a file."""
        judgement = verdict.judgement
        record: FileRecord = {
            "path": verdict.path,
            "policy_id": judgement.policy_id,
            "valid": judgement.accepted,
            "digest": judgement.digest,
            "diagnostics": [diagnostic.record() for diagnostic in judgement.diagnostics],
        }
        self._items.add(indented(as_json(record), 4))

    def end(self, summary: Summary) -> None:
        """Write the counts and the end of the document."""
        counts = indented(as_json(summary.record()), 2).lstrip()
        self._items.end(f',\n  "summary": {counts}\n}}')


class Items:
    """The items of a JSON array, written one by one: only the last has no comma behind it."""

    def __init__(self, write: Write, head: str, close: str) -> None:
        """``head`` ends with the opening bracket; ``close`` holds the closing one."""
        self._write = write
        self._waiting = head
        self._close = close
        self._any = False

    def add(self, item: str) -> None:
        """Take one more item, and write the one before."""
        self._write(self._waiting + ("," if self._any else ""))
        self._waiting = item
        self._any = True

    def end(self, rest: str) -> None:
        """Write the last item, and ``rest`` behind the closing bracket."""
        close = f"\n{self._close}" if self._any else self._close.lstrip()
        self._write(self._waiting + close + rest)


def as_json(document: object, indent: int | None = 2) -> str:
    """Give a document as JSON; escaped is what a terminal would act on, and what is not UTF-8 in a name."""
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    return safe_json(text).encode("utf-8", "backslashreplace").decode()


def indented(text: str, by: int) -> str:
    """Give ``text`` with that many more spaces before each line."""
    return " " * by + text.replace("\n", "\n" + " " * by)
