"""The comments of a TOML or YAML text, found as the format itself tells them from strings.

JSON has none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from policyconsole.diagnostics import Place
from policyconsole.loading.formats import Format
from policyconsole.loading.positions import Stretch, place_at

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


def comments(text: str, form: Format, beginning: str) -> Iterator[Comment]:
    """Give the comments of a text that begin with ``beginning``, in their order.

    The text is one that :func:`~policyconsole.loading.formats.decode` has accepted.
    """
    for start, end in _stretches(text, form):
        said = text[start + 1 : end].strip()
        if not said.startswith(beginning):
            continue
        line_start = text.rfind("\n", 0, start) + 1
        alone = not text[line_start:start].strip()
        place = place_at(text, start, start + len(text[start:end].rstrip()))
        before = text[:line_start].split("\n")
        yield Comment(
            said,
            place,
            alone,
            _next_line(text, place.line) if alone else place.line,
            alone and all(_is_no_content(line, form) for line in before),
        )


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


def _next_line(text: str, line: int) -> int | None:
    """Give the first line after ``line`` that holds anything but a comment."""
    for number, content in enumerate(text.split("\n")[line:], line + 1):
        if content.strip() and not content.lstrip().startswith("#"):
            return number
    return None


def _is_no_content(line: str, form: Format) -> bool:
    said = line.strip()
    return (
        not said
        or said.startswith("#")
        or (form is Format.YAML and (said == "---" or line.startswith("%")))
    )
