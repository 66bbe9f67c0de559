"""Where keys and values stand in a JSON text."""

from policyconsole.fields import FieldPath
from policyconsole.loading.json_scan import Kind, scan
from policyconsole.loading.source_map import SourceMap


def map_json(text: str) -> SourceMap:
    """Give the places of a JSON text that the parser has accepted, in characters."""
    found = SourceMap(text)
    lists: dict[FieldPath, int] = {}
    for kind, path, start, end in scan(text):
        if kind is Kind.KEY:
            found.keys[path] = start, end
        elif kind is Kind.SCALAR:
            found.values[path] = start, end
        elif kind is Kind.OPEN and text[start] == "{":
            found.values[path] = found.keys.get(path, (start, end))
        elif kind is Kind.OPEN:
            lists[path] = start
        elif path in lists:
            found.values[path] = lists.pop(path), end
    return found
