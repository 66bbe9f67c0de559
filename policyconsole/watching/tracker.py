"""FileTracker: what was told about each file, and what is waited for."""

import os
import time
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from policyconsole.diagnostics import Diagnostic, own_failure
from policyconsole.reading import digest, writable_by_others
from policyconsole.watching.choice import FileChoice
from policyconsole.watching.folder import Fingerprint, FolderScan, is_reached
from policyconsole.watching.settling import (
    QUIET_IF_REFUSED,
    QUIET_IF_VALID,
    QUIET_WHILE_OPEN,
    YOUNG,
    Look,
    Proof,
    look,
)

GONE_AFTER = 0.25
"""Seconds for which a file may be missing before it counts as deleted."""

UNREADABLE_AFTER = GONE_AFTER
"""Seconds for which a file may be unreadable before that is told: a link's target is replaced,
a mode is set after the file was made."""

FIRST_RECHECK = 0.002
"""Seconds until the second look at a file that is not finished; doubled each time."""

SLOWEST_RECHECK = 0.05
"""The longest time between two looks at a file that is not finished, in seconds."""


VOUCH_HOLDS_AFTER = 0.002
"""Seconds for which nothing may follow an event that says a writer is done, where there is no
lease to ask: what a writer does is seen some 50 µs before the event that tells of it."""


