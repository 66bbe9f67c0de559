"""HTML for notebooks: it needs neither script nor the page's styles, and every text in it is escaped."""

from collections.abc import Iterable, Sequence
from html import escape

from policyconsole.escaping import printable

_MARK = '<mark style="background: #f4433640; color: inherit">'


def html_table(
    columns: Sequence[str], lines: Iterable[Iterable[str]], numbers: Sequence[bool]
) -> str:
    """Give a table; ``numbers`` says which columns stand at the right."""
    head = _html_row("th", columns, numbers)
    body = "".join(_html_row("td", line, numbers) for line in lines)
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"


def preformatted(markup: str) -> str:
    """Put HTML into a block that keeps its spaces; in a fixed width also where nbconvert's styles say none."""
    return f'<pre style="font-family: monospace">{markup}</pre>'


def marked_line(number: int, before: str, marked: str, after: str) -> str:
    """Give a line of a source, cut in three, with its number and the middle marked."""
    middle = f"{_MARK}{escape(marked) or ' '}</mark>"
    return preformatted(f"{number} | {escape(before)}{middle}{escape(after)}")


def _html_row(tag: str, cells: Iterable[str], numbers: Sequence[bool]) -> str:
    sides = ("right" if number else "left" for number in numbers)
    line = "".join(
        f'<{tag} style="text-align: {side}; padding: 2px 8px">{escape(printable(cell))}</{tag}>'
        for side, cell in zip(sides, cells, strict=True)
    )
    return f"<tr>{line}</tr>"
