"""A YAML text as a graph of nodes, without trusting the text.

libyaml recurses in C without a limit of its own, and a node takes some 500 bytes:
what is nested too deep or holds too much is found before, event by event.
"""

import re
from typing import Protocol

import yaml

from policyconsole.loading.decode_error import DecodeError, not_well_formed
from policyconsole.loading.limits import (
    DEPTH_LIMIT,
    LONGEST_INTEGER,
    VALUE_LIMIT,
    too_deep,
    too_many,
)
from policyconsole.loading.positions import place_at

try:
    from yaml import CSafeLoader as _BaseLoader
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as _BaseLoader  # type: ignore[assignment]

TAG = "tag:yaml.org,2002:"
"""What the tags of YAML's own types begin with."""

_DIRECTIVE_LIMIT = 64
_LINE_START = r"(?:^|[\r\n\x85\u2028\u2029])"
_INDENTATION = re.compile(_LINE_START + r"([ \t?:-]*+)")
_DIRECTIVE = re.compile(_LINE_START + "%")
_NOT_ALLOWED = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HELP = {
    "mapping values are not allowed": "put text that holds ': ' in quotes; check the indentation",
    "found character that cannot start": "indent with spaces, not tabs; put text that begins "
    "with @, ` or % in quotes",
    "found unexpected end of stream": "close the quotes that are open",
    "did not find expected ','": "close [ with ] and { with }, a comma between the items",
    "could not find expected ':'": "each line of a mapping is key: value",
    "did not find expected key": "check the indentation and the quotes of the lines above",
    "found undefined alias": "put text that begins with * in quotes",
    "found duplicate anchor": "give each anchor a name of its own",
    "could not determine a constructor": "take the tag away: a policy holds plain data",
}


class Loader(_BaseLoader):
    """libyaml's loader, with a limit to what it takes for a number.

    PyYAML matches numbers in base 60 (``1:30``) of any length, seconds for some megabytes.
    """

    def resolve(self, kind: type[yaml.Node], value: str | None, implicit: object) -> str:
        """Give the tag of a node that has none."""
        if kind is yaml.ScalarNode and value and len(value) > LONGEST_INTEGER and ":" in value:
            return TAG + "str"
        tag: str = super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]  # in PyYAML's stubs
        return tag


class _Mark(Protocol):
    """A position: PyYAML has one class of its own and one of libyaml's."""

    index: int


def compose(text: str) -> yaml.Node | None:
    """Give the root node of a YAML text, None where there is no document.

    Raises :class:`DecodeError`: PARSE001 with libyaml's own position, PARSE003 where the
    text goes beyond the limits.
    """
    try:
        if _may_be_large(text):
            _require_within(text)
        return yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as problem:
        raise _not_yaml(text, problem) from None
    except yaml.YAMLError:
        raise _not_allowed(text) from None


def _may_be_large(text: str) -> bool:
    """Tell in a fraction of the time that counting takes whether a text can go beyond the limits."""
    return (
        len(text) > 2 * VALUE_LIMIT  # a value takes two characters
        or text.count("%") > _DIRECTIVE_LIMIT
        or greatest_depth(text) > DEPTH_LIMIT
    )


def greatest_depth(text: str) -> int:
    """Bound the nesting of a YAML text from above.

    Collections in block style begin at the end of what indents a line, at most two to
    a column; each in flow style has a bracket, and ``[a: b]`` is a mapping in a list.
    """
    indentation = max(map(len, _INDENTATION.findall(text)))
    return 2 * (indentation + 1) + 2 * text.count("[") + text.count("{")


def _require_within(text: str) -> None:
    """Walk the events until the text ends or goes beyond a limit."""
    if sum(1 for _ in _DIRECTIVE.finditer(text)) > _DIRECTIVE_LIMIT:
        raise too_many()  # libyaml compares each directive with all before it
    depth = nodes = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.NodeEvent):
            nodes += 1
            depth += isinstance(event, yaml.CollectionStartEvent)
        if depth > DEPTH_LIMIT:
            raise too_deep(place_at(text, _offset(event.start_mark)))
        if nodes > 2 * VALUE_LIMIT:  # a key to each value
            raise too_many(place_at(text, _offset(event.start_mark)))


def _not_yaml(text: str, problem: yaml.MarkedYAMLError) -> DecodeError:
    said = problem.problem or "the parser gave up"
    advice: str | None
    if said.startswith("but found another document"):
        said, advice = "a second document begins here", "keep one document in a file"
    elif said.startswith("second occurrence"):
        said, advice = "found duplicate anchor", _HELP["found duplicate anchor"]
    elif said.startswith("exceeded maximum nesting depth"):  # newer libyaml, as it reads ahead
        return too_deep(place_at(text, _offset(problem.problem_mark)))
    else:
        advice = next((help_ for start, help_ in _HELP.items() if said.startswith(start)), None)
    mark, context = problem.problem_mark, problem.context_mark
    end = len(text.rstrip())
    if _offset(mark) >= end and context is not None and _offset(context) < end:
        # Where the text ends says little; where the open part began says more.
        opened = (problem.context or "").removeprefix("while scanning ")
        said, mark = f"{opened.removeprefix('while parsing ')} begins here: {said}", context
    return not_well_formed(f"not well-formed YAML: {said}", place_at(text, _offset(mark)), advice)


def _offset(mark: _Mark | None) -> int:
    return 0 if mark is None else mark.index


def _not_allowed(text: str) -> DecodeError:
    """Find the character that YAML refuses; libyaml tells its byte only."""
    match = _NOT_ALLOWED.search(text)
    offset = match.start() if match else 0
    name = f"U+{ord(match[0]):04X}" if match else "a character"
    return not_well_formed(
        f"not well-formed YAML: {name} is a control character",
        place_at(text, offset, offset + 1),
        'remove it, or write it as an escape in double quotes, such as "\\x1b"',
    )
