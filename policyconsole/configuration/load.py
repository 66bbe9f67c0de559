"""load_configuration: from files, variables and options to a Configuration, or to mistakes."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace

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
from policyconsole.configuration.mistakes import ConfigurationError, Mistake, mistake
from policyconsole.configuration.model import Configuration, Origin, key_of
from policyconsole.configuration.rules import catalogue_with, unknown_codes
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
    origin = replace(origin, found=file.path if file else None)
    said = values()
    mistakes = list(unknown_variables(said))
    configuration: Configuration | None = None
    try:
        configuration = _combined(origin.options, said, file)
    except ValidationError as problem:
        mistakes += _attributed(findings(problem), origin.options, said, file)
    if configuration is not None:
        mistakes += _mistakes_in_rules(configuration, origin.options, said, file)
        configuration = _at_its_place(configuration, origin.options, said, file)
        known: Baseline | None = None
        try:
            known = _baseline(configuration.baseline, read)
        except BaselineError as problem:
            advice = "correct the path, or write it with check --write-baseline"
            wrong = mistake("CONF006", str(problem), help=advice)
            mistakes += _attributed([(("baseline",), wrong)], origin.options, said, file)
        if not mistakes:
            return configuration.loaded(origin, known)
    raise ConfigurationError(tuple(sorted(mistakes, key=_position)))


def _position(mistake: Mistake) -> tuple[int, int]:
    place = mistake.diagnostic.place
    return (place.line, place.column) if place else (0, 0)


def _at_its_place(
    configuration: Configuration,
    options: Mapping[str, object],
    said: Mapping[str, object],
    file: ConfigurationFile | None,
) -> Configuration:
    """Give the path of the baseline from the root: a file's paths are relative to the file."""
    if configuration.baseline is None:
        return configuration
    in_file = file is not None and "baseline" not in options and "baseline" not in said
    folder = os.path.dirname(file.path) if file is not None and in_file else os.getcwd()
    path = os.path.normpath(os.path.join(folder, configuration.baseline))
    return configuration.model_copy(update={"baseline": path})


def _baseline(path: str | None, read: Reader) -> Baseline | None:
    if path is None:
        return None
    try:
        content = read(path)
    except UnreadableError as problem:
        raise BaselineError(f"the baseline {path} {problem}") from None
    if content is None:
        raise BaselineError(f"the baseline {path} does not exist")
    return Baseline.parse(content, path)


def _combined(
    options: Mapping[str, object], said: Mapping[str, object], file: ConfigurationFile | None
) -> Configuration:
    if file is None and not said:
        return Configuration.model_validate(options)
    from policyconsole.configuration.sources import combined  # noqa: PLC0415 - takes 20 ms

    return combined(options, file.data if file else {})


def _mistakes_in_rules(
    configuration: Configuration,
    options: Mapping[str, object],
    said: Mapping[str, object],
    file: ConfigurationFile | None,
) -> list[Mistake]:
    """Say what is wrong with the rules that are chosen and those of the configuration's own."""
    catalogue, found = catalogue_with(configuration.rules)
    codes = {*catalogue, *(spec.code for spec in configuration.rules)}
    found += unknown_codes(configuration.choice, codes)
    mistakes: list[Mistake] = []
    for wrong in found:
        (where,) = _attributed([(wrong.path, wrong.diagnostic)], options, said, file)
        place, text = where.diagnostic.place, where.source
        if wrong.inside is not None and place is not None and text is not None:
            inner = place_inside(text, place, *wrong.inside)
            where = replace(where, diagnostic=replace(where.diagnostic, place=inner))
        mistakes.append(where)
    return mistakes


def _attributed(
    found: Iterable[tuple[FieldPath, Diagnostic]],
    options: Mapping[str, object],
    said: Mapping[str, object],
    file: ConfigurationFile | None,
) -> list[Mistake]:
    """Say of each finding where the value is from: the strongest source that has it."""
    mistakes: list[Mistake] = []
    in_file: list[tuple[FieldPath, Diagnostic]] = []
    for path, item in found:
        name = str(path[0])
        named = replace(item, field=format_field((key_of(name), *path[1:])))
        if _holds(options, path):
            mistakes.append(Mistake(f"--{key_of(name)}", named))
        elif _holds(said, path):
            mistakes.append(Mistake(variable_of(name), named))
        else:
            in_file.append((path, item))
    if file is not None:
        mistakes += file.mistakes(in_file)
    return mistakes


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
