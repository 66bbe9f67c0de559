"""One expression in CEL: compiled once, worked out for one policy after the other."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from policyconsole.validation.cel_words import compile_error, failure, type_name
from policyconsole.validation.rule import Context, RuleFailureError

if TYPE_CHECKING:
    from cel_expr_python import cel

MOST_TEXT = 100_000
"""Characters of text that a policy may hold to be handed to expressions: with 10,000 rounds
through a list, what an expression may do in some seconds."""

MOST_BUILT = 30_000
"""What a policy may hold, in characters and 16 for each value, where an expression puts texts or
lists together in a loop (divided by how many times), or filters. The library copies at each
round and frees it all at the end: 300 MB in 10,000 rounds, where 100,000 characters took 4 GB."""

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


@dataclass(frozen=True, slots=True)
class Values:
    """What expressions see of a policy, and how much it is: characters, and 16 for each value."""

    seen: "cel.Activation"
    size: int


def compile_expression(source: str, key: Key) -> Callable[[Values], bool]:
    """Compile one expression; for the values of a policy it gives true or false.

    ``key`` says in messages which expression of a rule it is. Raises
    :class:`ExpressionError` here, and where it is worked out :class:`RuleFailureError`.
    """
    try:
        from cel_expr_python import cel  # noqa: PLC0415 - some 4 ms, for those who have expressions
    except ImportError as problem:
        raise ExpressionError(
            "expressions need one more package: pip install 'policy-console[cel]'", key
        ) from problem

    code = _NO_CODE.sub(lambda text: " " * len(text[0]), source)
    if growing := _GROWING.search(code):
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

    built = _times_built(code)

    def evaluate(values: Values) -> bool:
        if values.size * built > MOST_BUILT:
            raise RuleFailureError(
                f"in {key}, the policy is too large to filter it or put texts together in a loop"
            )
        try:
            result = program.eval(values.seen)
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


def _times_built(code: str) -> int:
    """Count what makes a new text or list at each round of a loop; a filter is one in itself."""
    if not _LOOP.search(code):
        return 0
    return code.count("+") or int("filter" in code)


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


_NO_CODE = re.compile(
    r"""
      //[^\n]*
    | \"{3}(?:[^\\]|\\.)*?\"{3} | '{3}(?:[^\\]|\\.)*?'{3}
    | \"(?:[^"\\\n]|\\.)*\" | '(?:[^'\\\n]|\\.)*'
    """,
    re.VERBOSE | re.DOTALL,
)
"""A comment or a text: what stands in it is not worked out."""

_LOOP = re.compile(r"\.\s*(?:all|exists|exists_one|filter)\s*\(")


@lru_cache(maxsize=1)
def values_of(context: Context) -> Values:
    """Give what expressions see of a policy: the same for all of them, so worked out once."""
    text = count = 0

    def hand(value: object) -> object:
        nonlocal text, count
        count += 1
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
    seen = _environment().Activation({"policy": policy, "environment": context.environment or ""})
    return Values(seen, text + 16 * count)


def _place(source: str, offset: int) -> tuple[int, int]:
    before = source[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")
