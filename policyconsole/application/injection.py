"""What looks like SQL or script injection in a piece of text.

A value is judged as what it would become in a careless program: SQL inside '...', inside
"..." and bare, and text inside a page. A quote breaks out of a string only where it closes
one: the first, the third, the fifth. That is why O'Reilly and quoted code pass. The
expressions have no repetition within a repetition and start at a fixed character or
word, so that the time is in proportion to the length whatever the text is.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from urllib.parse import unquote

_PLAIN = re.compile(r"[\w.\-]*+")
_SPACE = re.compile(r"[\s\x00]+")
_VERSION = re.compile(r"!\d{0,6}")
_CONTROL = re.compile(r"[\x00-\x20]+")
_ESCAPED = re.compile(r"\\(?:u00|x)([0-7][0-9a-f])", re.IGNORECASE)

_COMPARED = r"[^;]{0,60}?(?:=|<|>|\blike\b|\bin\ ?\(|\bbetween\b|\bis\ (?:not\ )?null\b|\w\()"
_AFTER_STRING = rf"""
    \ ?\)*+\ ?(?:
      ;?\ ?(?:--|\#|/\*)
    | ;\ ?(?:select|insert|update|delete|drop|alter|create|truncate|exec|execute|declare|shutdown|waitfor|call|begin)\b
    | (?:(?:or|and|xor|having|where)\b|\|\||&&)\ ?[('"\d\w@!~]{_COMPARED}
    | (?:union|intersect|except)\ (?:all\ |distinct\ )?\(?\ ?select\b
    | (?:order|group)\ by\ [\d(]
    | \|\|\ ?[\w(]{{1,40}}
    | [+*/-]\ ?\(?\ ?(?:select|sleep|case)\b
    )
"""
_BARE = r"""
    (?:-?\d{1,20}|\w{1,40})?\ ?\)*+\ ?(?:
      ;\ ?(?:drop|alter|truncate)\ (?:table|database|schema)\b
    | ;\ ?(?:shutdown|waitfor|exec|execute)\b
    | (?:or|and|xor|\|\||&&|having)\ \(?(?:not\ )?(?:\d{1,20}|'[^']{0,40}'|"[^"]{0,40}")\ ?(?:=|<|>|!=|like\b)
    | (?:or|and|xor|\|\||&&)\ \(?(?:select\b|sleep\(|benchmark\(|exists\ ?\()
    | order\ by\ \d{1,4}\ ?(?:--|\#|$)
    )
"""
_ANYWHERE = r"""
      \bunion\ (?:all\ |distinct\ )?\(?\ ?select\ (?:\(|null\b|\d|'|"|@|\*|[\w.@$]{1,60}\ ?(?:,|\(|from\b|--|\#|$))
    | \bunion\ ?(?:all|distinct)?\ ?\(\ ?select\b
    | \bwaitfor\ (?:delay|time)\ ?['"]
    | \bxp_cmdshell\b
    | \binformation_schema\ ?\.\ ?\w
    | \binto\ (?:out|dump)file\ ?['"0]
    | \b(?:load_file|extractvalue|updatexml|pg_sleep|randomblob)\ ?\(
    | \bbenchmark\ ?\(\ ?\d{4}
    | \b(?:utl_http|utl_inaddr|dbms_pipe|dbms_ldap|dbms_lock)\.
    | \bprocedure\ analyse\ ?\(
    | \b(?:or|and)\ (\d{1,9})\ ?=\ ?\d{1,9}\ ?(?:--|\#|$)
"""

_HANDLERS = (
    r"on(?:abort|activate|after|animation|auxclick|before|begin|blur|bounce|canplay|change|click"
    r"|close|contextmenu|copy|cut|dblclick|drag|drop|end|error|finish|focus|hashchange|input"
    r"|invalid|key|load|message|mouse|pageshow|paste|pointer|popstate|progress|propertychange"
    r"|readystatechange|repeat|reset|resize|scroll|search|seek|select|show|start|submit|toggle"
    r"|touch|transition|unload|wheel)[a-z]{0,20}\ ?="
)
_PAGE = rf"""
      <\ ?/?\ ?(?:script|iframe|object|embed|applet|frameset)\b
    | <[^<>]*[\s/"'`]{_HANDLERS}
    | ["'`>][\s/]?{_HANDLERS}
    | <[^<>]*\b(?:srcdoc|formaction|xlink:href)\ ?=
    | <(?:base|link)\b[^<>]*\bhref\ ?=
    | <meta\b[^<>]*http-equiv
    | \{{\{{[^}}]{{0,200}}constructor
    | \bconstructor\.constructor\b
    | \b__proto__\ ?[\[.]
    | :\ ?expression\ ?\(
    | \bdata:text/html
"""
_SCHEME = r"""
      (?:=["'`]?|url\(["']?|\]\()(?:javascript|vbscript|livescript):
    | ^["'`]?(?:javascript|vbscript|livescript):(?://|/\*|[\w.%$]{1,40}[(=`])
"""
_SCRIPT_STRING = r"""
    [\s;,+*/)}\]|&-]{0,8}(?:alert|confirm|prompt|eval|fetch|settimeout|setinterval|import)\ ?[(`]
"""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile when first needed: a program that guards nothing does not pay for it."""
    return re.compile(pattern, re.VERBOSE)


def readings(text: str) -> Iterator[str]:
    """Give a text as it is, and as what it is decoded to: percent-encoded up to twice."""
    yield text
    for _ in range(2):
        if "%" not in text or (decoded := unquote(text, errors="replace")) == text:
            return
        text = decoded
        yield text


def is_plain(text: str) -> bool:
    """Whether a text is one word, number or identifier, in which nothing can hide."""
    return _PLAIN.fullmatch(text) is not None


def looks_like_sql(text: str) -> bool:
    """Whether a value would change the meaning of an SQL statement that it is put into."""
    folded = _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip().lower()
    return any(map(_is_sql, _without_comments(folded)))


def _without_comments(text: str) -> Iterator[str]:
    """Give the text, and what is left of it without comments; what MySQL runs in them stays."""
    yield text
    if "/*" not in text:
        return
    first, *others = text.split("/*")
    kept = [first]
    for other in others:
        if other.startswith("!"):
            kept.append(_VERSION.sub("", other, count=1).replace("*/", " "))
        else:
            kept.append(other.partition("*/")[2])
    yield _SPACE.sub(" ", " ".join(kept)).strip()
    yield _SPACE.sub(" ", text.replace("/*", " ").replace("*/", " "))


def _is_sql(text: str) -> bool:
    if _compiled(_ANYWHERE).search(text) or _compiled(_BARE).match(text):
        return True
    after = _compiled(_AFTER_STRING)
    return any(after.match(text, place) for quote in "'\"" for place in _closed(text, quote))


def _closed(text: str, quote: str) -> Iterator[int]:
    """Give the places after the quotes that close a string which the text began in."""
    place, closes = text.find(quote), True
    while place >= 0:
        if closes:
            yield place + 1
        closes = not closes
        place = text.find(quote, place + 1)


def looks_like_script(text: str) -> bool:
    """Whether a value would run as a script in a page that it is put into."""
    decoded = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    decoded = unicodedata.normalize("NFKC", html.unescape(decoded)).replace("\x00", "")
    folded = _SPACE.sub(" ", decoded).lower().replace("\u0131", "i")
    if _compiled(_PAGE).search(folded):
        return True
    if "script:" in (compact := _CONTROL.sub("", folded)) and _compiled(_SCHEME).search(compact):
        return True
    runs = _compiled(_SCRIPT_STRING)
    return any(runs.match(folded, place) for quote in "'\"`" for place in _closed(folded, quote))
