"""ConfigurationWatcher: a configuration that changes while somebody works by it.

Its files may lie anywhere above the watched folder, among much that changes all the time
and concerns nobody here. So they are looked at twice a second, one ``lstat`` each, and read
as policies are: only once their writer is done.
"""

import asyncio
import logging
import os
import stat
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import Enum, auto

from policyconsole.configuration.files import candidates, read_now
from policyconsole.configuration.load import load
from policyconsole.configuration.mistakes import ConfigurationError, Mistake
from policyconsole.configuration.model import Configuration, Origin
from policyconsole.diagnostics import Diagnostic, own_failure
from policyconsole.reading import UnreadableError
from policyconsole.watching.folder import Fingerprint, FolderScan, fingerprint
from policyconsole.watching.tracker import FileTracker, Presence

_LOG = logging.getLogger(__name__)

LOOK_EVERY = 0.5
"""Seconds between two looks at the files: each costs some 30 µs, and to wake for it ten times
that, 0.06 % of a core in all; with 0.33 % for the look at the whole folder it stays below 0.5 %."""


@dataclass(frozen=True, slots=True)
class News:
    """What the files say now: a configuration, or what is wrong with it."""

    configuration: Configuration | None
    error: ConfigurationError | None = None


class ConfigurationWatcher:
    """Watches everything that a configuration's origin may be loaded from.

    ``read_all`` reads every file at every look, where times tell nothing (polling).
    """

    def __init__(self, configuration: Configuration, origin: Origin, *, read_all: bool) -> None:
        self._origin = origin
        self._files = SettledFiles(read_all=read_all)
        asked = candidates(origin.folder) if origin.file is None else (origin.file,)
        for path in (*asked, *filter(None, [configuration.baseline])):
            self._files.add(path)

    async def news(self) -> AsyncGenerator[News]:
        """Give what the files say each time that one of them has changed, until closed."""
        while True:
            if self._files.look():
                news = await self._load()
                if not (self._files.provisional and (news.error or self._files.empty)):
                    yield news
            await asyncio.sleep(LOOK_EVERY)

    async def _load(self) -> News:
        contents, watched = dict(self._files.contents), set(self._files.paths)
        others: list[str] = []

        def read(path: str) -> bytes | None:
            if path not in watched:
                others.append(path)
                return read_now(path)
            content = contents.get(path)
            if isinstance(content, Diagnostic):
                raise UnreadableError(content)
            return content

        try:
            # Expressions may have to be compiled: the loop has policies to look after meanwhile.
            return News(await asyncio.to_thread(load, self._origin, read))
        except ConfigurationError as problem:
            return News(None, problem)
        except Exception as problem:  # noqa: BLE001 - nothing ever ends the engine
            _LOG.debug("loading the configuration failed", exc_info=problem)
            where = self._origin.file or self._origin.folder
            return News(None, ConfigurationError((Mistake(where, own_failure(problem)),)))
        finally:
            for path in others:  # what another file names: a baseline
                self._files.add(path)


class SettledFiles:
    """Named files anywhere: what each holds once its writer is done.

    ``contents`` has, by path, the content or why it cannot be read; files that are not
    there are not in it.
    """

    def __init__(self, *, read_all: bool = False) -> None:
        self.contents: dict[str, bytes | Diagnostic] = {}
        self.provisional: set[str] = set()
        self.paths: set[str] = set()
        self._read_all = read_all
        self._trackers: dict[str, FileTracker] = {}
        self._seen: dict[str, Fingerprint | None] = {}
        self._quiet = False

    @property
    def empty(self) -> bool:
        """Whether a file that may not be finished holds nothing: a writer may just have cut it."""
        return any(not self.contents.get(path) for path in self.provisional)

    def add(self, path: str) -> None:
        """Look at this file too from now on; one that is looked at already is no mistake."""
        self.paths.add(path)
        self._trackers.setdefault(os.path.dirname(path), FileTracker(os.path.dirname(path)))

    def look(self) -> bool:
        """Look at every file; whether one of them holds something else than before."""
        seen = {path: state for path in self.paths if (state := _state(path)) is not _NOTHING_THERE}
        if self._quiet and seen == self._seen:
            return False
        self._seen, self._quiet = seen, not self._read_all
        scans = {folder: FolderScan() for folder in self._trackers}
        for path, state in seen.items():
            folder, name = os.path.split(path)
            scans[folder].files[name] = state
        changed = [folder for folder, scan in scans.items() if self._look_into(folder, scan)]
        return bool(changed)

    def _look_into(self, folder: str, scan: FolderScan) -> bool:
        tracker, changed = self._trackers[folder], False
        names = {*tracker.differing(scan, everything=self._read_all), *tracker.take_due()}
        for name in names:
            change = tracker.look_at(name, vouched=False)
            if change is None or change.presence is Presence.ABSENT:
                continue  # it may be about to come back
            path, changed = os.path.join(folder, name), True
            self.provisional.discard(path)
            if change.provisional:
                self.provisional.add(path)
            holds = change.problem if change.content is None else change.content
            if holds is None:
                self.contents.pop(path, None)
            else:
                self.contents[path] = holds
        tracker.trust_no_age()
        if names or tracker.next_due is not None:
            self._quiet = False  # what is seen now cannot be believed yet
        return changed


class _NothingThere(Enum):
    NOTHING_THERE = auto()


_NOTHING_THERE = _NothingThere.NOTHING_THERE


def _state(path: str) -> Fingerprint | _NothingThere | None:
    """Give a file's fingerprint; None for a link that leads nowhere."""
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            status = os.stat(path)
    except (OSError, ValueError):  # ValueError: a name with a NUL, which no file has
        return None if os.path.islink(path) else _NOTHING_THERE
    return fingerprint(status)
