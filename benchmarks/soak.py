"""Minutes to hours of mixed load on a real engine: ``python benchmarks/soak.py [--minutes 10]``.

One process runs the engine with its subscribers and reports on itself, this one edits
the folder at random, at most ``--rate`` edits a second: in place, by rename, in pieces, in
bursts; refusals, deletions, folders made, moved and removed, ids that swap, links, levels
that change. Each ``--interval`` seconds it stops, waits until the engine shows what is on
disk, and prints a line:

``edits`` made and ``events`` told so far; ``MiB`` resident, now and at its peak; Python's
allocated ``blocks``; open file descriptors (``fd``), inotify ``watches``, ``threads``,
asyncio ``tasks``; events that were ``lost`` (a file whose outcome was not told within 10 s,
or a hole in the numbers) or told ``twice``; how many the slow subscriber ``missed``.

The last line compares the second half with the first. The exit code is 1 if anything was
lost, told twice, or grew by more than ``GROWTH``.
"""

import argparse
import asyncio
import gc
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any, TypeAlias

from policyconsole import EventType, PolicyApplicationEngine, PolicyEvent, ValidationLevel
from policyconsole.events import Subscription
from policyconsole.reading import digest

FILES = 200
"""How many policies there may be."""

GROWTH = 0.05
"""By what share memory and blocks may be higher in the second half than in the first."""

CONVERGED_WITHIN = 10.0
"""Seconds after which a file that the engine does not show as it is counts as lost."""

WARM_AFTER = 11_000
"""Events until everything that is bounded is full, and the measuring begins."""

SLOW_QUEUE = 200
"""The length of the slow subscriber's queue; it is drained every ten seconds."""

Figures: TypeAlias = dict[str, float]


# The engine's process ------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What the events have said of one file."""

    applied: bool
    digest: str | None
    codes: tuple[str, ...]
    policy_id: str | None
    in_force_id: str | None


class Listener:
    """Follows every event and counts what must not be: holes, and events that tell nothing new."""

    def __init__(self) -> None:
        self.events = self.holes = self.twice = self.seq = 0
        self.files: dict[str, Said] = {}
        self.holders: dict[str, str] = {}

    def hear(self, event: PolicyEvent) -> None:
        """Take one event in."""
        self.events += 1
        self.holes += event.seq != self.seq + 1
        self.seq = event.seq
        if event.path is None:
            return
        before = self.files.get(event.path)
        if event.type is EventType.REMOVED:
            self.twice += before is None
            if event.revision is None or (before and before.in_force_id == event.policy_id):
                self.files.pop(event.path, None)
            return
        held = before.in_force_id if before and event.revision is not None else None
        if event.type is EventType.APPLIED and event.policy_id is not None:
            held = event.policy_id
            former = self.holders.get(held, event.path)
            left = self.files.get(former)
            if former != event.path and left is not None and left.in_force_id == held:
                del self.files[former]  # it moved; a file that is still there is told again
            self.holders[held] = event.path
        codes = tuple(sorted(item.code for item in event.diagnostics))
        said = Said(event.type is EventType.APPLIED, event.digest, codes, event.policy_id, held)
        self.twice += before == said
        self.files[event.path] = said


async def serve(folder: str) -> None:
    """Run the engine and its subscribers, and answer each line of standard input with one."""
    engine = PolicyApplicationEngine(folder, state_dir=Path(folder).parent / "state")
    listener, everything = Listener(), engine.subscribe()
    slow = Subscription(length=SLOW_QUEUE)
    engine.attach(slow)
    missed = 0
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), lambda: lines.put_nowait(sys.stdin.readline()))

    async def listen() -> None:
        async for event in everything:
            listener.hear(event)

    async def drain_slowly() -> None:
        nonlocal missed
        while True:
            await asyncio.sleep(10)
            first = next(iter(slow.drain()), None)
            if first is not None and first.type is EventType.LAGGED:
                missed += int(first.message or 0)

    async def come_and_go() -> None:
        while True:
            with engine.subscribe() as visitor:
                for _ in range(50):
                    await anext(visitor)

    async with engine:
        tasks = [asyncio.create_task(job()) for job in (listen, drain_slowly, come_and_go)]
        while line := await lines.get():
            match line.split():
                case ["figures"]:
                    gc.collect()
                    answer: dict[str, Any] = figures(listener, missed)
                case ["level", name]:
                    await engine.configure(ValidationLevel(name), None)
                    answer = {}
                case _:
                    answer = state(engine, listener)
            print(json.dumps(answer), flush=True)
        for task in tasks:
            task.cancel()


