"""From YAML nodes to plain data: text, numbers, booleans, times, lists and mappings only.

YAML 1.1 reads ``010`` as 8 and ``1:30`` as 90, YAML 1.2 and most people do not:
where the two readings differ, the number is refused.
"""

import math
from collections.abc import Callable, Iterator
from typing import NoReturn, TypeAlias

from yaml.constructor import SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from policyconsole.diagnostics import Place
from policyconsole.fields import FieldPath, format_field
from policyconsole.loading.decode_error import key_twice, not_well_formed, too_much, wrong_type
from policyconsole.loading.limits import (
    DEPTH_LIMIT,
    LARGEST_INTEGER,
    LONGEST_INTEGER,
    NAME_LIMIT,
    SMALLEST_INTEGER,
    VALUE_LIMIT,
    Extent,
    names_too_long,
    too_deep,
    too_many,
)
from policyconsole.loading.positions import place_at
from policyconsole.loading.yaml_compose import TAG
from policyconsole.loading.yaml_stretch import Stretches
from policyconsole.wording import shortened

_MERGE = TAG + "merge"
_TEXTS = frozenset({TAG + "str", TAG + "value"})
_KINDS = {"int": "a number", "float": "a number", "null": "null", "bool": "true or false"}
_KINDS |= {"timestamp": "a date or time", "map": "a mapping", "seq": "a list"}

Entry: TypeAlias = tuple[str, Node, Node]
"""The name, the key and the value of one entry of a mapping."""


def build(text: str, root: Node) -> object:
    """Give the data that a node graph stands for; an alias shares the object of its anchor.

    Raises :class:`~policyconsole.loading.decode_error.DecodeError`: PARSE001 for tags and
    numbers that are not plain data, PARSE002 for a key that is there twice, PARSE003 for
    aliases that expand too far, TYPE001 for keys that are no text and for numbers that
    YAML turns around.
    """
    return _Builder(text).value(root, ())


def entries(node: MappingNode) -> Iterator[Entry]:
    """Give the entries of a mapping, merged ones (``<<``) first: a later one of a name counts."""
    for key, value in node.value:
        if key.tag == _MERGE:
            sources = value.value if isinstance(value, SequenceNode) else [value]
            for source in reversed(sources):
                yield from entries(source)
    for key, value in node.value:
        if key.tag != _MERGE:
            yield key.value, key, value


