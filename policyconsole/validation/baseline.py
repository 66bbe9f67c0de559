"""Baseline: the findings that were there already, so that a folder can start clean.

A JSON file that can be checked in: paths are relative to its folder, findings are
known by their fingerprints, so that lines may move.
"""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from policyconsole.diagnostics import Diagnostic
from policyconsole.escaping import printable
from policyconsole.fingerprint import fingerprints
from policyconsole.paths import relative_path
from policyconsole.validation.selectors import is_fixed

_VERSION = 1
_KEYS = ("path", "code", "fingerprint", "message")


class BaselineError(Exception):
    """A baseline cannot be used; the message says which and why, safe to show."""


@dataclass(frozen=True, slots=True, order=True)
class KnownFinding:
    """One finding of a baseline: ``path`` is relative to its folder, with ``/`` between the parts."""

    path: str
    code: str
    fingerprint: str
    message: str


@dataclass(frozen=True)
class Baseline:
    """The findings that do not count, with the folder that their paths are relative to."""

    folder: str
    findings: tuple[KnownFinding, ...] = ()

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Self:
        """Read a baseline file; raises :class:`BaselineError`."""
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError as problem:
            raise BaselineError(_cannot(path, problem.strerror or str(problem))) from problem
        return cls.parse(content, path)

    @classmethod
    def parse(cls, content: bytes, path: str | os.PathLike[str]) -> Self:
        """Make a baseline of the content of the file ``path``; raises :class:`BaselineError`."""
        try:
            data = json.loads(content)
        except (ValueError, RecursionError) as problem:
            raise BaselineError(_cannot(path, f"it is no JSON text: {problem}")) from problem
        if not isinstance(data, dict) or not isinstance(data.get("findings"), list):
            raise BaselineError(_cannot(path, 'it has no list "findings"'))
        if data.get("version") != _VERSION:
            raise BaselineError(_cannot(path, f'its "version" is not {_VERSION}'))
        findings = [_known(item) for item in data["findings"]]
        if None in findings:
            raise BaselineError(
                _cannot(path, f"entry {findings.index(None) + 1} has not the texts {_KEYS}")
            )
        return cls(_folder_of(path), tuple(sorted(filter(None, findings))))

    @classmethod
    def of(
        cls,
        path: str | os.PathLike[str],
        files: Iterable[tuple[str, str | None, Sequence[Diagnostic]]],
    ) -> Self:
        """Make the baseline for the file ``path`` of what was found: path, source and findings.

        What leaves nothing that could be put in force is never among it.
        """
        made = cls(_folder_of(path))
        known = (
            KnownFinding(made.relative(name), item.code, fingerprint, item.message)
            for name, source, found in files
            for item, fingerprint in zip(
                found, made._fingerprints(name, source, found), strict=True
            )
            if not is_fixed(item.code)
        )
        return cls(made.folder, tuple(sorted(set(known))))

    @property
    def text(self) -> str:
        """The text of the file: sorted, so that two can be compared line by line."""
        findings = [{key: getattr(item, key) for key in _KEYS} for item in self.findings]
        return json.dumps({"version": _VERSION, "findings": findings}, ensure_ascii=False, indent=2)

    def relative(self, path: str) -> str:
        """Give a path as the baseline names it."""
        return relative_path(path, self.folder)

    def known(
        self, path: str, source: str | None, diagnostics: Sequence[Diagnostic]
    ) -> tuple[KnownFinding | None, ...]:
        """Give for each finding of a file the one of the baseline that it is, None for a new one."""
        of_file = self._by_path.get(self.relative(path))
        if not of_file:
            return (None,) * len(diagnostics)
        found = self._fingerprints(path, source, diagnostics)
        return tuple(
            None if is_fixed(item.code) else of_file.get(fingerprint)
            for item, fingerprint in zip(diagnostics, found, strict=True)
        )

    def _fingerprints(
        self, path: str, source: str | None, diagnostics: Sequence[Diagnostic]
    ) -> tuple[str, ...]:
        return fingerprints(self.relative(path), source, diagnostics)

    @cached_property
    def _by_path(self) -> dict[str, dict[str, KnownFinding]]:
        found: dict[str, dict[str, KnownFinding]] = {}
        for item in self.findings:
            found.setdefault(item.path, {})[item.fingerprint] = item
        return found


def _folder_of(path: str | os.PathLike[str]) -> str:
    return os.path.dirname(os.path.abspath(path))


def _known(item: object) -> KnownFinding | None:
    if not isinstance(item, dict):
        return None
    texts = [item.get(key) for key in _KEYS]
    values = [text for text in texts if isinstance(text, str)]
    return KnownFinding(*values) if len(values) == len(_KEYS) else None


def _cannot(path: str | os.PathLike[str], why: str) -> str:
    return printable(f"the baseline {os.fspath(path)} cannot be used: {why}")
