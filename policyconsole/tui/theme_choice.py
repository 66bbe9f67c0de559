"""The theme that somebody chose, kept from one start to the next in a file of its own."""

import os
import tempfile
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from policyconsole.tui.themes import DARK
from policyconsole.wording import quoted

FILE_NAME = "theme"
"""The file in the state folder; one line, the name of the theme."""

_LONGEST = 200


class ThemeChoice:
    """Reads and writes the choice; with None for a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / FILE_NAME if folder is not None else None

    def first(
        self, available: Collection[str], environ: Mapping[str, str] = os.environ
    ) -> tuple[str, str | None]:
        """Give the theme to begin with, and what is wrong with the one that was wanted.

        That is the one of ``TEXTUAL_THEME``, else the one that was chosen last, else the app's own.
        """
        chosen, problem = self.read()
        wanted = environ.get("TEXTUAL_THEME") or chosen
        if wanted is None or wanted in available:
            return wanted or DARK.name, problem
        return DARK.name, f"There is no theme {quoted(wanted)}: {DARK.name} stands in."

    def read(self) -> tuple[str | None, str | None]:
        """Give the name of the theme, None where none was chosen, and what is wrong if it cannot be read."""
        if self._path is None:
            return None, None
        try:
            with self._path.open(encoding="utf-8") as file:
                name = file.read(_LONGEST).strip()
        except FileNotFoundError:
            return None, None
        except (OSError, UnicodeDecodeError) as problem:
            return None, f"the theme cannot be read from {self._path}: {problem}"
        return name or None, None

    def keep(self, name: str) -> str | None:
        """Write the choice, whole or not at all; gives what is wrong where it cannot be written."""
        if self._path is None or self.read() == (name, None):
            return None
        temporary: str | None = None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(prefix=".theme-", dir=self._path.parent)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(name + "\n")
            os.replace(temporary, self._path)
        except OSError as problem:
            if temporary is not None:
                with suppress(OSError):
                    os.unlink(temporary)
            return f"the theme is not kept: {self._path}: {problem.strerror or problem}"
        return None
