"""Clients that keep a service busy, a file that changes meanwhile, and which answers are right."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.guarded.answers import NO_POLICY, PROBES, Probe, policy, refused, too_long, version
from tests.guarded.serving import Connection, connected
from tests.waiting import LIMIT, eventually

CONNECTIONS = 32
"""Connections that are kept busy all the time."""

REWRITES = 200
"""How often the file is written while they are."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One request: when it was sent and answered, on the clock of ``time.perf_counter``, and how."""

    probe: Probe
    sent: float
    received: float
    told: str


@dataclass(slots=True)
class Spell:
    """A policy from the moment at which its file began to change until its successor has its own.

    ``number`` is None while there is no file; ``shown`` is when the service said that it is
    in force.
    """

    number: int | None
    begun: float
    shown: float | None = None


@dataclass(slots=True)
class Load:
    """What happened: every answer, and every policy in its time."""

    answers: list[Answer] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    spells: list[Spell] = field(default_factory=list)
    refusals: int = 0
    seconds: float = 0.0

    def wrong(self) -> list[str]:
        """List the answers that no policy gives which can have been in force at their time.

        A policy may answer what is received after its file began to change, and what was sent
        before its successor was shown to be in force.
        """
        ends = [later.shown for later in self.spells[1:]] + [None]
        told: list[str] = []
        first = 0
        for answer in sorted(self.answers, key=lambda answer: answer.sent):
            while (end := ends[first]) is not None and end < answer.sent:
                first += 1  # over for this one, and for all that were sent later
            possible = [
                spell.number for spell in self.spells[first:] if spell.begun <= answer.received
            ]
            if answer.told not in {answer.probe.expected(number) for number in possible}:
                told.append(f"{answer.probe.name}: {answer.told}, in force was one of {possible}")
        return told

    def clear(self) -> None:
        """Forget the answers, and how long they took to come."""
        self.answers.clear()
        self.seen.clear()
        self.seconds = 0.0

    def milliseconds(self) -> list[float]:
        """Give what each request took, the shortest first."""
        return sorted((answer.received - answer.sent) * 1000 for answer in self.answers)


async def keep_busy(port: int, load: Load, number: int, until: Callable[[], bool]) -> None:
    """Ask over one connection, one request after the other; raises where the connection breaks."""
    async with connected(port) as connection:
        for turn in count(number):
            if until():
                break
            probe = PROBES[turn % len(PROBES)]
            sent = time.perf_counter()
            reply = await connection.send(probe.raw)
            told = probe.told(reply)
            load.answers.append(Answer(probe, sent, time.perf_counter(), told))
            load.seen[told] += 1


async def undisturbed(port: int, load: Load, seconds: float) -> None:
    """Keep the service busy for some seconds while nothing changes."""
    await _serves(port)
    end = time.perf_counter() + seconds
    await _busy(port, load, lambda: time.perf_counter() >= end)


async def disturbed(port: int, load: Load, file: Path, seconds: float) -> None:
    """Keep the service busy for ``seconds`` at least, and write the file REWRITES times meanwhile."""
    await _serves(port)
    end = time.perf_counter() + seconds
    rewriting = asyncio.create_task(_rewrite(port, load, file, seconds / REWRITES))
    try:
        await _busy(port, load, lambda: rewriting.done() and time.perf_counter() >= end)
    except BaseException:
        rewriting.cancel()
        raise
    await rewriting


async def _serves(port: int) -> None:
    """Wait until the service answers: what is in force at its beginning then is."""
    async with connected(port) as connection:
        await connection.ask("/state")


async def _busy(port: int, load: Load, until: Callable[[], bool]) -> None:
    begin = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(CONNECTIONS):
            group.create_task(keep_busy(port, load, number, until))
    load.seconds += time.perf_counter() - begin


async def _rewrite(port: int, load: Load, file: Path, pace: float) -> None:
    begin = time.perf_counter()
    numbers = count(load.spells[-1].number or 0)
    next(numbers)
    async with connected(port) as control:
        told = too_long(load.spells[-1].number or 0)
        await eventually(lambda: load.seen[told])  # the first policy is one of those to be seen
        for rewrite in range(REWRITES):
            write = _in_place if rewrite % 2 else _by_rename
            if rewrite % 4 in {2, 3} and not _in_the_phase_of_deletions(rewrite):
                await _refuse(control, load, lambda: write(file, refused(rewrite)))  # noqa: B023
            else:
                if _in_the_phase_of_deletions(rewrite):
                    await _change(control, load, None, file.unlink)
                number = next(numbers)
                await _change(control, load, number, lambda: write(file, policy(number)))  # noqa: B023
            # This is the pace of the changes; nothing depends on it.
            await asyncio.sleep(begin + (rewrite + 1) * pace - time.perf_counter())


def _in_the_phase_of_deletions(rewrite: int) -> bool:
    return 100 <= rewrite < 110


async def _change(
    control: Connection, load: Load, number: int | None, write: Callable[[], None]
) -> None:
    """Change the file, wait until the service says so, and until a client has been answered by it."""
    told = NO_POLICY if number is None else too_long(number)
    before = load.seen[told]
    spell = Spell(number, time.perf_counter())
    load.spells.append(spell)
    write()
    await _shows(control, "version", None if number is None else version(number))
    spell.shown = time.perf_counter()
    await eventually(lambda: load.seen[told] > before)


async def _refuse(control: Connection, load: Load, write: Callable[[], None]) -> None:
    """Write what is refused, wait until it is, and until every connection had its turn."""
    write()
    load.refusals += 1
    await _shows(control, "rejected", load.refusals)
    answered = len(load.answers)
    await eventually(lambda: len(load.answers) >= answered + CONNECTIONS)


async def _shows(control: Connection, name: str, value: object) -> None:
    """Wait until the service says that this is its state."""
    async with asyncio.timeout(LIMIT):
        while (await control.ask("/state")).json()[name] != value:
            await asyncio.sleep(0.002)


def _in_place(file: Path, text: str) -> None:
    file.write_text(text)


def _by_rename(file: Path, text: str) -> None:
    new = file.with_name(".new~")
    new.write_text(text)
    os.replace(new, file)


def first_policy(file: Path) -> Load:
    """Write the policy that is in force at the beginning; gives a load that knows of it."""
    file.write_text(policy(0))
    return Load(spells=[Spell(0, time.perf_counter())])


def times(load: Load) -> Iterator[float]:
    """Give the milliseconds from each change of the file until the service showed it."""
    return ((s.shown - s.begun) * 1000 for s in load.spells if s.shown is not None)
