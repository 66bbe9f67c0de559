"""What a reload costs a service under load: ``python benchmarks/zero_downtime.py [--seconds 10]``.

A process serves Starlette under uvicorn behind ``PolicyGuard``, on loopback; this one keeps
32 connections busy, first while nothing changes, then while the policy's file is rewritten
200 times: in place and by rename, refused ones, deleted and restored. It prints a line for
each: requests, how many a second, milliseconds from sending to the whole answer, and how
many answers no policy of their time gives; then the milliseconds from the beginning of a
write until the service said that it is in force. A connection that breaks ends it.

The clients are in Python too, and take their share of the processor.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from policyconsole.latency import percentile

sys.path.insert(0, str(Path(__file__).parents[1]))  # the clients are those of the test

from tests.guarded.load import REWRITES, Load, disturbed, first_policy, times, undisturbed
from tests.guarded.serving import served


async def measure(seconds: float) -> None:
    """Serve once, and print the figures of both runs."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "guarded.toml")
        load = first_policy(file)
        with served(Path(name)) as port:
            await undisturbed(port, load, min(seconds, 1))  # until everything is warm
            load.clear()
            await undisturbed(port, load, seconds)
            print(figures("no rewrites", load))
            load.clear()
            await disturbed(port, load, file, seconds)
            print(figures(f"{REWRITES} rewrites", load))
    shown = sorted(times(load))
    print(
        f"from a write to the service that says so, {len(shown)} times: "
        f"p50 {percentile(shown, 0.5):.1f} ms, p99 {percentile(shown, 0.99):.1f} ms"
    )


def figures(name: str, load: Load) -> str:
    """Say a run in one line."""
    taken = load.milliseconds()
    return (
        f"{name:13} {len(taken):7,} requests, {len(taken) / load.seconds:6,.0f} a second; "
        f"p50 {percentile(taken, 0.5):.1f}, p99 {percentile(taken, 0.99):.1f}, "
        f"max {taken[-1]:.1f} ms; {len(load.wrong())} wrong"
    )


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="of each run")
    asyncio.run(measure(parser.parse_args().seconds))


if __name__ == "__main__":
    main()
