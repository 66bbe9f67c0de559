"""From a save to its policy in force, beside the floor, in one run.

    python benchmarks/save_to_in_force.py [--saves N] [--policies 1,1000,10000] [--formats toml,yaml,json] [--no-history]
        [--options="--metrics-port 0 --log-file /tmp/log"]

This process saves; another one watches and writes a line for each change. ``total`` is
what the engine tells of itself: from the modification time to in force. ``save to line``
is measured here: from before the save to the line having been read. The floor is the
least that any such program does: it blocks in inotify, reads the file, decodes it with
the parser that Python or PyYAML brings, and prints a line.
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

import policies

from policyconsole.latency import percentile
from policyconsole.loading.formats import Format

FLOOR = """\
import os, sys
from inotify_simple import INotify, flags, parse_events
folder, form = sys.argv[1:]
if form == "toml":
    import tomllib
    decode = tomllib.loads
elif form == "yaml":
    import yaml
    decode = lambda text: yaml.load(text, yaml.CSafeLoader)
else:
    import json
    decode = json.loads
inotify = INotify()
inotify.add_watch(folder, flags.CLOSE_WRITE | flags.MOVED_TO)
print("ready", flush=True)
while True:
    for event in parse_events(os.read(inotify.fileno(), 16384)):
        if event.name.endswith("." + form):
            with open(os.path.join(folder, event.name), encoding="utf-8") as file:
                data = decode(file.read())
            print(data["security"]["rate_limiting"]["requests_per_minute"], flush=True)
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
    """Say p50, p95, p99 and the maximum in milliseconds."""
    ordered = sorted(values)
    shares = (percentile(ordered, share) for share in (0.5, 0.95, 0.99))
    return "".join(f"{value:8.2f}" for value in (*shares, ordered[-1]))


def measure(
    command: list[str], file: Path, texts: list[str], save: Callable[[Path, str], None]
) -> tuple[list[float], list[float]]:
    """Save each of ``texts``; gives the milliseconds to each line, and those that the lines tell."""
    seen, told = [], []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            while '"started"' not in (line := process.stdout.readline()) and line != "ready\n":
                assert line, "the watching process has ended"
            for number, text in enumerate(texts):
                begin = time.perf_counter()
                save(file, text)
                line = process.stdout.readline()
                elapsed = (time.perf_counter() - begin) * 1000
                if line.startswith("{"):
                    event = json.loads(line)
                    assert (event["type"], event["path"]) == ("applied", file.name), line
                    if number >= len(texts) // 10:  # the first tenth warms up
                        told.append(event["latency_ms"]["total"])
                if number >= len(texts) // 10:
                    seen.append(elapsed)
        finally:
            process.terminate()
    return seen, told


def main() -> None:
    """Measure every combination and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--saves", type=int, default=500)
    parser.add_argument("--policies", default="1,1000,10000", help="how many are in the folder")
    parser.add_argument("--formats", default="toml,yaml,json")
    parser.add_argument("--watcher", default="auto")
    parser.add_argument("--no-history", action="store_true", help="keep no revisions")
    parser.add_argument("--options", default="", help="more options of watch")
    options = parser.parse_args()
    print(f"{options.saves} saves each, level strict, watcher {options.watcher}; milliseconds")
    print(f"{'':44}     p50     p95     p99     max")
    for form in map(Format, options.formats.split(",")):
        texts = [policies.text(form, rate=100 + n) for n in range(options.saves)]
        print(f"{form.value}, {len(texts[0].encode())} bytes")
        for save in (save_in_place, save_by_rename):
            how = save.__name__.removeprefix("save_").replace("_", " ")
            for count in map(int, options.policies.split(",")):
                with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as kept:
                    file = Path(name) / f"measured.{form.value}"
                    file.write_text(policies.text(form))
                    for number in range(count - 1):
                        other = Path(name) / f"{number}.{form.value}"
                        other.write_text(policies.text(form, f"policy-{number}"))
                    floor_command = [sys.executable, "-c", FLOOR, name, form.value]
                    floor, _ = measure(floor_command, file, texts, save)
                    watch = [sys.executable, "-m", "policyconsole", "watch", name]
                    watch += ["--format", "jsonl", "--level", "strict", "--state-dir", kept]
                    watch += ["--no-history"] if options.no_history else []
                    file.write_text(policies.text(form))
                    watch += ["--watcher", options.watcher, *options.options.split()]
                    seen, told = measure(watch, file, texts, save)
                begin = f"  {how:10}{count:7,} policies"
                print(f"{begin}  {'the floor':16}{figures(floor)}")
                print(f"{'':{len(begin)}}  {'save to line':16}{figures(seen)}")
                print(f"{'':{len(begin)}}  {'total, as told':16}{figures(told)}")
                ratios = (
                    percentile(sorted(seen), at) / percentile(sorted(floor), at)
                    for at in (0.5, 0.99)
                )
                print(
                    f"{'':{len(begin)}}  over the floor: median {next(ratios):.2f}, p99 {next(ratios):.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
