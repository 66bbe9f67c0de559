"""``python -m tests.fuzzing``: mutated policies through everything that reads them, until time is up.

Runs in a child process with limits to memory and time; what breaks a promise, or the
child itself, is printed as the bytes that it is. Ends with 1 then.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from policyconsole.loading.formats import Format
from tests.fuzzing.mutations import Mutator
from tests.fuzzing.promises import check

MEMORY = 512 * 1024 * 1024
"""Bytes of address space that the child may have, the interpreter and all modules among them."""

PROCESSOR_TIME = 1.0
"""Seconds for one content to be loaded; that it is judged and saved as well is allowed for by PASSES."""

PASSES = 5
"""How many times a loaded policy is read: as it is, and saved in each format and read again."""

KILLED_AFTER = 30.0
"""Seconds of processor time after which a content ends the child: a loop in C hears nothing else."""


def main() -> int:
    """Run the child, and tell what it has found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="how long (1)")
    parser.add_argument("--seed", type=int, default=None, help="where to begin (the time of day)")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    seed = int(time.time()) if options.seed is None else options.seed
    if options.child:
        return _fuzz(Path(options.child), seed, options.minutes * 60)
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "content"
        command = [
            sys.executable,
            "-X",
            "faulthandler",
            "-m",
            "tests.fuzzing",
            "--child",
            str(kept),
        ]
        command += ["--minutes", str(options.minutes), "--seed", str(seed)]
        code = subprocess.run(command, check=False).returncode
        if code:
            form, _, content = kept.read_bytes().partition(b"\n")
            print(f"seed {seed}: the child ended with {code} on this {form.decode()}:")  # noqa: T201
            print(content)  # noqa: T201
    return 1 if code else 0


def _fuzz(kept: Path, seed: int, seconds: float) -> int:
    """Check contents until time is up or one of them breaks a promise; it is then in ``kept``."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    mutator, verdicts, slowest = Mutator(seed), Counter[str](), 0.0
    end = time.monotonic() + seconds
    descriptor = os.open(kept, os.O_RDWR | os.O_CREAT, 0o600)
    while time.monotonic() < end:
        content, form = mutator.content()
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, form.encode() + b"\n" + content, 0)
        signal.setitimer(signal.ITIMER_PROF, KILLED_AFTER)
        taken, verdict = _timed(content, form)
        if taken > PROCESSOR_TIME:
            taken = min(taken, _timed(content, form)[0])  # the machine may have been busy
        assert taken <= PROCESSOR_TIME * PASSES, f"{taken:.2f} s"
        assert taken <= PROCESSOR_TIME or verdict == "loaded", f"{taken:.2f} s"
        verdicts[verdict] += 1
        slowest = max(slowest, taken)
    figures = {"seed": seed, "contents": verdicts.total(), "slowest": round(slowest, 3)}
    print(json.dumps({**figures, **dict(sorted(verdicts.items()))}))  # noqa: T201
    return 0


def _timed(content: bytes, form: Format) -> tuple[float, str]:
    begin = time.process_time()
    verdict = check(content, form)
    return time.process_time() - begin, verdict


if __name__ == "__main__":
    sys.exit(main())
