"""Where to look: inotify on Linux, watchfiles elsewhere and on request.

A hint says only that something may have happened at a path. What is true is found
by looking; what no hint told is found by reconciliation.
"""

import asyncio
import errno
import logging
import os
import sys
from collections.abc import Collection
from contextlib import suppress
from enum import StrEnum
from typing import Protocol

from policyconsole.watching.folder import is_passed_over, is_policy_name

_LOG = logging.getLogger(__name__)

WATCHFILES_STEP = 5
"""Milliseconds between watchfiles' looks into its set of changes: 9 ms at the median for
0.8 % of a core (architecture, Where to look)."""

BYTES_AT_ONCE = 16 * 1024
"""How much of inotify's queue is read before others on the loop get their turn: some 500 events,
a millisecond."""

LARGEST_EVENT = 16 + 256
"""Bytes of the largest inotify event: its head and the longest name (inotify(7))."""

WATCHFILES_DEBOUNCE = 50
"""The most milliseconds for which watchfiles gathers changes that do not stop."""


class WatcherKind(StrEnum):
    """Where hints come from."""

    AUTO = "auto"
    INOTIFY = "inotify"
    WATCHFILES = "watchfiles"
    POLL = "poll"

    def resolved(self) -> "WatcherKind":
        """Give the kind that ``auto`` means on this platform; the others stay."""
        if self is not WatcherKind.AUTO:
            return self
        return WatcherKind.INOTIFY if sys.platform == "linux" else WatcherKind.WATCHFILES


class HintSink(Protocol):
    """Who is told; every method is called on the loop and returns at once."""

    def path_hint(self, path: str, *, vouched: bool) -> None:
        """Look at this policy file; ``vouched`` says that its writer is done."""

    def folder_hint(self) -> None:
        """Look at the folder as a whole: something other than a policy file changed."""

    def hints_lost(self, message: str) -> None:
        """Look at everything: hints were dropped."""

    def hints_ended(self, message: str) -> None:
        """No more hints will come from this source; ``message`` says why."""


class HintSource(Protocol):
    """A source of hints; made on the loop that it tells them on."""

    async def arm(self) -> None:
        """Get ready for a scan: what happens while it lists is told."""

    def read_now(self) -> bool:
        """Tell what has happened up to now; False where not all of it could be told yet."""

    def watch(self, folder: str, inode: int) -> None:
        """Tell what happens in this folder from now on; cheap where it is watched already."""

    def keep(self, folders: Collection[str]) -> None:
        """Forget every folder that is not among these."""

    async def close(self) -> None:
        """Tell nothing more and let go of everything."""


class NoHints:
    """Polling: reconciliation alone."""

    async def arm(self) -> None:
        """Do nothing."""

    def read_now(self) -> bool:
        """Do nothing."""
        return True

    def watch(self, folder: str, inode: int) -> None:
        """Do nothing: every look is at the whole folder."""

    def keep(self, folders: Collection[str]) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""


def open_hints(kind: WatcherKind, root: str, sink: HintSink) -> HintSource:
    """Make the source of this kind for the folder ``root``; call it on the running loop.

    Where the system has no watch left, ``sink.hints_ended`` is told and polling is
    what is left. Raises ValueError for inotify on a platform that has none.
    """
    match kind.resolved():
        case WatcherKind.INOTIFY:
            if sys.platform != "linux":
                raise ValueError("inotify is there on Linux only: use watchfiles or poll")
            try:
                return InotifyHints(root, sink)
            except OSError as problem:
                sink.hints_ended(f"no inotify: {problem.strerror}")
                return NoHints()
        case WatcherKind.WATCHFILES:
            return WatchfilesHints(root, sink)
        case _:
            return NoHints()


