"""Which values are secrets, and how they are shown instead.

A policy should hold no secret; where one does all the same, no face, event or
log repeats it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from policyconsole.tokens import KEY_BEGIN, KEY_END, token_spans

MASK = "***"
"""What stands in the place of a secret."""

_TELLING_ENDING = (
    r"(?:pass(?:word|wd|phrase|code)|pwd|secret|credential|token|"
    r"(?:api|access|account|auth|client|decryption|encryption|hmac|master|private|secret|"
    r"session|shared|signing|ssh)[_ -]?key)s?[0-9]*+(?![a-z0-9])"
)
_TELLING_LAST_WORD = (
    r"(?<![a-z0-9])(?:authorization|bearer|connection[_ -]?string|cookie|dsn)s?[0-9]*+(?![\w -])"
)
_SECRET_NAME = re.compile(f"{_TELLING_ENDING}|{_TELLING_LAST_WORD}")
"""The end of a word (``dbpassword``) anywhere in a name, or the last word of a name (``cookie``,
for a ``cookie_domain`` is no secret)."""

_CAMEL_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_USERINFO = re.compile(
    r"""(?P<before>:(?:\\?/){2})[^\s/?#"@:]*+(?:@|:[^\s/"@]*+@)(?:[^\s/"@]*+@)*+"""
)
"""The ``user:password@`` of a URL, also where JSON escapes its slashes, and with an @ inside it."""

_KEY_PART = r"""(?:"[^"]*+"|'[^']*+'|[\w-]++)"""
_KEY = re.compile(
    rf"(?P<first>^\s*+(?:(?:[-?#]|[&!]\S*+)\s++)*+|[\[{{,]\s*+)"
    rf"(?P<key>{_KEY_PART}(?:[ .]++{_KEY_PART})*+)\s*+(?P<separator>[=:])\s*+"
)
"""A key where one may stand, up to its value; possessive, for lines may be megabytes long."""

_LOOSE_KEY = re.compile(
    r"""(?<![\w.-])(?P<key>"[^"]{1,64}+"|'[^']{1,64}+'|[\w.-]{1,64}+)\s{0,8}+[=:]\s{0,8}+"""
)
"""A key where none may stand: after a comma that is missing, in a text, in a comment."""

_LOOSE_VALUE = re.compile(r"""\"(?:[^"\\]|\\.)*+"?|'[^']*+'?|[^\s,;\]}"'=]*+""")

_STRINGS = {
    '"""': re.compile(r"""(?:[^"\\]++|\\.?+|"(?!""))*+(?P<end>"{3,5})?""", re.DOTALL),
    "'''": re.compile(r"(?:[^']++|'(?!''))*+(?P<end>'{3,5})?"),
    '"': re.compile(r"""(?:[^"\\]++|\\.?+)*+(?P<end>")?""", re.DOTALL),
    "'": re.compile(r"(?:[^']++|'')*+(?P<end>')?"),
}
"""By its opening quotes: the rest of a string on a line, and its end if it is there."""

_TOKEN = re.compile(
    r"(?P<comment>#.*+)|(?P<bracket>[\[\]{}])|(?P<mark>[,:=])|\s++|(?P<plain>[^\s,:=\[\]{}]++)",
    re.DOTALL,
)
_PROPERTIES = re.compile(r"(?:[&!]\S*+(?:\s++|$))*+")
_FLOW_END = re.compile(r"[,}\]]")
_AFTER_VALUE = re.compile(r"\s*+(?:[,}\]#]|$)")
_TABLE = re.compile(r"\s*\[{1,2}(?P<name>[^\[\]]+)\]{1,2}\s*(?:#.*)?")
_CLOSERS = {"[": "]", "{": "}"}

Spans: TypeAlias = tuple[tuple[int, int], ...]
"""Stretches of a line, each (start, end) in characters from 0, the end exclusive."""


def is_secret(field: str) -> bool:
    """Whether the name of ``field`` (a dotted path) says that it holds a secret."""
    return _SECRET_NAME.search(_CAMEL_BOUNDARY.sub("_", field).lower()) is not None


