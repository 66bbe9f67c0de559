"""Contents that nobody would write: real policies, mutated, and pieces of the formats thrown together."""

import json
import random
from collections.abc import Callable
from pathlib import Path

from policyconsole.loading.formats import Format, decode, encode, format_of
from policyconsole.loading.loader import PolicyLoadError, parse
from tests.loading.sources import SOURCES
from tests.loading.test_any_content import PIECES
from tests.policies import REPORT

ROOT = Path(__file__).parents[2]
VALUES = (
    *("nan", "-inf", ".nan", ".inf", "NaN", "-Infinity", "1e3", "1e999", "0o17", "010", "0x1F"),
    *("1:30", "190:20:30", "9" * 50, "9" * 10_000, "-0", "0.0", "1_000", "2147483648", "1.5"),
    *("no", "on", "Yes", "true", "null", "~", "''", '""', '"x"', "'", '"""', "'''", "|", ">-"),
    *("2026-11-23", "2026-02-30", "2026-11-23T18:00:00Z", "0001-01-01T00:00:00+23:59", "12:30"),
    *("[]", "{}", "[[[]]]", "[1, {a = 1}]", "{a: [b, {c: d}]}", '{"a": [1]}', "{<<: {a: 1}}"),
    *("*a", "&a [*a]", "&a {<<: *a}", "!!python/name:os.system x", "!!binary eA==", "!!set {a}"),
    *("!!int x", "!!float 1", "!!str 1", "!!timestamp x", "!t x", "!<> x", "=", "<<"),
    *('"\\ud800"', '"\\ud83d\\ude00"', '"\\u0000"', '"\\x41"', '"\\U0010ffff"', '"\x7f"', "\ufeff"),
    *("postgres://user:secret@host/db", '"a@b:c://d:e@f@"', "é" * 300, "\u202e", "\x85", "\u2028"),
)
NAMES = ("id", "name", "custom", "security", "tls", "a.b", '"a b"', "'é'", "password", "<<", "")
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "utf-7", "cp037", "utf-8-sig")


def corpus() -> tuple[tuple[Format, str], ...]:
    """The sample policies, the example of the report, those that are refused, small ones."""
    files = [REPORT, *ROOT.joinpath("sample_policies").rglob("*")]
    files += ROOT.joinpath("tests/refused").iterdir()
    found = list(SOURCES.items())
    for file in sorted(files):
        form = format_of(file)
        if form is not None and file.is_file():
            found.append((form, file.read_text(encoding="utf-8")))
    return tuple(found)


