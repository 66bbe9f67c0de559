"""How a format writes keys and values, in the way of what stood there before."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from policyconsole.fixing.edits import CannotEditError
from policyconsole.loading.formats import Format

_SIMPLE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
"""Text that YAML may read without quotes, unless it is a word for something else."""

_QUOTES = ('"""', "'''", '"', "'")


@dataclass(frozen=True, slots=True)
class Notation:
    """The ways of one format.

    ``text`` writes text in the quotes of what stood there before (none where nothing
    did), ``assignment`` stands between key and value.
    """

    text: Callable[[str, str], str]
    assignment: str
    bare_keys: bool = True

    def value(self, value: object, before: str = "") -> str:
        """Write a value that takes the place of ``before``; raises :class:`CannotEditError`."""
        match value:
            case bool():
                return "true" if value else "false"
            case int():
                return f"{value:_}" if "_" in before and abs(value) > 999 else str(value)
            case float():
                return repr(value)
            case str():
                return self.text(value, before)
            case datetime():
                return value.isoformat().replace("+00:00", "Z")
            case list() | tuple():
                return "[" + ", ".join(map(self.value, value)) + "]"
            case dict():
                return "{" + ", ".join(self.entry(*item) for item in value.items()) + "}"
            case _:
                raise CannotEditError(f"no way to write {type(value).__name__}")

    def entry(self, name: str, value: object) -> str:
        """Write a key and its value."""
        return f"{self.key(name)}{self.assignment}{self.value(value)}"

    def key(self, name: str, before: str = "") -> str:
        """Write a key that takes the place of ``before``: bare where the format allows it."""
        if before[:1] in {'"', "'"}:
            return before[0] + name + before[0]
        return name if self.bare_keys else self.text(name, "")


def _toml_text(text: str, before: str) -> str:
    quotes = next((mark for mark in _QUOTES if before.startswith(mark)), '"')
    if "'" in quotes and "'" not in text and text.isprintable():
        return quotes + text + quotes
    inner = json.dumps(text, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f")
    quotes = quotes if '"' in quotes else '"'
    return quotes + inner + quotes


def _yaml_text(text: str, before: str) -> str:
    if before[:1] == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    if before[:1] not in {'"', "'"} and _is_plain(text):
        return text
    return _json_text(text, before)


def _is_plain(text: str) -> bool:
    """Whether YAML reads ``text`` without quotes as this text."""
    from policyconsole.loading.yaml_format import decode_yaml  # noqa: PLC0415 - PyYAML: 15 ms

    return _SIMPLE.fullmatch(text) is not None and decode_yaml(f"- {text}") == [text]


def _json_text(text: str, _before: str) -> str:
    return json.dumps(text, ensure_ascii=False)


NOTATIONS = {
    Format.TOML: Notation(_toml_text, " = "),
    Format.YAML: Notation(_yaml_text, ": "),
    Format.JSON: Notation(_json_text, ": ", bare_keys=False),
}
"""The ways of each format."""
