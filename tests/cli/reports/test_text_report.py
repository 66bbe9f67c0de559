"""Text for people: the place marked, on several lines and in a narrow terminal too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from policyconsole.cli.reports.report import Setting
from policyconsole.cli.reports.text_report import TextReport
from policyconsole.diagnostics import Place, Severity, error
from policyconsole.validation.ruleset import Ruleset
from tests.cli.processes import PROGRAM, environment
from tests.cli.reports.reporting import verdict, written

LONG = f"x = {{ {', '.join(f'k{number} = {number}' for number in range(40))}, min_version = 1 }}\n"


def test_a_place_that_goes_over_several_lines_says_to_which() -> None:
    found = error("TYPE001", Severity.HIGH, "m", place=Place(2, 5, 4, 2))
    text = written(TextReport, [verdict("a.toml", [found], text='a = 1\nb = """\nc\nd"""\n')])
    assert text.splitlines()[:3] == [
        "a.toml:2:5: error TYPE001 (high): m",
        '    2 │ b = """',
        "      │     ^^^ … to line 4",
    ]


@pytest.mark.parametrize("width", [None, 40, 80, 500])
def test_a_long_line_is_cut_to_the_terminal_and_marked_where_it_is(width: int | None) -> None:
    start = LONG.index("min_version")
    found = error("X1", Severity.HIGH, "m", place=Place(1, start + 1, 1, start + 12))
    lines: list[str] = []
    report = TextReport(lines.append, Setting(Ruleset(), width=width))
    report.add(verdict("a.toml", [found], text=LONG))
    _, line, marker, *_ = lines[0].splitlines()
    assert line[marker.index("^") : marker.rindex("^") + 1] == "min_version"
    if width is not None:
        assert len(line) <= width
    if width in {None, 500}:
        assert len(line) > 120


def test_the_line_that_a_place_reaches_to_is_said_in_the_row_of_the_marker() -> None:
    text = LONG.strip() + "\n" * 1000
    found = error("X1", Severity.HIGH, "m", place=Place(1, 5, 1000, 2))
    lines: list[str] = []
    report = TextReport(lines.append, Setting(Ruleset(), width=60))
    report.add(verdict("a.toml", [found], text=text))
    _, line, marker, *_ = lines[0].splitlines()
    assert marker.endswith("^ … to line 1000")
    assert max(len(line), len(marker)) <= 60


def test_however_narrow_the_terminal_something_is_shown() -> None:
    found = error("X1", Severity.HIGH, "m", place=Place(1, 1, 1, 2))
    lines: list[str] = []
    report = TextReport(lines.append, Setting(Ruleset(), width=3))
    report.add(verdict("a.toml", [found], text=LONG))
    assert "    1 │ x = { k0" in lines[0]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_in_a_real_terminal_no_source_line_is_broken(tmp_path: Path) -> None:
    import fcntl  # noqa: PLC0415 - not on every platform
    import struct  # noqa: PLC0415
    import termios  # noqa: PLC0415

    (tmp_path / "a.toml").write_text(LONG.replace("= 1 }", "= }"))
    reading, writing = os.openpty()
    try:
        fcntl.ioctl(writing, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        subprocess.run(
            [*PROGRAM, "check", "a.toml"],
            cwd=tmp_path,
            env=environment(TERM="xterm", NO_COLOR="1"),
            stdin=subprocess.DEVNULL,
            stdout=writing,
            timeout=60,
            check=False,
        )
        shown = os.read(reading, 65536).decode().splitlines()
    finally:
        os.close(reading)
        os.close(writing)
    framed = [line for line in shown if "│" in line]
    assert len(framed) == 2
    assert max(map(len, framed)) in range(60, 81)
