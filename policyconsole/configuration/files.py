"""Which file configures a folder, and what it says: the nearest, or the one that was asked for."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from policyconsole.configuration.mistakes import ConfigurationError, Mistake, mistake
from policyconsole.configuration.model import KEYS, TABLES
from policyconsole.configuration.tables import by_name, key_of
from policyconsole.diagnostics import Diagnostic
from policyconsole.fields import FieldPath, format_field
from policyconsole.loading.content import to_text
from policyconsole.loading.decode_error import DecodeError
from policyconsole.loading.formats import Format, decode
from policyconsole.loading.spans import place
from policyconsole.reading import UnreadableError, opened, read_open

FILE_NAME = "policy-console.toml"
"""The file of its own."""

PYPROJECT = "pyproject.toml"
"""The file that it may share with other programs, under ``[tool.policy-console]``."""

TABLE: FieldPath = ("tool", "policy-console")
"""Where the settings are in :data:`PYPROJECT`."""

Reader: TypeAlias = Callable[[str], bytes | None]
"""Gives a file's content, None where there is no file; raises :class:`UnreadableError`."""


@dataclass(frozen=True, slots=True)
class ConfigurationFile:
    """One file's settings: ``data`` by the names of fields, ``table`` the way to them.

    ``spelling`` has the key in the file for each of its settings, those of a table after
    its name and a dot.
    """

    path: str
    text: str
    table: FieldPath
    data: Mapping[str, object]
    spelling: Mapping[str, str] = field(default_factory=dict)

    def mistakes(self, found: list[tuple[FieldPath, Diagnostic]]) -> list[Mistake]:
        """Give diagnostics about settings their places in the file."""
        named = [replace(item, field=self._field(path)) for path, item in found]
        return [
            Mistake(self.path, item, self.text) for item in place(named, self.text, Format.TOML)
        ]

    def _field(self, path: FieldPath) -> str:
        head, *rest = path
        if rest:
            rest[0] = self.spelling.get(f"{head}.{rest[0]}", rest[0])
        return format_field((*self.table, self.spelling.get(str(head), head), *rest))


def read_now(path: str) -> bytes | None:
    """Read a file as it is on disk at this moment; see :data:`Reader`."""
    try:
        with opened(path) as descriptor:
            return read_open(descriptor)
    except FileNotFoundError:
        if os.path.islink(path):
            raise UnreadableError(mistake("CONF001", "the link points at nothing")) from None
        return None


def candidates(folder: str) -> tuple[str, ...]:
    """Give the paths of files that may configure a folder, the one that counts first."""
    paths: list[str] = []
    while True:
        paths += (os.path.join(folder, FILE_NAME), os.path.join(folder, PYPROJECT))
        above = os.path.dirname(folder)
        if above == folder:
            return tuple(paths)
        folder = above


def nearest(folder: str, read: Reader = read_now) -> ConfigurationFile | None:
    """Read the file that configures a folder; raises :class:`ConfigurationError`."""
    for path in candidates(folder):
        try:
            found = _read(path, read)
        except ConfigurationError:
            if os.path.isdir(folder) and not os.access(folder, os.X_OK):
                raise _closed(folder) from None
            raise
        if found is not None:
            return found
    return None


def asked_for(path: str, read: Reader = read_now) -> ConfigurationFile:
    """Read a file that was named; raises :class:`ConfigurationError`."""
    found = _read(path, read)
    if found is not None:
        return found
    if read(path) is None:
        raise _error(path, "the file does not exist", "check the path of the configuration")
    raise _error(
        path, "the file has no [tool.policy-console]", "add the table, or name another file"
    )


def _read(path: str, read: Reader) -> ConfigurationFile | None:
    shared = os.path.basename(path) == PYPROJECT
    try:
        content = read(path)
    except UnreadableError as problem:
        raise _broken(path, problem.diagnostic, None) from None
    if content is None or (shared and b"policy-console" not in content):
        return None  # a file of other programs is theirs, whatever is wrong with it
    text: str | None = None
    try:
        text = to_text(content)
        data = _decoded(text)
    except DecodeError as problem:
        raise _broken(path, problem.diagnostic, text) from None
    if not shared:
        return _file(path, text, (), data)
    return _table_of(path, text, data)


def _decoded(text: str) -> Mapping[str, object]:
    try:
        return decode(text, Format.TOML)
    except DecodeError as problem:
        if problem.diagnostic.code == "FILE004":  # empty, or nothing but comments: every default
            return {}
        raise


def _table_of(path: str, text: str, data: Mapping[str, object]) -> ConfigurationFile | None:
    tools = data.get("tool")
    table = tools.get("policy-console") if isinstance(tools, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        wrong = mistake("CONF003", "expected a table", field=format_field(TABLE))
        (placed,) = place([wrong], text, Format.TOML)
        raise ConfigurationError((Mistake(path, placed, text),))
    return _file(path, text, TABLE, table)


def _file(path: str, text: str, table: FieldPath, data: Mapping[str, object]) -> ConfigurationFile:
    """Take the settings by their fields' names, whether they are spelt with - or with _."""
    named: dict[str, object] = {}
    spelling: dict[str, str] = {}
    twice: list[tuple[FieldPath, Diagnostic]] = []
    for key, value in data.items():
        name = KEYS.get(key_of(key), key)
        if name in named:
            text_of = f"{key} is the same setting as {spelling.get(name, name)}"
            twice.append(((key,), mistake("CONF002", text_of, help="keep one of the two")))
            continue
        named[name], spelling[name] = value, key
        if name in TABLES and isinstance(value, dict):
            inside = by_name(value)
            named[name] = {field: value[spelt] for field, spelt in inside.items()}
            spelling |= {f"{name}.{field}": spelt for field, spelt in inside.items()}
    if twice:
        raise ConfigurationError(tuple(ConfigurationFile(path, text, table, {}).mistakes(twice)))
    return ConfigurationFile(path, text, table, named, spelling)


def _closed(folder: str) -> ConfigurationError:
    message = f"nobody can say whether {FILE_NAME} is in this folder: it may not be entered"
    advice = (
        "give the user that runs policy-console the permissions r and x on it, or name a --config"
    )
    return _error(folder, message, advice)


def _error(path: str, message: str, advice: str) -> ConfigurationError:
    return ConfigurationError((Mistake(path, mistake("CONF001", message, help=advice)),))


def _broken(path: str, diagnostic: Diagnostic, text: str | None) -> ConfigurationError:
    """Say of the whole file what reading or decoding it has said."""
    return ConfigurationError((Mistake(path, replace(diagnostic, code="CONF001"), text),))
