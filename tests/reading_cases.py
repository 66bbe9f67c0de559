"""Every case of the paragraph "Reading" of the failure modes, by name: the file, and what is said of it.

``CONTENTS`` are files with bytes in them, ``OTHERS`` what is no readable file at all.
"""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from policyconsole.reading import SIZE_LIMIT

TOML = 'id = "case"\nname = "A case"\nversion = "1.0.0"\n'
YAML = 'id: case\nname: A case\nversion: "1.0.0"\n'
JSON = '{"id": "case",\n"name": "A case",\n"version": "1.0.0",\n'
TOP = (1, 1)


@dataclass(frozen=True, slots=True)
class Case:
    """A file's content, and the code and place (line, column) of the only error in it.

    The place is None where the file as a whole is meant.
    """

    content: bytes
    code: str
    place: tuple[int, int] | None


def _case(content: str | bytes, code: str, place: tuple[int, int] | None) -> Case:
    return Case(content.encode() if isinstance(content, str) else content, code, place)


def _bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, levels)
    ]
    return "\n".join(lines)


CONTENTS: dict[str, Case] = {
    "empty.toml": _case("", "FILE004", None),
    "empty.yaml": _case("", "FILE004", None),
    "empty.json": _case("", "FILE004", None),
    "blank.toml": _case("\n  \t\n", "FILE004", None),
    "blank.yaml": _case("\n  \n", "FILE004", None),
    "blank.json": _case("\r\n", "FILE004", None),
    "only-comments.toml": _case("# nothing yet\n", "FILE004", None),
    "only-comments.yaml": _case("# nothing yet\n", "FILE004", None),
    "only-a-mark.toml": _case(b"\xef\xbb\xbf", "FILE004", None),
    "no-object.json": _case("[]", "TYPE001", TOP),
    "no-mapping.yaml": _case("- a\n", "TYPE001", TOP),
    # A byte order mark is passed over, and not counted in the columns.
    "mark.toml": _case(b"\xef\xbb\xbf" + b'id = "a" b\n', "PARSE001", (1, 10)),
    "mark.yaml": _case(b"\xef\xbb\xbf" + b"id: a: b\n", "PARSE001", (1, 6)),
    "mark.json": _case(b"\xef\xbb\xbf" + b'{"id" 1}', "PARSE001", (1, 7)),
    "utf-16.toml": _case(TOML.encode("utf-16"), "FILE003", TOP),
    "utf-16.yaml": _case(YAML.encode("utf-16-le"), "FILE003", TOP),
    "utf-16.json": _case(JSON.encode("utf-16-be"), "FILE003", TOP),
    "latin-1.toml": _case(b'id = "a"\nname = "caf\xe9"\n', "FILE003", (2, 12)),
    "nul.toml": _case('id = "a\0"\n', "PARSE001", (1, 8)),
    "nul.yaml": _case("id: a\nname: \0\n", "PARSE001", (2, 7)),
    "nul.json": _case('{"id":\n"\0"}', "PARSE001", (2, 2)),
    "only-nul.toml": _case(b"\0" * 4096, "PARSE001", TOP),
    "surrogate-bytes.toml": _case(b"id = '\xed\xa0\x80'\n", "FILE003", (1, 7)),
    "surrogate-bytes.yaml": _case(b"id: a\nname: \xed\xbf\xbf\n", "FILE003", (2, 7)),
    "surrogate-bytes.json": _case(b'{"id":\n"\xed\xa0\x80"}', "FILE003", (2, 2)),
    "surrogate-escape.toml": _case('id = "\\ud800"\n', "PARSE001", (1, 9)),
    "surrogate-escape.yaml": _case('id: "\\ud800"\n', "PARSE001", (1, 8)),
    "surrogate-escape.json": _case('{"id": "\\ud800"}', "PARSE001", (1, 9)),
    "key-twice.toml": _case('id = "a"\n[custom]\nx = 1\nx = 2\n', "PARSE002", (4, 1)),
    "key-twice.yaml": _case("id: a\ncustom:\n  x: 1\n  x: 2\n", "PARSE002", (4, 3)),
    "key-twice.json": _case('{"id": "a",\n"name": "b",\n "id": "c"}', "PARSE002", (3, 2)),
    "table-twice.toml": _case("[custom]\nx = 1\n[custom]\n", "PARSE002", (3, 2)),
    "alias-bomb.yaml": _case(_bomb(9), "PARSE003", (5, 9)),
    "alias-of-itself.yaml": _case("id: a\ncustom: &a [*a]\n", "PARSE003", (2, 12)),
    "merge-bomb.yaml": _case(
        "x: &x {" + ", ".join(f"k{n}: 1" for n in range(9_000)) + "}\n"
        + "".join(f"m{n}: {{<<: *x}}\n" for n in range(2_000)),
        "PARSE003",
        (4, 5),
    ),
    "python-tag.yaml": _case(
        YAML + "description: !!python/object/apply:os.system [ls]\n", "PARSE001", (4, 14)
    ),
    "binary-tag.yaml": _case(YAML + "description: !!binary eA==\n", "PARSE001", (4, 14)),
    "own-tag.yaml": _case("!thing\n" + YAML, "PARSE001", (1, 1)),
    "several-documents.yaml": _case(YAML + "---\n" + YAML, "PARSE001", (4, 1)),
    "no-where-text-is-meant.yaml": _case("id: case\nname: no\nversion: '1'\n", "TYPE001", (2, 7)),
    "on-where-text-is-meant.yaml": _case(
        YAML + "monitoring:\n  log_level: on\n", "TYPE001", (5, 14)
    ),
    "yes-as-a-key.yaml": _case(YAML + "custom:\n  yes: 1\n", "TYPE001", (5, 3)),
    "1e3.toml": _case(TOML + "security.rate_limiting.burst_size = 1e3\n", "TYPE001", (4, 37)),
    "1e3.yaml": _case(YAML + "security: {rate_limiting: {burst_size: 1e3}}\n", "TYPE001", (4, 40)),
    "1e3.json": _case(
        JSON + '"security": {"rate_limiting": {"burst_size": 1e3}}}', "TYPE001", (4, 46)
    ),
    "octal.toml": _case(TOML + "custom.x = 010\n", "PARSE001", (4, 12)),
    "octal.yaml": _case(YAML + "custom:\n  x: 010\n", "TYPE001", (5, 6)),
    "octal.json": _case(JSON + '"custom": {"x": 010}}', "PARSE001", (4, 18)),
    "base-60.yaml": _case(YAML + "custom:\n  x: 1:30\n", "TYPE001", (5, 6)),
    "date-where-text-is-meant.toml": _case(
        'id = "case"\nname = "n"\nversion = 2026-11-23\n', "TYPE001", (3, 11)
    ),
    "date-where-text-is-meant.yaml": _case(
        "id: case\nname: n\nversion: 2026-11-23\n", "TYPE001", (3, 10)
    ),
    "date-that-is-none.toml": _case(TOML + "created_at = 2026-02-30\n", "PARSE001", (4, 14)),
    "date-that-is-none.yaml": _case(YAML + "created_at: 2026-02-30\n", "PARSE001", (4, 13)),
    "date-that-is-none.json": _case(JSON + '"created_at": "2026-02-30"}', "TYPE001", (4, 15)),
    "time-without-offset.toml": _case(
        TOML + "created_at = 2026-11-23T18:00:00\n", "TYPE001", (4, 14)
    ),
    "time-without-offset.yaml": _case(
        YAML + "created_at: 2026-11-23T18:00:00\n", "TYPE001", (4, 13)
    ),
    "time-without-offset.json": _case(
        JSON + '"created_at": "2026-11-23T18:00:00"}', "TYPE001", (4, 15)
    ),
    "deep-lists.toml": _case("x = 1\ny = " + "[" * 100_000, "PARSE003", (2, 85)),
    "deep-keys.toml": _case("x = 1\n" + "a." * 100_000 + "a = 1\n", "PARSE003", (2, 1)),
    "deep-lists.yaml": _case("x: 1\ny: " + "[" * 100_000, "PARSE003", (2, 1003)),
    "deep-items.yaml": _case("x: 1\ny:\n" + "- " * 100_000 + "x\n", "PARSE003", (3, 127)),
    "deep-lists.json": _case('{"x":\n' + "[" * 100_000, "PARSE003", (2, 64)),
    "deep-objects.json": _case('{"x":\n' + '{"a":' * 100_000, "PARSE003", (2, 316)),
    "10,000-digits.toml": _case(TOML + "custom.x = " + "9" * 10_000, "PARSE001", (4, 12)),
    "10,000-digits.yaml": _case(YAML + "custom: {x: " + "9" * 10_000 + "}", "PARSE001", (4, 13)),
    "10,000-digits.json": _case(JSON + '"custom": ' + "9" * 10_000 + "}", "PARSE001", (4, 11)),
    "not-a-number.toml": _case(TOML + "custom.x = nan\n", "TYPE002", (4, 12)),
    "not-a-number.yaml": _case(YAML + "custom:\n  x: .nan\n", "TYPE002", (5, 6)),
    "not-a-number.json": _case(JSON + '"custom": {"x": NaN}}', "PARSE001", (4, 17)),
    "infinity.toml": _case(
        TOML + "monitoring.metrics.sampling_rate = -inf\n", "TYPE002", (4, 36)
    ),
    "infinity.yaml": _case(YAML + "custom:\n  x: [1, .inf]\n", "TYPE002", (5, 10)),
    "infinity.json": _case(JSON + '"custom": {"x": -Infinity}}', "PARSE001", (4, 17)),
    "too-large-a-number.yaml": _case(YAML + "custom:\n  x: 1.0e+999\n", "PARSE001", (5, 6)),
    "too-large-a-number.json": _case(JSON + '"custom": {"x": 1e999}}', "PARSE001", (4, 17)),
    "junk-behind.toml": _case(TOML + "junk\n", "PARSE001", (4, 5)),
    "junk-behind.yaml": _case(YAML + "junk\n", "PARSE001", (4, 1)),
    "junk-behind.json": _case(JSON + '"custom": {}}\njunk', "PARSE001", (5, 1)),
    "cut-short.toml": _case(TOML + '[custom]\nx = "', "PARSE001", (5, 6)),
    "cut-short.yaml": _case(YAML + 'custom:\n  x: "', "PARSE001", (5, 6)),
    "cut-short.json": _case(JSON + '"custom": {', "PARSE001", (4, 12)),
    "too-many-values.toml": _case("x = [" + "1," * 20_001 + "]", "PARSE003", TOP),
    "too-many-values.yaml": _case("x: [" + "1," * 20_001 + "]", "PARSE003", (1, 4)),
    "too-many-values.json": _case('{"x": [' + "1," * 20_000 + "1]}", "PARSE003", TOP),
    "larger-than-the-limit.toml": _case(b"#" * (SIZE_LIMIT + 1), "FILE002", None),
}  # fmt: skip


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    # The address of a socket holds a hundred bytes only: less than a test's folder may have.
    here = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(f"/proc/self/fd/{here}/{path.name}")
    os.close(here)


