"""A report shows itself: as text, and as HTML that is only text."""

from policyconsole.diagnostics import Diagnostic, Kind, Report, Severity, error

HOSTILE = "<script>alert(1)</script>\x1b[31m"
REPORT = Report(
    (
        error("SEC003", Severity.HIGH, HOSTILE, field="security.tls", help="set it"),
        Diagnostic("LOGIC001", Kind.WARNING, "off"),
        Diagnostic("LOGIC002", Kind.WARNING, "off"),
    ),
    0.001,
)


def test_the_verdict_counts_what_was_found() -> None:
    assert REPORT.verdict == "refused, 1 error, 2 warnings"
    assert Report().verdict == "valid"


def test_as_text_it_is_a_line_a_finding() -> None:
    assert repr(REPORT).splitlines() == [
        "<Report: refused, 1 error, 2 warnings>",
        r"error SEC003 high security.tls <script>alert(1)</script>\x1b[31m set it",
        "warning LOGIC001 off",
        "warning LOGIC002 off",
    ]
    assert repr(Report()) == "<Report: valid>"


def test_as_html_it_is_a_table_of_text() -> None:
    html = REPORT._repr_html_()
    assert "<script" not in html
    assert "\x1b" not in html
    assert html.count("<tr>") == 4
    assert "<table>" not in Report()._repr_html_()
