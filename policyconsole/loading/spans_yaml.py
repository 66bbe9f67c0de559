"""Where keys and values stand in a YAML text.

What is behind an alias stands where its anchor is.
"""

from yaml.nodes import MappingNode, Node, SequenceNode

from policyconsole.fields import FieldPath
from policyconsole.loading.positions import Stretch
from policyconsole.loading.source_map import SourceMap
from policyconsole.loading.yaml_build import build, entries
from policyconsole.loading.yaml_compose import compose
from policyconsole.loading.yaml_stretch import Stretches


def map_yaml(text: str) -> SourceMap:
    """Give the places of a YAML text in characters; raises :class:`DecodeError` if it has none."""
    found = SourceMap(text)
    root = compose(text)
    if root is not None:
        build(text, root)  # refuses aliases that never end
        _walk(found, Stretches(text), (), root, None)
    return found


def _walk(
    found: SourceMap, stretches: Stretches, path: FieldPath, node: Node, key: Stretch | None
) -> None:
    if isinstance(node, MappingNode):
        found.values[path] = key or stretches.of(node)
        counting = {name: (key_node, value) for name, key_node, value in entries(node)}
        for name, (key_node, value) in counting.items():
            stretch = found.keys[(*path, name)] = stretches.of(key_node)
            _walk(found, stretches, (*path, name), value, stretch)
        return
    start, end = stretches.of(node)
    # A value of no characters is null: its key is where to look.
    found.values[path] = key if key and start == end else (start, end)
    if isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            _walk(found, stretches, (*path, index), item, None)
