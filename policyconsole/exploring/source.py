"""Lines of a source as HTML, in the notebook view's static picture and in what shows itself in a cell."""

from html import escape

_MARK = '<mark style="background: #f4433640; color: inherit">'


def preformatted(markup: str) -> str:
    """Put HTML into a block that keeps its spaces; in a fixed width also where nbconvert's styles say none."""
    return f'<pre style="font-family: monospace">{markup}</pre>'


def marked_line(number: int, before: str, marked: str, after: str) -> str:
    """Give a line of a source, cut in three, with its number and the middle marked; all text is escaped."""
    middle = f"{_MARK}{escape(marked) or ' '}</mark>"
    return preformatted(f"{number} | {escape(before)}{middle}{escape(after)}")
