"""What the engine costs besides a single change: at rest, at the start, and in a burst.

    python benchmarks/costs.py [--files 10000] [--changes 1000] [--idle SECONDS]

Prints the processor time at rest, the cold start beside parsing alone, how long many
changes at once take until all are in force, and the start-up time of ``check``.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import policies

from policyconsole.loading.formats import Format

PARSING = """\
import sys, time
from pathlib import Path
from policyconsole.loading.formats import Format
from policyconsole.loading.loader import parse
paths = sorted(Path(sys.argv[1]).iterdir())
begin = time.perf_counter()
loaded = [parse(path.read_bytes(), Format.TOML) for path in paths]
print(time.perf_counter() - begin)
"""


def fill(folder: Path, count: int, rate: int) -> None:
    """Write ``count`` policies of their own into a folder."""
    for number in range(count):
        text = policies.text(Format.TOML, f"policy-{number}", rate)
        (folder / f"{number:05}.toml").write_text(text)


@contextmanager
def watching(folder: Path) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """Run ``watch`` as a process, and end it."""
    command = [sys.executable, "-m", "policyconsole", "watch", str(folder), "--format", "jsonl"]
    with (
        tempfile.TemporaryDirectory() as state,
        subprocess.Popen(
            [*command, "--state-dir", state], stdout=subprocess.PIPE, text=True
        ) as process,
    ):
        assert process.stdout is not None
        try:
            yield process, process.stdout
        finally:
            process.terminate()


def until_started(lines: IO[str]) -> None:
    """Read up to the line that says that the first content is in force."""
    while '"started"' not in (line := lines.readline()):
        assert line, "the watching process has ended"


def processor_seconds(process_id: int) -> float:
    """Give the user and system time of a process so far (proc(5))."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure_start(folder: Path, count: int) -> None:
    """Print the cold start beside parsing the same files in a bare process."""
    done = subprocess.run(
        [sys.executable, "-c", PARSING, str(folder)], capture_output=True, text=True, check=True
    )
    parsing = float(done.stdout)
    begin = time.perf_counter()
    with watching(folder) as (_, lines):
        lines.readline()
        first = time.perf_counter() - begin
        until_started(lines)
        whole = time.perf_counter() - begin
    print(f"cold start of {count:,} files: {whole:.2f} s to started (first line {first:.2f} s),")
    print(f"  reading and parsing alone {parsing:.2f} s: {whole / parsing:.2f} times", flush=True)


def measure_burst(folder: Path, count: int, changes: int) -> None:
    """Print how long ``changes`` saves at once take, from the first save to the last in force."""
    with watching(folder) as (_, lines):
        until_started(lines)
        texts = [policies.text(Format.TOML, f"policy-{number}", 500) for number in range(changes)]
        begin = time.perf_counter()
        for number, text in enumerate(texts):
            (folder / f"{number:05}.toml").write_text(text)
        saved = time.perf_counter() - begin
        told: set[str] = set()
        while len(told) < changes:
            line = lines.readline()
            assert '"applied"' in line, line
            told.add(line.partition('"path":')[2].partition(",")[0])
        whole = time.perf_counter() - begin
    print(
        f"{changes:,} of {count:,} changed at once: saved in {saved:.2f} s, in force {whole:.2f} s",
        flush=True,
    )


def measure_rest(folder: Path, count: int, seconds: float) -> None:
    """Print the share of one core that an engine takes while nothing happens."""
    with watching(folder) as (process, lines):
        until_started(lines)
        time.sleep(1)
        before, begin = processor_seconds(process.pid), time.perf_counter()
        time.sleep(seconds)
        used = processor_seconds(process.pid) - before
        share = used / (time.perf_counter() - begin)
    print(f"at rest with {count:,} policies: {share:.2%} of a core over {seconds:g} s", flush=True)


def measure_check(runs: int = 10) -> None:
    """Print how long ``check`` takes on one file, and a bare interpreter beside it."""
    with tempfile.TemporaryDirectory() as name:
        fill(Path(name), 1, 100)
        for what, command in (
            ("check of one file", ["-m", "policyconsole", "check", name]),
            ("a bare interpreter", ["-c", ""]),
        ):
            times = []
            for _ in range(runs):
                begin = time.perf_counter()
                subprocess.run([sys.executable, *command], stdout=subprocess.DEVNULL, check=True)
                times.append((time.perf_counter() - begin) * 1000)
            print(f"{what}: {statistics.median(times):.0f} ms (median of {runs})", flush=True)


def main() -> None:
    """Measure everything, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument(
        "--idle", type=float, default=30.0, help="seconds to look at an idle engine"
    )
    options = parser.parse_args()
    measure_check()
    for count in (1, options.files):
        with tempfile.TemporaryDirectory() as name:
            fill(Path(name), count, 100)
            if count > 1:
                measure_start(Path(name), count)
                measure_burst(Path(name), count, options.changes)
            measure_rest(Path(name), count, options.idle)


if __name__ == "__main__":
    main()