def figures(listener: Listener, missed: int) -> Figures:
    """What this process uses at the moment."""
    status = Path("/proc/self/status").read_text()
    kilobytes = {
        line.split(":")[0]: int(line.split()[1])
        for line in status.splitlines()
        if line.startswith(("VmRSS", "VmHWM"))
    }
    descriptors = os.listdir("/proc/self/fd")
    return {
        "resident": kilobytes["VmRSS"] / 1024,
        "peak": kilobytes["VmHWM"] / 1024,
        "blocks": sys.getallocatedblocks(),
        "descriptors": len(descriptors) - 1,
        "watches": sum(map(_watches, descriptors)),
        "threads": threading.active_count(),
        "tasks": len(asyncio.all_tasks()),
        "events": listener.events,
        "holes": listener.holes,
        "twice": listener.twice,
        "missed": missed,
    }


def _watches(descriptor: str) -> int:
    try:
        return Path(f"/proc/self/fdinfo/{descriptor}").read_text().count("inotify wd:")
    except FileNotFoundError:  # the one that listed the others
        return 0


def state(engine: PolicyApplicationEngine, listener: Listener) -> dict[str, Any]:
    """What the engine shows of every file, what its events have told of it, what is in force."""
    snapshot = engine.snapshot()
    return {
        "shown": {path: [file.verdict, file.digest] for path, file in snapshot.files.items()},
        "told": {
            path: ["in_force" if said.applied else "refused", said.digest]
            for path, said in listener.files.items()
        },
        "in_force": {
            key: [active.path, active.digest] for key, active in snapshot.policies.items()
        },
    }


# The load -----------------------------------------------------------------------


