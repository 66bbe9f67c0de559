"""A writer in another process: opens, writes and closes files exactly when it is told to.

Run as a program it obeys one JSON list a line on standard input and answers each
with an empty line when it is done.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class Writer:
    """The near end: every method returns when the other process has done it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def open(self, path: Path, mode: str = "w") -> None:
        """Open a file and keep it open; ``w`` truncates, ``a`` appends, ``r+`` overwrites."""
        self._tell("open", str(path), mode)

    def write(self, path: Path, text: str) -> None:
        """Write to a file that is open, and push it out to the system."""
        self._tell("write", str(path), text)

    def close(self, path: Path) -> None:
        """Close a file."""
        self._tell("close", str(path))

    def truncate(self, path: Path) -> None:
        """Cut a file that is open down to nothing; what is written next is its beginning."""
        self._tell("truncate", str(path))

    def rewrite(self, path: Path, texts: list[str]) -> None:
        """Write a file from scratch once for each text, as fast as it goes."""
        self._tell("rewrite", str(path), texts)

    def replace(self, path: Path, text: str) -> None:
        """Write a temporary file and rename it over the path, as atomic writers do."""
        self._tell("replace", str(path), text)

    def _tell(self, *command: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "\n", "the writer has died"


@contextmanager
def writer() -> Iterator[Writer]:
    """Start the other process, and end it."""
    with subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Writer(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=10)


def _obey(files: dict[str, IO[str]], verb: str, path: str, argument: object) -> None:
    match verb, argument:
        case "open", str(mode):
            files[path] = open(path, mode, encoding="utf-8")  # noqa: SIM115 - kept open
        case "write", str(text):
            files[path].write(text)
            files[path].flush()
        case "truncate", _:
            files[path].seek(0)
            files[path].truncate()
        case "close", _:
            files.pop(path).close()
        case "rewrite", list(texts):
            for text in texts:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
        case "replace", str(text):
            temporary = os.path.join(os.path.dirname(path), ".new~")
            with open(temporary, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(temporary, path)
        case _:
            raise ValueError(verb)


def _main() -> None:
    files: dict[str, IO[str]] = {}
    for line in sys.stdin:
        verb, path, *rest = json.loads(line)
        _obey(files, verb, path, rest[0] if rest else None)
        sys.stdout.write("\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()
