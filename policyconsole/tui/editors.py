"""Which editor somebody wants, and how it is told to open a file at a line."""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

_PLUS = frozenset(
    [
        "vi",
        "vim",
        "nvim",
        "view",
        "nano",
        "emacs",
        "emacsclient",
        "micro",
        "kak",
        "joe",
        "ne",
        "mg",
        "jed",
        "pico",
        "ex",
        "gvim",
        "mvim",
        "gedit",
    ]
)
"""``+LINE FILE``: said by each one's manual."""

_COLON = frozenset(["hx", "helix", "subl", "sublime_text", "zed", "zeditor"])
"""``FILE:LINE``."""

_GOTO = frozenset(["code", "code-insiders", "codium", "vscodium", "cursor", "windsurf"])
"""``--goto FILE:LINE``: Visual Studio Code and what is made of it."""

_LINE = frozenset(
    [
        "idea",
        "pycharm",
        "webstorm",
        "goland",
        "clion",
        "phpstorm",
        "rubymine",
        "rider",
        "fleet",
        "kate",
        "kwrite",
        "mate",
    ]
)
"""``--line LINE FILE``."""

_GRAPHICAL = (
    _GOTO | _LINE | frozenset(["subl", "sublime_text", "zed", "zeditor", "gvim", "mvim", "gedit"])
)
"""Editors with a window of their own: the terminal stays the app's."""


class NoEditorError(Exception):
    """No editor can be started; says why and what to set."""


@dataclass(frozen=True, slots=True)
class EditorCommand:
    """What to start, and whether it needs the terminal."""

    arguments: tuple[str, ...]
    needs_terminal: bool

    @property
    def name(self) -> str:
        """The program, as it was named."""
        return self.arguments[0]


def editor_command(
    path: str, line: int | None, environ: Mapping[str, str] = os.environ
) -> EditorCommand:
    """Give what opens ``path`` at ``line`` (from 1) in ``$VISUAL`` or else ``$EDITOR``.

    Their value may hold arguments. An editor that is not known is given the file alone.
    Raises :class:`NoEditorError`.
    """
    name = next((name for name in ("VISUAL", "EDITOR") if environ.get(name, "").strip()), None)
    if name is None:
        raise NoEditorError(
            "No editor is set: set VISUAL or EDITOR, for example with 'export VISUAL=vim', and"
            " start policy-console again."
        )
    try:
        words = shlex.split(environ[name])
    except ValueError as problem:
        raise NoEditorError(f"{name} cannot be read ({problem}): mend its quotes.") from None
    if not words or not words[0]:
        raise NoEditorError(f"{name} names no program: set it to your editor, such as vim.")
    program = PurePath(words[0]).name.lower().removesuffix(".exe")
    return EditorCommand((*words, *_place(program, path, line)), program not in _GRAPHICAL)


def _place(program: str, path: str, line: int | None) -> tuple[str, ...]:
    if line is None:
        return (path,)
    if program in _PLUS:
        return (f"+{line}", path)
    if program in _COLON:
        return (f"{path}:{line}",)
    if program in _GOTO:
        return ("--goto", f"{path}:{line}")
    if program in _LINE:
        return ("--line", str(line), path)
    return (path,)
