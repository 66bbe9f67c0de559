"""Configuration: every setting, with its default."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr

from policyconsole.configuration.mistakes import ConfigurationError, Mistake
from policyconsole.configuration.rules import catalogue_with, unknown_codes
from policyconsole.configuration.tables import HistorySettings, RolloutSettings, Table, key_of
from policyconsole.diagnostics import Severity
from policyconsole.paths import relative_path
from policyconsole.validation.baseline import Baseline
from policyconsole.validation.catalogue import Catalogue
from policyconsole.validation.choice import Choice, FailOn, Selector, Weight
from policyconsole.validation.expressions import ExpressionRule
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.ruleset import Ruleset
from policyconsole.validation.selectors import ALL
from policyconsole.watching.choice import FileChoice
from policyconsole.watching.folder import CONFIGURATION_NAMES

Name: TypeAlias = Annotated[str, Field(pattern=r"\S")]
"""Text that is not blank."""

Keys: TypeAlias = Annotated[
    tuple[str, ...], BeforeValidator(lambda given: (given,) if isinstance(given, str) else given)
]
"""The keys of an action: one as text, or a list."""

Watcher: TypeAlias = Literal["auto", "inotify", "watchfiles", "poll"]
"""The values of ``WatcherKind``, written out: importing it brings asyncio, and ``check`` needs none."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a configuration was looked for, and where it was found.

    ``folder`` is the one that it is for, ``file`` the file that was asked for, None where
    the nearest counts; ``options`` are those of the command line. ``found`` is the file in
    force, None where there is none. All paths are absolute.
    """

    folder: str
    file: str | None = None
    options: Mapping[str, object] = dataclass_field(default_factory=dict)
    found: str | None = None


class Configuration(BaseModel):
    """What policy-console is told to do; unchangeable.

    A key of ``policy-console.toml`` is a field's name with ``-`` for ``_``, a variable its
    name in capitals after ``POLICY_CONSOLE_``. One that :func:`load_configuration` has
    made knows its ``origin`` and can be loaded again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: ValidationLevel = ValidationLevel.STANDARD
    environment: Name | None = None
    select: tuple[Selector, ...] = (ALL,)
    ignore: tuple[Selector, ...] = ()
    per_file_ignores: dict[Name, tuple[Selector, ...]] = Field(default_factory=dict)
    severity: dict[Selector, Weight] = Field(default_factory=dict)
    block_on: Severity = Severity.LOW
    fail_on: FailOn = FailOn.REFUSED
    baseline: Name | None = None
    include: tuple[Name, ...] = ()
    exclude: tuple[Name, ...] = ()
    watcher: Watcher = "auto"
    rules: tuple[ExpressionRule, ...] = ()
    transaction: Literal["file", "folder"] = "file"
    state_dir: Name | None = None
    history: HistorySettings = HistorySettings()
    rollout: RolloutSettings = RolloutSettings()
    keys: dict[Name, Keys] = Field(default_factory=dict)

    _origin: Origin | None = PrivateAttr(default=None)
    _known: Baseline | None = PrivateAttr(default=None)

    @property
    def origin(self) -> Origin | None:
        """Where it comes from; None for one that was made by hand."""
        return self._origin

    @property
    def known(self) -> Baseline | None:
        """The findings of the baseline, as they were when the configuration was loaded."""
        return self._known

    @property
    def choice(self) -> Choice:
        """The part that says which rules run and what they weigh."""
        return Choice(
            select=self.select,
            ignore=self.ignore,
            per_file_ignores=self.per_file_ignores,
            severity=self.severity,
            block_on=self.block_on,
        )

    @cached_property
    def catalogue(self) -> Catalogue:
        """The rules there are: those of policy-console and :attr:`rules`.

        Raises :class:`ConfigurationError` where one of them does not compile; the
        configurations that were loaded have them compiled.
        """
        catalogue, mistakes = catalogue_with(self.rules)
        mistakes += unknown_codes(self.choice, catalogue)
        if mistakes:
            raise ConfigurationError(
                tuple(Mistake("configuration", wrong.diagnostic) for wrong in mistakes)
            )
        return catalogue

    def ruleset(self, folder: str | None = None) -> Ruleset:
        """Give what the policies in ``folder`` are to be judged by; raises like :attr:`catalogue`.

        The folder is the one that the configuration was loaded for, or the current one, if None.
        For a configuration that was made by hand, the baseline is read here. Raises
        :class:`~policyconsole.validation.baseline.BaselineError`.
        """
        known = self._known
        if known is None and self.baseline is not None:
            known = Baseline.read(self.baseline)
        return Ruleset(
            self.level,
            self.environment,
            self.catalogue,
            self.choice,
            folder=self.base(folder),
            baseline=known,
        )

    def loaded(
        self, origin: Origin, known: Baseline | None, catalogue: Catalogue
    ) -> "Configuration":
        """Give a copy that comes from ``origin``, with the findings of its baseline and its rules."""
        copy = self.model_copy()
        copy._origin, copy._known = origin, known  # noqa: SLF001 - its own, made here
        vars(copy)["catalogue"] = catalogue  # the cached property, which takes no part in equality
        return copy

    def files(self, folder: str | None = None) -> FileChoice:
        """The part that says which files in ``folder`` count; the folder is as for :meth:`ruleset`."""
        base, inside = map(os.path.realpath, (self.base(folder), self._folder(folder)))
        way = os.path.relpath(inside, base).replace(os.sep, "/")
        prefix = "" if way == os.curdir else f"{way}/"
        return FileChoice(self.include, self.exclude, prefix, self._below(inside))

    def _below(self, folder: str) -> str | None:
        """Give the path of the file in force below ``folder``; None where it lies elsewhere.

        Also None where nobody would take it for a policy, by its name.
        """
        if self._origin is None or self._origin.found is None:
            return None
        below = relative_path(self._origin.found, folder)
        ours = below.rpartition("/")[2] in CONFIGURATION_NAMES
        return None if ours or below.startswith("../") else below

    def base(self, folder: str | None = None) -> str:
        """Where patterns count from: the folder of the file in force, if ``folder`` is in it.

        Links of folders are followed to tell that, and left in what is given: where they lead
        may change while an engine runs. The folder is as for :meth:`ruleset`.
        """
        inside = self._folder(folder)
        if self._origin is None or self._origin.found is None:
            return inside
        base = os.path.dirname(self._origin.found)
        real, below = (os.path.join(os.path.realpath(path), "") for path in (base, inside))
        return base if below.startswith(real) else inside

    def _folder(self, folder: str | None) -> str:
        if folder is None:
            folder = self._origin.folder if self._origin else os.curdir
        return os.path.abspath(folder)

    @property
    def has_patterns(self) -> bool:
        """Whether it says something of some files only."""
        return bool(self.per_file_ignores or self.include or self.exclude)

    def plain(self) -> dict[str, object]:
        """Give every setting by its key as JSON has it."""
        return {
            key_of(name): value
            for name, value in self.model_dump(mode="json", by_alias=True).items()
        }


KEYS: Mapping[str, str] = {key_of(name): name for name in Configuration.model_fields}
"""The field of each key."""

TABLES: Mapping[str, tuple[str, ...]] = {
    name: tuple(map(key_of, kind.model_fields))
    for name, field in Configuration.model_fields.items()
    if isinstance(kind := field.annotation, type) and issubclass(kind, Table)
}
"""The keys of each table of settings."""
