"""How the terminal app keeps up: 10,000 policies loaded, 1,000 changes a second, keys pressed all the while.

    python benchmarks/terminal_load.py [--files 10000] [--rate 1000] [--seconds 10] [--rest 30]

Runs the real program in a pseudo-terminal of 120 x 40 and reads what it writes. A key
counts as answered when what it brings (the mark of the pane that has the keys, the title of
the help) has arrived here. At rest, processor time stands beside that of ``watch`` on the same
files, which has no face. Linux only: processor time and memory come from /proc.
"""

import argparse
import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from pathlib import Path

from costs import fill, processor_seconds, until_started, watching

COLUMNS, ROWS = 120, 40
LONGEST = 120.0
"""Seconds after which something that has not come is taken to be never coming."""
SETTLED = 65.0
"""Seconds after the start from which ages are said in minutes, and change once in one."""

FRAME = b"\x1b[?2026h"
"""Begins a picture in a terminal that has synchronised output, as this one says it has."""
ASKED, ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"

KEYS: tuple[tuple[bytes, bytes], ...] = (
    (b"2", "▸ 2".encode()),
    (b"1", "▸ 1".encode()),
    (b"4", "▸ 4".encode()),
    (b"1", "▸ 1".encode()),
    (b"?", b"Help"),
    (b"?", "▸ 1".encode()),
    (b"z", b"unzoom"),
    (b"z", "▸ 1".encode()),
)
"""A key, and what stands on the screen because of it and was not there before."""

WRITER = """\
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import policies
from policyconsole.loading.formats import Format
folder, files, rate, seconds = Path(sys.argv[2]), *map(int, sys.argv[3:6])
texts = [policies.text(Format.TOML, f"policy-{n}", 61 + n % 400) for n in range(files)]
begin = time.perf_counter()
behind = 0.0
for change in range(rate * seconds):
    due = begin + change / rate
    while (left := due - time.perf_counter()) > 0:
        time.sleep(min(left, 0.002))
    behind = max(behind, -left)
    number = change * 7919 % files
    text = texts[number].replace("requests_per_minute = ", f"requests_per_minute = {1 + change % 9}")
    (folder / f"{number:05}.toml").write_text(text)
print(f"{time.perf_counter() - begin:.2f} {behind * 1000:.0f}")
"""


