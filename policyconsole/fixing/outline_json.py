"""The outline of a JSON text."""

from policyconsole.fields import FieldPath
from policyconsole.fixing.outline import Brackets, Outline
from policyconsole.loading.json_scan import scan
from policyconsole.loading.scanned import Found, Kind


def outline_json(text: str) -> Outline:
    """Outline a JSON text that the parser has accepted."""
    outline = Outline(text)
    opened: list[FieldPath] = []
    for found in scan(text):
        match found.kind:
            case Kind.KEY:
                outline.keys[found.path] = [(found.start, found.end)]
            case Kind.SCALAR:
                _note(outline, opened, found, found.start)
            case Kind.OPEN:
                outline.brackets[found.path] = Brackets(found.start, found.end)
                opened.append(found.path)
            case Kind.CLOSE:
                opened.pop()
                brackets = outline.brackets[found.path]
                brackets.end = found.end
                _note(outline, opened, found, brackets.start)
    return outline


def _note(outline: Outline, opened: list[FieldPath], found: Found, start: int) -> None:
    """Note a value, and as an entry of what it stands in."""
    outline.values[found.path] = start, found.end
    if opened:
        key = outline.keys.get(found.path)
        begin = key[0][0] if key and isinstance(found.path[-1], str) else start
        outline.brackets[opened[-1]].entries.append((begin, found.end))
