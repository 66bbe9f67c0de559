"""One expression in CEL: compiled once, worked out for one policy after the other."""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from policyconsole.validation.cel_words import compile_error, failure, type_name
from policyconsole.validation.rule import Context, RuleFailureError

if TYPE_CHECKING:
    from cel_expr_python import cel

MOST_TEXT = 100_000
"""Characters of text that a policy may hold to be handed to expressions: with 10,000 rounds
through a list, what an expression may do in some seconds."""

Key: TypeAlias = Literal["when", "require"]
"""Which expression of a rule is meant."""

_LARGEST = 2**63 - 1
_SMALLEST = -(2**63)


class ExpressionError(ValueError):
    """An expression does not compile.

    ``key`` says which one, ``line`` and ``column`` where inside it, both from 1, in
    Unicode characters; ``message`` what is wrong there.
    """

    def __init__(self, message: str, key: Key, line: int = 1, column: int = 1) -> None:
        super().__init__(f"{key}, line {line}, column {column}: {message}")
        self.message = message
        self.key = key
        self.line = line
        self.column = column


def compile_expression(source: str, key: Key) -> Callable[["cel.Activation"], bool]:
    """Compile one expression; for the values of a policy it gives true or false.

    ``key`` says in messages which expression of a rule it is. Raises
    :class:`ExpressionError` here, and where it is worked out :class:`RuleFailureError`.
    """
    from cel_expr_python import cel  # noqa: PLC0415 - some 4 ms, for those who have expressions

    if growing := _GROWING.search(source):
        raise ExpressionError(
            f"{growing['name']} makes new values and is not offered: all, exists, exists_one "
            "and filter look at those that there are",
            key,
            *_place(source, growing.start("name")),
        )
    try:
        program = _environment().compile(source)
    except (RuntimeError, UnicodeError) as problem:
        message, line, column = compile_error(str(problem))
        raise ExpressionError(message, key, line, column) from problem
    gives = program.return_type()
    if gives not in (cel.Type.BOOL, cel.Type.DYN):
        raise ExpressionError(f"it gives {type_name(gives)}, not true or false", key)

    def evaluate(values: "cel.Activation") -> bool:
        try:
            result = program.eval(values)
            kind = result.type()
            if kind == cel.Type.BOOL:
                return bool(result.value())
            reason = (
                failure(str(result.value()), source)
                if kind == cel.Type.ERROR
                else f"it gives {type_name(kind)}, not true or false"
            )
        except (RuntimeError, TypeError, UnicodeError, MemoryError) as problem:
            reason = failure(str(problem), source)
        raise RuleFailureError(f"in {key}, {reason}")

    return evaluate


@cache
def _environment() -> "cel.Env":
    from cel_expr_python import cel  # noqa: PLC0415 - as above
    from cel_expr_python.ext import ext_optional  # noqa: PLC0415 - as above

    policy = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
    return cel.NewEnv(
        variables={"policy": policy, "environment": cel.Type.STRING},
        extensions=[ext_optional.ExtOptional()],
    )


_GROWING = re.compile(r"\.\s*(?P<name>map|optMap|optFlatMap)\s*\(")
"""What would let a short expression double a text again and again until no memory is left."""


@lru_cache(maxsize=1)
def values_of(context: Context) -> "cel.Activation":
    """Give what expressions see of a policy: the same for all of them, so worked out once."""
    text = 0

    def hand(value: object) -> object:
        nonlocal text
        match value:
            case str():
                text += len(value)
                if text > MOST_TEXT:
                    raise RuleFailureError(
                        f"the policy holds more than {MOST_TEXT:,} characters of text, "
                        "too many for expressions"
                    )
            case dict():
                return {hand(key): hand(item) for key, item in value.items()}
            case list():
                return [hand(item) for item in value]
            case bool():
                pass
            case int() if not _SMALLEST <= value <= _LARGEST:
                return float(value)
        return value

    policy = hand(context.config.model_dump(mode="json"))
    values = {"policy": policy, "environment": context.environment or ""}
    return _environment().Activation(values)


def _place(source: str, offset: int) -> tuple[int, int]:
    before = source[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")
