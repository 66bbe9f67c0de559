"""Files and findings for the tests of every format."""

from collections.abc import Sequence

from hypothesis import strategies as st

from policyconsole.cli.reports.report import Make, Setting
from policyconsole.cli.reports.summary import Summary
from policyconsole.cli.verdicts import Verdict
from policyconsole.diagnostics import Diagnostic, Impact, Kind, Place, Severity
from policyconsole.judging import Judgement
from policyconsole.validation.ruleset import Ruleset

ANY_TEXT = st.text(st.characters(), max_size=30)
"""Lone surrogates too: JSON can write them in a policy."""

PATHS = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"])
    | st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF, categories=["Cs"]),
    min_size=1,
    max_size=30,
)
"""A path holds anything but a NUL; what is no UTF-8 in it is read as such surrogates."""

PLACES = st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(0, 2), st.integers(1, 9)).map(
    lambda n: Place(n[0], n[1], n[0] + n[2], n[1] + n[3])
)


@st.composite
def diagnostics(draw: st.DrawFn) -> Diagnostic:
    kind = draw(st.sampled_from(Kind))
    return Diagnostic(
        draw(st.sampled_from(["SEC003", "OWN001", "FILE001"])),
        kind,
        draw(ANY_TEXT),
        severity=draw(st.sampled_from(Severity)) if kind is Kind.ERROR else None,
        impact=draw(st.sampled_from(Impact)) if kind is Kind.RECOMMENDATION else None,
        field=draw(st.none() | ANY_TEXT),
        place=draw(st.none() | PLACES),
        help=draw(st.none() | ANY_TEXT),
    )


VERDICTS = st.lists(
    st.builds(
        lambda path, found, text: verdict(path, found, text=text),
        PATHS,
        st.lists(diagnostics(), max_size=3),
        st.none() | st.text(max_size=40).map(lambda text: text + 5 * "\n"),
    ),
    max_size=4,
)


def verdict(path: str, found: Sequence[Diagnostic], *, text: str | None = None) -> Verdict:
    accepted = all(item.kind is not Kind.ERROR for item in found)
    return Verdict(
        path,
        Judgement(None, None, None, text, tuple(found), accepted, load_ms=1.0, validate_ms=2.0),
    )


def written(make: Make, verdicts: Sequence[Verdict], *, rules: Ruleset | None = None) -> str:
    """What a report writes about these files."""
    lines: list[str] = []
    report = make(lines.append, Setting(rules or Ruleset()))
    summary = Summary()
    for item in verdicts:
        summary = summary.with_file(item)
        report.add(item)
    report.end(summary)
    return "".join(f"{line}\n" for line in lines)
