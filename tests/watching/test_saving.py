"""W1 to W5 of the failure modes: how programs save, on a real folder, for every source of hints."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from policyconsole import EventType
from policyconsole.watching.hints import WatcherKind
from tests.convergence import converging
from tests.policies import toml
from tests.waiting import eventually, holds
from tests.writer import writer

VIM = ["vim", "-u", "NONE", "-i", "NONE", "-es", "-c"]
"""vim without anybody's settings, but with its swap file and its backup."""

AS_VIM = {
    "vim backupcopy=yes": """
import os, sys
path, text = sys.argv[1:]
swap = os.path.join(os.path.dirname(path), "." + os.path.basename(path) + ".swp")
os.close(os.open(swap, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
with open(path + "~", "xb") as backup, open(path, "rb") as file:
    backup.write(file.read())
descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
os.ftruncate(descriptor, 0)
os.write(descriptor, text.encode())
os.fsync(descriptor)
os.close(descriptor)
os.unlink(path + "~")
os.unlink(swap)
""",
    "vim backupcopy=no": """
import os, sys
path, text = sys.argv[1:]
swap = os.path.join(os.path.dirname(path), "." + os.path.basename(path) + ".swp")
os.close(os.open(swap, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
os.rename(path, path + "~")
descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
os.ftruncate(descriptor, 0)
os.write(descriptor, text.encode())
os.fsync(descriptor)
os.close(descriptor)
os.unlink(path + "~")
os.unlink(swap)
""",
}
"""What vim does, for machines that have none: the calls that strace shows of vim 9.0."""


def save(editor: str, file: Path, rate: int) -> None:
    """Change the rate from 1 with an editor; where vim is not installed, by its system calls."""
    edit = f"s/requests_per_minute = 1/requests_per_minute = {rate}/"
    if editor == "sed":
        command = ["sed", "-i", edit, str(file)]
    elif shutil.which("vim") is not None:
        # By default it makes no backup of what lies in /tmp.
        settings = f"set writebackup backupskip= {editor.split()[1]}"
        command = [*VIM, settings, "-c", f"%{edit}", "-c", "wq", str(file)]
    else:
        code = AS_VIM[editor]
        command = [sys.executable, "-I", "-S", "-c", code, str(file)]
        command.append(toml(requests_per_minute=rate))
    subprocess.run(command, check=True, timeout=60, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("editor", ["sed", *AS_VIM])
async def test_w1_a_save_of_an_editor_is_one_event_and_the_new_file_is_watched(
    folder: Path, kind: WatcherKind, editor: str
) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    async with converging(folder, kind) as story:
        await asyncio.to_thread(save, editor, file, 2)
        await story.rate_becomes(2)
        file.write_text(toml(requests_per_minute=3))
        await story.rate_becomes(3)
        assert story.words == ["applied a.toml"] * 2


async def test_w1_a_save_through_rename_is_one_event_and_the_new_file_is_watched(
    folder: Path, kind: WatcherKind
) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    async with converging(folder, kind) as story:
        with writer() as other:
            for rate in (2, 3):
                await asyncio.to_thread(other.replace, file, toml(requests_per_minute=rate))
                await story.rate_becomes(rate)
            await asyncio.to_thread(other.rewrite, file, [toml(requests_per_minute=4)])
            await story.rate_becomes(4)
        assert story.words == ["applied a.toml"] * 3


async def test_w2_half_a_file_is_never_in_force(folder: Path, kind: WatcherKind) -> None:
    """The first half is valid TOML, and a valid policy: only the writer knows that it is not done."""
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    whole = toml(requests_per_minute=2, log_level="error")
    half = whole.index("[monitoring]")
    async with converging(folder, kind) as story:
        with writer() as other:
            await asyncio.to_thread(other.open, file)
            await asyncio.to_thread(other.write, file, whole[:half])
            await holds(lambda: story.rate() == 1, seconds=0.3)
            await asyncio.to_thread(other.write, file, whole[half:])
            assert story.words == []
            await asyncio.to_thread(other.close, file)
            await story.rate_becomes(2)
        assert story.words == ["applied a.toml"]
        assert story.engine.policies["a-policy"].config.monitoring.log_level == "error"


async def test_w2_a_file_overwritten_in_pieces_is_one_event_at_the_end(
    folder: Path, kind: WatcherKind
) -> None:
    """Through ``r+``: first with the old end behind the new beginning, then truncated, then whole.

    Each state on the way is a valid policy, or none at all: neither is told.
    """
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=11, log_level="error"))
    whole = toml(requests_per_minute=22, log_level="debug")
    pieces = [whole[: whole.index("[monitoring]")], whole[whole.index("[monitoring]") :]]
    async with converging(folder, kind) as story:
        with writer() as other:

            async def write_in_pieces() -> None:
                for piece in pieces:
                    await asyncio.to_thread(other.write, file, piece)
                    await holds(lambda: story.rate() == 11, seconds=0.15)

            await asyncio.to_thread(other.open, file, "r+")
            await write_in_pieces()
            await asyncio.to_thread(other.truncate, file)
            await holds(lambda: story.rate() == 11, seconds=0.15)
            await write_in_pieces()
            assert story.words == []
            await asyncio.to_thread(other.close, file)
            await story.rate_becomes(22)
        assert story.words == ["applied a.toml"]


