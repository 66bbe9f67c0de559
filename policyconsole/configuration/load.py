"""load_configuration: from files, variables and options to a Configuration, or to mistakes."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pydantic import ValidationError

from policyconsole.configuration.files import (
    ConfigurationFile,
    Reader,
    asked_for,
    nearest,
    read_now,
)
from policyconsole.configuration.findings import findings
from policyconsole.configuration.inside import place_inside
from policyconsole.configuration.keymap import key_mistakes
from policyconsole.configuration.mistakes import ConfigurationError, Mistake, mistake
from policyconsole.configuration.model import Configuration, Origin
from policyconsole.configuration.rules import RuleMistake, catalogue_with, unknown_codes
from policyconsole.configuration.tables import key_of
from policyconsole.configuration.variables import (
    FILE_VARIABLE,
    unknown_variables,
    values,
    variable_of,
)
from policyconsole.diagnostics import Diagnostic
from policyconsole.fields import FieldPath, format_field
from policyconsole.reading import UnreadableError
from policyconsole.validation.baseline import Baseline, BaselineError


def load_configuration(
    folder: str | os.PathLike[str] = os.curdir,
    *,
    file: str | os.PathLike[str] | None = None,
    options: Mapping[str, object] | None = None,
) -> Configuration:
    """Give the configuration for a folder.

    It comes from the nearest ``policy-console.toml`` or pyproject.toml with
    ``[tool.policy-console]``, in the folder or above it, or from ``file``; then from
    ``POLICY_CONSOLE_*`` in the environment; then from ``options``, by the names of the
    fields: the later wins. Raises :class:`ConfigurationError`.
    """
    asked = file if file is not None else os.environ.get(FILE_VARIABLE) or None
    origin = Origin(
        folder=os.path.abspath(folder),
        file=None if asked is None else os.path.abspath(asked),
        options=dict(options or {}),
    )
    return load(origin)


def load(origin: Origin, read: Reader = read_now) -> Configuration:
    """Load the configuration of an origin (again), from the files that ``read`` gives.

    Raises :class:`ConfigurationError`.
    """
    if origin.file is not None:
        file: ConfigurationFile | None = asked_for(origin.file, read)
    else:
        file = nearest(origin.folder, read)
    sources = _Sources(origin.options, values(), file)
    mistakes = list(unknown_variables(sources.variables))
    try:
        configuration = sources.combined()
    except ValidationError as problem:
        mistakes += sources.attributed(findings(problem))
    else:
        catalogue, found = catalogue_with(configuration.rules)
        codes = {*catalogue, *(spec.code for spec in configuration.rules)}
        found += unknown_codes(configuration.choice, codes)
        mistakes += _in_rules(found, sources)
        mistakes += sources.attributed(key_mistakes(configuration.keys))
        configuration = sources.with_paths(configuration)
        known: Baseline | None = None
        try:
            known = _baseline(configuration.baseline, read)
        except BaselineError as problem:
            advice = "correct the path, or write it with check --write-baseline"
            wrong = mistake("CONF006", str(problem), help=advice)
            mistakes += sources.attributed([(("baseline",), wrong)])
        if not mistakes:
            origin = replace(origin, found=file.path if file else None)
            return configuration.loaded(origin, known, catalogue)
    raise ConfigurationError(tuple(sorted(mistakes, key=_position)))


@dataclass(frozen=True, slots=True)
class _Sources:
    """What each source says, by the names of fields; the strongest first."""

    options: Mapping[str, object]
    variables: Mapping[str, object]
    file: ConfigurationFile | None

    def combined(self) -> Configuration:
        """Put them together; raises ``pydantic.ValidationError``."""
        if self.file is None and not self.variables:
            return Configuration.model_validate(self.options)
        from policyconsole.configuration.sources import combined  # noqa: PLC0415 - takes 20 ms

        return combined(self.options, self.file.data if self.file else {})

    def with_paths(self, configuration: Configuration) -> Configuration:
        """Give the paths of settings from the root: what a file names is relative to the file."""
        paths: dict[str, str] = {}
        for name in ("baseline", "state_dir"):
            path = getattr(configuration, name)
            if path is not None:
                stronger = name in self.options or name in self.variables
                folder = os.path.dirname(self.file.path) if self.file and not stronger else ""
                paths[name] = os.path.abspath(os.path.join(folder, os.path.expanduser(path)))
        return configuration.model_copy(update=paths) if paths else configuration

    def attributed(self, found: Iterable[tuple[FieldPath, Diagnostic]]) -> Iterator[Mistake]:
        """Say of each finding where the value is from: the strongest source that has it."""
        in_file: list[tuple[FieldPath, Diagnostic]] = []
        for path, item in found:
            name = str(path[0])
            named = replace(item, field=format_field((key_of(name), *path[1:])))
            if _holds(self.options, path):
                yield Mistake(f"--{key_of(name)}", named)
            elif _holds(self.variables, path):
                yield Mistake(variable_of(name), named)
            else:
                in_file.append((path, item))
        if self.file is not None:
            yield from self.file.mistakes(in_file)


def _holds(data: Mapping[str, object], path: FieldPath) -> bool:
    """Whether a source has the value at ``path``; of a list that it has, it has every item."""
    value: object = data
    for step in path:
        if not isinstance(value, Mapping):
            return True
        if step not in value:
            return False
        value = value[step]
    return True


def _in_rules(found: Iterable[RuleMistake], sources: _Sources) -> Iterator[Mistake]:
    """Say where the mistakes are in the rules that are chosen and those of the configuration's own."""
    for wrong in found:
        for where in sources.attributed([(wrong.path, wrong.diagnostic)]):
            place, text = where.diagnostic.place, where.source
            if wrong.inside is None or place is None or text is None:
                yield where
            else:
                inner = place_inside(text, place, *wrong.inside)
                yield replace(where, diagnostic=replace(where.diagnostic, place=inner))


def _baseline(path: str | None, read: Reader) -> Baseline | None:
    """Read a baseline; raises :class:`BaselineError`."""
    if path is None:
        return None
    try:
        content = read(path)
    except UnreadableError as problem:
        raise BaselineError(f"the baseline {path} {problem}") from None
    if content is None:
        raise BaselineError(f"the baseline {path} does not exist")
    return Baseline.parse(content, path)


def _position(mistake: Mistake) -> tuple[int, int]:
    place = mistake.diagnostic.place
    return (place.line, place.column) if place else (0, 0)
