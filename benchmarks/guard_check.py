"""What one check of a guard costs, by what there is to check.

    python benchmarks/guard_check.py [--checks N]

A plain GET with a path and a query, asked again and again on one thread; the least of five runs.
"""

import argparse
import tempfile
import timeit
from collections.abc import Sequence
from pathlib import Path

from policyconsole import EngineThread, Request
from policyconsole.application.target import Target
from policyconsole.application.targets.input_validator import InputValidator
from policyconsole.application.targets.monitor import Monitor
from policyconsole.application.targets.rate_limiter import RateLimiter

POLICY = """\
id = "measured"
name = "Measured"
version = "1.0.0"
[security.rate_limiting]
requests_per_minute = 2000000000
burst_size = 2000000000
"""
"""A rate that is never reached: every request is let through."""


def microseconds(folder: str, targets: Sequence[Target], checks: int) -> float:
    """Give what a check takes with these targets."""
    request = Request(client="10.0.0.7", path="/orders", query="page=2")
    with EngineThread(folder, targets=targets) as engine:
        guard = engine.guard("measured")
        runs = timeit.repeat(lambda: guard.check(request), number=checks, repeat=5)
    return min(runs) / checks * 1e6


def main() -> None:
    """Print a line for each choice of targets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checks", type=int, default=50_000)
    options = parser.parse_args()
    choices: dict[str, tuple[Target, ...]] = {
        "rate": (RateLimiter(),),
        "rate and monitor": (RateLimiter(), Monitor()),
        "rate, monitor and input": (Monitor(), RateLimiter(), InputValidator()),
    }
    with tempfile.TemporaryDirectory() as name:
        Path(name, "measured.toml").write_text(POLICY)
        for words, targets in choices.items():
            print(f"{words:24} {microseconds(name, targets, options.checks):5.1f} µs")


if __name__ == "__main__":
    main()
