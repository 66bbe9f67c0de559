"""From a save to the policy in force: ``python benchmarks/save_to_in_force.py [--saves 200]``.

``policy-console watch --format jsonl`` runs in one process, this one saves a policy
again and again and reads the lines. Printed are the median and the 99th percentile of
``total`` as the engine measures it, and of the time from just before the save until
this process has read the line, each for saves in place and through rename. Beside
them stands the floor, measured in the same way in the same run: a process that blocks
in inotify, reads the file, decodes it with tomllib and prints a line.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from policyconsole.latency import percentile

POLICY = """\
id = "measured"
name = "A policy that is saved again and again"
version = "1.0.0"
description = "About as long as the example of the report"

[security.encryption]
algorithm = "AES-256-GCM"
key_size = 256
pbkdf2_iterations = 600000

[security.tls]
enforce = true
min_version = "TLSv1.3"
cipher_suites = ["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]

[security.rate_limiting]
requests_per_minute = {rate}
burst_size = 10

[monitoring]
interval_seconds = 60
log_level = "warn"
alerts_enabled = true

[authentication]
method = "oauth2"
require_mfa = true
session_timeout_seconds = 3600
"""

FLOOR = """\
import sys, tomllib
from asyncinotify import Inotify, Mask, InitFlags
inotify = Inotify(InitFlags.CLOEXEC, cache_size=64)
inotify.add_watch(sys.argv[1], Mask.CLOSE_WRITE | Mask.MOVED_TO)
print("ready", flush=True)
for event in inotify:
    if event.name.suffix == ".toml":
        with open(event.path, "rb") as file:
            print(tomllib.load(file)["security"]["rate_limiting"]["requests_per_minute"], flush=True)
"""


def save_in_place(file: Path, text: str) -> None:
    """Truncate and write."""
    file.write_text(text)


def save_by_rename(file: Path, text: str) -> None:
    """Write beside it and rename."""
    beside = file.with_suffix(".new")
    beside.write_text(text)
    beside.replace(file)


def figures(values: list[float]) -> str:
    """Say the median and the 99th percentile in milliseconds."""
    ordered = sorted(values)
    return f"p50 {percentile(ordered, 0.5):6.2f}   p99 {percentile(ordered, 0.99):6.2f} ms"


def measure(
    command: list[str], folder: Path, saves: int, save: Callable[[Path, str], None]
) -> tuple[list[float], list[float]]:
    """Save ``saves`` times; gives the milliseconds to each line, and those that the lines tell."""
    file = folder / "measured.toml"
    save_in_place(file, POLICY.format(rate=1000))
    seen, told = [], []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            while '"started"' not in (line := process.stdout.readline()) and line != "ready\n":
                assert line, "the watching process has ended"
            for number in range(saves):
                begin = time.perf_counter()
                save(file, POLICY.format(rate=number + 1))
                line = process.stdout.readline()
                seen.append((time.perf_counter() - begin) * 1000)
                if line.startswith("{"):
                    event = json.loads(line)
                    assert event["type"] == "applied", line
                    told.append(event["latency_ms"]["total"])
                else:
                    assert int(line) == number + 1, line
        finally:
            process.terminate()
    return seen, told


def main() -> None:
    """Measure both kinds of saves, the floor and the engine, and print four lines each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--saves", type=int, default=200)
    parser.add_argument("--watcher", default="auto")
    saves, watcher = (arguments := parser.parse_args()).saves, arguments.watcher
    print(f"{saves} saves, {len(POLICY)} bytes of TOML, level strict, watcher {watcher}")
    for save in (save_in_place, save_by_rename):
        with tempfile.TemporaryDirectory() as name:
            floor, _ = measure([sys.executable, "-c", FLOOR, name], Path(name), saves, save)
        with tempfile.TemporaryDirectory() as name:
            watch = [sys.executable, "-m", "policyconsole", "watch", name]
            watch += ["--format", "jsonl", "--level", "strict", "--watcher", watcher]
            seen, told = measure(watch, Path(name), saves, save)
        print(f"\n{save.__name__.replace('_', ' ')}")
        print(f"  total, as the engine tells     {figures(told)}")
        print(f"  save to the line read          {figures(seen)}")
        print(f"  the floor                      {figures(floor)}")
        ratio = percentile(sorted(seen), 0.5) / percentile(sorted(floor), 0.5)
        print(f"  median over the floor          {ratio:6.2f} times")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
