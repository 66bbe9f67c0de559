"""``check --format junit``: a test case a file, as continuous integration servers read it.

There is no one schema; what is written here is what the readers have in common: one
``failure`` a refused file, everything else in ``system-out``.
"""

import re
import xml.etree.ElementTree as ET

from policyconsole.cli.reports.report import Setting, Write
from policyconsole.cli.reports.summary import Summary
from policyconsole.cli.text import Paint, diagnostic_lines
from policyconsole.cli.verdicts import Verdict
from policyconsole.diagnostics import Diagnostic, Kind

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to hold, escaped or not (section 2.2)."""


class JunitReport:
    """Gathers every file and writes one document: the counts come first in it."""

    def __init__(self, write: Write, setting: Setting) -> None:
        self._write = write
        self._name = f"policies at {setting.levels}"
        self._cases: list[str] = []  # as text, which takes a third of what elements do
        self._milliseconds = 0.0

    def add(self, verdict: Verdict) -> None:
        """Take a file in."""
        judgement = verdict.judgement
        taken = (judgement.load_ms or 0.0) + (judgement.validate_ms or 0.0)
        self._milliseconds += taken
        case = ET.Element(
            "testcase",
            classname="policy-console",
            name=_xml(verdict.path),
            time=_seconds(taken),
        )
        refusing = [item for item in judgement.diagnostics if item.kind is Kind.ERROR]
        if not judgement.accepted:
            message = "; ".join(f"{item.code}: {item.message}" for item in refusing)
            failure = ET.SubElement(
                case,
                "failure",
                type=refusing[0].code if refusing else "refused",
                message=_xml(message),
            )
            failure.text = _said(verdict, refusing)
        others = [
            item for item in judgement.diagnostics if judgement.accepted or item not in refusing
        ]
        if others:
            ET.SubElement(case, "system-out").text = _said(verdict, others)
        ET.indent(case, level=2)
        self._cases.append(ET.tostring(case, encoding="unicode"))

    def end(self, summary: Summary) -> None:
        """Write the document."""
        counts = {
            "tests": str(summary.files),
            "failures": str(summary.invalid),
            "errors": "0",
            "time": _seconds(self._milliseconds),
        }
        self._write('<?xml version="1.0" encoding="UTF-8"?>')
        self._write(_start("testsuites", {"name": "policy-console", **counts}))
        self._write("  " + _start("testsuite", {"name": self._name, **counts, "skipped": "0"}))
        for case in self._cases:
            self._write(f"    {case}")
        self._write("  </testsuite>\n</testsuites>")


def _start(tag: str, attributes: dict[str, str]) -> str:
    """Give the start tag of an element whose content is written apart."""
    return ET.tostring(ET.Element(tag, attributes), encoding="unicode").removesuffix(" />") + ">"


def _said(verdict: Verdict, diagnostics: list[Diagnostic]) -> str:
    paint, text = Paint(coloured=False), verdict.judgement.text
    blocks = ["\n".join(diagnostic_lines(verdict.path, item, text, paint)) for item in diagnostics]
    return _xml("\n\n".join(blocks))


def _xml(text: str) -> str:
    """Give ``text`` with a replacement for each character that XML cannot hold."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.6f}"