class Mutator:
    """Makes contents, one after the other; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # not for secrets
        self._corpus = corpus()
        self._steps: tuple[Callable[[str], str], ...] = (
            self._replace,
            self._replace,
            self._piece,
            self._piece,
            self._value,
            self._value,
            self._value,
            self._drop,
            self._twice,
            self._swap,
            self._splice,
            self._nest,
            self._anchor,
            self._merge,
            self._indent,
            self._repeat,
            self._rename,
        )

    def content(self) -> tuple[bytes, Format]:
        """Give the next content, and the format that it is said to be in."""
        chance = self._random.random()
        form, text = self._random.choice(self._corpus)
        if chance < 0.15:
            form, text = self._random.choice(list(Format)), self._pieces(30)
        elif chance < 0.3:
            form, text = self._written(form, text)
        for _ in range(self._random.choice((1, 1, 1, 2, 2, 3, 5, 8))):
            text = self._random.choice(self._steps)(text)
        if self._random.random() < 0.05:
            form = self._random.choice(list(Format))
        return self._encoded(text), form

    def _written(self, form: Format, text: str) -> tuple[Format, str]:
        """Change the data of a policy, and write it in any format."""
        target = self._random.choice(list(Format))
        try:
            parse(text.encode(), form)
            data = decode(text, form)
            table = data
            for _ in range(self._random.randrange(4)):
                below = [value for value in table.values() if isinstance(value, dict)]
                table = self._random.choice(below) if below else table
            for _ in range(self._random.randrange(4)):
                table[self._random.choice([*table, *NAMES])] = self._datum(3)
            return target, encode(data, target)
        except (PolicyLoadError, ValueError):  # refused, or nothing that the target can hold
            return form, text

    def _datum(self, depth: int) -> object:
        kind = self._random.randrange(9 if depth else 6)
        match kind:
            case 0:
                return self._random.choice((True, False, None, 0, 1, -1, 2**31, 2**128 - 1))
            case 1:
                return self._random.choice((0.0, -0.0, 1e308, 5e-324, 0.1))
            case 2 | 3:
                return self._random.choice(VALUES)
            case 4 | 5:
                return self._pieces(4)
            case 6:
                return [self._datum(depth - 1) for _ in range(self._random.randrange(4))]
            case _:
                names = [self._random.choice(NAMES) for _ in range(self._random.randrange(4))]
                return {name or self._pieces(2): self._datum(depth - 1) for name in names}

    def _pieces(self, most: int) -> str:
        return "".join(self._random.choices(PIECES, k=self._random.randrange(most + 1)))

    def _at(self, text: str) -> int:
        return self._random.randrange(len(text) + 1)

    def _replace(self, text: str) -> str:
        start = self._at(text)
        by = chr(self._random.choice((*range(128), 0x85, 0xE9, 0x2028, 0xFEFF, 0x1F600)))
        return text[:start] + by + text[start + self._random.randrange(3) :]

    def _piece(self, text: str) -> str:
        start = self._at(text)
        return text[:start] + self._pieces(3) + text[start + self._random.randrange(12) :]

    def _drop(self, text: str) -> str:
        start = self._at(text)
        return text[:start] + text[start + self._random.randrange(1, 200) :]

    def _lines(self, text: str) -> tuple[list[str], int]:
        lines = text.split("\n")
        return lines, self._random.randrange(len(lines))

    def _value(self, text: str) -> str:
        """Put another value behind a key."""
        lines, at = self._lines(text)
        line = lines[at]
        mark = max(line.find("="), line.find(":"))
        if mark >= 0:
            tail = "," if line.endswith(",") else ""
            lines[at] = f"{line[: mark + 1]} {self._random.choice(VALUES)}{tail}"
        return "\n".join(lines)

    def _twice(self, text: str) -> str:
        lines, at = self._lines(text)
        copied = lines[at : at + self._random.randrange(1, 6)]
        to = self._random.choice((at, self._random.randrange(len(lines) + 1)))
        return "\n".join((*lines[:to], *copied, *lines[to:]))

    def _swap(self, text: str) -> str:
        lines, at = self._lines(text)
        other = self._random.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
        return "\n".join(lines)

    def _splice(self, text: str) -> str:
        """Put a part of another policy, in whatever format, in the middle."""
        other = self._random.choice(self._corpus)[1]
        start, at = self._at(other), self._at(text)
        return text[:at] + other[start : start + self._random.randrange(400)] + text[at:]

    def _nest(self, text: str) -> str:
        depth = self._random.choice((1, 2, 30, 62, 63, 64, 65, 100, 1000, 10_000))
        opener, closer = self._random.choice(
            (("[", "]"), ("{a: ", "}"), ('{"a":', "}"), ("- ", ""), ("{a = ", "}"), ("a.", ""), ("? ", ""))
        )  # fmt: skip
        at = self._at(text)
        end = min(len(text), at + self._random.randrange(30))
        return text[:at] + opener * depth + text[at:end] + closer * depth + text[end:]

    def _anchor(self, text: str) -> str:
        lines, at = self._lines(text)
        name, _, value = lines[at].partition(":")
        lines[at] = f"{name}: &a{self._random.randrange(3)} {value}"
        to = self._random.randrange(len(lines))
        name, mark, value = lines[to].partition(":")
        lines[to] = f"{name}: *a{self._random.randrange(3)}" if mark else lines[to]
        return "\n".join(lines)

    def _merge(self, text: str) -> str:
        lines, at = self._lines(text)
        indentation = len(lines[at]) - len(lines[at].lstrip())
        alias = self._random.choice(("*a0", "*a1", "[*a0, *a1]", "{a: 1, b: 2}", "1"))
        lines.insert(at, " " * indentation + f"<<: {alias}")
        return "\n".join(lines)

    def _indent(self, text: str) -> str:
        lines, at = self._lines(text)
        by = self._random.choice((" ", "  ", "\t", "    "))
        for row in range(at, min(len(lines), at + self._random.randrange(1, 5))):
            lines[row] = by + lines[row]
        return self._random.choice(("\n", "\n", "\n", "\r\n", "\r")).join(lines)

    def _repeat(self, text: str) -> str:
        """Write a part many times over: what takes longer than it should shows here."""
        start = self._at(text)
        part = text[start : start + self._random.randrange(1, 30)]
        count = self._random.choice((2, 10, 100, 100, 1000, 100_000 // max(1, len(part))))
        return text[:start] + part * count + text[start:]

    def _rename(self, text: str) -> str:
        lines, at = self._lines(text)
        name = lines[at].split("=")[0].split(":")[0].strip()
        other = self._random.choice((*NAMES, self._pieces(3)))
        if name.startswith('"'):
            other = json.dumps(other)
        lines[at] = lines[at].replace(name, other, 1) if name else other
        return "\n".join(lines)

    def _encoded(self, text: str) -> bytes:
        chance = self._random.random()
        if chance < 0.03:
            return text.encode(self._random.choice(ENCODINGS), "replace")
        content = bytearray(text.encode("utf-8", "surrogatepass"))
        while chance < 0.15 and content and self._random.random() < 0.7:
            content[self._random.randrange(len(content))] = self._random.randrange(256)
        return bytes(content)
