"""Where keys and values stand in a TOML text: the tree of tree-sitter's grammar, walked once.

What the grammar does not know (TOML 1.1's times without seconds and some escapes)
is left out: its place is then the table around it.
"""

import re
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
_PART = re.compile(rb"""[^\s."']++|"(?:[^"\\]++|\\.)*+"|'[^']*+'""")
"""A bare or quoted key, one part of a dotted one."""


class Occurrence(NamedTuple):
    """One part of a key as it stands in the text: its path, its bytes, and those where it stood first."""

    path: FieldPath
    stretch: Stretch
    first: Stretch


def map_toml(text: str) -> SourceMap:
    """Give the places of a TOML text that the parser has accepted, in UTF-8 bytes."""
    return _Walk(text).map


def occurrence(text: str, at: int) -> tuple[bytes, Occurrence | None]:
    """Give a TOML text as bytes, and the part of a key that holds the byte ``at``."""
    walk = _Walk(text, at)
    return walk.source, walk.occurrence


class _Walk:
    """One pass over a document, table after table."""

    def __init__(self, text: str, at: int = -1) -> None:
        self.source = text.encode()
        self.map = SourceMap(self.source)
        self.occurrence: Occurrence | None = None
        self._at = at
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
        for part in _PART.finditer(self.source, node.start_byte, node.end_byte):
            stretch = part.span()
            if self._lists and path in self._lists:
                path = (*path, self._lists[path])
            path = (*path, _name(part[0].decode()))
            first = self.map.keys.setdefault(path, stretch)
            if first == stretch:
                self.map.values.setdefault(path, stretch)
            if stretch[0] <= self._at < stretch[1]:
                self.occurrence = Occurrence(path, stretch, first)
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


def _name(token: str) -> str:
    """Give the name that a bare or quoted key stands for."""
    if token[0] in "\"'":
        return next(iter(rtoml.loads(f"{token} = 0")))
    return token
