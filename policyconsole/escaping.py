"""Text from outside, made safe to show.

File names and values come from whoever can write to the folder. Shown as they
are, escape sequences would drive the reader's terminal, right-to-left marks
would turn a line around and a newline would forge a second one.
"""

import re
import unicodedata

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's control, format, surrogate, private and unassigned characters and its line breaks."""


def printable(text: str) -> str:
    r"""Give ``text`` with every character that is not plainly visible written as an escape.

    A newline becomes ``\n``, ESC ``\x1b``, a right-to-left override ``\u202e``, a
    byte of a file name that is not UTF-8 ``\udcff``. Anything else stays as it is;
    the result never holds a control character.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        _escape(character) if unicodedata.category(character) in _UNSAFE_CATEGORIES else character
        for character in text
    )


def _escape(character: str) -> str:
    return ascii(character)[1:-1]


_DRIVES_A_TERMINAL = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What JSON may hold as it is, but a terminal would act on: control characters, and marks that
turn a line around or break it."""


def safe_json(text: str) -> str:
    """Give a JSON text with JSON's escapes for what a terminal would act on; the values stay."""
    if text.isascii() and "\x7f" not in text:
        return text
    return _DRIVES_A_TERMINAL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
