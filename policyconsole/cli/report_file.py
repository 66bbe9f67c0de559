"""The files that ``check`` writes, a report or a baseline: as a whole, and never as a policy."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress

from policyconsole.cli.folders import holds_policy
from policyconsole.cli.streams import OutputError
from policyconsole.cli.verdicts import Configured, Found
from policyconsole.loading.atomic import replacing
from policyconsole.watching.folder import CONFIGURATION_NAMES


def taken_for_a_policy(path: str, configured: Mapping[str, Configured]) -> str | None:
    """Say that a new file at ``path`` would be one of the policies of a PATH; None if it would not."""
    if os.path.exists(path):
        return None
    for folder in filter(os.path.isdir, configured):
        if holds_policy(folder, configured[folder].files, path):
            return (
                f"{path} would be taken for a policy: put it elsewhere, or give it a name that"
                " starts with a dot"
            )
    return None


@contextmanager
def report_file(path: str, checked: Iterable[Found]) -> Iterator[Callable[[str], None]]:
    """Give what writes a line to ``path``; the file is there once the block has ended well.

    What cannot be written is said before anything is checked. A pipe or a device is
    written to as it is. Raises :class:`OutputError`, also for a file that is ``checked``
    or configures the program: the report would take its place.
    """
    if os.path.basename(path) in CONFIGURATION_NAMES:
        raise OutputError(f"{path} configures policy-console: the report would replace it")
    try:
        status = _status(path)
        if status is not None and _is_among(status, checked):
            raise OutputError(f"{path} is one of the files to check: the report would replace it")
        direct = status is not None and not stat.S_ISREG(status.st_mode)
        with open(path, "wb") if direct else replacing(path, private=False) as file:
            yield lambda line: _write(file.write, line)
    except OSError as problem:
        raise OutputError(f"cannot write {path}: {problem.strerror or problem}") from problem


def _write(write: Callable[[bytes], object], line: str) -> None:
    write(line.encode("utf-8", "backslashreplace"))
    write(b"\n")


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _is_among(status: os.stat_result, checked: Iterable[Found]) -> bool:
    for place in checked:
        for path in place.files:
            with suppress(OSError):
                if os.path.samestat(os.stat(path), status):
                    return True
    return False
