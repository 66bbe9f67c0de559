"""Where keys and values stand in a TOML text: the tree of tree-sitter's grammar, walked once.

What the grammar does not know (TOML 1.1's times without seconds and some escapes)
is left out: its place is then the table around it.
"""

from collections.abc import Iterator
from typing import NamedTuple

import rtoml
import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from policyconsole.fields import FieldPath
from policyconsole.loading.limits import DEPTH_LIMIT
from policyconsole.loading.positions import Stretch
from policyconsole.loading.source_map import SourceMap

_LANGUAGE = Language(tree_sitter_toml.language())
_KEYS = frozenset({"bare_key", "quoted_key", "dotted_key"})
_NO_VALUES = frozenset({"comment", "ERROR"})


class Occurrence(NamedTuple):
    """One part of a key as it stands in the text: its path, and its bytes."""

    path: FieldPath
    start: int
    end: int


def map_toml(text: str) -> SourceMap:
    """Give the places of a TOML text that the parser has accepted, in UTF-8 bytes."""
    return _Walk(text).map


def occurrences(text: str) -> tuple[bytes, list[Occurrence]]:
    """Give a TOML text as bytes, and each part of each key in it; the same key may come twice."""
    walk = _Walk(text)
    return walk.source, walk.occurrences


class _Walk:
    """One pass over a document, table after table."""

    def __init__(self, text: str) -> None:
        self.source = text.encode()
        self.map = SourceMap(self.source)
        self.occurrences: list[Occurrence] = []
        self._lists: dict[FieldPath, int] = {}
        headers: dict[FieldPath, Stretch] = {}
        for node in Parser(_LANGUAGE).parse(self.source).root_node.children:
            if node.type == "pair":
                self._pair((), node)
            elif node.type in {"table", "table_array_element"}:
                self._table(node, headers)
        self.map.values.update(headers)

    def _table(self, node: Node, headers: dict[FieldPath, Stretch]) -> None:
        key = next((child for child in node.children if child.type in _KEYS), None)
        if key is None:
            return
        path = self._key((), key)
        header = key.start_byte, key.end_byte
        if node.type == "table":
            headers.setdefault(path, header)
        else:
            index = self._lists[path] = self._lists.get(path, -1) + 1
            headers.setdefault(path, header)
            path = (*path, index)
            headers[path] = header
        for child in node.children:
            if child.type == "pair":
                self._pair(path, child)

    def _pair(self, path: FieldPath, node: Node) -> None:
        parts = [child for child in node.named_children if child.type not in _NO_VALUES]
        if len(path) > DEPTH_LIMIT or len(parts) < 2 or parts[0].type not in _KEYS:
            return
        path = self._key(path, parts[0])
        self._value(path, parts[1], self.map.keys[path])

    def _key(self, path: FieldPath, node: Node) -> FieldPath:
        """Note the parts of a key below ``path``, and give the path that it leads to."""
        for part in _parts(node):
            stretch = part.start_byte, part.end_byte
            if path in self._lists:
                path = (*path, self._lists[path])
            path = (*path, _name(self.source[slice(*stretch)].decode()))
            self.occurrences.append(Occurrence(path, *stretch))
            self.map.keys.setdefault(path, stretch)
            self.map.values.setdefault(path, stretch)
        return path

    def _value(self, path: FieldPath, node: Node, opener: Stretch) -> None:
        stretch = node.start_byte, node.end_byte
        self.map.values[path] = opener if node.type == "inline_table" else stretch
        if node.type == "inline_table":
            for child in node.children:
                if child.type == "pair":
                    self._pair(path, child)
        elif node.type == "array" and len(path) <= DEPTH_LIMIT:
            items = (child for child in node.named_children if child.type not in _NO_VALUES)
            for index, item in enumerate(items):
                self._value((*path, index), item, (item.start_byte, item.end_byte))


def _parts(key: Node) -> Iterator[Node]:
    """Give the bare and quoted keys of a key from left to right; the grammar nests them."""
    parts: list[Node] = []
    waiting = [key]
    while waiting:
        node = waiting.pop()
        if node.type == "dotted_key":
            waiting.extend(child for child in node.children if child.type in _KEYS)
        else:
            parts.append(node)
    return reversed(parts)


def _name(token: str) -> str:
    """Give the name that a bare or quoted key stands for."""
    if token[0] in "\"'":
        return next(iter(rtoml.loads(f"{token} = 0")))
    return token
