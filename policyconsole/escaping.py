"""Text from outside, made safe to show.

File names and values come from whoever can write to the folder. Shown as they
are, escape sequences would drive the reader's terminal, right-to-left marks
would turn a line around and a newline would forge a second one.
"""

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
