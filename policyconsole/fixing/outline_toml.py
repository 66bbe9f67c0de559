"""The outline of a TOML text: the tree of tree-sitter's grammar, walked once."""

import re

import rtoml
import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from policyconsole.fields import FieldPath
from policyconsole.fixing.outline import (
    Brackets,
    Line,
    Outline,
    end_of_line,
    indentation,
    line_end,
)
from policyconsole.loading.positions import Stretch

_LANGUAGE = Language(tree_sitter_toml.language())
_KEYS = frozenset({"bare_key", "quoted_key", "dotted_key"})
_NO_VALUES = frozenset({"comment", "ERROR"})
_PART = re.compile(rb"""[^\s."']++|"(?:[^"\\]++|\\.)*+"|'[^']*+'""")
"""A bare or quoted key, one part of a dotted one."""


def outline_toml(text: str) -> Outline:
    """Outline a TOML text that the parser has accepted."""
    return _Walk(text).outline


class _Walk:
    """One pass over a document, table after table."""

    def __init__(self, text: str) -> None:
        self.outline = Outline(text)
        self._text = text
        self._source = text.encode()
        self._line_end = line_end(text)
        self._offsets = _Characters(text, self._source)
        self._lists: dict[FieldPath, int] = {}
        root = Parser(_LANGUAGE).parse(self._source).root_node.children
        tables = [node for node in root if node.type in {"table", "table_array_element"}]
        top = [node for node in root if node.type == "pair"]
        self._pairs((), top, None)
        if not top:
            self.outline.lines[()] = Line(0, "", self._line_end)
        for node in tables:
            self._table(node)

    def _table(self, node: Node) -> None:
        key = next((child for child in node.children if child.type in _KEYS), None)
        closing = next((child for child in node.children if child.type in {"]", "]]"}), None)
        if key is None or closing is None:
            return
        parts = self._key((), key)
        path = parts[-1][0]
        if node.type == "table_array_element":
            self._lists[path] = self._lists.get(path, -1) + 1
            path = (*path, self._lists[path])
        pairs = [child for child in node.children if child.type == "pair"]
        self._pairs(path, pairs, self._offsets.at(closing.end_byte))

    def _pairs(self, path: FieldPath, pairs: list[Node], header_end: int | None) -> None:
        """Note the fields of a table that stand on lines of their own, and where one more goes."""
        last = header_end
        indent = "" if header_end is None else indentation(self._text, header_end)
        for node in pairs:
            noted = self._pair(path, node)
            if noted is None:
                continue
            parts, (_, last) = noted
            start = parts[0][1][0]
            indent = indentation(self._text, start)
            for dotted, (_, end) in parts[:-1]:
                before = f"{self._line_end}{indent}{self._text[start:end]}."
                self.outline.lines[dotted] = Line(end_of_line(self._text, last), before)
        if last is not None:
            self.outline.lines[path] = Line(end_of_line(self._text, last), self._line_end + indent)

    def _pair(
        self, path: FieldPath, node: Node
    ) -> tuple[list[tuple[FieldPath, Stretch]], Stretch] | None:
        """Note one field; give the parts of its key, and its value's place."""
        children = [child for child in node.named_children if child.type not in _NO_VALUES]
        if len(children) < 2 or children[0].type not in _KEYS:
            return None
        parts = self._key(path, children[0])
        return parts, self._value(parts[-1][0], children[1])

    def _key(self, path: FieldPath, node: Node) -> list[tuple[FieldPath, Stretch]]:
        """Note the parts of a key, and give each with the path that it leads to."""
        parts = []
        for part in _PART.finditer(self._source, node.start_byte, node.end_byte):
            if path in self._lists:
                path = (*path, self._lists[path])
            path = (*path, _name(part[0].decode()))
            stretch = self._stretch(*part.span())
            self.outline.keys.setdefault(path, []).append(stretch)
            parts.append((path, stretch))
        return parts

    def _value(self, path: FieldPath, node: Node) -> Stretch:
        stretch = self._stretch(node.start_byte, node.end_byte)
        self.outline.values[path] = stretch
        if node.type == "inline_table":
            brackets = self.outline.brackets[path] = Brackets(*stretch)
            for child in node.children:
                noted = self._pair(path, child) if child.type == "pair" else None
                if noted is not None:
                    parts, (_, end) = noted
                    brackets.entries.append((parts[0][1][0], end))
        elif node.type == "array":
            brackets = self.outline.brackets[path] = Brackets(*stretch)
            items = (child for child in node.named_children if child.type not in _NO_VALUES)
            brackets.entries += [
                self._value((*path, index), item) for index, item in enumerate(items)
            ]
        return stretch

    def _stretch(self, start: int, end: int) -> Stretch:
        return self._offsets.at(start), self._offsets.at(end)


class _Characters:
    """From offsets in UTF-8 bytes to offsets in characters, without counting from the start each time."""

    _STEP = 4096

    def __init__(self, text: str, source: bytes) -> None:
        self._source = source
        self._marks = [0]
        if len(text) != len(source):
            for start in range(0, len(source), self._STEP):
                self._marks.append(self._marks[-1] + _count(source[start : start + self._STEP]))
        self._plain = len(text) == len(source)

    def at(self, offset: int) -> int:
        """Give the number of characters before the byte ``offset``."""
        if self._plain:
            return offset
        step, rest = divmod(offset, self._STEP)
        return self._marks[step] + _count(self._source[offset - rest : offset])


_CONTINUATION = bytes(range(0x80, 0xC0))


def _count(source: bytes) -> int:
    """Count the characters that begin in a piece of UTF-8."""
    return len(source.translate(None, _CONTINUATION))


def _name(token: str) -> str:
    """Give the name that a bare or quoted key stands for."""
    return next(iter(rtoml.loads(f"{token} = 0"))) if token[0] in "\"'" else token