class Terminal:
    """The program in a pseudo-terminal: what it wrote so far, and the keys to it."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            command, stdin=follower, stdout=follower, stderr=follower, env=environment,
            start_new_session=True, close_fds=True,
        )  # fmt: skip
        os.close(follower)
        self._leader = leader
        self._written = bytearray()
        self._arrived = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                select.select([self._leader], [], [])
                data = os.read(self._leader, 65_536)
            except OSError:  # the program has ended
                return
            if ASKED in data:
                os.write(self._leader, ANSWER)
            with self._arrived:
                self._written += data
                self._arrived.notify_all()

    @property
    def mark(self) -> int:
        """How many bytes were written so far."""
        with self._arrived:
            return len(self._written)

    def since(self, mark: int) -> bytes:
        """Give what was written after a mark."""
        with self._arrived:
            return bytes(self._written[mark:])

    def press(self, key: bytes) -> None:
        """Press a key."""
        os.write(self._leader, key)

    def wait_for(self, wanted: bytes, mark: int) -> None:
        """Wait until something stands in what was written after a mark."""
        end = time.monotonic() + LONGEST
        with self._arrived:
            start = mark
            while (found := self._written.find(wanted, start)) < 0:
                start = max(mark, len(self._written) - len(wanted))
                if not self._arrived.wait(end - time.monotonic()):
                    raise TimeoutError(f"{wanted!r} did not come")
            assert found >= 0

    def answer_ms(self, key: bytes, wanted: bytes) -> float:
        """Press a key and give the milliseconds until what it brings is there."""
        mark, begin = self.mark, time.perf_counter()
        self.press(key)
        self.wait_for(wanted, mark)
        return (time.perf_counter() - begin) * 1000


def resident_mib(process_id: int, what: str = "VmRSS") -> float:
    """Give the memory of a process, now or (``VmHWM``) at most so far."""
    status = Path(f"/proc/{process_id}/status").read_text()
    found = re.search(rf"^{what}:\s+(\d+) kB", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


def say(what: str, figure: str) -> None:
    """Print one figure."""
    print(f"{what:<44}{figure}", flush=True)


def spread(answers: list[tuple[float, str]]) -> str:
    """Say how times in milliseconds spread, and which key took longest."""
    times = sorted(took for took, _ in answers)
    late = sum(value > 100 for value in times)
    p99 = times[max(0, -(-len(times) * 99 // 100) - 1)]
    figures = f"p50 {statistics.median(times):.1f}  p99 {p99:.1f}  max {times[-1]:.1f} ms"
    return f"{figures} ({max(answers)[1]}), {len(times)} keys, {late} over 100 ms"


def press_all(terminal: Terminal, going_on: "threading.Event | int") -> list[tuple[float, str]]:
    """Press the keys in turn, for some rounds or while something goes on."""
    times: list[tuple[float, str]] = []
    rounds = 0
    while going_on.is_set() if isinstance(going_on, threading.Event) else rounds < going_on:
        rounds += 1
        for key, wanted in KEYS:
            times.append((terminal.answer_ms(key, wanted), f"{key.decode()} to {wanted.decode()}"))
            time.sleep(0.03)
    return times


def measure_rest(terminal: Terminal, began: float, seconds: float, folder: Path) -> None:
    """Print what the app does while nothing happens, beside the engine alone."""
    time.sleep(max(0.0, began + SETTLED - time.monotonic()))
    # Within the minute, so that no age has to be said anew.
    mark, used, begin = terminal.mark, processor_seconds(terminal.process.pid), time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - begin
    share = (processor_seconds(terminal.process.pid) - used) / took
    written = terminal.since(mark)
    frames = f"{len(written)} bytes, {written.count(FRAME)} pictures in {seconds:.0f} s"
    say("at rest: written to the terminal", frames)
    terminal.process.send_signal(signal.SIGSTOP)
    with watching(folder) as (process, lines):
        until_started(lines)
        time.sleep(2)
        used, begin = processor_seconds(process.pid), time.monotonic()
        time.sleep(seconds)
        alone = (processor_seconds(process.pid) - used) / (time.monotonic() - begin)
    terminal.process.send_signal(signal.SIGCONT)
    say(
        "at rest: processor time",
        f"{share:.2%} of a core, watch alone {alone:.2%}: the face {share - alone:.2%}",
    )


def measure_load(terminal: Terminal, folder: Path, files: int, rate: int, seconds: int) -> None:
    """Print how keys are answered while files change, and what that costs."""
    say("keys, nothing else going on", spread(press_all(terminal, 10)))
    before = resident_mib(terminal.process.pid)
    writing = threading.Event()
    writing.set()
    mark, used = terminal.mark, processor_seconds(terminal.process.pid)
    here = str(Path(__file__).parent)
    arguments = [here, str(folder), str(files), str(rate), str(seconds)]
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, *arguments], stdout=subprocess.PIPE, text=True
    ) as writer:

        def wait() -> None:
            writer.wait()
            writing.clear()

        threading.Thread(target=wait).start()
        begin = time.monotonic()
        times = press_all(terminal, writing)
        took = time.monotonic() - begin
        assert writer.stdout is not None
        needed, behind = writer.stdout.read().split()
    pictures = terminal.since(mark).count(FRAME)
    share = (processor_seconds(terminal.process.pid) - used) / took
    changes = rate * seconds
    say("changes", f"{changes} in {needed} s, the writer at most {behind} ms behind")
    say("keys meanwhile", spread(times))
    say(
        "pictures meanwhile",
        f"{pictures}, {pictures / took:.1f} a second; keys brought some of them",
    )
    say("processor time meanwhile", f"{share:.0%} of a core, engine and all")
    after = resident_mib(terminal.process.pid)
    peak = resident_mib(terminal.process.pid, "VmHWM")
    say("memory before, after, at most", f"{before:.0f}, {after:.0f}, {peak:.0f} MiB")


def measure_again(terminal: Terminal, folder: Path, files: int, rate: int, seconds: int) -> None:
    """Print whether a second load of the same kind adds memory."""
    before = resident_mib(terminal.process.pid)
    arguments = [str(Path(__file__).parent), str(folder), str(files), str(rate), str(seconds)]
    subprocess.run([sys.executable, "-c", WRITER, *arguments], check=True, capture_output=True)
    time.sleep(3)
    after = resident_mib(terminal.process.pid)
    say("memory before and after as many changes again", f"{before:.0f}, {after:.0f} MiB")


def dropped(terminal: Terminal) -> str:
    """Give what the frame of the events says of those that it has not kept."""
    mark = terminal.mark
    terminal.press(b"2z")
    terminal.wait_for(b"dropped", mark)
    found = re.findall(rb"([\d,]+) dropped", terminal.since(mark))
    return f"{found[-1].decode()} events, 10,000 kept"


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=1_000, help="changes a second")
    parser.add_argument("--seconds", type=int, default=10, help="for how long")
    parser.add_argument(
        "--rest", type=float, default=30.0, help="seconds at rest; 0 leaves that out"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "policies"
        folder.mkdir()
        fill(folder, options.files, 60)
        environment = {
            **os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor",
            "XDG_STATE_HOME": str(Path(name) / "state"),
        }  # fmt: skip
        command = [sys.executable, "-m", "policyconsole", str(folder)]
        begin = time.monotonic()
        terminal = Terminal(command, environment)
        try:
            terminal.wait_for(f"{options.files} in force".encode(), 0)
            began = time.monotonic()
            say(f"{options.files} policies shown in force after", f"{began - begin:.2f} s")
            time.sleep(3)
            if options.rest:
                measure_rest(terminal, began, options.rest, folder)
            measure_load(terminal, folder, options.files, options.rate, options.seconds)
            measure_again(terminal, folder, options.files, options.rate, options.seconds)
            say("dropped from the ring", dropped(terminal))
            terminal.press(b"q")
            say("exit code", str(terminal.process.wait(LONGEST)))
        finally:
            if terminal.process.poll() is None:
                terminal.process.kill()


if __name__ == "__main__":
    main()
