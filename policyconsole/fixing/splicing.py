"""From edits to splices: the fewest characters of a text to replace."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from policyconsole.fields import FieldPath, format_field
from policyconsole.fixing.edits import (
    CannotEditError,
    Edit,
    RemoveItem,
    RenameKey,
    SetValue,
)
from policyconsole.fixing.notation import NOTATIONS, Notation
from policyconsole.fixing.outline import Brackets, Line, Outline, end_of_line, line_end
from policyconsole.loading.formats import Format
from policyconsole.loading.positions import Stretch

_INDENT = 2
"""Spaces by which a new mapping is indented in a YAML file that has none to learn from."""


class Splice(NamedTuple):
    """Characters to replace, counted from 0, and what to put there."""

    start: int
    end: int
    text: str


def spliced(text: str, edits: Iterable[Edit], form: Format) -> str:
    """Make edits in a text that the parser has accepted, and leave every other character alone.

    Raises :class:`CannotEditError` where the text has no place for one, or two of them
    want the same characters.
    """
    writer = _Writer(_outline(text, form), form)
    splices = [splice for edit in edits for splice in writer.splices(edit)]
    made, end = [], 0
    for splice in sorted(splices, key=lambda splice: splice[:2]):
        if splice.start < end:
            raise CannotEditError("two edits want the same characters")
        made += [text[end : splice.start], splice.text]
        end = splice.end
    return "".join((*made, text[end:]))


def _outline(text: str, form: Format) -> Outline:
    match form:
        case Format.TOML:
            # A grammar or PyYAML takes 15 ms to import: only when there is something to edit.
            from policyconsole.fixing.outline_toml import outline_toml  # noqa: PLC0415

            return outline_toml(text)
        case Format.YAML:
            from policyconsole.fixing.outline_yaml import outline_yaml  # noqa: PLC0415 - as above

            return outline_yaml(text)
        case Format.JSON:
            from policyconsole.fixing.outline_json import outline_json  # noqa: PLC0415

            return outline_json(text)


class _Writer:
    """Finds the splices for one edit after another in one text."""

    def __init__(self, outline: Outline, form: Format) -> None:
        self._outline = outline
        self._text = outline.text
        self._form = form
        self._notation: Notation = NOTATIONS[form]

    def splices(self, edit: Edit) -> Iterator[Splice]:
        match edit:
            case SetValue(path, value) if path in self._outline.values:
                yield self._replaced(self._outline.values[path], value)
            case SetValue(path, value):
                yield self._added(path, value)
            case RenameKey(path, name):
                if path not in self._outline.keys:
                    raise CannotEditError(f"{format_field(path)} stands elsewhere in the text")
                for start, end in self._outline.keys[path]:
                    yield Splice(start, end, self._notation.key(name, self._text[start:end]))
            case RemoveItem(path):
                yield from self._removed(path)

    def _replaced(self, stretch: Stretch, value: object) -> Splice:
        start, end = stretch
        before = self._text[start:end]
        if "#" in before and (before[:1] in {"[", "{", "|", ">"} or self._is_block(before)):
            raise CannotEditError("a comment stands inside the value")
        if not before and self._form is Format.YAML:  # null is written as nothing
            return Splice(start, end, " " + self._notation.value(value))
        return Splice(start, end, self._notation.value(value, before))

    def _is_block(self, value: str) -> bool:
        """Whether a value is a list or mapping of YAML without brackets, on lines of its own."""
        return self._form is Format.YAML and "\n" in value and value[:1] not in {'"', "'"}

    def _added(self, path: FieldPath, value: object) -> Splice:
        """Add a field to the nearest table around it that is there, the tables between with it."""
        above = path[:-1]
        while above not in self._outline.brackets and above not in self._outline.lines:
            if not above or above in self._outline.values:
                raise CannotEditError(
                    f"what {format_field(above)} holds stands elsewhere in the text"
                )
            above = above[:-1]
        names = [str(step) for step in path[len(above) :]]
        if above in self._outline.brackets:
            return self._added_in_brackets(self._outline.brackets[above], names, value)
        line = self._outline.lines[above]
        if self._form is Format.YAML:
            return self._added_mapping(line, names, value)
        if len(names) > 1 and not line.before.endswith("."):
            return self._added_header(path, value)
        dotted = ".".join([*names[:-1], self._notation.entry(names[-1], value)])
        return Splice(line.offset, line.offset, f"{line.before}{dotted}{line.after}")

    def _added_header(self, path: FieldPath, value: object) -> Splice:
        """Add a TOML table at the end, with one field."""
        newline, end = line_end(self._text), len(self._text)
        header = f"[{format_field(path[:-1])}]"
        lines = newline.join((header, self._notation.entry(str(path[-1]), value)))
        if self._text.endswith("\n"):
            return Splice(end, end, f"{newline}{lines}{newline}")
        return Splice(end, end, f"{newline}{newline}{lines}")

    def _added_mapping(self, line: Line, names: list[str], value: object) -> Splice:
        """Add a field to a YAML mapping, in mappings of its own where there are none yet."""
        step = self._step()
        written = ""
        for depth, name in enumerate(names[:-1]):
            written += f"{line.before}{' ' * step * depth}{name}:"
        indent = " " * step * (len(names) - 1)
        written += f"{line.before}{indent}{self._notation.entry(names[-1], value)}"
        return Splice(line.offset, line.offset, written)

    def _step(self) -> int:
        """Give the spaces by which the first nested mapping is indented."""
        for path, line in self._outline.lines.items():
            outer = self._outline.lines.get(path[:-1])
            if path and outer is not None and isinstance(path[-1], str):
                return max(len(line.before) - len(outer.before), 1)
        return _INDENT

    def _added_in_brackets(self, brackets: Brackets, names: list[str], value: object) -> Splice:
        for name in reversed(names[1:]):
            value = {name: value}
        entry = self._notation.entry(names[0], value)
        if not brackets.entries:
            return Splice(brackets.start + 1, brackets.start + 1, entry)
        end = brackets.entries[-1][1]
        return Splice(end, end, self._between(brackets) + entry)

    def _between(self, brackets: Brackets) -> str:
        """Give the comma and the white space between two entries, as they stand in these brackets."""
        entries = brackets.entries
        opening = brackets.start + 1 if len(entries) == 1 else entries[-2][1]
        between = self._text[opening : entries[-1][0]]
        if len(entries) == 1:
            between = f",{between}" if "\n" in between else ", "
        return between if not between.strip(" \t\r\n,") else ", "

    def _removed(self, path: FieldPath) -> Iterator[Splice]:
        """Take out an item: with its line where it has one for itself, else with a comma."""
        brackets, position = self._outline.brackets.get(path[:-1]), int(path[-1])
        if brackets is None:
            if path not in self._outline.items:
                raise CannotEditError(f"{format_field(path)} is not in the text")
            line = self._own_line(*self._outline.items[path], "")
            if line is None:
                raise CannotEditError(f"{format_field(path)} has no line of its own")
            yield Splice(*line, "")
            return
        if position >= len(brackets.entries):
            raise CannotEditError(f"{format_field(path)} is not in the text")
        entries = brackets.entries
        start, end = entries[position]
        is_last = position + 1 == len(entries)
        line = self._own_line(start, end, ",")
        if line is None:
            if not is_last:
                yield Splice(start, entries[position + 1][0], "")
            else:
                yield Splice(entries[position - 1][1] if position else start, end, "")
            return
        yield Splice(*line, "")
        if is_last and position and self._form is Format.JSON:
            comma = self._text.index(",", entries[position - 1][1])
            yield Splice(comma, comma + 1, "")

    def _own_line(self, start: int, end: int, mark: str) -> Stretch | None:
        """Give the whole lines of an item if nothing else stands on them but its comma and comment."""
        first = self._text.rfind("\n", 0, start) + 1
        last = end_of_line(self._text, end)
        after = self._text[end:last].lstrip(" \t").removeprefix(mark).lstrip(" \t")
        if not first or self._text[first:start].strip(" \t") or (after and after[0] != "#"):
            return None
        following = self._text.find("\n", last) + 1
        if not following:  # the end of the text: the line end before the item goes with it
            return end_of_line(self._text, max(first - 2, 0)), last
        return first, following
