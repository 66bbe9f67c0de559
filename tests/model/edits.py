"""What may happen to a folder: each edit is a value that can be written into a test."""

import ctypes
import os
import shutil
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from tests.model.contents import Content, written
from tests.model.disk import Inode
from tests.writer import Writer

_LIBC = ctypes.CDLL(None, use_errno=True)
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


@dataclass
class World:
    """A watched folder, a place outside it, and a writer in another process."""

    root: Path
    outside: Path
    writer: Writer
    writing: dict[str, tuple[Path, Inode, str]] = field(default_factory=dict)

    @property
    def open_inodes(self) -> set[Inode]:
        """The files that the writer has open."""
        return {inode for _, inode, _ in self.writing.values()}


@dataclass(frozen=True)
class Touched:
    """What a watch on the folders tells of an edit: these paths, or a folder as a whole too.

    ``unsure`` where it depends on the kernel which of several names is told.
    """

    paths: frozenset[str] = frozenset()
    folder: bool = False
    unsure: bool = False


NOTHING = Touched()


def touched(*paths: str) -> Touched:
    """These paths and nothing else."""
    return Touched(frozenset(paths))


@dataclass(frozen=True)
class Write:
    """Write in place: truncate, write, close."""

    path: str
    content: Content

    def do(self, world: World) -> Touched:
        file = world.root / self.path
        if not _may_write(world, file):
            return NOTHING
        file.write_bytes(self.content.in_format(file.suffix))
        return _written(world, file)


@dataclass(frozen=True)
class Replace:
    """Write a temporary file and rename it over the path."""

    path: str
    content: Content

    def do(self, world: World) -> Touched:
        file = world.root / self.path
        if not _may_place(file):
            return NOTHING
        beside = file.parent / ".new"
        beside.write_bytes(self.content.in_format(file.suffix))
        beside.replace(file)
        return touched(self.path)


@dataclass(frozen=True)
class Open:
    """Begin to write in another process: truncate, write the first half, keep it open."""

    path: str
    content: Content

    def do(self, world: World) -> Touched:
        file = world.root / self.path
        if self.path in world.writing or not _may_write(world, file):
            return NOTHING
        first, rest = self.content.in_pieces(file.suffix)
        try:
            text = first.decode(), rest.decode()
        except UnicodeDecodeError:
            return NOTHING
        world.writer.open(file)
        world.writer.write(file, text[0])
        status = file.stat()
        world.writing[self.path] = file, (status.st_dev, status.st_ino), text[1]
        return _written(world, file)


@dataclass(frozen=True)
class Close:
    """Write the other half of what was begun at this path, wherever it is now, and close it."""

    path: str

    def do(self, world: World) -> Touched:
        if self.path not in world.writing:
            return NOTHING
        file, inode, rest = world.writing.pop(self.path)
        where = _find(world, inode)
        world.writer.write(file, rest)
        world.writer.close(file)
        return Touched(frozenset(where), unsure=len(where) > 1)


@dataclass(frozen=True)
class Move:
    """Rename one file over another or to where nothing is."""

    source: str
    target: str

    def do(self, world: World) -> Touched:
        source, target = world.root / self.source, world.root / self.target
        if not _is_file(source) or not _may_place(target) or _same_file(source, target):
            return NOTHING
        source.rename(target)
        return touched(self.source, self.target)


@dataclass(frozen=True)
class Swap:
    """Let two files change places: in one step, by three renames, or by writing the contents over."""

    one: str
    other: str
    how: Literal["exchange", "renames", "contents"]

    def do(self, world: World) -> Touched:
        one, other = world.root / self.one, world.root / self.other
        if not (_is_file(one) and _is_file(other)) or _same_file(one, other):
            return NOTHING
        if self.how == "exchange":
            _exchange(one, other)
        elif self.how == "renames":
            aside = one.parent / ".aside"
            one.rename(aside)
            other.rename(one)
            aside.rename(other)
        else:
            if not (_may_write(world, one) and _may_write(world, other)):
                return NOTHING
            first, second = one.read_bytes(), other.read_bytes()
            one.write_bytes(second)
            other.write_bytes(first)
            return Touched(_written(world, one).paths | _written(world, other).paths)
        return touched(self.one, self.other)