def _terabyte(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1024**4)


OTHERS: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "fifo.toml": (_fifo, "FILE001", "a named pipe"),
    "socket.yaml": (_socket, "FILE001", "a socket"),
    "device.json": (lambda path: path.symlink_to("/dev/null"), "FILE001", "a device"),
    "endless.toml": (lambda path: path.symlink_to("/dev/zero"), "FILE001", "a device"),
    "folder.yaml": (lambda path: path.mkdir(), "FILE001", "a folder"),
    "dangling.json": (lambda path: path.symlink_to("nowhere"), "FILE001", "points at nothing"),
    "circle.toml": (lambda path: path.symlink_to("circle.toml"), "FILE001", "links"),
    # Address 0 of a process cannot be read: a regular file whose every read fails.
    "broken.yaml": (lambda path: path.symlink_to("/proc/self/mem"), "FILE001", "error"),
    "terabyte.json": (_terabyte, "FILE002", "10 MiB"),
}
"""By name: how it is made, the code, and what the message says. None of them has a place."""


def put(name: str, folder: Path) -> None:
    """Put a case into a folder in one step, so that nobody sees a part of it."""
    if name in OTHERS:
        OTHERS[name][0](folder / name)
        return
    unfinished = folder / ".unfinished~"
    unfinished.write_bytes(CONTENTS[name].content)
    unfinished.rename(folder / name)