@dataclass
class Load:
    """Edits a folder at random and knows what must come of it.

    Every file has an id of its own; ``kinds`` says whether its content is valid. A file whose
    id has just been swapped gets only valid content until the engine has been compared:
    refused content would hold the id that it had before, if the swap was not seen.
    """

    root: Path
    dice: random.Random
    fresh_ids: bool = False
    edits: int = 0
    number: int = 0

    def __post_init__(self) -> None:
        self.ids: dict[Path, str] = {}
        self.kinds: dict[Path, str] = {}
        self.swapped: set[str] = set()
        self.level = "standard"

    def fill(self) -> None:
        """Make as many folders and files as there will be."""
        for number in range(20):
            (self.root / f"folder-{number}").mkdir()
        while len(self.ids) < FILES:
            self._create()

    def rewrite_all(self) -> None:
        """Write every file anew."""
        for path in list(self.ids):
            path.write_text(self._text(path))

    def edit(self) -> None:
        """Do one of the things that people and programs do to policy files."""
        choices: list[tuple[int, Callable[[], object]]] = [
            (30, self._in_place),
            (25, self._by_rename),
            (4, self._in_pieces),
            (1, self._burst),
            (10, self._create),
            (6, self._delete),
            (4, self._absent_for_a_moment),
            (4, self._move),
            (4, self._swap_ids),
            (3, self._make_folder),
            (2, self._move_folder),
            (1, self._remove_folder),
            (4, self._touch),
            (2, self._link),
        ]
        weights, actions = zip(*choices, strict=True)
        self.dice.choices(actions, weights)[0]()
        self.edits += 1

    def expected(self) -> dict[str, tuple[bool, str]]:
        """What must be shown of each file: whether it is in force, and its digest."""
        return {
            path.relative_to(self.root).as_posix(): (
                self._is_valid(self.kinds[path]),
                digest(path.read_bytes()),
            )
            for path in self.ids
        }

    def folders(self) -> int:
        """How many folders there are to watch."""
        return 1 + sum(len(folders) for _, folders, _ in os.walk(self.root))

    def _is_valid(self, kind: str) -> bool:
        return kind == "fine" or (kind == "old_tls" and self.level == "standard")

    def _text(self, path: Path) -> str:
        self.number += 1
        kind = self.dice.choices(["fine", "old_tls", "broken"], [85, 8, 7])[0]
        if self.ids[path] in self.swapped:
            kind = "fine"
        self.kinds[path] = kind
        version = "TLSv1.0" if kind == "old_tls" else "TLSv1.3"
        end = "[broken" if kind == "broken" else ""
        return (
            f'id = "{self.ids[path]}"\nname = "number {self.number}"\nversion = "1.0.0"\n'
            f'[security.tls]\nmin_version = "{version}"\n'
            f"[monitoring]\ninterval_seconds = {self.number % 200 + 60}\n{end}"
        )

    def _any(self) -> Path:
        return self.dice.choice(list(self.ids)) if self.ids else self._create()

    def _in_place(self) -> None:
        path = self._any()
        path.write_text(self._text(path))

    def _by_rename(self) -> None:
        path = self._any()
        beside = path.parent / ".new"
        beside.write_text(self._text(path))
        if path.is_symlink():
            path = path.resolve()
        beside.replace(path)

    def _in_pieces(self) -> None:
        path = self._any()
        text = self._text(path)
        with path.open("w") as file:
            for begin in range(0, len(text), 60):
                file.write(text[begin : begin + 60])
                file.flush()
                time.sleep(0.002)

    def _burst(self) -> None:
        if self.dice.random() < 0.5:
            path = self._any()
            for _ in range(100):
                path.write_text(self._text(path))
        else:
            self.rewrite_all()
        self.edits += 99

    def _create(self, folder: Path | None = None) -> Path:
        if len(self.ids) >= FILES:
            self._delete()
        free = self.number if self.fresh_ids else self._free_number()
        folders = [self.root, *(path for path in self.root.iterdir() if path.is_dir())]
        path = (folder or self.dice.choice(folders)) / f"{self.number}.toml"
        self.ids[path] = f"policy-{free}"
        path.write_text(self._text(path))
        return path

    def _free_number(self) -> int:
        used = set(self.ids.values())
        return next(n for n in range(FILES + 1) if f"policy-{n}" not in used)

    def _forget(self, path: Path) -> None:
        del self.ids[path], self.kinds[path]

    def _delete(self) -> None:
        path = self._any()
        path.unlink()
        self._forget(path)

    def _absent_for_a_moment(self) -> None:
        path = self._any()
        path.unlink()
        time.sleep(0.01)
        path.write_text(self._text(path))

    def _move(self) -> None:
        path = self._any()
        self.number += 1
        target = path.with_name(f"moved-{self.number}.toml")
        path.rename(target)
        self._moved(path, target)

    def _moved(self, path: Path, target: Path) -> None:
        self.ids[target], self.kinds[target] = self.ids.pop(path), self.kinds.pop(path)

    def _swap_ids(self) -> None:
        one, other = self._any(), self._any()
        self.ids[one], self.ids[other] = self.ids[other], self.ids[one]
        self.swapped |= {self.ids[one], self.ids[other]}
        for path in (one, other):
            path.write_text(self._text(path))

    def _make_folder(self) -> None:
        folder = self.root / f"folder-{self.dice.randrange(20)}"
        if not folder.exists():
            folder.mkdir()
            self._create(folder)

    def _a_folder(self) -> Path | None:
        folders = [path for path in self.root.iterdir() if path.is_dir()]
        return self.dice.choice(folders) if folders else None

    def _move_folder(self) -> None:
        folder = self._a_folder()
        target = self.root / f"folder-{self.dice.randrange(20)}"
        if folder is not None and not target.exists():
            folder.rename(target)
            for path in [path for path in self.ids if path.parent == folder]:
                self._moved(path, target / path.name)

    def _remove_folder(self) -> None:
        folder = self._a_folder()
        if folder is not None:
            shutil.rmtree(folder)
            for path in [path for path in self.ids if path.parent == folder]:
                self._forget(path)

    def _touch(self) -> None:
        path = self._any()
        path.touch()
        path.chmod(self.dice.choice([0o600, 0o644]))

    def _link(self) -> None:
        path = self._any()
        if path.is_symlink():
            return
        outside = self.root.parent / "outside" / f"{self.number}.toml"
        self.number += 1
        outside.write_bytes(path.read_bytes())
        beside = path.parent / ".link"
        beside.symlink_to(outside)
        beside.replace(path)


# The watch over both ---------------------------------------------------------------


