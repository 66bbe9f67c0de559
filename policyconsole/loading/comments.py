"""The comments of a TOML or YAML text, found as the format itself tells them from strings.

JSON has none.
"""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from policyconsole.diagnostics import Place
from policyconsole.loading.formats import Format
from policyconsole.loading.positions import Stretch, positions

_TOML = re.compile(
    r'''"""(?:[^"\\]|\\.|"(?!""))*+"{3,5}'''  # as many as two quotes may come before the last three
    r"""|'''(?:[^']|'(?!''))*+'{3,5}"""
    r'''|"(?:[^"\\]|\\.)*+"'''
    r"""|'[^']*+'"""
    r"|(#[^\n]*)",
    re.DOTALL,
)
"""A string or a comment of TOML: in what the parser has accepted, a quote or # is nothing else."""

_TO_LINE_END = r"#[^\n\r\x85\u2028\u2029]*"
_IN_A_GAP = re.compile(_TO_LINE_END)
_IN_A_HEADER = re.compile(rf"[|>][-+0-9]*[ \t]+({_TO_LINE_END})")


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment: ``text`` without its # and the white space around.

    ``alone`` is whether its line holds nothing else, ``counts_for`` the line that it is
    about: its own or, for one that is alone, the next that holds anything but comments;
    None where none does. ``on_top`` is whether nothing of the policy stands before it.
    """

    text: str
    place: Place
    alone: bool
    counts_for: int | None
    on_top: bool


def comments(text: str, form: Format, beginning: str) -> list[Comment]:
    """Give the comments of a text that begin with ``beginning``, in their order.

    The text is one that :func:`~policyconsole.loading.formats.decode` has accepted. The
    time grows with its length, however many comments it holds.
    """
    stretches = [
        (start, start + len(text[start:end].rstrip()))
        for start, end in _stretches(text, form)
        if text[start + 1 : end].lstrip().startswith(beginning)
    ]
    if not stretches:
        return []
    at = positions(text, (offset for stretch in stretches for offset in stretch))
    lines = text.split("\n")
    top = next((n for n, line in enumerate(lines, 1) if _is_content(line, form)), len(lines) + 1)
    alone = {
        line: None
        for line, column in (at[start] for start, _ in stretches)
        if not lines[line - 1][: column - 1].strip()
    }
    following = _following(lines, alone.keys())
    return [
        Comment(
            text[start + 1 : end].strip(),
            Place(*at[start], *at[end]),
            line in alone,
            following[line] if line in alone else line,
            line in alone and line < top,
        )
        for start, end in stretches
        for line in (at[start][0],)
    ]


def _stretches(text: str, form: Format) -> Iterator[Stretch]:
    match form:
        case Format.TOML:
            return (match.span(1) for match in _TOML.finditer(text) if match[1])
        case Format.YAML:
            return _in_yaml(text)
        case Format.JSON:
            return iter(())


def _in_yaml(text: str) -> Iterator[Stretch]:
    """Give what is between the tokens of libyaml's scanner, and behind the | of a block."""
    import yaml  # noqa: PLC0415 - takes 15 ms

    from policyconsole.loading.yaml_compose import Loader  # noqa: PLC0415 - as above

    done = 0
    for token in yaml.scan(text, Loader=Loader):
        start, end = token.start_mark.index, token.end_mark.index
        for match in _IN_A_GAP.finditer(text, done, max(start, done)):
            yield match.span()
        if isinstance(token, yaml.ScalarToken) and token.style in {"|", ">"}:
            header = _IN_A_HEADER.match(text, start)
            if header:
                yield header.span(1)
        done = max(done, end)
    for match in _IN_A_GAP.finditer(text, done):
        yield match.span()


def _following(lines: Sequence[str], wanted: AbstractSet[int]) -> dict[int, int | None]:
    """Give for each wanted line the first after it that holds anything but a comment."""
    found: dict[int, int | None] = {}
    following: int | None = None
    for number in range(len(lines), 0, -1):
        if number in wanted:
            found[number] = following
        elif _is_content(lines[number - 1]):
            following = number
    return found


def _is_content(line: str, form: Format | None = None) -> bool:
    """Whether a line holds anything; before the policy in YAML, a directive or --- is nothing."""
    said = line.strip()
    if form is Format.YAML and (said == "---" or said.startswith("%")):
        return False
    return bool(said) and not said.startswith("#")
