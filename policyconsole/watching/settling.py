"""Whether a file's content is finished (architecture, decision 2)."""

import errno
import os
import signal
import sys
import time
from dataclasses import dataclass
from enum import Enum, auto

from policyconsole.diagnostics import Diagnostic
from policyconsole.reading import UnreadableError, cannot_read, opened, read_file, read_open
from policyconsole.watching.folder import Fingerprint, fingerprint

YOUNG = 0.020
"""Seconds for which a fingerprint is not believed: older kernels tick at 1 to 10 ms."""

QUIET_IF_VALID = 0.1
"""Seconds without change after which valid content counts where nothing else proves it."""

QUIET_IF_REFUSED = 1.0
"""The same for content that is refused: half a file mostly is."""

QUIET_WHILE_OPEN = 2.0
"""Seconds without change after which a file counts that somebody keeps open for writing."""


class Proof(Enum):
    """What is known of writers at the moment of the look."""

    NO_WRITER = auto()
    WRITER = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a path has found.

    Nothing there: no fingerprint, no problem. Something unreadable: ``problem``.
    Otherwise ``content``, unless somebody is still writing it. ``at`` is seconds
    since the epoch, ``stable`` says that nothing changed while it was read.
    """

    at: float
    fingerprint: Fingerprint | None = None
    content: bytes | None = None
    problem: Diagnostic | None = None
    proof: Proof = Proof.UNKNOWN
    stable: bool = True

    @property
    def age(self) -> float:
        """Seconds since the file changed, by its own times."""
        return self.at - self.fingerprint.changed_at if self.fingerprint else 0.0

    @property
    def state_age(self) -> float:
        """The same by the time that nobody can set: a file from the future changes like any other."""
        if self.fingerprint is None or sys.platform == "win32":  # where it is that of creation
            return self.age
        return self.at - self.fingerprint.ctime_ns / 1e9


def look(path: str, seen: Fingerprint | None = None, unchanged_for: float = 0.0) -> Look:
    """Look at a file once: is it there, is it finished, what does it hold.

    ``unchanged_for`` is for how many seconds the caller has known it as ``seen``: content
    that somebody still has open is read only once it has been quiet for long enough. Of
    any other state the file's own times say how long it has been quiet.
    """
    at = time.time()
    try:
        with opened(path) as descriptor:
            before = fingerprint(os.fstat(descriptor))
            proof, finished_size = _probe(descriptor)
            quiet = unchanged_for if before == seen else at - before.changed_at
            if proof is Proof.WRITER and quiet < QUIET_WHILE_OPEN:
                return Look(at, before, proof=proof)
            content = read_open(descriptor)
            stable = (
                fingerprint(os.fstat(descriptor)) == before
                and len(content) == before.size
                and finished_size in (None, before.size)
            )
            return Look(at, before, content, proof=proof, stable=stable)
    except FileNotFoundError:
        return _dangling_or_absent(path, at)
    except UnreadableError as unreadable:
        if os.path.islink(path) and os.path.isdir(path):
            return Look(at)  # links to folders are not followed
        if isinstance(unreadable.__cause__, BlockingIOError):
            # Another program keeps it to itself and has just been asked to let go of it.
            state = _fingerprint_of(path)
            if state != seen or unchanged_for < QUIET_WHILE_OPEN:
                return Look(at, state, proof=Proof.WRITER)
        return Look(at, _fingerprint_of(path), problem=unreadable.diagnostic)
    except OSError as problem:  # a file system that fails between two calls
        return Look(at, problem=cannot_read(problem))


def _dangling_or_absent(path: str, at: float) -> Look:
    """Tell a link that points at nothing from nothing at all."""
    if not os.path.islink(path):
        return Look(at)
    try:
        read_file(path)
    except UnreadableError as unreadable:
        return Look(at, _fingerprint_of(path), problem=unreadable.diagnostic)
    return look(path)


def _fingerprint_of(path: str) -> Fingerprint | None:
    try:
        return fingerprint(os.stat(path))
    except OSError:
        return None


if sys.platform == "linux":
    import ctypes
    import fcntl

    # PyDLL keeps the interpreter's lock: between taking the lease and dropping it no
    # other thread may run, for whoever opens the file to write waits that long.
    _LIBC = ctypes.PyDLL(None, use_errno=True)
    _LIBC.lseek.restype = ctypes.c_long
    _NOWHERE = ctypes.c_long(0)

    _WRITTEN_ELSEWHERE = frozenset(
        {
            0x65735546,  # FUSE: sshfs, bindfs, virtiofs, Docker Desktop
            0x6969,  # NFS
            0x517B, 0xFE534D42, 0xFF534D42,  # SMB and CIFS
            0x01021997,  # 9P
            0x00C36400,  # Ceph
            0x5346414F, 0x6B414653,  # AFS
            0x73757245,  # Coda
            0x01161970,  # GFS2
            0x7461636F,  # OCFS2
            0x0BD00BD0,  # Lustre
            0x47504653,  # GPFS
            0x19830326,  # BeeGFS
            0x786F4256,  # VirtualBox
            0xBACBACBC,  # VMware
            0x7C7C6673,  # Parallels
        }
    )  # fmt: skip
    """The kinds of file systems (``statfs``) whose files others may write without this kernel
    knowing; the numbers are those of coreutils' stat.c."""

    def _is_written_elsewhere(descriptor: int) -> bool:
        answer = ctypes.create_string_buffer(256)  # struct statfs has 120 bytes; f_type is first
        if _LIBC.fstatfs(descriptor, answer) != 0:
            return True
        kind = ctypes.c_ulong.from_buffer(answer).value
        return kind & 0xFFFFFFFF in _WRITTEN_ELSEWHERE

    def _probe(descriptor: int) -> tuple[Proof, int | None]:
        """Ask the kernel for a read lease: it is refused while anyone has the file open to write.

        Where it is granted, the size is asked for meanwhile. One writer may have truncated the
        file before and the next after: empty both times, and within one tick of the file
        system's clock (4 ms on ext4) alike in everything else too.

        Where a file may be written elsewhere the answer proves nothing: FUSE grants a lease
        beside a writer of the folder behind it, NFS and CIFS refuse one beside nobody.
        """
        if _is_written_elsewhere(descriptor):
            return Proof.UNKNOWN, None
        # A lease that is broken signals its holder; SIGURG is ignored by default, SIGIO kills.
        _LIBC.fcntl(descriptor, fcntl.F_SETSIG, int(signal.SIGURG))
        if _LIBC.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK) == 0:
            size = _LIBC.lseek(descriptor, _NOWHERE, os.SEEK_END)
            _LIBC.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
            os.lseek(descriptor, 0, os.SEEK_SET)
            return Proof.NO_WRITER, size
        return (Proof.WRITER if ctypes.get_errno() == errno.EAGAIN else Proof.UNKNOWN), None

else:

    def _probe(_descriptor: int) -> tuple[Proof, int | None]:
        """Only Linux can tell."""
        return Proof.UNKNOWN, None