@dataclass(frozen=True)
class Delete:
    """Delete a file."""

    path: str

    def do(self, world: World) -> Touched:
        file = world.root / self.path
        if not _is_file(file):
            return NOTHING
        file.unlink()
        return touched(self.path)


@dataclass(frozen=True)
class Recreate:
    """Delete a file and write it anew at once."""

    path: str
    content: Content

    def do(self, world: World) -> Touched:
        file = world.root / self.path
        if not _is_file(file):
            return NOTHING
        file.unlink()
        file.write_bytes(self.content.in_format(file.suffix))
        return touched(self.path)


@dataclass(frozen=True)
class MakeFolder:
    """Make a folder; with a policy in it that is there before anyone can look."""

    folder: str
    name: str | None = None
    content: Content | None = None

    def do(self, world: World) -> Touched:
        folder = world.root / self.folder
        if not folder.parent.is_dir() or _there(folder):
            return NOTHING
        folder.mkdir()
        if self.name is not None and self.content is not None:
            file = folder / self.name
            file.write_bytes(self.content.in_format(file.suffix))
        return Touched(folder=True)


@dataclass(frozen=True)
class MoveFolder:
    """Rename a folder, within the watched one or out of it and back in."""

    source: str
    target: str

    def do(self, world: World) -> Touched:
        source, target = _place(world, self.source), _place(world, self.target)
        inside_itself = target.is_relative_to(source)
        if not source.is_dir() or not target.parent.is_dir() or _there(target) or inside_itself:
            return NOTHING
        source.rename(target)
        return Touched(folder=True)


@dataclass(frozen=True)
class ExchangeFolders:
    """Let two folders change places in one step."""

    one: str
    other: str

    def do(self, world: World) -> Touched:
        one, other = world.root / self.one, world.root / self.other
        if not (one.is_dir() and other.is_dir()) or one in other.parents or other in one.parents:
            return NOTHING
        _exchange(one, other)
        return Touched(folder=True)


@dataclass(frozen=True)
class DeleteFolder:
    """Delete a folder with all that is in it."""

    folder: str

    def do(self, world: World) -> Touched:
        folder = world.root / self.folder
        if not folder.is_dir():
            return NOTHING
        inside = [file for file in folder.rglob("*.*") if not stat.S_ISDIR(file.lstat().st_mode)]
        shutil.rmtree(folder)
        paths = (file.relative_to(world.root).as_posix() for file in inside)
        return Touched(frozenset(paths), folder=True)


@dataclass(frozen=True)
class Link:
    """Put a symbolic link there: to a file of the folder, outside it, to nothing or to itself."""

    path: str
    to: str

    def do(self, world: World) -> Touched:
        file = world.root / self.path
        if not _may_place(file):
            return NOTHING
        target: Path | str
        match self.to:
            case "outside":
                target = world.outside / f"o{file.suffix}"
            case "dangling":
                target = "nowhere"
            case "circle":
                target = file.name
            case "folder":
                target = world.outside
            case _:
                target = world.root / self.to
        beside = file.parent / ".link"
        beside.symlink_to(target)
        beside.replace(file)
        return touched(self.path)


@dataclass(frozen=True)
class HardLink:
    """Give a file a second name."""

    source: str
    target: str

    def do(self, world: World) -> Touched:
        source, target = world.root / self.source, world.root / self.target
        if not _is_regular(source):
            return NOTHING
        if not target.parent.is_dir() or _there(target):
            return NOTHING
        target.hardlink_to(source)
        return touched(self.target)


@dataclass(frozen=True)
class WriteOutside:
    """Write the file outside that links may point at; None deletes it."""

    suffix: str
    content: Content | None

    def do(self, world: World) -> Touched:
        file = world.outside / f"o{self.suffix}"
        if self.content is None:
            file.unlink(missing_ok=True)
        elif _may_write(world, file):
            file.write_bytes(self.content.in_format(self.suffix))
        return NOTHING


