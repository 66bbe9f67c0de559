"""Whatever a file holds: a policy or diagnostics come out, and their places lie in the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyconsole.loading.formats import Format
from policyconsole.loading.loader import PolicyLoadError, parse
from tests.policies import REPORT

from .sources import SOURCES

PIECES = (
    *(
        "\n",
        " ",
        "  ",
        "\t",
        "\r\n",
        "\r",
        "\x00",
        "\x85",
        "\u2028",
        "\ufeff",
        "\ud7ff",
        "é",
        "\U0001f600",
    ),
    *(
        "[",
        "]",
        "{",
        "}",
        "[[",
        "]]",
        ",",
        ":",
        ": ",
        "=",
        ".",
        "-",
        "- ",
        "? ",
        "#",
        "|",
        ">",
        "%",
        "@",
    ),
    *(
        "'",
        '"',
        '"""',
        "'''",
        "\\",
        "\\u",
        "\\ud800",
        "&a ",
        "*a",
        "!!int ",
        "!x ",
        "<<",
        "---",
        "...",
    ),
    *(
        "1",
        "-0",
        "1e3",
        "1.5",
        "1:30",
        "010",
        "0x1F",
        "nan",
        ".nan",
        "inf",
        "NaN",
        "9" * 50,
        "true",
        "no",
    ),
    *(
        "null",
        "~",
        "2026-11-23",
        "T18:00:00",
        "Z",
        "+09:00",
        "id",
        "name",
        "version",
        "security",
        "tls",
    ),
    *("custom", "created_at", "log_level", "cipher_suites", "password"),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


def check(content: bytes, form: Format) -> None:
    try:
        diagnostics = parse(content, form).diagnostics
    except PolicyLoadError as problem:
        diagnostics = problem.diagnostics
        assert any(item.blocks for item in diagnostics)
    lines = content.decode(errors="replace").removeprefix("\ufeff").split("\n")
    for item in diagnostics:
        assert item.message
        if item.code == "FILE004":
            continue
        place = item.place
        assert place is not None, item
        assert (place.line, place.column) <= (place.end_line, place.end_column)
        for line, column in ((place.line, place.column), (place.end_line, place.end_column)):
            assert 1 <= line <= len(lines), item
            assert 1 <= column <= len(lines[line - 1]) + 1, item


@pytest.mark.parametrize("form", Format)
@given(st.binary(max_size=40))
def test_bytes(form: Format, content: bytes) -> None:
    check(content, form)


@pytest.mark.parametrize("form", Format)
@given(TEXTS)
def test_pieces_of_the_formats(form: Format, text: str) -> None:
    check(text.encode(), form)


@pytest.mark.parametrize("form", Format)
@given(TEXTS, st.integers(0, 80), st.integers(0, 20))
def test_a_policy_with_a_part_replaced(form: Format, piece: str, start: int, length: int) -> None:
    text = SOURCES[form]
    check((text[:start] + piece + text[start + length :]).encode(), form)


def test_a_policy_cut_short_anywhere() -> None:
    content = REPORT.read_bytes()
    for end in range(0, len(content), 3):
        check(content[:end], Format.TOML)
