"""What a value is, in the words of a message; never a secret."""

from datetime import date, datetime, time

from policyconsole.masking import MASK, is_secret
from policyconsole.wording import quoted


def described(value: object, field: str, table: str) -> str:
    """Say what a value is, in words: ``text ("60")``, ``null``, ``a list``.

    ``table`` is the word for a mapping in the format at hand. Text of a secret-looking
    ``field`` is masked, and so are tokens, and the user and password of a URL.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f"text ({MASK if is_secret(field) else quoted(value)})"
        case int() | float():
            return f"{'a whole number' if isinstance(value, int) else 'a number'} ({value})"
        case datetime() | date() | time():
            kind = "a date" if isinstance(value, date) else "a time of day"
            kind = "a time" if isinstance(value, datetime) else kind
            return f"{kind} ({value.isoformat()})"
        case dict():
            return table
        case list() | tuple():
            return "a list"
        case _:
            return type(value).__name__
