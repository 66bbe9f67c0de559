"""W19 of the failure modes: clocks and modification times that are not to be believed."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from policyconsole.watching.hints import WatcherKind
from tests.convergence import converging
from tests.policies import toml
from tests.waiting import holds
from tests.writer import writer

LONG_AGO, FAR_AHEAD = 1, 2**33
"""Seconds since the epoch: the beginning of 1970, and the year 2242."""


async def test_w19_modification_times_from_anywhere(folder: Path, kind: WatcherKind) -> None:
    """In the future, in the past and going backwards between edits: none is waited for."""
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    os.utime(file, (FAR_AHEAD, FAR_AHEAD))
    async with converging(folder, kind) as story:
        assert story.rate() == 1
        for rate, moment in enumerate((LONG_AGO, FAR_AHEAD, FAR_AHEAD - 10, LONG_AGO), start=2):
            with file.open("w") as stream:
                stream.write(toml(requests_per_minute=rate))
                stream.flush()
                os.utime(file, (moment, moment))
            await story.rate_becomes(rate)
        assert story.words == ["applied a.toml"] * 4


@pytest.mark.parametrize("seconds", [-3600, 3600])
async def test_w19_a_clock_that_is_set(
    folder: Path, kind: WatcherKind, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    """Set back, every file is from the future; set forward, every half file seems old.

    The fault is put in where the program asks for the time: the machine's clock is others' too.
    """
    file = folder / "a.toml"
    file.write_text(toml(requests_per_minute=1))
    now = time.time
    async with converging(folder, kind) as story:
        with writer() as other:
            await asyncio.to_thread(other.open, file)
            await asyncio.to_thread(other.write, file, toml(requests_per_minute=2))
            await holds(lambda: story.rate() == 1, seconds=0.3)
            monkeypatch.setattr(time, "time", lambda: now() + seconds)
            await holds(lambda: story.rate() == 1, seconds=0.3)
            await asyncio.to_thread(other.write, file, "# whole\n")
            await asyncio.to_thread(other.close, file)
            await story.rate_becomes(2)
            for rate in (3, 4):
                await asyncio.to_thread(other.replace, file, toml(requests_per_minute=rate))
                await story.rate_becomes(rate)
            file.unlink()
            await story.rate_becomes(None)
        assert story.words == ["applied a.toml"] * 3 + ["removed a.toml"]
        monkeypatch.setattr(time, "time", now)
