"""Where the keys and values of a JSON text are.

Python's parser tells no places. This scanner reads what that parser has read
before, or the part up to where it gave up, so it need not judge well-formedness.
"""

import json
import re
from collections.abc import Iterator

from policyconsole.loading.scanned import Found, Kind

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)
_CLOSERS = frozenset("}]")


def scan(text: str) -> Iterator[Found]:
    """Give the keys and values of a JSON text in the order in which they stand there."""
    path: list[str | int] = []
    in_list: list[bool] = []
    for match in _TOKEN.finditer(text):
        mark, start, end = match[0], match.start(), match.end()
        if mark == ":":
            continue
        if mark == ",":
            if in_list and in_list[-1]:
                path[-1] = int(path[-1]) + 1
            elif in_list:
                path.pop()
        elif mark in _CLOSERS:
            if not in_list:
                return
            del path[len(in_list) - 1 :]
            in_list.pop()
            yield Found(Kind.CLOSE, tuple(path), start, end)
        elif in_list and not in_list[-1] and len(path) < len(in_list):
            if not mark.startswith('"'):
                return
            path.append(json.loads(mark, strict=False))
            yield Found(Kind.KEY, tuple(path), start, end)
        elif mark in {"{", "["}:
            yield Found(Kind.OPEN, tuple(path), start, end)
            in_list.append(mark == "[")
            if mark == "[":
                path.append(0)
        else:
            yield Found(Kind.SCALAR, tuple(path), start, end)
