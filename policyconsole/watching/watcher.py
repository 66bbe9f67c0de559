"""PolicyWatcher: hints for speed, reconciliation for certainty (architecture, decision 1)."""

import asyncio
import logging
import os
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from policyconsole.turns import TURN
from policyconsole.watching.choice import FileChoice
from policyconsole.watching.folder import FolderScan, RootLostError, scan_in_slices
from policyconsole.watching.hints import HintSource, NoHints, WatcherKind, open_hints
from policyconsole.watching.tracker import FileChange, FileTracker
from policyconsole.wording import cause, first_of

_LOG = logging.getLogger(__name__)

RECONCILE_EVERY = 1.0
"""Seconds between two looks at the whole folder."""

RECONCILE_SHARE = 300
"""A look at the whole folder may take one part in this many of the time: 0.33 % of a core."""

POLL_EVERY = 0.25
"""Seconds between two looks at the whole folder where nothing hints."""

POLL_SHARE = 10
"""The same share when polling, which reads every file."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Everything found in one look: the changes that count together, and the watch's own state.

    ``trouble`` says why the watch has lost its footing, None while it has it.
    ``overflow`` tells of hints that were lost and made good by this look.
    """

    changes: tuple[FileChange, ...]
    trouble: str | None = None
    overflow: str | None = None