def mask(field: str, value: object) -> object:
    """Give ``value`` as it may be shown for ``field``.

    Text below a name that looks like a secret becomes ``***``, at any depth of
    lists and mappings. Numbers, booleans and times are no secrets
    (``password_min_length = 12`` stays readable). Below any other name it is what
    mask_text masks.
    """
    if isinstance(value, Mapping):
        return {key: mask(f"{field}.{key}", item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(field, item) for item in value]
    if not isinstance(value, str):
        return value
    return MASK if is_secret(field) else mask_text(value)


def mask_text(text: str) -> str:
    """Give ``text`` without the tokens and keys in it, and the user and password of URLs.

    ``postgres://user:password@host/db`` becomes ``postgres://***@host/db``.
    """
    return _USERINFO.sub(rf"\g<before>{MASK}@", _cover(text, token_spans(text)))


def secret_spans(lines: Iterable[str]) -> tuple[Spans, ...]:
    """Find, line by line, what to mask in a source of TOML, YAML or JSON.

    That is the values of secret-looking keys, tokens and private keys, and the user
    and password of URLs, in order and apart from each other. Judged by layout alone, for it must hold in a
    source that does not parse. A value that goes over several lines (a key in PEM, a
    list of tokens, a table named ``secrets``) is found on each of them. In doubt too
    much counts as secret.
    """
    found: list[Spans] = []
    in_secret_table = False
    in_key = False
    value: _OpenValue | None = None
    for line in lines:
        begun, in_key = in_key, _in_key_after(line, in_key)
        if value is not None and (end := value.end_on(line)) is not None:
            found.append(_whole(line))
            if value.ended:
                _, value = _spans_of(line, end, every=in_secret_table)
            continue
        if table := _TABLE.fullmatch(line):
            in_secret_table = is_secret(table["name"])
        spans, value = _spans_of(line, 0, every=in_secret_table)
        found.append(_whole(line) if begun else _with_known(line, spans))
    return tuple(found)


def mask_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """Give the lines of a policy's source with its secrets masked, as secret_spans finds them."""
    return tuple(
        _cover(line, spans) for line, spans in zip(lines, secret_spans(lines), strict=True)
    )


def _cover(line: str, spans: Iterable[tuple[int, int]]) -> str:
    parts, shown = list[str](), 0
    for start, end in spans:
        parts += (line[shown:start], MASK)
        shown = end
    return "".join((*parts, line[shown:]))


def _in_key_after(line: str, begun: bool) -> bool:
    """Whether a private key in PEM goes on below ``line``."""
    if begun:
        return KEY_END not in line
    begin = line.rfind(KEY_BEGIN)
    return begin >= 0 and (begin, len(line)) in token_spans(line) and KEY_END not in line[begin:]


def _with_known(line: str, secrets: Spans) -> Spans:
    known = [(match.end("before"), match.end() - 1) for match in _USERINFO.finditer(line)]
    known += token_spans(line)
    known += _loose_values(line)
    if not known:
        return secrets
    spans: list[tuple[int, int]] = []
    for start, end in sorted((*secrets, *known)):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return tuple(spans)


def _loose_values(line: str) -> Iterator[tuple[int, int]]:
    position = 0
    while key := _LOOSE_KEY.search(line, position):
        position = key.end()
        if is_secret(key["key"]) and (value := _LOOSE_VALUE.match(line, position)):
            if value[0]:
                yield value.span()
            position = value.end()


def _whole(line: str) -> Spans:
    content = line.lstrip()
    return ((len(line) - len(content), len(line)),) if content else ()


def _spans_of(line: str, position: int, *, every: bool) -> tuple[Spans, "_OpenValue | None"]:
    """Find the secrets of a line from ``position`` on, and the last if it may go on below."""
    spans: list[tuple[int, int]] = []
    value: _OpenValue | None = None
    opener = min((at for at in map(line.find, _CLOSERS) if at >= 0), default=len(line))
    while match := _KEY.search(line, position):
        position = match.end()
        value = None
        if not every and not is_secret(match["key"]):
            continue
        value = _OpenValue(match, in_flow=opener < position)
        end = value.begin(line, position)
        if end > position:
            spans.append((position, end))
        position = end
    return tuple(spans), None if value is None or value.ended else value


class _Enclosed:
    """A value in quotes or brackets: where it ends, line after line."""

    def __init__(self, opener: str, *, by_colon: bool) -> None:
        # Three single quotes in YAML are one that opens and an escaped one.
        self._kinds = [quotes for quotes in _STRINGS if not by_colon or quotes != "'''"]
        self._opener = opener
        self._closer = _CLOSERS.get(opener)
        self._depth = 0
        self._quotes: str | None = None

    def end(self, line: str, position: int) -> int | None:
        """Read a line from ``position`` on; None if the value goes on below."""
        may_open = True
        while position < len(line):
            if self._quotes is None and may_open:
                self._quotes = next((q for q in self._kinds if line.startswith(q, position)), None)
                position += len(self._quotes or "")
            if self._quotes is not None:
                string = _STRINGS[self._quotes].match(line, position)
                if string is None or string["end"] is None:
                    return None
                position, self._quotes, may_open = string.end(), None, False
                if self._closer is None:
                    return position
                continue
            token = _TOKEN.match(line, position)
            if token is None or token["comment"]:
                return None
            position = token.end()
            if token["bracket"]:
                self._depth += (token[0] == self._opener) - (token[0] == self._closer)
                if self._depth == 0:
                    return position
            # A quote inside a plain YAML scalar ("it's") opens no string.
            may_open = bool(token["bracket"] or token["mark"]) or (may_open and not token["plain"])
        return None


class _OpenValue:
    """The value of a secret: where it ends on its first line, and on which below."""

    def __init__(self, key: "re.Match[str]", *, in_flow: bool) -> None:
        self._column = key.start("key")
        self._by_colon = key["separator"] == ":"
        self._in_flow = in_flow
        self._awaited = False
        self.enclosed: _Enclosed | None = None
        self._deeper = False
        self._nested = False
        self._items = False

    @property
    def ended(self) -> bool:
        """Whether nothing below can belong to it."""
        return not (self._awaited or self.enclosed or self._deeper or self._in_flow)

    def begin(self, line: str, start: int) -> int:
        """Find where the value ends on the line of its key; the line's end if it may go on."""
        properties = _PROPERTIES.match(line, start) if self._by_colon else None
        content = start if properties is None else properties.end()
        if line[content : content + 1] in {"", "#"}:
            self._awaited = True
            return len(line)
        in_flow, self._in_flow = self._in_flow, False
        if line[content] in {'"', "'", *_CLOSERS}:
            return self._enclose(line, content)
        if in_flow:
            return self._flow_end(line, content)
        self._deeper = self._by_colon
        return len(line)

    def end_on(self, line: str) -> int | None:
        """Find where the value ends on a line below; None if the line does not belong to it."""
        content = line.lstrip()
        column = len(line) - len(content)
        if self.enclosed is not None:
            return self._enclose(line, 0)
        if self._awaited:
            return self._arrive(line, content, column)
        if self._in_flow:
            return None if _begins_with_key(line) else self._flow_end(line, 0)
        item = self._items and column == self._column and content[:1] == "-"
        if not self._deeper or not (not content or column > self._column or item):
            return None
        if self._nested:
            _, inner = _spans_of(line, 0, every=True)
            self.enclosed = None if inner is None else inner.enclosed
        return len(line)

    def _arrive(self, line: str, content: str, column: int) -> int | None:
        """Take the first line of a value that does not begin on the line of its key."""
        if not content or content[0] == "#":
            return len(line)
        item = column == self._column and content.split(maxsplit=1)[0] == "-"
        below = item or column > self._column
        header = not self._by_colon and _TABLE.fullmatch(line) is not None
        if not below and (header or _begins_with_key(line)):
            return None
        self._awaited, in_flow, self._in_flow = False, self._in_flow, False
        self._items = item
        self._deeper = self._nested = self._by_colon and not in_flow
        properties = _PROPERTIES.match(line, column)
        start = column if properties is None else properties.end()
        if line[start : start + 1] in {'"', "'", *_CLOSERS}:
            return self._enclose(line, start)
        if in_flow:
            return self._flow_end(line, start)
        _, inner = _spans_of(line, 0, every=True)
        self.enclosed = None if inner is None else inner.enclosed
        return len(line)

    def _enclose(self, line: str, position: int) -> int:
        self.enclosed = self.enclosed or _Enclosed(line[position], by_colon=self._by_colon)
        end = self.enclosed.end(line, position)
        if end is None:
            return len(line)
        self.enclosed = None
        if line[end:].lstrip()[:1] in {",", "}", "]"}:
            self._deeper = False
        return end if _AFTER_VALUE.match(line, end) else len(line)

    def _flow_end(self, line: str, position: int) -> int:
        mark = _FLOW_END.search(line, position)
        self._in_flow = mark is None
        return len(line) if mark is None else mark.start()


def _begins_with_key(line: str) -> bool:
    key = _KEY.match(line)
    return key is not None and key["first"].lstrip()[:1] not in {"[", "{", ","}