async def test_w2_a_file_made_anew_with_a_pause_beyond_the_time_of_absence_is_a_change(
    folder: Path, kind: WatcherKind
) -> None:
    """It is there again at once, though empty: 250 ms of absence do not begin."""
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    async with converging(folder, kind) as story:
        with writer() as other:
            file.unlink()
            await asyncio.to_thread(other.open, file)
            await holds(lambda: story.rate() == 1, seconds=0.6)
            await asyncio.to_thread(other.write, file, toml(requests_per_minute=2))
            await asyncio.to_thread(other.close, file)
            await story.rate_becomes(2)
        assert story.words == ["applied a.toml"]


async def test_w3_the_last_of_five_hundred_rewrites_wins(folder: Path, kind: WatcherKind) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1000))
    async with converging(folder, kind) as story:
        with writer() as other:
            texts = [toml(requests_per_minute=rate) for rate in range(1, 501)]
            await asyncio.to_thread(other.rewrite, file, texts)
        await story.rate_becomes(500)
        assert {event.type for event in story.events} == {EventType.APPLIED}
        rates = [event.changes[0].new for event in story.events]
        assert rates == sorted(rates, key=lambda rate: int(str(rate)))
        file.write_text(toml(requests_per_minute=501))
        await story.rate_becomes(501)


async def test_w4_of_a_thousand_files_changed_at_once_none_is_lost(
    folder: Path, kind: WatcherKind
) -> None:
    def write(rate: int) -> None:
        for number in range(1000):
            text = toml(f"policy-{number}", requests_per_minute=rate)
            (folder / f"{number:04}.toml").write_text(text)

    write(1)
    async with converging(folder, kind) as story:
        assert len(story.engine.policies) == 1000
        await asyncio.to_thread(write, 2)
        await eventually(
            lambda: all(story.rate(policy_id) == 2 for policy_id in story.engine.policies), limit=30
        )
        applied = [str(event.path) for event in story.of(EventType.APPLIED)]
        assert sorted(applied) == sorted(set(applied))
        assert len(applied) == 1000


async def test_w5_a_file_that_is_away_for_a_moment_is_changed_not_removed(
    folder: Path, kind: WatcherKind
) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    async with converging(folder, kind) as story:
        file.unlink()
        await holds(lambda: story.rate() == 1, seconds=0.05)
        file.write_text(toml(requests_per_minute=2))
        await story.rate_becomes(2)
        assert story.words == ["applied a.toml"]


async def test_w5_a_file_that_stays_away_retires_its_policy_until_it_is_back(
    folder: Path, kind: WatcherKind
) -> None:
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    async with converging(folder, kind) as story:
        file.unlink()
        await eventually(lambda: not story.engine.policies)
        await eventually(lambda: story.words == ["removed a.toml"])
        file.write_text(toml(requests_per_minute=2))
        await story.rate_becomes(2)
        assert story.words == ["removed a.toml", "applied a.toml"]
        assert story.events[-1].revision == 2