class PolicyWatcher:
    """Watches a folder and tells what changed, settled content only.

    Iterate over :meth:`sightings` once. The first sighting holds every file that was
    there; whatever is written after it has been given is noticed.
    """

    def __init__(self, root: str | os.PathLike[str], kind: WatcherKind = WatcherKind.AUTO) -> None:
        self._root = os.path.abspath(root)
        self._kind = kind.resolved()
        self._tracker = FileTracker(self._root, self._still_vouched)
        self._hints: HintSource = NoHints()
        self._pending: dict[str, bool] = {}
        self._wake = asyncio.Event()
        self._scan_now = asyncio.Event()
        self._lost: str | None = None
        self._without_hints: str | None = None
        self._overflow: str | None = None
        self._made_good: str | None = None
        self._scan_seconds = 0.0
        self._look_seconds = 0.0
        self._looks_before_seconds = 0.0
        self._everything = False
        self._choice: FileChoice | None = None

    @property
    def trouble(self) -> str | None:
        """Why the watch has lost its footing; None while it has it."""
        return self._lost or self._without_hints

    def path_hint(self, path: str, *, vouched: bool) -> None:
        """See :class:`HintSink`."""
        self._pending[path] = vouched  # the newest word counts: a writer may have begun again
        self._wake.set()

    def folder_hint(self) -> None:
        """See :class:`HintSink`."""
        self._scan_now.set()

    def hints_lost(self, message: str) -> None:
        """See :class:`HintSink`."""
        self._overflow = message
        self._scan_now.set()

    def hints_ended(self, message: str) -> None:
        """See :class:`HintSink`: polling takes over."""
        self._kind = WatcherKind.POLL
        self._without_hints = (
            f"{message}: every file is read each {POLL_EVERY * 1000:.0f} ms instead"
        )
        self._scan_now.set()

    def look_at_everything(self) -> None:
        """Read every file again at once, whatever its fingerprint says."""
        self._everything = True
        self._scan_now.set()

    def choose(self, choice: FileChoice) -> None:
        """Let only the files of ``choice`` count from now on; what counts no more is gone."""
        self._choice = None if choice.takes_all else choice
        self._tracker.choose(self._choice)
        self._scan_now.set()

    def look_again(self, path: str) -> FileChange | None:
        """Look at one file between two sightings; None where it is what was told last.

        What cannot be read is told at once. A file that is being written is as it was
        before: it is told when it is finished.
        """
        return self._tracker.look_at(path, vouched=False, patient=False)

    async def sightings(self) -> AsyncGenerator[Sighting]:
        """Give the folder's first content, then every change, until closed or cancelled."""
        self._hints = open_hints(self._kind, self._root, self)
        scanning: asyncio.Task[None] | None = None
        try:
            await self._scan()
            changes = await self._look_at_pending()
            told = self.trouble
            yield Sighting(changes, told)
            self._tracker.trust_no_age()
            scanning = asyncio.create_task(self._scan_forever(), name="reconciliation")
            while True:
                await self._something_to_do()
                if scanning.done():
                    scanning.result()
                changes = await self._look_at_pending()
                overflow, self._made_good = self._made_good, None
                if changes or overflow or self.trouble != told:
                    told = self.trouble
                    yield Sighting(changes, told, overflow)
        finally:
            if scanning is not None:
                scanning.cancel()
                await asyncio.wait([scanning])
            await self._hints.close()

    async def _something_to_do(self) -> None:
        """Wait for a hint, or until a file is due for another look."""
        timer = None
        if self._tracker.next_due is not None:
            wait = max(0.0, self._tracker.next_due - time.monotonic())
            timer = asyncio.get_running_loop().call_later(wait, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            if timer is not None:
                timer.cancel()
        self._wake.clear()
        for path in self._tracker.take_due(self._pending):
            self._pending.setdefault(path, False)

    async def _look_at_pending(self) -> tuple[FileChange, ...]:
        """Look at every path that something hinted at."""
        changes: list[FileChange] = []
        pending, self._pending = self._pending, {}
        busy, begin = 0.0, time.perf_counter()
        for path in sorted(pending):
            change = self._tracker.look_at(path, vouched=pending[path])
            if change is not None:
                changes.append(change)
            if (turn := time.perf_counter() - begin) > TURN:
                busy += turn
                await asyncio.sleep(0)
                begin = time.perf_counter()
        self._look_seconds += busy + time.perf_counter() - begin
        return tuple(changes)

    def _still_vouched(self, path: str) -> bool:
        """Whether nothing hinted at a path since its look began."""
        return self._hints.read_now() and path not in self._pending

    async def _scan_forever(self) -> None:
        """Look at the whole folder again and again; at once when somebody asks."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                timer = loop.call_later(self._scan_interval(), self._scan_now.set)
                try:
                    await self._scan_now.wait()
                finally:
                    timer.cancel()
                await self._scan()
        finally:
            self._wake.set()

    def _scan_interval(self) -> float:
        if self._kind is WatcherKind.POLL:
            # What this scan hints at is looked at after it: what the last one cost counts.
            looks = max(self._look_seconds, self._looks_before_seconds)
            return max(POLL_EVERY, POLL_SHARE * (self._scan_seconds + looks))
        return max(RECONCILE_EVERY, RECONCILE_SHARE * self._scan_seconds)

    async def _scan(self) -> None:
        """Compare what is on disk with what is known, and hint at every difference, all at once."""
        self._scan_now.clear()
        overflow, self._overflow = self._overflow, None
        before = self.trouble
        scan = FolderScan()
        busy, begin = 0.0, time.perf_counter()
        try:
            await self._hints.arm()
            for _ in scan_in_slices(self._root, scan, self._hints.watch, self._choice):
                busy += time.perf_counter() - begin
                await asyncio.sleep(0)
                begin = time.perf_counter()
        except RootLostError as lost:
            self._lost = str(lost)
            self._tracker.root_is_lost()
        except Exception as problem:  # noqa: BLE001 - the next look may do better
            self._lost = f"the folder could not be looked at: {cause(problem)}"
            _LOG.debug("a look at the folder failed", exc_info=problem)
        else:
            self._tracker.root_is_back()
            self._lost = _unlisted(scan)
            self._hints.keep(scan.folders)
            everything = self._everything or self._kind is WatcherKind.POLL
            self._everything = False
            for path in self._tracker.differing(scan, everything=everything):
                self._pending.setdefault(path, False)
        self._scan_seconds = busy + time.perf_counter() - begin
        self._looks_before_seconds, self._look_seconds = self._look_seconds, 0.0
        self._made_good = overflow or self._made_good
        if self._pending or self._made_good or self.trouble != before:
            self._wake.set()


def _unlisted(scan: FolderScan) -> str | None:
    if not scan.unlisted:
        return None
    folder, reason = min(scan.unlisted.items())
    return first_of(f"the folder {folder} cannot be listed: {reason}", len(scan.unlisted))
