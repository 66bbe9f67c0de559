"""ConfigurationWatcher: a configuration that changes while somebody works by it.

Its files may lie anywhere above the watched folder, among much that changes all the time
and concerns nobody here. So they are looked at four times a second, one ``stat`` each
(some 30 µs in all), and read as policies are: only once their writer is done.
"""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from policyconsole.configuration.files import candidates, read_now
from policyconsole.configuration.load import load
from policyconsole.configuration.mistakes import ConfigurationError, Mistake
from policyconsole.configuration.model import Configuration, Origin
from policyconsole.diagnostics import Diagnostic, own_failure
from policyconsole.reading import UnreadableError
from policyconsole.watching.folder import Fingerprint, FolderScan, fingerprint
from policyconsole.watching.tracker import FileTracker, Presence

_LOG = logging.getLogger(__name__)

LOOK_EVERY = 0.25
"""Seconds between two looks at the files."""

Contents: TypeAlias = Mapping[str, bytes | Diagnostic]
"""What files hold, by path: content, or why it cannot be read; files that are not there are not in it."""


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
        contents, watched = dict(self._files.contents), self._files.paths()
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
    """Named files anywhere: what each holds once its writer is done."""

    def __init__(self, *, read_all: bool = False) -> None:
        self.contents: dict[str, bytes | Diagnostic] = {}
        self.provisional: set[str] = set()
        self._read_all = read_all
        self._trackers: dict[str, FileTracker] = {}
        self._names: dict[str, set[str]] = {}

    @property
    def empty(self) -> bool:
        """Whether a file that may not be finished holds nothing: a writer may just have cut it."""
        return any(not self.contents.get(path) for path in self.provisional)

    def add(self, path: str) -> None:
        """Look at this file too from now on; one that is looked at already is no mistake."""
        folder, name = os.path.split(path)
        if folder not in self._trackers:
            self._trackers[folder], self._names[folder] = FileTracker(folder), set()
        self._names[folder].add(name)

    def paths(self) -> set[str]:
        """Give the files that are looked at."""
        return {
            os.path.join(folder, name) for folder, names in self._names.items() for name in names
        }

    def look(self) -> bool:
        """Look at every file; whether one of them holds something else than before."""
        changed = [folder for folder in self._trackers if self._look_into(folder)]
        return bool(changed)

    def _look_into(self, folder: str) -> bool:
        tracker, changed = self._trackers[folder], False
        scan = FolderScan()
        for name in self._names[folder]:
            path = os.path.join(folder, name)
            state = _state(path)
            if state is not None or os.path.islink(path):
                scan.files[name] = state
        due = set(tracker.differing(scan, everything=self._read_all)) | set(tracker.take_due())
        for name in due:
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
        return changed


def _state(path: str) -> Fingerprint | None:
    try:
        return fingerprint(os.stat(path))
    except OSError:
        return None
