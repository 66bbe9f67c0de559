"""The Diagnostics pane: a finding as a compiler says it."""

from policyconsole.diagnostics import Diagnostic, Kind, Place, Severity, error
from policyconsole.tui.panes.diagnostics import MOST
from policyconsole.validation.catalogue import CATALOGUE
from tests.tui.scripted import ScriptedEngine
from tests.tui.showing import NARROW, Shown, showing


def lines(shown: Shown) -> list[str]:
    """The lines inside the frame, without the mark of the chosen finding."""
    framed = shown.text_of(shown.console.detail).splitlines()
    return [line[1:-1].strip("▌ ") for line in framed]


async def show(source: str, *findings: Diagnostic, size: tuple[int, int] = (120, 40)) -> list[str]:
    def one(engine: ScriptedEngine) -> None:
        engine.refuse("a.toml", "a", source, findings)

    async with showing(one, size) as shown:
        await shown.press("4", "z")
        return lines(shown)


async def test_a_finding_has_title_message_line_marker_advice_and_source() -> None:
    found = error(
        "SEC003",
        Severity.HIGH,
        "TLSv1.0 is too old",
        field="security.tls.min_version",
        place=Place(2, 15, 2, 24),
        help='set "TLSv1.3"',
    )
    shown = await show('[security.tls]\nmin_version = "TLSv1.0"\n', found)
    start = shown.index("✖ error SEC003 high  line 2:15  security.tls.min_version")
    assert shown[start + 1 : start + 6] == [
        "TLSv1.0 is too old",
        '2 │ min_version = "TLSv1.0"',
        "│               ^^^^^^^^^",
        '= set "TLSv1.3"',
        f"source: {CATALOGUE['SEC003'].explanation.source}",
    ]


async def test_a_rule_that_nobody_documents_has_no_source() -> None:
    shown = await show("", error("MINE001", Severity.LOW, "not as we do it"))
    assert "✖ error MINE001 low" in shown
    assert not any(line.startswith("source:") for line in shown)


async def test_a_long_source_goes_over_several_lines() -> None:
    found = Diagnostic("LOGIC007", Kind.WARNING, "short", help="set 300")
    shown = await show("", found, size=NARROW)
    start = next(index for index, line in enumerate(shown) if line.startswith("source: "))
    said = " ".join(shown[start : start + 3]).rstrip()
    assert said == f"source: {CATALOGUE['LOGIC007'].explanation.source}"


async def test_a_finding_about_the_whole_file_has_no_line() -> None:
    shown = await show("", error("FILE004", Severity.CRITICAL, "the file is empty"))
    assert "✖ error FILE004 critical" in shown
    assert not any("^" in line for line in shown)


async def test_a_place_beyond_the_source_is_no_harm() -> None:
    found = error("PARSE001", Severity.CRITICAL, "ended too soon", place=Place(99, 1, 99, 2))
    assert "✖ error PARSE001 critical  line 99:1" in await show("x = 1\n", found)


async def test_the_marked_part_of_a_long_line_is_in_view() -> None:
    source = "key = [" + "1, " * 35 + '"here"]\n'
    column = source.index('"here"') + 1
    found = error("TYPE001", Severity.HIGH, "not a number", place=Place(1, column, 1, column + 6))
    shown = await show(source, found, size=NARROW)
    line = next(line for line in shown if '"here"' in line)
    marker = shown[shown.index(line) + 1]
    assert marker.index("^") - marker.index("│") == line.index('"here"') - line.index("│")
    assert marker.count("^") == 6


async def test_wide_characters_are_marked_where_they_stand() -> None:
    found = error("X", Severity.LOW, "m", place=Place(1, 6, 1, 7))
    shown = await show('名 = "x"\n'.replace('"x"', '"値"'), found)
    line = next(line for line in shown if "値" in line)
    marker = shown[shown.index(line) + 1]
    assert marker.rstrip().endswith("^^")


async def test_warnings_and_recommendations_have_their_own_signs() -> None:
    shown = await show(
        "", Diagnostic("W", Kind.WARNING, "look"), Diagnostic("R", Kind.RECOMMENDATION, "better")
    )
    assert "▲ warning W" in shown
    assert "◆ recommendation R" in shown


async def test_nobody_reads_thousands() -> None:
    findings = [error("X", Severity.LOW, f"number {n}") for n in range(MOST + 50)]

    def one(engine: ScriptedEngine) -> None:
        engine.refuse("a.toml", "a", "", tuple(findings))

    async with showing(one) as shown:
        assert "250 findings" in shown.screen
        await shown.press("4", "end")
        assert "… and 50 more" in shown.screen


async def test_no_findings_are_good_news_for_this_level() -> None:
    def one(engine: ScriptedEngine) -> None:
        engine.apply("a.toml", "a", "")

    async with showing(one) as shown:
        assert "No findings at level strict." in shown.screen
        assert "revision 1 in force since 18:05:31" in shown.screen