class _Builder:
    """One pass over the node graph; what was built once is not built again."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._stretches = Stretches(text)
        self._built: dict[Node, object] = {}
        self._extents: dict[Node, Extent] = {}
        self._merged = 0
        self._open: set[Node] = set()

    def value(self, node: Node, path: FieldPath) -> object:
        """Give the data of ``node``, which stands at ``path``."""
        if node in self._built:
            return self._built[node]
        if node in self._open:
            raise too_much("an alias that contains itself", self._place(node))
        self._open.add(node)
        built: object
        if isinstance(node, MappingNode):
            built = self._mapping(node, path)
        elif isinstance(node, SequenceNode):
            built = self._list(node, path)
        else:
            built = self._scalar(node, path)
            self._extents[node] = Extent(depth=0, values=1, names=0)
        self._built[node] = built
        return built

    def _mapping(self, node: MappingNode, path: FieldPath) -> dict[str, object]:
        self._require_tag(node, "map")
        first: dict[str, Node] = {}
        for key, value in node.value:
            name = self._name(key)
            if first.setdefault(name, key) is not key:
                field = format_field((*path, name))
                raise key_twice(field, self._place(key), self._place(first[name]))
            if key.tag == _MERGE:
                self._require_mappings(value, self.value(value, path))
            else:
                self.value(value, (*path, name))
        self._measure(node, [(len(key.value), value) for key, value in node.value])
        # What is merged is copied here, long before the whole is counted.
        self._merged += sum(
            self._extents[value].values for key, value in node.value if key.tag == _MERGE
        )
        if self._merged > VALUE_LIMIT:
            raise too_many(self._place(node))
        return {name: self._built[value] for name, _, value in entries(node)}

    def _list(self, node: SequenceNode, path: FieldPath) -> list[object]:
        self._require_tag(node, "seq")
        items = [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        self._measure(node, [(0, item) for item in node.value])
        return items

    def _measure(self, node: Node, children: list[tuple[int, Node]]) -> None:
        """Note how far ``node`` goes, aliases expanded; its children with the lengths of their keys."""
        depth, values, names = 0, 1, 0
        for length, child in children:
            below = self._extents[child]
            depth = max(depth, below.depth)
            values += below.values
            names += length * below.values + below.names
        depth += 1
        if values > VALUE_LIMIT:
            raise too_many(self._place(node))
        if depth > DEPTH_LIMIT:
            raise too_deep(self._place(node))
        if names > NAME_LIMIT:
            raise names_too_long(self._place(node))
        self._extents[node] = Extent(depth, values, names)

    def _name(self, key: Node) -> str:
        """Give the text of a key."""
        if isinstance(key, ScalarNode) and (key.tag in _TEXTS or key.tag == _MERGE):
            return self._whole_text(key)
        shown = shortened(key.value) if isinstance(key, ScalarNode) else ""
        raise wrong_type(
            f"a key must be text, and YAML reads {shown or 'this one'} as {_kind(key)}",
            self._place(key),
            f'put the key in quotes: "{shown}"' if shown else "give the key a name",
        )

    def _whole_text(self, node: ScalarNode) -> str:
        text = str(node.value)
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:  # libyaml refuses it, PyYAML's own parser does not
                raise not_well_formed(
                    "not well-formed YAML: half a character, a surrogate without its partner",
                    self._place(node),
                ) from None
        return text

    def _scalar(self, node: Node, path: FieldPath) -> object:
        read = _SCALARS.get(node.tag)
        if read is None or not isinstance(node, ScalarNode):
            self._refuse_tag(node)
        if node.tag in _TEXTS:
            return self._whole_text(node)
        if len(node.value) > LONGEST_INTEGER:
            raise not_well_formed("the number is too large", self._place(node))
        try:
            value = read(node)
        except (ValueError, KeyError, AttributeError, IndexError):
            raise not_well_formed(
                f"not well-formed YAML: {shortened(node.value)} cannot be {_kind(node)}",
                self._place_with_tag(node),
                "put it in quotes if text is meant",
            ) from None
        if isinstance(value, int | float):
            self._require_plain_number(node, value, path)
        return value

    def _require_plain_number(self, node: ScalarNode, value: float, path: FieldPath) -> None:
        text = node.value.replace("_", "").lstrip("+-")
        base = 60 if ":" in text else 8
        if base == 60 or (text.isdigit() and int(text) != abs(value)):
            raise wrong_type(
                f"YAML reads {node.value} as {value}, in base {base}",
                self._place(node),
                "put it in quotes if text is meant, else write the number in base 10",
                field=format_field(path),
            )
        too_large = (
            math.isinf(value) and "inf" not in text.lower()
            if isinstance(value, float)
            else not SMALLEST_INTEGER <= value <= LARGEST_INTEGER
        )
        if too_large:
            raise not_well_formed("the number is too large", self._place(node))

    def _require_mappings(self, node: Node, built: object) -> None:
        for source in built if isinstance(built, list) else [built]:
            if not isinstance(source, dict):
                raise wrong_type("<< merges mappings, nothing else", self._place(node))

    def _require_tag(self, node: Node, kind: str) -> None:
        if node.tag != TAG + kind:
            self._refuse_tag(node)

    def _refuse_tag(self, node: Node) -> NoReturn:
        tag = node.tag.replace(TAG, "!!")
        raise not_well_formed(
            f"not well-formed YAML: the tag {shortened(tag)} does not belong here",
            self._place_with_tag(node),
            "take the tag away: a policy holds plain data",
        )

    def _place(self, node: Node) -> Place:
        return place_at(self._text, *self._stretches.of(node))

    def _place_with_tag(self, node: Node) -> Place:
        return place_at(self._text, node.start_mark.index, self._stretches.of(node)[1])


def _kind(node: Node) -> str:
    tag = node.tag.removeprefix(TAG)
    return _KINDS.get(tag, f"!!{tag}")


_CONSTRUCTOR = SafeConstructor()
_SCALARS: dict[str, Callable[[ScalarNode], object]] = {
    TAG + "null": _CONSTRUCTOR.construct_yaml_null,
    TAG + "bool": _CONSTRUCTOR.construct_yaml_bool,
    TAG + "int": _CONSTRUCTOR.construct_yaml_int,
    TAG + "float": _CONSTRUCTOR.construct_yaml_float,
    TAG + "timestamp": _CONSTRUCTOR.construct_yaml_timestamp,
    **dict.fromkeys(_TEXTS, _CONSTRUCTOR.construct_scalar),
}
