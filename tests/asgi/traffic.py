"""Many connections that ask without a pause while the policy's file is rewritten, and what they saw.

    python -m tests.asgi.traffic [--seconds 10] [--connections 32] [--rewrites 200]

prints the figures, with rewrites and without.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from policyconsole.latency import percentile
from tests.asgi.serving import serving

BODY = b"x" * 300
REQUEST = (
    b"POST / HTTP/1.1\r\nhost: loopback\r\ncontent-type: text/plain\r\n"
    + f"content-length: {len(BODY)}\r\n\r\n".encode()
    + BODY
)


def policy(number: int, *, longest: int = 1000, refused: bool = False) -> str:
    """A policy that is known by its number, in name and rate; a refused one lets no body through."""
    longest = 10 if refused else longest
    wrong = 'security.encryption.key_size = "large"\n' if refused else ""  # TYPE001
    return (
        f'id = "a-policy"\nname = "{number}"\nversion = "1.0.0"\n'
        f'{wrong}authentication.method = "none"\n'
        f"[security.rate_limiting]\nenabled = false\nrequests_per_minute = {number}\n"
        f"[security.input_validation]\nmax_input_length = {longest}\n"
    )


@dataclass(frozen=True)
class Seen:
    """One answer: when it was asked for and came, its status, and the policy that it names."""

    asked: float
    came: float
    status: int
    name: str | None = None
    rate: int | None = None


@dataclass(frozen=True)
class Written:
    """One step of the rewriting: from when on it may be seen, and which statuses fit it.

    ``number`` is that of the policy that is valid from then on, None where none is.
    """

    time: float
    number: int | None
    statuses: frozenset[int]


@dataclass
class Traffic:
    """All that was seen and written in one run."""

    seen: list[Seen] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def unfitting(self, slack: float = 2.0) -> list[Seen]:
        """List the answers that fit neither what was written before they were asked for nor later.

        A policy counts from ``slack`` seconds before the request on: until then at the
        latest what was written is in force, or what came before it.
        """
        return [seen for seen in self.seen if not self._fits(seen, slack)]

    def _fits(self, seen: Seen, slack: float) -> bool:
        before = [step for step in self.written if step.time <= seen.asked - slack][-1:]
        since = [s for s in self.written if seen.asked - slack < s.time <= seen.came]
        steps = before + since
        if not any(seen.status in step.statuses for step in steps):
            return False
        if seen.status != 200:
            return True
        if seen.name is None:  # retired between the guard's answer and the service's look
            return any(step.number is None for step in steps)
        return str(seen.rate) == seen.name and any(step.number == seen.rate for step in steps)


def in_place(file: Path, text: str) -> None:
    """Save as some editors do: truncate and write."""
    file.write_text(text)


def by_rename(file: Path, text: str) -> None:
    """Save as others do: write beside it and rename."""
    beside = file.with_suffix(".new")
    beside.write_text(text)
    os.replace(beside, file)


def steps(file: Path, count: int) -> Iterator[tuple[int | None, frozenset[int]]]:
    """Rewrite the file ``count`` times, a step each; gives what is valid from then on.

    Three fifths: policies that let the request through, with refused ones between, that
    would not. One fifth: policies that do not, in turns. One fifth: deleted and restored.
    """
    fine, too_long, none = frozenset({200}), frozenset({413}), frozenset({403})
    saves: list[Callable[[Path, str], None]] = [in_place, by_rename]
    valid = 100
    for step in range(count):
        save = saves[step % 2]
        number = 101 + step
        if step < count * 3 // 5:
            if step % 4 == 3:
                save(file, policy(number, refused=True))
                yield valid, fine
            else:
                save(file, policy(number))
                valid = number
                yield valid, fine
        elif step < count * 4 // 5:
            closed = step % 2 == 0
            save(file, policy(number, longest=200 if closed else 1000))
            valid = number
            yield valid, too_long if closed else fine
        elif step % 2 == 0:
            file.unlink()
            yield None, none
        else:
            save(file, policy(number))
            valid = number
            yield valid, fine


async def rewrite(file: Path, count: int, seconds: float, traffic: Traffic) -> None:
    """Rewrite the file over ``seconds``; a deletion stays long enough to be believed."""
    rewriting = steps(file, count)
    begin = time.monotonic()
    for step in range(count):
        await asyncio.sleep(max(0.0, begin + seconds * step / count - time.monotonic()))
        now = time.monotonic()
        number, statuses = next(rewriting)
        traffic.written.append(Written(now, number, statuses))
        if number is None and step % 10 == 0:
            await asyncio.sleep(0.3)  # a file must be gone for 250 ms


async def keep_asking(port: int, until: float, traffic: Traffic) -> None:
    """Ask on one connection, again and again; a connection that breaks is noted."""
    reader = writer = None
    while time.monotonic() < until:
        asked = time.monotonic()
        try:
            if reader is None or writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(REQUEST)
            await writer.drain()
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
            lines = head.decode().lower().split("\r\n")
            status = int(lines[0].split()[1])
            named = dict(line.split(": ", 1) for line in lines[1:] if line)
            body = await asyncio.wait_for(reader.readexactly(int(named["content-length"])), 20)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as problem:
            traffic.broken.append(repr(problem))
            reader = writer = None
            continue
        came = time.monotonic()
        data = json.loads(body) if status == 200 else {}
        traffic.seen.append(Seen(asked, came, status, data.get("name"), data.get("rate")))
        if named.get("connection") == "close":
            writer.close()
            reader = writer = None
    if writer is not None:
        writer.close()


def run(folder: Path, *, seconds: float, connections: int, rewrites: int) -> Traffic:
    """Serve a folder, keep connections busy for ``seconds``, and rewrite the policy meanwhile."""
    file = folder / "a.toml"
    file.write_text(policy(100))
    traffic = Traffic()

    async def all_at_once(port: int) -> None:
        traffic.written.append(Written(time.monotonic() - 10, 100, frozenset({200})))
        until = time.monotonic() + seconds
        asking = [keep_asking(port, until, traffic) for _ in range(connections)]
        await asyncio.gather(*asking, rewrite(file, rewrites, seconds * 0.95, traffic))

    with serving(folder) as port:
        asyncio.run(all_at_once(port))
    return traffic


def figures(name: str, traffic: Traffic, seconds: float) -> str:
    """Say a run in one line; times in milliseconds."""
    times = sorted((seen.came - seen.asked) * 1000 for seen in traffic.seen)
    statuses = sorted({seen.status for seen in traffic.seen})
    counts = ", ".join(
        f"{status}: {sum(seen.status == status for seen in traffic.seen):,}" for status in statuses
    )
    return (
        f"{name:18} {len(times):7,} requests, {len(times) / seconds:6,.0f} a second;"
        f" p50 {percentile(times, 0.5):.1f}, p99 {percentile(times, 0.99):.1f},"
        f" max {times[-1]:.1f} ms; {counts}; {len(traffic.broken)} broken,"
        f" {len(traffic.unfitting())} unfitting"
    )


def main() -> None:
    """Print the figures of a run without rewrites and of one with them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--rewrites", type=int, default=200)
    options = parser.parse_args()
    for rewrites in (0, options.rewrites):
        with tempfile.TemporaryDirectory() as name:
            traffic = run(
                Path(name),
                seconds=options.seconds,
                connections=options.connections,
                rewrites=rewrites,
            )
        print(figures(f"{rewrites} rewrites", traffic, options.seconds))  # noqa: T201 - its purpose


if __name__ == "__main__":
    main()
