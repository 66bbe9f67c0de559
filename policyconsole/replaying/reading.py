"""Reading a recording: whole, or up to the line that cannot be read."""

import json
import os
from dataclasses import dataclass

from pydantic import TypeAdapter

from policyconsole.escaping import printable
from policyconsole.replaying.lines import LINE, VERSION, Begun, End, Line
from policyconsole.replaying.writing import LARGEST

_BEGUN: TypeAdapter[Begun] = TypeAdapter(Begun)


class NotARecordingError(Exception):
    """A file is no recording that can be played; its text says what is wrong with it, and where."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What was recorded; ``note`` says where and why it ends before its time, None where it does not."""

    begun: Begun
    lines: tuple[Line, ...]
    note: str | None

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return self.lines[-1].t if self.lines else 0.0


def read_recording(path: str | os.PathLike[str]) -> Recording:
    """Read a file; raises :class:`NotARecordingError`. A line that is broken ends it there."""
    name = printable(os.fspath(path))
    try:
        with open(path, "rb") as file:
            content = file.read(2 * LARGEST + 1)
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise NotARecordingError(f"{name} cannot be read: {why}") from None
    if len(content) > 2 * LARGEST:
        raise NotARecordingError(f"{name} is too large: a recording has at most {LARGEST:,} bytes")
    first, *rest = content.split(b"\n")
    try:
        begun = _BEGUN.validate_python(json.loads(first))
    except (ValueError, RecursionError):
        raise NotARecordingError(
            f"{name}:1: not a recording: its first line is none that --record writes"
        ) from None
    if begun.recording > VERSION:
        raise NotARecordingError(
            f"{name}:1: a recording of form {begun.recording}, from a newer policy-console;"
            f" this one knows {VERSION}"
        )
    lines, note = _lines(name, rest)
    return Recording(begun, tuple(lines), note)


def _lines(name: str, texts: list[bytes]) -> tuple[list[Line], str | None]:
    lines: list[Line] = []
    for number, text in enumerate(texts, start=2):
        if not text.strip():
            continue
        try:
            line = LINE.validate_python(json.loads(text))
        except (ValueError, RecursionError):
            cut = "cut off" if number == len(texts) + 1 else "not one that --record writes"
            return lines, f"{name}:{number}: this line is {cut}; the recording is played up to it"
        if lines and line.t < lines[-1].t:
            return lines, f"{name}:{number}: this line is out of order; it is played up to it"
        lines.append(line)
        if isinstance(line, End):
            return lines, line.why and f"it was recorded no further: {printable(line.why)}"
    return lines, "it was not recorded to its end"
