"""Where keys and values stand in a YAML text: the marks of libyaml's nodes.

A value behind an alias stands where its anchor is.
"""

from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from policyconsole.fields import FieldPath
from policyconsole.loading.positions import Stretch
from policyconsole.loading.source_map import SourceMap
from policyconsole.loading.yaml_build import build, entries
from policyconsole.loading.yaml_compose import compose


def map_yaml(text: str) -> SourceMap:
    """Give the places of a YAML text in characters; raises :class:`DecodeError` if it has none."""
    found = SourceMap(text)
    root = compose(text)
    if root is not None:
        build(text, root)  # refuses aliases that never end
        _walk(found, text, (), root, None)
    return found


def _walk(found: SourceMap, text: str, path: FieldPath, node: Node, key: Stretch | None) -> None:
    start, end = node.start_mark.index, _end(text, node)
    if isinstance(node, MappingNode):
        found.values[path] = key or (start, end)
        counting = {name: (key_node, value) for name, key_node, value in entries(node)}
        for name, (key_node, value) in counting.items():
            stretch = key_node.start_mark.index, key_node.end_mark.index
            found.keys[(*path, name)] = stretch
            _walk(found, text, (*path, name), value, stretch)
        return
    # A value of no characters is null: its key is where to look.
    found.values[path] = key if key and start == end else (start, end)
    if isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            _walk(found, text, (*path, index), item, None)


def _end(text: str, node: Node) -> int:
    """Give the end of what a node holds; libyaml's goes on to the next token in block style."""
    end: int = node.end_mark.index
    if isinstance(node, ScalarNode):
        if node.style in {"|", ">"}:
            return len(text[:end].rstrip())
    elif isinstance(node, CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(node, MappingNode) else last)
    return end