if sys.platform == "linux":
    from inotify_simple import Event, INotify, flags, parse_events

    # Plain numbers: an operation on enumerated flags takes microseconds, and there are some per event.
    _FOLDER_MASK = int(
        flags.CLOSE_WRITE
        | flags.MODIFY
        | flags.MOVED_TO
        | flags.MOVED_FROM
        | flags.CREATE
        | flags.DELETE
        | flags.ATTRIB
        | flags.DELETE_SELF
        | flags.MOVE_SELF
        | flags.ONLYDIR
    )
    _WRITER_IS_DONE = int(flags.CLOSE_WRITE | flags.MOVED_TO)
    _FOLDER_ITSELF = int(flags.DELETE_SELF | flags.MOVE_SELF | flags.UNMOUNT | flags.IGNORED)
    _OVERFLOW, _IGNORED, _IS_FOLDER = int(flags.Q_OVERFLOW), int(flags.IGNORED), int(flags.ISDIR)

    class InotifyHints:
        """Hints from inotify: one watch a folder, events read as they come.

        A watch belongs to an inode, not to a name: a folder that was moved keeps its
        watch and gets its new name when the scan meets it.
        """

        def __init__(self, root: str, sink: HintSink) -> None:
            """Raises OSError where the system has no inotify instance left."""
            self._root = root
            self._sink = sink
            self._inotify = INotify(nonblocking=True)
            self._watches: dict[str, tuple[int, int]] = {}
            self._folders: dict[int, str] = {}
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(self._inotify.fileno(), self._read)
            self._ended = False
            self._closed = False

        async def arm(self) -> None:
            """Do nothing: each folder is watched just before it is listed."""

        def watch(self, folder: str, inode: int) -> None:
            """See :class:`HintSource`; where no watch is left, ``hints_ended`` is told."""
            known = self._watches.get(folder)
            if self._ended or (known is not None and known[1] == inode):
                return
            try:
                watch = self._inotify.add_watch(os.path.join(self._root, folder), _FOLDER_MASK)
            except OSError as problem:
                if problem.errno not in (errno.ENOSPC, errno.ENOMEM):
                    return  # the listing that follows meets the same and says so
                self._ended = True
                self._sink.hints_ended(f"no inotify watch left ({problem.strerror})")
                return
            if known is not None and known[0] != watch:
                self._forget(known[0])
            former = self._folders.get(watch)
            if former is not None and former != folder:
                self._watches.pop(former, None)
            self._folders[watch] = folder
            self._watches[folder] = (watch, inode)

        def keep(self, folders: Collection[str]) -> None:
            """See :class:`HintSource`."""
            for folder in [folder for folder in self._watches if folder not in folders]:
                self._forget(self._watches.pop(folder)[0])

        def _forget(self, watch: int) -> None:
            self._folders.pop(watch, None)
            with suppress(OSError):  # the kernel may have dropped it already
                self._inotify.rm_watch(watch)

        async def close(self) -> None:
            """See :class:`HintSource`."""
            self._closed = True
            self._loop.remove_reader(self._inotify.fileno())
            self._inotify.close()

        def read_now(self) -> bool:
            """See :class:`HintSource`."""
            try:
                data = os.read(self._inotify.fileno(), BYTES_AT_ONCE)
                for event in parse_events(data):
                    self._tell(event)
            except BlockingIOError:
                return True
            except Exception as problem:  # noqa: BLE001 - polling needs no inotify
                self._loop.remove_reader(self._inotify.fileno())
                self._ended = True
                self._sink.hints_ended(f"inotify failed ({problem})")
                return True
            return len(data) <= BYTES_AT_ONCE - LARGEST_EVENT

        def _read(self) -> None:
            """Take the events that are there, and give the others on the loop their turn."""
            if not self._closed and not self.read_now():
                self._loop.call_soon(self._read)

        def _tell(self, event: Event) -> None:
            watch, mask, _, name = event
            if mask & _OVERFLOW:
                # Whether a watch is still there may have been among what was lost.
                self._watches = {folder: (watch, 0) for folder, (watch, _) in self._watches.items()}
                self._sink.hints_lost("more happened at once than inotify could tell")
                return
            folder = self._folders.get(watch)
            if folder is None:
                return
            if mask & _FOLDER_ITSELF:
                if mask & _IGNORED:
                    self._folders.pop(watch, None)
                    self._watches.pop(folder, None)
                self._sink.folder_hint()
                return
            if not mask & _IS_FOLDER and is_policy_name(name):
                path = f"{folder}/{name}" if folder else name
                self._sink.path_hint(path, vouched=bool(mask & _WRITER_IS_DONE))
            elif _concerns_folder(name, is_folder=bool(mask & _IS_FOLDER)):
                self._sink.folder_hint()


