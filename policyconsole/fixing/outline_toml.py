"""The outline of a TOML text."""

from policyconsole.fields import FieldPath
from policyconsole.fixing.outline import Brackets, Line, Outline, end_of_line, indentation, line_end
from policyconsole.loading.positions import Stretch
from policyconsole.loading.scanned import Found, Kind
from policyconsole.loading.toml_scan import scan


def outline_toml(text: str) -> Outline:
    """Outline a TOML text that the parser has accepted."""
    walk = _Walk(text)
    for found in scan(text):
        walk.take(found)
    return walk.outline


class _Walk:
    """One pass over what stands in a document, in its order."""

    def __init__(self, text: str) -> None:
        self.outline = Outline(text)
        self._line_end = line_end(text)
        self.outline.lines[()] = Line(0, "", self._line_end)
        self._text = text
        self._table: FieldPath = ()
        self._key: list[tuple[FieldPath, Stretch]] = []
        self._opened: list[tuple[FieldPath, list[tuple[FieldPath, Stretch]]]] = []

    def take(self, found: Found) -> None:
        """Note one part of a key, a header, a scalar, or one end of a list or table."""
        stretch = found.start, found.end
        match found.kind:
            case Kind.KEY:
                self.outline.keys.setdefault(found.path, []).append(stretch)
                self._key.append((found.path, stretch))
            case Kind.HEADER:
                self._table, self._key = found.path, []
                self._end_line(found.path, found.start, found.end)
            case Kind.SCALAR:
                self._value(found.path, stretch, self._key)
            case Kind.OPEN:
                self.outline.brackets[found.path] = Brackets(*stretch)
                self._opened.append((found.path, self._key))
                self._key = []
            case Kind.CLOSE:
                path, key = self._opened.pop()
                brackets = self.outline.brackets[path]
                brackets.end = found.end
                self._value(path, (brackets.start, found.end), key)

    def _value(
        self, path: FieldPath, stretch: Stretch, key: list[tuple[FieldPath, Stretch]]
    ) -> None:
        """Note a value whose key was read before: as an entry of brackets, or on a line of its own."""
        self._key = []
        self.outline.values[path] = stretch
        start = key[0][1][0] if key else stretch[0]
        if self._opened:
            self.outline.brackets[self._opened[-1][0]].entries.append((start, stretch[1]))
            return
        self._end_line(self._table, start, stretch[1])
        for dotted, (_, end) in key[:-1]:
            self._end_line(dotted, start, stretch[1], f"{self._text[start:end]}.")

    def _end_line(self, table: FieldPath, start: int, end: int, prefix: str = "") -> None:
        """Note that the next field of ``table`` may go below the line that reaches to ``end``."""
        before = self._line_end + indentation(self._text, start) + prefix
        self.outline.lines[table] = Line(end_of_line(self._text, end), before)
