"""What the CEL library says, as people read it and without what a policy keeps secret."""

import re

_ERROR = re.compile(r"ERROR: <input>:(?P<line>-?\d+):(?P<column>-?\d+): (?P<message>.*)")
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"Syntax error: mismatched input '<EOF>' expecting .*", "something is missing here"),
        (
            r"Syntax error: (?:mismatched|extraneous) input ('.*') expecting .*",
            r"\1 is unexpected here",
        ),
        (
            r"Syntax error: (?:token recognition error at:|no viable alternative at input) ('.*)",
            r"\1 is not CEL",
        ),
        (
            r"undeclared reference to '([\w.]+)' .*",
            r"\1 is not known: there are policy, environment and the functions of CEL",
        ),
        (
            r"found no matching overload for '(\S+)' applied to '(.*)'",
            r"\1 does not take these types: \2",
        ),
        (r"Exceeded max recursion depth of (\d+) .*", r"nested more than \1 deep"),
        (r"Syntax error: (.*)", r"\1"),
    )
)
"""What the compiler says, and how people read it."""


def compile_error(said: str) -> tuple[str, int, int]:
    """Give what is wrong with an expression, and its line and column; the first error counts."""
    found = _ERROR.search(said)
    if found is None:
        return re.sub(r"^[A-Z_]+: | \[[A-Z_]+\]$", "", said), 1, 1
    message = found["message"].removesuffix(" [INVALID_ARGUMENT]")
    for pattern, words in _WORDS:
        if match := pattern.fullmatch(message):
            message = _operators(match.expand(words))
            break
    return message, max(int(found["line"]), 1), max(int(found["column"]), 1)


_SAFE = re.compile(
    r"divide by zero|modulus by zero|(?:integer|timestamp|duration) overflow"
    r"|\w+ out of \w+ range|cannot convert \w+ to \w+|Invalid timezone"
    r"|Type conversion error from '\w+' to '\w+'"
    r"|Index error: index=-?\d+ size=\d+|Index error: expected integer type, got \w+"
)
"""Reasons that repeat no value of the policy; numbers are no secrets."""


def failure(said: str, source: str) -> str:
    """Say why an expression failed; what may repeat a value of the policy is left out."""
    status, _, text = said.removesuffix(" [INTERNAL]").partition(": ")
    if key := re.fullmatch(r'Key not found in map : "(?P<name>.*)"', text, re.DOTALL):
        # A key that does not stand in the expression was read from the policy.
        name = f' "{key["name"]}"' if key["name"] in source else ""
        return f"the key{name} is not there: has() asks for one, .? reads one that may be missing"
    if types := re.fullmatch(r"No matching overloads found : (.*)", text):
        return _operators(f"nothing is defined for these types: {types[1]}")
    if text == "Iteration budget exceeded":
        return "it goes through lists more than 10,000 times"
    if text.startswith("Applying SELECT"):
        return "a field is asked of a value that is no mapping"
    if text.startswith("invalid regular expression"):
        return "a regular expression is not well-formed"
    if _SAFE.fullmatch(text):
        return text
    return f"it cannot be worked out ({status if status.isupper() else 'the reason is not told'})"


_NAMED_OTHERWISE = {"<jump_condition>": "? :", "_?_:_": "? :", "<iter_range>": "all", "_[_]": "[ ]"}
_OPERATOR = re.compile(r"(?<!\w)_?(?:@(in)|([^\w\s]{1,2}))_(?!\w)|@(in)\b")


def _operators(text: str) -> str:
    """Write operators as people do: ``_>_`` is ``>``."""
    for name, written in _NAMED_OTHERWISE.items():
        text = text.replace(name, written)
    return _OPERATOR.sub(lambda match: match[match.lastindex or 0], text)


def type_name(kind: object) -> str:
    """Name a type of CEL in small letters: ``string``, ``map<string, dyn>``."""
    return str(kind).lower()