class EngineProcess:
    """The other process, asked a line at a time."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--engine", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, question: str) -> dict[str, Any]:
        """Ask, and wait for the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(question + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """End it; raises where it does not end well."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        if self._process.wait(timeout=30) != 0:
            raise RuntimeError("the engine's process has failed")


def differences(load: Load, engine: EngineProcess) -> list[str]:
    """Wait until the engine shows what is on disk; say what it does not show or has not told."""
    end = time.monotonic() + CONVERGED_WITHIN
    while True:
        wanted, now = load.expected(), engine.ask("state")
        verdicts = {
            path: ["in_force" if ok else "refused", sha] for path, (ok, sha) in wanted.items()
        }
        found = [
            f"{path}: {what} {now[what].get(path)}, wanted {verdicts.get(path)}"
            for what in ("shown", "told")
            for path in {*verdicts, *now[what]}
            if verdicts.get(path) != now[what].get(path)
        ]
        in_force = {
            load.ids[load.root / path]: [path, sha] for path, (ok, sha) in wanted.items() if ok
        }
        found += [
            f"{key}: in force is {now['in_force'].get(key)}, wanted {value}"
            for key, value in in_force.items()
            if now["in_force"].get(key) != value
        ]
        found += [
            f"{key}: in force and nobody's"
            for key in now["in_force"].keys() - set(load.ids.values())
        ]
        if not found or time.monotonic() > end:
            return found
        time.sleep(0.05)


def verdict(lines: list[Figures], lost: int) -> tuple[str, bool]:
    """Compare the second half with the first; say it, and whether all is well."""
    first, second = lines[: len(lines) // 2], lines[len(lines) // 2 :]
    said, well = [], lost == 0 and lines[-1]["twice"] == 0 and lines[-1]["holes"] == 0
    for name, share in (("resident", GROWTH), ("blocks", GROWTH)):
        before, after = (mean(line[name] for line in half) for half in (first, second))
        well &= after <= before * (1 + share)
        said.append(f"{name} {before:,.1f} -> {after:,.1f} ({after / before - 1:+.1%})")
    for name in ("descriptors", "threads", "tasks", "unwatched"):
        before, after = (max(line[name] for line in half) for half in (first, second))
        well &= after <= before
        said.append(f"{name} {before:.0f} -> {after:.0f}")
    said.append(f"lost {lost}, twice {lines[-1]['twice']:.0f}")
    return ("flat: " if well else "NOT WELL: ") + "; ".join(said), well


def soak(minutes: float, interval: float, rate: float, seed: int, *, fresh_ids: bool) -> bool:
    """Load an engine for so many minutes; print what becomes of it, tell whether all is well."""
    place = Path(tempfile.mkdtemp(prefix="soak-"))
    root = place / "policies"
    root.mkdir()
    (place / "outside").mkdir()
    load = Load(root, random.Random(seed), fresh_ids)
    engine, lines, lost = EngineProcess(root), list[Figures](), 0
    print(f"{minutes:g} minutes, at most {rate:g} edits a second, seed {seed}")
    print(
        "minute    edits   events    MiB   peak   blocks   fd watches threads tasks lost twice missed"
    )
    try:
        load.fill()
        # The timings kept of each stage fill up to 10,000: that is no growth.
        while engine.ask("figures")["events"] < WARM_AFTER:
            load.rewrite_all()
        begin = last = time.monotonic()
        while last - begin < minutes * 60:
            while (now := time.monotonic()) - last < interval:
                load.edit()
                time.sleep(max(0.0, begin + load.edits / rate - now) if rate else 0.0)
                if load.dice.random() < 0.002:
                    load.level = "strict" if load.level == "standard" else "standard"
                    engine.ask(f"level {load.level}")
            found = differences(load, engine)
            load.swapped.clear()
            lost += len(found)
            for line in found[:5]:
                print(f"  lost: {line}")
            last = time.monotonic()
            use: Figures = engine.ask("figures")
            use["unwatched"] = abs(load.folders() - use["watches"])
            lines.append(use)
            print(
                f"{(last - begin) / 60:6.1f} {load.edits:8,} {use['events']:8,} {use['resident']:6.1f}"
                f" {use['peak']:6.1f} {use['blocks']:8,} {use['descriptors']:4} {use['watches']:7}"
                f" {use['threads']:7} {use['tasks']:5} {lost + use['holes']:4.0f} {use['twice']:5}"
                f" {use['missed']:6}",
                flush=True,
            )
        said, well = verdict(lines, lost)
        print(said)
        return well
    finally:
        engine.close()
        shutil.rmtree(place)


def main() -> None:
    """Soak, or be the engine's process of a soak."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--interval", type=float, default=30, help="seconds between two lines")
    parser.add_argument("--rate", type=float, default=60, help="edits a second at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fresh-ids", action="store_true", help="give every new file a new id")
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.engine:
        asyncio.run(serve(given.engine))
        return
    well = soak(given.minutes, given.interval, given.rate, given.seed, fresh_ids=given.fresh_ids)
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
