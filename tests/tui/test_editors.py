"""How each editor is told a file and a line."""

import pytest

from policyconsole.tui.editors import NoEditorError, editor_command


@pytest.mark.parametrize(
    ("value", "arguments", "needs_terminal"),
    [
        ("vim", ["vim", "+7", "/p/a.toml"], True),
        ("/usr/bin/nvim -u NONE", ["/usr/bin/nvim", "-u", "NONE", "+7", "/p/a.toml"], True),
        ("nano", ["nano", "+7", "/p/a.toml"], True),
        ("emacsclient -t", ["emacsclient", "-t", "+7", "/p/a.toml"], True),
        ("hx", ["hx", "/p/a.toml:7"], True),
        ("'/opt/my editors/micro'", ["/opt/my editors/micro", "+7", "/p/a.toml"], True),
        ("code --wait", ["code", "--wait", "--goto", "/p/a.toml:7"], False),
        ("subl", ["subl", "/p/a.toml:7"], False),
        ("zed", ["zed", "/p/a.toml:7"], False),
        ("idea", ["idea", "--line", "7", "/p/a.toml"], False),
        ("unheard-of --fast", ["unheard-of", "--fast", "/p/a.toml"], True),
    ],
)
def test_a_line_is_given_as_the_editor_takes_it(
    value: str, arguments: list[str], needs_terminal: bool
) -> None:
    command = editor_command("/p/a.toml", 7, {"EDITOR": value})
    assert list(command.arguments) == arguments
    assert command.needs_terminal is needs_terminal


@pytest.mark.parametrize("value", ["vim", "hx", "code", "idea"])
def test_without_a_line_the_file_is_given_alone(value: str) -> None:
    assert editor_command("/p/a.toml", None, {"EDITOR": value}).arguments == (value, "/p/a.toml")


def test_visual_is_stronger_than_editor_and_a_blank_one_is_none() -> None:
    assert editor_command("/a", 1, {"VISUAL": "vi", "EDITOR": "nano"}).name == "vi"
    assert editor_command("/a", 1, {"VISUAL": " ", "EDITOR": "nano"}).name == "nano"


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "set VISUAL or EDITOR"),
        ({"EDITOR": "vim 'oops"}, "EDITOR cannot be read"),
        ({"VISUAL": "''"}, "VISUAL names no program"),
    ],
)
def test_without_an_editor_it_says_what_to_set(environ: dict[str, str], said: str) -> None:
    with pytest.raises(NoEditorError, match=said):
        editor_command("/a", 1, environ)