def _concerns_folder(name: str, *, is_folder: bool) -> bool:
    """Whether a change of something that is no policy file may change which files there are.

    ``..data`` is the link that Kubernetes swaps to switch all files of a ConfigMap at once.
    """
    return name == "..data" or (is_folder and not is_passed_over(name))


class WatchfilesHints:
    """Hints from watchfiles, which wakes every 5 ms to gather them; none is vouched for.

    It dies for good with its root and on a name that is not UTF-8; each scan begins it
    anew where it has ended, and reconciliation covers the time between. Where the system
    has no watch left when it begins, ``hints_ended`` is told; of a folder that is made later,
    or beside one that cannot be listed, it does not say so, and reconciliation alone finds
    what changes there.
    """

    def __init__(self, root: str, sink: HintSink) -> None:
        self._root = root
        self._sink = sink
        self._folders: frozenset[str] = frozenset()
        self._inode: int | None = None
        self._ended = False
        self._pass_over_denied = False
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def read_now(self) -> bool:
        """Do nothing: no hint of watchfiles vouches for anything."""
        return True

    async def arm(self) -> None:
        """Begin to watch the root and everything below, unless that goes on already."""
        if self._ended:
            return
        try:
            inode = os.stat(self._root).st_ino
        except OSError:
            self._inode = None
            return  # the scan says that the root is lost
        if self._tasks and self._inode == inode:
            return
        self._stop.set()
        self._stop = asyncio.Event()
        self._inode = inode
        task = asyncio.create_task(self._run(self._stop), name="watchfiles")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.sleep(0)  # its first step sets up the watch

    def watch(self, folder: str, inode: int) -> None:
        """Do nothing: one watch on the root holds everything below."""

    def keep(self, folders: Collection[str]) -> None:
        """See :class:`HintSource`."""
        self._folders = frozenset(folders)

    async def close(self) -> None:
        """See :class:`HintSource`."""
        self._stop.set()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _run(self, stop: asyncio.Event) -> None:
        from watchfiles import awatch  # noqa: PLC0415 - costs 20 ms, not needed beside inotify

        try:
            async for changes in awatch(
                self._root,
                watch_filter=None,
                step=WATCHFILES_STEP,
                debounce=WATCHFILES_DEBOUNCE,
                stop_event=stop,
                ignore_permission_denied=self._pass_over_denied,
            ):
                for _, path in changes:
                    self._tell(path)
        except PermissionError:
            # Only then, for with it watchfiles does not tell that no watch is left either.
            self._pass_over_denied = True
            self._sink.folder_hint()
        except Exception as problem:  # noqa: BLE001 - whatever ends it, reconciliation goes on
            if _no_watch_left(problem):
                self._ended = True
                self._sink.hints_ended("watchfiles has no watch left")
                return
            _LOG.info("watchfiles has ended and begins anew with the next scan: %s", problem)

    def _tell(self, full_path: str) -> None:
        prefix = self._root.rstrip(os.sep) + os.sep
        if not full_path.startswith(prefix):
            self._inode = None  # the root itself: it may be another one under the same number
            self._sink.folder_hint()
            return
        path = full_path.removeprefix(prefix).replace(os.sep, "/")
        folder, _, name = path.rpartition("/")
        if any(is_passed_over(part) for part in folder.split("/") if part):
            return
        if is_policy_name(name):
            self._sink.path_hint(path, vouched=False)
        is_folder = path in self._folders or os.path.isdir(full_path)
        if _concerns_folder(name, is_folder=is_folder):
            self._sink.folder_hint()


def _no_watch_left(problem: Exception) -> bool:
    """Whether watchfiles says that a limit is reached; it gives no error number to go by."""
    signs = ("watch limit reached", f"os error {errno.EMFILE}", f"os error {errno.ENOSPC}")
    return any(sign in str(problem) for sign in signs)
