"""The outline of a YAML text: libyaml's events, which tell an alias from what it stands for."""

import re
from collections.abc import Iterator

import yaml

from policyconsole.fields import FieldPath
from policyconsole.fixing.outline import Brackets, Line, Outline, end_of_line, line_end
from policyconsole.loading.positions import Stretch
from policyconsole.loading.yaml_compose import Loader

_PROPERTIES = re.compile(r"(?:[&!]\S*+\s++)*+")
"""The anchor and the tag before a value."""


def outline_yaml(text: str) -> Outline:
    """Outline a YAML text that the parser has accepted."""
    return _Walk(text).outline


class _Walk:
    """One pass over the events of a document."""

    def __init__(self, text: str) -> None:
        self.outline = Outline(text)
        self._text = text
        self._line_end = line_end(text)
        self._names: dict[str, str] = {}
        self._last = 0
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=Loader)
        for event in self._events:
            if isinstance(event, yaml.NodeEvent):
                self._node((), event)
                return

    def _node(self, path: FieldPath, event: yaml.Event) -> Stretch:
        """Note a value, read on to its end, and give its place without anchor and tag."""
        start = self._content(event)
        stretch = start, max(start, _end(event))
        if isinstance(event, yaml.MappingStartEvent):
            stretch = self._mapping(path, event, start)
        elif isinstance(event, yaml.SequenceStartEvent):
            stretch = self._sequence(path, event, start)
        elif isinstance(event, yaml.ScalarEvent):
            if event.anchor:
                self._names[event.anchor] = event.value
            if event.style in {"|", ">"}:
                stretch = start, start + len(self._text[slice(*stretch)].rstrip())
        self.outline.values[path] = stretch
        self._last = stretch[1]
        return stretch

    def _mapping(self, path: FieldPath, event: yaml.MappingStartEvent, start: int) -> Stretch:
        brackets = Brackets(start, start)
        first: int | None = None
        for key in self._events:
            if isinstance(key, yaml.MappingEndEvent):
                brackets.end = _end(key)
                break
            begin = self._content(key)
            first = _start(key) if first is None else first
            name = self._name(key)
            if isinstance(key, yaml.ScalarEvent) and name is not None:
                self.outline.keys[(*path, name)] = [(begin, _end(key))]
            below = (*path, name) if name is not None else (*path, -1)  # << merges: no field
            _, end = self._node(below, next(self._events))
            brackets.entries.append((_start(key), end))
        if event.flow_style:
            self.outline.brackets[path] = brackets
            return start, brackets.end
        column = 0 if first is None else self._column(first)
        self.outline.lines[path] = Line(
            end_of_line(self._text, self._last), self._line_end + " " * column
        )
        return start, self._last

    def _sequence(self, path: FieldPath, event: yaml.SequenceStartEvent, start: int) -> Stretch:
        brackets = Brackets(start, start)
        for item in self._events:
            if isinstance(item, yaml.SequenceEndEvent):
                brackets.end = _end(item)
                break
            at = (*path, len(brackets.entries))
            brackets.entries.append(self._node(at, item))
            if not event.flow_style:
                dash = self._text.rfind("-", 0, _start(item))
                self.outline.items[at] = dash, brackets.entries[-1][1]
        if event.flow_style:
            self.outline.brackets[path] = brackets
            return start, brackets.end
        return start, self._last

    def _column(self, key: int) -> int:
        """Give the column that an entry begins at: that of its key, or of the ? before it."""
        line = self._text[self._text.rfind("\n", 0, key) + 1 : key]
        asked = line.rstrip(" \t")
        return len(asked) - 1 if asked.endswith("?") else len(line)

    def _content(self, event: yaml.Event) -> int:
        """Give where a node begins, its anchor and tag passed over."""
        start = _start(event)
        if getattr(event, "anchor", None) or getattr(event, "tag", None):
            properties = _PROPERTIES.match(self._text, start)
            if properties is not None and not isinstance(event, yaml.AliasEvent):
                return properties.end()
        return start

    def _name(self, key: yaml.Event) -> str | None:
        """Give the name that a key stands for; None for one that merges."""
        if isinstance(key, yaml.AliasEvent):
            return self._names.get(str(key.anchor))
        if not isinstance(key, yaml.ScalarEvent):
            return None
        if key.anchor:
            self._names[key.anchor] = key.value
        merges = key.value == "<<" and not key.style and not key.tag
        return None if merges else str(key.value)


def _start(event: yaml.Event) -> int:
    return event.start_mark.index if event.start_mark else 0


def _end(event: yaml.Event) -> int:
    return event.end_mark.index if event.end_mark else 0
