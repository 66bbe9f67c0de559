"""What is on disk: the policy files of a folder and their fingerprints."""

import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from policyconsole.watching.choice import FileChoice

POLICY_SUFFIXES = frozenset({".toml", ".yaml", ".yml", ".json"})
"""The endings that make a file a policy."""

CONFIGURATION_NAMES = frozenset({"policy-console.toml", "pyproject.toml"})
"""Files that configure policy-console itself and are never taken for a policy."""

PASSED_OVER_FOLDERS = frozenset({"node_modules", "__pycache__"})
"""Folders that are not looked into, besides those whose name starts with a dot."""

SLICE = 0.002
"""Seconds of scanning before others get their turn (architecture, decision 1)."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells, without reading, that a file may have changed; times in nanoseconds."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    mode: int

    @property
    def changed_at(self) -> float:
        """The later of mtime and ctime, in seconds since the epoch."""
        return max(self.mtime_ns, self.ctime_ns) / 1e9


def fingerprint(status: os.stat_result) -> Fingerprint:
    """Take the fingerprint from a stat result."""
    return Fingerprint(
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_mode,
    )


@dataclass(slots=True)
class FolderScan:
    """The policy files below a folder, by path relative to it (``/`` between the parts).

    ``folders`` holds every folder that was looked into (the root is the empty text)
    with its inode, ``unlisted`` those that are there but could not be listed, with the
    reason. A file that cannot be looked at has no fingerprint.
    """

    files: dict[str, Fingerprint | None] = field(default_factory=dict)
    folders: dict[str, int] = field(default_factory=dict)
    unlisted: dict[str, str] = field(default_factory=dict)

    def may_hold(self, path: str) -> bool:
        """Whether ``path`` lies below a folder that could not be listed."""
        return any(path.startswith(f"{folder}/") for folder in self.unlisted)


class RootLostError(Exception):
    """The folder itself is missing or cannot be listed; the message says which and why."""


def is_policy_name(name: str) -> bool:
    """Whether a file of this name counts as a policy.

    Hidden files and what editors leave behind (``.x.toml.swp``, ``x.toml~``,
    ``#x.toml#``, ``.#x.toml``, ``~x.toml``, ``4913``) do not.
    """
    if name.startswith((".", "~", "#")) or name in CONFIGURATION_NAMES:
        return False
    stem, suffix = os.path.splitext(name)
    return suffix.lower() in POLICY_SUFFIXES and not stem.endswith("~")


def is_passed_over(folder_name: str) -> bool:
    """Whether a folder of this name is not looked into."""
    return folder_name.startswith(".") or folder_name in PASSED_OVER_FOLDERS


def find_policy_files(root: str | os.PathLike[str], choice: FileChoice | None = None) -> FolderScan:
    """Scan a folder to its end for the files of ``choice``; raises :class:`RootLostError`."""
    scan = FolderScan()
    for _ in scan_in_slices(root, scan, choice=choice):
        pass
    return scan


def scan_in_slices(
    root: str | os.PathLike[str],
    scan: FolderScan,
    before_listing: Callable[[str, int], None] = lambda _folder, _inode: None,
    choice: FileChoice | None = None,
) -> Iterator[None]:
    """Fill ``scan`` with the files of ``choice`` (all if None), pausing every 2 ms.

    ``before_listing`` is called with each folder and its inode before its content is
    read, so that a watch on it misses nothing. Links to files are followed, links to
    folders are not. Raises :class:`RootLostError`.
    """
    top = os.fspath(root)
    waiting = [""]
    end = time.perf_counter() + SLICE
    while waiting:
        folder = waiting.pop()
        full = os.path.join(top, folder) if folder else top
        try:
            # Not the number in the listing: of a mount that is the folder underneath.
            inode = os.stat(full).st_ino
            before_listing(folder, inode)
            with os.scandir(full) as entries:
                for entry in entries:
                    _take_in(entry, folder, scan, waiting, choice)
                    if time.perf_counter() > end:
                        yield
                        end = time.perf_counter() + SLICE
        except (FileNotFoundError, NotADirectoryError) as problem:
            if not folder:
                raise RootLostError(_lost(top, problem)) from problem
            continue
        except OSError as problem:
            if not folder:
                raise RootLostError(_lost(top, problem)) from problem
            scan.unlisted[folder] = problem.strerror or str(problem)
            continue
        scan.folders[folder] = inode


def _take_in(
    entry: os.DirEntry[str],
    folder: str,
    scan: FolderScan,
    waiting: list[str],
    choice: FileChoice | None,
) -> None:
    path = f"{folder}/{entry.name}" if folder else entry.name
    inside = entry.is_dir(follow_symlinks=False) and not is_passed_over(entry.name)
    if inside and (choice is None or choice.enters(path)):
        waiting.append(path)
    if not is_policy_name(entry.name) or (choice is not None and not choice.takes(path)):
        return
    try:
        status = entry.stat()
    except FileNotFoundError:
        if entry.is_symlink():
            scan.files[path] = None
    except OSError:  # links in a circle, through a file, or to where nobody may look
        scan.files[path] = None
    else:
        if not (entry.is_symlink() and stat.S_ISDIR(status.st_mode)):
            scan.files[path] = fingerprint(status)


def is_reached(root: str, path: str) -> bool:
    """Whether a scan would come to a path: by real folders only, none of them passed over."""
    parts = path.split("/")[:-1]
    return not any(
        is_passed_over(part) or os.path.islink(os.path.join(root, *parts[: depth + 1]))
        for depth, part in enumerate(parts)
    )


def _lost(root: str, problem: OSError) -> str:
    if isinstance(problem, FileNotFoundError):
        return f"the folder {root} is missing"
    if isinstance(problem, NotADirectoryError):
        return f"{root} is not a folder"
    return f"the folder {root} cannot be listed: {problem.strerror or problem}"
