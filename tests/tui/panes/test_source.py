"""The Source pane: the file as it is, but for what must not be shown."""

import pytest
from rich.text import Text

from policyconsole.diagnostics import Place, Severity, error
from policyconsole.tui.panes.source import LONGEST_LINE, MOST_LINES, SourceView, safe_lines
from tests.tui.scripted import ScriptedEngine
from tests.tui.showing import showing
from tests.tui.stories import SECURITY, TLS_TOO_OLD, refuse_staging

SECRETS = {
    "toml": 'password = "hunter2"\n',
    "toml over lines": 'password = """\nhunter2\nhunter2"""\nafter = 1\n',
    "toml table": '[custom.secrets]\nx = "hunter2"\n',
    "yaml": "api_key: hunter2\n",
    "yaml block": "api_key: |\n  hunter2\n  hunter2\nafter: 1\n",
    "json": '{"token": "hunter2", "after": 1}\n',
}


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_shown(name: str) -> None:
    shown = "\n".join(safe_lines(SECRETS[name]))
    assert "***" in shown
    assert "hunter2" not in shown


def test_what_is_no_secret_is_shown_as_it_is() -> None:
    assert safe_lines("a = 1\r\nb = 2") == ["a = 1", "b = 2"]
    assert safe_lines("\tx\x1b[1m\u202e") == ["    x\\x1b[1m\\u202e"]


def test_long_files_and_lines_are_cut_and_say_so() -> None:
    shown = safe_lines("x\n" * (MOST_LINES + 10) + "y" * (LONGEST_LINE + 5))
    assert len(shown) == MOST_LINES + 1
    assert shown[-1] == "… 11 more lines are not shown"
    assert safe_lines("y" * (LONGEST_LINE + 5)) == ["y" * LONGEST_LINE + "…"]


async def source_of(path: str, source: str | None) -> SourceView:
    def one(engine: ScriptedEngine) -> None:
        engine.refuse(path, "a", source, (TLS_TOO_OLD,))

    async with showing(one) as shown:
        await shown.press("5")
        return shown.console.detail.source


@pytest.mark.parametrize(
    ("path", "language"),
    [("a.toml", "toml"), ("a.yaml", "yaml"), ("a.YML", "yaml"), ("a.json", "json")],
)
async def test_the_language_is_that_of_the_suffix(path: str, language: str) -> None:
    assert (await source_of(path, "")).language == language


async def test_a_file_without_text_says_so() -> None:
    def one(engine: ScriptedEngine) -> None:
        engine.refuse("a.toml", "a", None, ())

    async with showing(one) as shown:
        await shown.press("5")
        assert "could not be read as text" in shown.text_of(shown.console.detail)


async def test_a_finding_is_underlined_and_told_on_its_line() -> None:
    async with showing() as shown:
        await shown.press("end", "5")
        line = shown.console.detail.source.get_line(15)
        assert isinstance(line, Text)
        underlined = [span for span in line.spans if "underline" in str(span.style)]
        assert [line.plain[span.start : span.end] for span in underlined] == ['"TLSv1.0"']
        assert "✖ SEC003 TLSv1.0 is below" in line.plain
        assert "✖ SEC003" in shown.text_of(shown.console.detail)


async def test_a_finding_on_a_masked_value_marks_the_mask() -> None:
    found = error("X", Severity.LOW, "m", place=Place(1, 12, 1, 21))

    def one(engine: ScriptedEngine) -> None:
        engine.refuse("a.toml", "a", 'password = "hunter2"\n', (found,))

    async with showing(one) as shown:
        await shown.press("5")
        line = shown.console.detail.source.get_line(0)
        underlined = [span for span in line.spans if "underline" in str(span.style)]
        assert [line.plain[span.start : span.end] for span in underlined] == ["***"]


async def test_it_follows_the_file_while_one_looks_at_it() -> None:
    async with showing() as shown:
        await shown.press("end", "5")
        shown.engine.apply(
            "staging.toml", "staging-security-policy", SECURITY.replace("TLSv1.0", "TLSv1.3")
        )
        await shown.settle()
        assert '"TLSv1.3"' in shown.text_of(shown.console.detail)
        assert "SEC003" not in shown.text_of(shown.console.detail)
        refuse_staging(shown.engine)
        await shown.settle()
        assert "✖ SEC003" in shown.text_of(shown.console.detail)


async def test_nothing_can_be_typed_into_it() -> None:
    async with showing() as shown:
        await shown.press("end", "5", "x", "delete", "backspace", "ctrl+k")
        assert shown.console.detail.source.text == "\n".join(safe_lines(SECURITY))


async def test_the_theme_can_change_while_it_is_shown() -> None:
    async with showing() as shown:
        await shown.press("end", "5")
        before = shown.app.export_screenshot()
        shown.app.theme = "policy-console-light"
        await shown.settle()
        assert shown.app.export_screenshot() != before
        assert "SEC003" in shown.screen