class Presence(Enum):
    """What a change says about the file."""

    CONTENT = auto()
    UNREADABLE = auto()
    ABSENT = auto()
    GONE = auto()


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file as it is now, where that differs from what was told before.

    ``path`` is relative to the folder. ABSENT means gone just now: it may come back or
    turn up under another name; GONE that it stayed away for 250 ms. ``changed_at`` and
    ``looked_at`` are seconds since the epoch, ``clock`` is ``time.perf_counter()`` at the
    look, ``read_ms`` how many milliseconds the look took. ``provisional`` content is not
    proven to be finished: it counts if it is valid. ``writable_by_others`` is what the
    permissions say; a change of that alone is told too.
    """

    path: str
    presence: Presence
    looked_at: float
    clock: float
    read_ms: float = 0.0
    content: bytes | None = None
    digest: str | None = None
    problem: Diagnostic | None = None
    changed_at: float | None = None
    provisional: bool = False
    writable_by_others: bool = False
    note: str | None = None


@dataclass(slots=True)
class _Known:
    """A path: what was told last, what that was read from, and what is waited for.

    ``told`` is a digest (marked where it was provisional), a diagnostic, or None before
    the first telling; ``away`` says that an absence was told after it. ``believable``
    fingerprints save reading.
    ``vouched`` is the state that an event has vouched for, ``on_time`` says that the next
    look is one that was waited for, and no hint has asked for it.
    """

    told: str | Diagnostic | None = None
    fingerprint: Fingerprint | None = None
    believable: bool = False
    away: bool = False
    absent_since: float | None = None
    unreadable_since: float | None = None
    unfinished: Fingerprint | None = None
    unfinished_since: float = 0.0
    recheck: float = FIRST_RECHECK
    provisional: str | None = None
    vouched: Fingerprint | None = None
    on_time: bool = False


class FileTracker:
    """Looks at one file at a time and says what is new about it."""

    def __init__(
        self, root: str, still_vouched: Callable[[str], bool] = lambda _path: True
    ) -> None:
        """``still_vouched`` tells, after a file was read, whether nothing hinted at it meanwhile."""
        self._root = root
        self._still_vouched = still_vouched
        self._known: dict[str, _Known] = {}
        self._due: dict[str, float] = {}
        self._age_counts = True
        self._root_lost = False
        self._choice: FileChoice | None = None

    def choose(self, choice: FileChoice | None) -> None:
        """Take every file that is not of ``choice`` for one that is not there; None for all."""
        self._choice = choice

    def trust_no_age(self) -> None:
        """Reckon quiet by what is seen from now on: a server's clock may be another than ours."""
        self._age_counts = False

    @property
    def next_due(self) -> float | None:
        """When the next file wants another look, on ``time.monotonic()``; None if none does."""
        return min(self._due.values(), default=None)

    def take_due(self, hinted: Container[str] = ()) -> Iterator[str]:
        """Give the files whose time has come, each once; ``hinted`` are those that a hint names."""
        now = time.monotonic()
        for path in [path for path, at in self._due.items() if at <= now]:
            del self._due[path]
            if path in self._known:
                self._known[path].on_time = path not in hinted
            yield path

    def differing(self, scan: FolderScan, *, everything: bool) -> list[str]:
        """List the paths where the scan differs from what is known, or can't be told apart."""
        differing = [
            path for path, seen in scan.files.items() if everything or not self._matches(path, seen)
        ]
        differing.extend(
            path for path in self._known if path not in scan.files and not scan.may_hold(path)
        )
        return differing

    def root_is_lost(self) -> None:
        """Let no absence end: the whole folder is away, or nobody has looked since it is back."""
        self._root_lost = True

    def root_is_back(self) -> None:
        """Give every missing file its time again if the whole folder was away."""
        if not self._root_lost:
            return
        self._root_lost = False
        now = time.monotonic()
        for path, known in self._known.items():
            if known.absent_since is not None:
                known.absent_since = now
                self._due[path] = now + GONE_AFTER

    def look_at(self, path: str, *, vouched: bool, patient: bool = True) -> FileChange | None:
        """Look at a file; ``vouched`` says that an event has told its writer is done.

        Gives None where there is nothing new, or nothing finished yet: the path is then due
        again. What cannot be read has 250 ms too, unless ``patient`` is false. Never raises:
        where looking itself fails, the file is unreadable.
        """
        try:
            return self._look_at(path, vouched=vouched, patient=patient)
        except Exception as problem:  # noqa: BLE001 - one file must not end the watch
            self._due.pop(path, None)
            failed = Look(time.time(), problem=own_failure(problem))
            known = self._known.setdefault(path, _Known())
            return self._unreadable(
                path, known, failed, time.perf_counter(), time.monotonic(), patient=patient
            )

    def _look_at(self, path: str, *, vouched: bool, patient: bool) -> FileChange | None:
        known = self._known.get(path)
        now = time.monotonic()
        clock = time.perf_counter()
        seen = known.unfinished if known else None
        quiet = now - known.unfinished_since if known and seen else 0.0
        chosen = self._choice is None or self._choice.takes(path)
        if chosen and is_reached(self._root, path):
            found = look(os.path.join(self._root, path), seen, quiet)
        else:
            found = Look(time.time())
        self._due.pop(path, None)
        if found.fingerprint is None and found.problem is None:
            return self._absent(path, known, found, clock, now)
        if known is None:
            known = self._known[path] = _Known()
        known.absent_since = None
        if vouched:
            known.vouched = found.fingerprint
        elif not known.on_time:
            known.vouched = None  # a hint that vouches for nothing: somebody writes again
        known.on_time = False
        if found.problem is not None:
            return self._unreadable(path, known, found, clock, now, patient=patient)
        known.unreadable_since = None
        # What never has the size that it says (a link into /proc) is not waited for without end.
        stable = found.stable or (found.fingerprint == seen and quiet >= QUIET_WHILE_OPEN)
        if found.content is None or not stable:
            self._wait(path, known, found, now, QUIET_WHILE_OPEN)
            return None
        return self._readable(path, known, found, found.content, clock, now, hinted=vouched)

    def _matches(self, path: str, seen: Fingerprint | None) -> bool:
        known = self._known.get(path)
        return known is not None and known.believable and known.fingerprint == seen

    def _absent(
        self, path: str, known: _Known | None, found: Look, clock: float, now: float
    ) -> FileChange | None:
        if known is None or known.told is None:
            self._known.pop(path, None)
            return None
        if self._root_lost or not os.path.isdir(self._root):
            return None  # the whole folder is away: a lost watch, not a deletion
        if known.absent_since is None:
            self._known[path] = _Known(told=known.told, away=True, absent_since=now)
            self._due[path] = now + GONE_AFTER
            return None if known.away else FileChange(path, Presence.ABSENT, found.at, clock)
        remaining = known.absent_since + GONE_AFTER - now
        if remaining > 0:
            self._due[path] = now + remaining
            return None
        del self._known[path]
        return FileChange(path, Presence.GONE, found.at, clock)

    def _unreadable(
        self, path: str, known: _Known, found: Look, clock: float, now: float, *, patient: bool
    ) -> FileChange | None:
        if patient and not self._age_counts and known.told != found.problem:
            if known.unreadable_since is None:
                known.unreadable_since = now
            remaining = known.unreadable_since + UNREADABLE_AFTER - now
            if remaining > 0:
                self._due[path] = now + remaining
                return None
        self._known[path] = _Known(found.problem, found.fingerprint)
        if known.told == found.problem and not known.away:
            return None
        return FileChange(
            path,
            Presence.UNREADABLE,
            found.at,
            clock,
            problem=found.problem,
            changed_at=_changed_at(found),
        )

    def _wait(self, path: str, known: _Known, found: Look, now: float, limit: float) -> float:
        """Note that the file is not finished; give for how many seconds it has not changed."""
        if known.unfinished != found.fingerprint:
            known.unfinished, known.unfinished_since = found.fingerprint, now
            known.recheck = FIRST_RECHECK
        known.believable = False
        quiet = now - known.unfinished_since
        if self._age_counts or found.proof is Proof.WRITER:
            quiet = max(quiet, min(found.age, limit))
        self._due[path] = now + min(known.recheck, max(limit - quiet, FIRST_RECHECK))
        known.recheck = min(known.recheck * 2, SLOWEST_RECHECK)
        return quiet

    def _readable(
        self,
        path: str,
        known: _Known,
        found: Look,
        content: bytes,
        clock: float,
        now: float,
        *,
        hinted: bool,
    ) -> FileChange | None:
        content_digest = digest(content)
        read_ms = (time.perf_counter() - clock) * 1000
        if known.told == content_digest and not known.away and not _mode_tells(known, found):
            self._settle(path, found, content_digest)
            return None
        provisional = False
        # An empty file may be one whose next writer has just truncated it: that is seen before
        # its event comes, and a writer may be interrupted in between for any time.
        if found.proof is Proof.UNKNOWN and content and known.vouched == found.fingerprint:
            if hinted or not self._still_vouched(path):
                self._due[path] = now + VOUCH_HOLDS_AFTER
                return None
        elif found.proof is Proof.UNKNOWN:
            quiet = self._wait(path, known, found, now, QUIET_IF_REFUSED)
            provisional = quiet < QUIET_IF_REFUSED
            if quiet < QUIET_IF_VALID or (provisional and known.provisional == content_digest):
                return None
        if provisional:
            known.provisional, known.away = content_digest, False
            known.told = f"provisional {content_digest}"  # like no content that is final
        else:
            self._settle(path, found, content_digest)
        still_open = found.proof is Proof.WRITER
        return FileChange(
            path,
            Presence.CONTENT,
            found.at,
            clock,
            read_ms=read_ms,
            content=content,
            digest=content_digest,
            changed_at=_changed_at(found),
            provisional=provisional,
            writable_by_others=_others_may_write(found.fingerprint),
            note="still open for writing, but unchanged for 2 s" if still_open else None,
        )

    def _settle(self, path: str, found: Look, content_digest: str) -> None:
        """Note what is told of a file now, and whether its fingerprint can be believed."""
        self._due.pop(path, None)
        believable = found.state_age > YOUNG and found.proof is not Proof.WRITER
        self._known[path] = _Known(content_digest, found.fingerprint, believable)


def _mode_tells(known: _Known, found: Look) -> bool:
    """Whether the permissions of a file that was told say something else to the rules now."""
    return _others_may_write(known.fingerprint) is not _others_may_write(found.fingerprint)


def _others_may_write(state: Fingerprint | None) -> bool:
    return state is not None and writable_by_others(state.mode)


def _changed_at(found: Look) -> float | None:
    return found.fingerprint.changed_at if found.fingerprint else None
