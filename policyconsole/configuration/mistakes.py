"""What is wrong with a configuration, and where: in a file, a variable or an option."""

import os
from dataclasses import dataclass

from policyconsole.diagnostics import Diagnostic, Severity, error
from policyconsole.escaping import printable


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong.

    ``where`` is the path of a file, or the name of a variable (``POLICY_CONSOLE_LEVEL``)
    or an option (``--level``). ``source`` is the text that the diagnostic's place counts in.
    """

    where: str
    diagnostic: Diagnostic
    source: str | None = None

    @property
    def line(self) -> str:
        """The mistake in a line, safe to show: where, code and what."""
        place = self.diagnostic.place
        where = f"{self.shown}:{place.line}:{place.column}" if place else self.shown
        return printable(f"{where}: {self.diagnostic.code}: {self.diagnostic.message}")

    @property
    def shown(self) -> str:
        """:attr:`where` as people write it: a file in the current folder or below it by its short path."""
        try:
            return self.where.removeprefix(os.path.join(os.getcwd(), ""))
        except OSError:  # the current folder is gone
            return self.where


class ConfigurationError(Exception):
    """A configuration cannot be used; ``mistakes`` say why, at least one."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__(mistakes)
        self.mistakes = mistakes

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything that is wrong, in order."""
        return tuple(mistake.diagnostic for mistake in self.mistakes)

    def path_from(self, folder: str | os.PathLike[str]) -> str | None:
        """Give the path of the file with the first mistake from ``folder``; None for no file."""
        where = self.mistakes[0].where
        return os.path.relpath(where, folder).replace(os.sep, "/") if os.path.isabs(where) else None

    def __str__(self) -> str:
        """Give the first mistake, and how many there are more."""
        more = len(self.mistakes) - 1
        return self.mistakes[0].line + (f" (and {more} more)" if more else "")


def mistake(
    code: str,
    message: str,
    *,
    field: str | None = None,
    help: str | None = None,  # noqa: A002 - the word of the contracts
) -> Diagnostic:
    """Make a diagnostic about the configuration."""
    severity = Severity.CRITICAL if code == "CONF001" else Severity.HIGH
    return error(code, severity, message, field=field, help=help)
