"""Events and diagnostics as text: what each line says, and that it is safe to show."""

import re
from datetime import UTC, datetime

import pytest

from policyconsole.cli.narration import narrate
from policyconsole.cli.text import Paint, diagnostic_lines
from policyconsole.diagnostics import Diagnostic, Impact, Kind, Place, Severity, error
from policyconsole.events import Change, EventType, PolicyEvent
from policyconsole.snapshot import FileStatus, Verdict

PLAIN, COLOURED = Paint(coloured=False), Paint(coloured=True)

SOURCE = 'id = "a"\nmin_version = "TLSv1.0"\n'
TOO_OLD = error(
    "SEC003", Severity.HIGH, "TLS 1.0 is old", place=Place(2, 15, 2, 24), help="set TLSv1.3"
)
WARNING = Diagnostic("LOGIC001", Kind.WARNING, "a warning", place=Place(1, 1, 1, 3))
ADVICE = Diagnostic(
    "REC001", Kind.RECOMMENDATION, "an advice", impact=Impact.SECURITY, place=Place(1, 1, 1, 3)
)


def status(digest: str) -> FileStatus:
    return FileStatus(
        path="a.toml",
        policy_id="a",
        verdict=Verdict.REFUSED,
        diagnostics=(TOO_OLD,),
        since=datetime.now(UTC),
        digest=digest,
        source=SOURCE,
    )


def rejected(*diagnostics: Diagnostic) -> PolicyEvent:
    return PolicyEvent(
        EventType.REJECTED,
        path="a.toml",
        policy_id="a",
        digest="sha256:1",
        diagnostics=diagnostics,
    )


def test_a_refusal_has_every_diagnostic_with_its_source_line_below_it() -> None:
    lines = narrate(rejected(TOO_OLD, ADVICE), lambda _: status("sha256:1"), PLAIN).splitlines()
    assert "✖ rejected" in lines[0]
    assert lines[0].endswith("a  a.toml  SEC003")
    assert lines[1:] == [
        "    a.toml:2:15: error SEC003 (high): TLS 1.0 is old",
        '        2 │ min_version = "TLSv1.0"',
        "          │               ^^^^^^^^^",
        "          = help: set TLSv1.3",
        "    a.toml:1:1: recommendation REC001 (security): an advice",
    ]


@pytest.mark.parametrize("known", [None, status("sha256:2")])
def test_the_source_line_is_left_out_where_the_file_is_another_by_now(
    known: FileStatus | None,
) -> None:
    text = narrate(rejected(TOO_OLD), lambda _: known, PLAIN)
    assert "SEC003" in text
    assert "│" not in text


def test_what_is_in_force_says_its_change_and_how_much_was_found() -> None:
    event = PolicyEvent(
        EventType.APPLIED,
        path="a.toml",
        policy_id="a",
        revision=3,
        changes=(Change("monitoring.log_level", "info", "warn"),),
        diagnostics=(WARNING, ADVICE, ADVICE),
    )
    line = narrate(event, lambda _: None, PLAIN)
    assert line.endswith(
        "a  a.toml  r3  monitoring.log_level: info → warn  (1 warning, 2 recommendations)"
    )


@pytest.mark.parametrize("event_type", list(EventType))
def test_every_event_is_a_line_that_names_its_type(event_type: EventType) -> None:
    event = PolicyEvent(event_type, path="a\x1b\n.toml", policy_id="b\x1b", message="1\x1b\n2")
    for paint in (PLAIN, COLOURED):
        line = narrate(event, lambda _: None, paint)
        assert event_type.value in line
        assert "\n" not in line
    assert "\x1b" not in narrate(event, lambda _: None, PLAIN)


def test_a_diagnostic_from_outside_is_escaped() -> None:
    hostile = error("X\x1b", Severity.LOW, "m\x1b[2J\n", place=Place(1, 1, 1, 2), help="h\x1b\n")
    lines = diagnostic_lines("p\x1b\n", hostile, "\x1b[31m\x07", PLAIN)
    assert not any(character in line for line in lines for character in "\x1b\n\x07")


def test_without_a_place_the_file_as_a_whole_is_meant() -> None:
    lines = diagnostic_lines("a.toml", error("FILE004", Severity.CRITICAL, "empty"), "", PLAIN)
    assert lines == ["a.toml: error FILE004 (critical): empty"]


@pytest.mark.parametrize("found", [TOO_OLD, WARNING, ADVICE])
def test_colours_change_nothing_but_colours(found: Diagnostic) -> None:

    coloured = diagnostic_lines("a.toml", found, SOURCE, COLOURED)
    assert any("\x1b[" in line for line in coloured)
    bare = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in coloured]
    assert bare == diagnostic_lines("a.toml", found, SOURCE, PLAIN)
