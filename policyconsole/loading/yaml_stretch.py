"""Where the content of a YAML node begins and ends.

libyaml's own marks take in the anchor and the tag before it, and in block style
everything up to the next token, comments and empty lines among it.
"""

import re
from collections.abc import Iterator
from itertools import chain

from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from policyconsole.loading.positions import Stretch

_PROPERTIES = re.compile(r"(?:[&!]\S*+(?:\s++|#[^\n]*+)*+)*+")
_ALIAS = re.compile(r"#[^\n]*+|(?P<alias>\*[^\s,\[\]{}]++)")
"""An alias, or a comment, which may speak of one."""


class Stretches:
    """The stretches of the nodes of one text, in characters; each is worked out once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends: dict[Node, int] = {}

    def of(self, node: Node) -> Stretch:
        """Give where the content of ``node`` stands; both ends are equal where it has none."""
        end = self._end(node)
        content = _PROPERTIES.match(self._text, node.start_mark.index, end)
        return (content.end() if content else node.start_mark.index), end

    def _end(self, node: Node) -> int:
        end = self._ends.get(node)
        if end is None:
            end = self._ends[node] = self._found_end(node)
        return end

    def _found_end(self, node: Node) -> int:
        end: int = node.end_mark.index
        if isinstance(node, ScalarNode):
            return len(self._text[:end].rstrip()) if node.style in {"|", ">"} else end
        if not isinstance(node, CollectionNode) or node.flow_style:
            return end
        # An alias is the node of its anchor, which stands before all that was not yet there.
        reach, last = node.start_mark.index, None
        for child in _children(node):
            own = child.start_mark.index >= reach and child is not node
            last = child if own else None
            reach = child.end_mark.index if own else reach
        if last is not None:
            return self._end(last)
        aliases = [found for found in _ALIAS.finditer(self._text, reach, end) if found["alias"]]
        return aliases[-1].end() if aliases else end


def _children(node: CollectionNode) -> Iterator[Node]:
    if isinstance(node, MappingNode):
        return chain.from_iterable(node.value)
    return iter(node.value)
