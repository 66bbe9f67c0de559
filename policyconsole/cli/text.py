"""Diagnostics as text for a terminal, the way a compiler says them."""

from dataclasses import dataclass

from policyconsole.diagnostics import Diagnostic, Kind, Place
from policyconsole.escaping import printable
from policyconsole.excerpt import LONGEST, Excerpt, excerpt

_RESET = "\x1b[0m"

_FRAME = 10
"""Cells for the line number, the rule and the signs that something is cut off on both sides."""

_NARROWEST = 20
"""Cells of a source line that are shown however narrow the terminal."""


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours, or none: every method gives its text back with or without."""

    coloured: bool

    def strong(self, text: str) -> str:
        """What the eye should find first: a path."""
        return self._in("1", text)

    def faint(self, text: str) -> str:
        """What frames the rest: line numbers, rules, labels."""
        return self._in("2", text)

    def good(self, text: str) -> str:
        """What is in force, or valid."""
        return self._in("32", text)

    def bad(self, text: str) -> str:
        """What is refused."""
        return self._in("1;31", text)

    def doubtful(self, text: str) -> str:
        """What asks for a look."""
        return self._in("1;33", text)

    def advice(self, text: str) -> str:
        """What would be better still."""
        return self._in("36", text)

    def of(self, kind: Kind, text: str) -> str:
        """The colour of a kind of diagnostic."""
        match kind:
            case Kind.ERROR:
                return self.bad(text)
            case Kind.WARNING:
                return self.doubtful(text)
            case Kind.RECOMMENDATION:
                return self.advice(text)

    def _in(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}{_RESET}" if self.coloured and text else text


def diagnostic_lines(
    path: str,
    diagnostic: Diagnostic,
    source: str | None,
    paint: Paint,
    width: int | None = None,
) -> list[str]:
    """Say one finding: where and what, the source line with a marker, what to do.

    ``path`` and everything in the diagnostic may come from outside; the lines are safe
    to show. ``source`` is the text that the place counts in, None where there is none.
    ``width`` is that of the terminal in cells, which a source line is cut to; a marker
    that is on another row than what it marks says nothing. None where there is none.
    A recommendation keeps nothing out of force and is said without its source line.
    """
    lines = [_headline(path, diagnostic, paint)]
    shown = None
    if source is not None and diagnostic.place and diagnostic.kind is not Kind.RECOMMENDATION:
        shown = excerpt(source, diagnostic.place, _room(width) - len(_further(diagnostic.place)))
    if shown is not None and diagnostic.place is not None:
        lines += _excerpt_lines(shown, diagnostic.place, diagnostic.kind, paint)
    if diagnostic.help:
        margin = " " * (len(_gutter(shown)) + 1 if shown else 2)
        lines.append(f"{margin}{paint.faint('= help:')} {printable(diagnostic.help)}")
    return lines


def _headline(path: str, diagnostic: Diagnostic, paint: Paint) -> str:
    place = diagnostic.place
    where = printable(path) + (f":{place.line}:{place.column}" if place else "")
    weight = f" ({diagnostic.weight})" if diagnostic.weight else ""
    what = paint.of(diagnostic.kind, f"{diagnostic.kind} {printable(diagnostic.code)}{weight}")
    return f"{paint.strong(where)}: {what}: {printable(diagnostic.message)}"


def _room(width: int | None) -> int:
    """Give the cells of a source line that a terminal has room for beside number and rule."""
    return LONGEST if width is None else max(_NARROWEST, min(LONGEST, width - _FRAME))


def _further(place: Place) -> str:
    """Say behind the marker where a place ends that goes over several lines."""
    return f" … to line {place.end_line}" if place.end_line > place.line else ""


def _gutter(shown: Excerpt) -> str:
    return f"{shown.line:>5}"


def _excerpt_lines(shown: Excerpt, place: Place, kind: Kind, paint: Paint) -> list[str]:
    number, rule = _gutter(shown), paint.faint("│")
    marker = " " * shown.start + paint.of(kind, "^" * shown.width)
    marker += paint.faint(_further(place))
    return [
        f"{paint.faint(number)} {rule} {shown.text}".rstrip(),
        f"{' ' * len(number)} {rule} {marker}",
    ]


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """Say a number of things: ``1 error``, ``2 errors``."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