@dataclass(frozen=True)
class Chmod:
    """Change a file's mode."""

    path: str
    mode: int

    def do(self, world: World) -> Touched:
        file = world.root / self.path
        if not _is_regular(file):
            return NOTHING
        file.chmod(self.mode)
        return NOTHING


@dataclass(frozen=True)
class Touch:
    """Set a file's times, by seconds from now."""

    path: str
    seconds: int

    def do(self, world: World) -> Touched:
        file = world.root / self.path
        if not _is_regular(file):
            return NOTHING
        at = file.stat().st_mtime + self.seconds
        os.utime(file, (at, at))
        return NOTHING


@dataclass(frozen=True)
class Stealth:
    """Rewrite a file with a policy of the same size, and put its times back."""

    path: str

    def do(self, world: World) -> Touched:
        file = world.root / self.path
        if not file.exists() or not _may_write(world, file):
            return NOTHING
        before, old = file.stat(), file.read_bytes()
        was = written(old, file.suffix)
        new = replace(was, number=23 - was.number).in_format(file.suffix)
        if was.number not in (11, 12) or len(new) != len(old):
            return NOTHING
        file.write_bytes(new)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        return _written(world, file)


@dataclass(frozen=True)
class Odd:
    """Put something there that is no regular file."""

    path: str
    what: Literal["fifo", "folder", "device"]

    def do(self, world: World) -> Touched:
        file = world.root / self.path
        if not file.parent.is_dir() or _there(file):
            return NOTHING
        match self.what:
            case "fifo":
                os.mkfifo(file)
            case "folder":
                file.mkdir()
                return Touched(folder=True)
            case _:
                file.symlink_to("/dev/zero")
        return touched(self.path)


@dataclass(frozen=True)
class DeleteOddFolder:
    """Delete an empty folder that has the name of a policy."""

    path: str

    def do(self, world: World) -> Touched:
        folder = world.root / self.path
        if folder.is_symlink() or not folder.is_dir():
            return NOTHING
        folder.rmdir()
        return Touched(folder=True)


Edit: TypeAlias = (
    Write | Replace | Open | Close | Move | Swap | Delete | Recreate | MakeFolder | MoveFolder
    | ExchangeFolders | DeleteFolder | Link | HardLink | WriteOutside | Chmod | Touch | Stealth
    | Odd | DeleteOddFolder
)  # fmt: skip


def _place(world: World, folder: str) -> Path:
    return world.outside / "folder" if folder == "outside" else world.root / folder


def _there(path: Path) -> bool:
    return os.path.lexists(path)


def _is_file(path: Path) -> bool:
    return _there(path) and not stat.S_ISDIR(path.lstat().st_mode)


def _may_place(path: Path) -> bool:
    """Whether a rename can put a file there."""
    return path.parent.is_dir() and (not _there(path) or _is_file(path))


def _is_regular(path: Path) -> bool:
    return not path.is_symlink() and path.is_file()


def _may_write(world: World, path: Path) -> bool:
    """Whether a policy can be written there in place, with no other writer at it."""
    if not _there(path):
        return path.parent.is_dir()
    if not path.is_file():
        return False
    status = path.stat()
    return (status.st_dev, status.st_ino) not in world.open_inodes


def _same_file(one: Path, other: Path) -> bool:
    return _there(one) and _there(other) and os.path.samestat(one.lstat(), other.lstat())


def _written(world: World, file: Path) -> Touched:
    """What is told of a write in place: the name that it went through, links resolved."""
    real = Path(os.path.realpath(file))
    root = Path(os.path.realpath(world.root))
    return touched(real.relative_to(root).as_posix()) if real.is_relative_to(root) else NOTHING


def _find(world: World, inode: Inode) -> list[str]:
    """The names in the folder that an open file has now."""
    return [
        path.relative_to(world.root).as_posix()
        for path in world.root.rglob("*.*")
        if not path.is_symlink() and (path.lstat().st_dev, path.lstat().st_ino) == inode
    ]


def _exchange(one: Path, other: Path) -> None:
    failed = _LIBC.renameat2(
        _AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE
    )
    if failed:
        raise OSError(ctypes.get_errno(), "renameat2")
