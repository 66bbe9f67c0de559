"""How keys are written, and which of them never arrive."""

import unicodedata

from policyconsole.wording import nearest, quoted

_SHORTER = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""Where textual's name of a sign is not that of Unicode."""

_MODIFIERS = ("ctrl", "alt", "shift", "super", "hyper", "meta")
_NAMED = frozenset(
    {
        *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete"),
        *("backspace", "enter", "escape", "tab", "space"),
        *(f"f{number}" for number in range(1, 25)),
    }
)

KEPT = {
    "ctrl+q": "it always quits",
    "ctrl+c": "it says how to quit",
    "ctrl+h": "terminals send it for backspace",
    "ctrl+i": "terminals send it for tab",
    "ctrl+j": "terminals send it for a line end",
    "ctrl+m": "terminals send it for enter",
    "ctrl+s": "terminals stop their output with it",
    "ctrl+z": "terminals suspend programs with it",
    "ctrl+left_square_bracket": "terminals send it for escape",
}
"""Keys that cannot be given to an action, and why."""


def key_name(text: str) -> str:
    """Give a key's one name: ``?`` and ``question_mark`` are the same, ``Ctrl+O`` is ``ctrl+o``."""
    if len(text) == 1:
        return _of_sign(text)
    *modifiers, key = text.split("+") if not text.endswith("++") else [*text[:-2].split("+"), "+"]
    if not modifiers:
        return key.lower()
    wanted = {modifier.strip().lower() for modifier in modifiers}
    order = [name for name in ("alt", "ctrl", "hyper", "meta", "shift", "super") if name in wanted]
    unknown = sorted(wanted - set(_MODIFIERS))
    key = _of_sign(key.lower()) if len(key) == 1 else key.lower()
    return "+".join((*unknown, *order, key))


def _of_sign(sign: str) -> str:
    if sign.isalnum():
        return sign
    name = unicodedata.name(sign, "").lower().replace("-", "_").replace(" ", "_")
    return _SHORTER.get(name, name) or sign


_SIGNS = frozenset(_of_sign(chr(code)) for code in range(0x21, 0x7F) if not chr(code).isalnum())


def key_problem(text: str) -> tuple[str, str | None] | None:
    """Say what is wrong with a key and what to write instead; None for one that can be used."""
    name = key_name(text)
    *modifiers, key = name.split("+")
    if any(modifier not in _MODIFIERS for modifier in modifiers):
        return f"{quoted(text)} is not a key", "modifiers are ctrl, alt and shift: ctrl+o, alt+left"
    if name in KEPT:
        return f"{quoted(text)} cannot be used: {KEPT[name]}", "take another key"
    if len(text) == 1 and text.isprintable():
        return None
    if modifiers == ["shift"] and len(key) == 1 and key.isalpha():
        return f"{quoted(text)} never arrives", f"write {quoted(key.upper())}"
    if key in _NAMED | _SIGNS or (modifiers and len(key) == 1 and key.isalnum()):
        return None
    meant = nearest(key, sorted(_NAMED | _SIGNS))
    advice = "+".join((*modifiers, meant)) if meant else None
    return (
        f"{quoted(text)} is not a key",
        f"did you mean {quoted(advice)}?" if advice else "write a letter, a sign, f5, ctrl+o ...",
    )
