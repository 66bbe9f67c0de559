"""What pydantic finds in a configuration, in words that say what to write instead."""

from collections.abc import Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from policyconsole.configuration.mistakes import mistake
from policyconsole.configuration.model import KEYS, TABLES
from policyconsole.diagnostics import Diagnostic
from policyconsole.fields import FieldPath
from policyconsole.loading.words import described
from policyconsole.validation.expressions import ExpressionRule
from policyconsole.wording import nearest, quoted

_EXPECTED = {
    "string_type": "text",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "enum": "text",
    "literal_error": "text",
}

_KEY = "[key]"
"""What pydantic adds to the way to a mapping's key."""


def findings(problem: ValidationError) -> Iterator[tuple[FieldPath, Diagnostic]]:
    """Give each finding with the way to the value, by the names of fields."""
    for item in problem.errors(include_url=False):
        path = tuple(step for step in item["loc"] if step != _KEY)
        yield path, _diagnostic(item, path)


def _unknown_key(key: str) -> Diagnostic:
    """CONF002: there is no such setting; with the nearest that there is."""
    meant = nearest(key.replace("_", "-"), KEYS)
    return mistake(
        "CONF002",
        f"{quoted(key)} is not a known setting",
        help=f"did you mean {quoted(meant)}?" if meant else "docs/configuration.md lists them",
    )


def _diagnostic(item: ErrorDetails, path: FieldPath) -> Diagnostic:
    kind, value = item["type"], item["input"]
    context = item.get("ctx", {})
    got = described(value, str(path[0]) if path else "", "a table")
    match kind:
        case "extra_forbidden" if len(path) == 1:
            return _unknown_key(str(path[0]))
        case "extra_forbidden":
            table = TABLES.get(str(path[0]))
            known = table if table is not None else ExpressionRule.model_fields
            meant = nearest(str(path[-1]), known)
            advice = f"did you mean {quoted(meant)}?" if meant else None
            where = "a rule" if table is None else f"[{path[0]}]"
            message = f"{quoted(str(path[-1]))} is not known in {where}"
            return mistake("CONF002", message, help=advice)
        case "missing":
            return mistake("CONF003", f"{quoted(str(path[-1]))} is missing")
        case "enum" | "literal_error" if isinstance(value, str):
            return _one_of(value, str(context.get("expected", "")))
        case "string_pattern_mismatch" if isinstance(value, str) and not value.strip():
            return mistake("CONF003", "must not be blank", help="leave it out instead")
        case "string_pattern_mismatch":
            message = f"{quoted(str(value))} is neither a rule's code nor the beginning of one"
            return mistake("CONF004", message, help='write "SEC003", "SEC" or "ALL"')
        case "rule_code" | "rule_code_taken" | "rule_weight" | "field_path":
            return mistake("CONF005", item["msg"])
        case kind if kind in _EXPECTED:
            advice = f"put it in brackets: [{quoted(value)}]" if _bare(kind, value) else None
            return mistake("CONF003", f"expected {_EXPECTED[kind]}, got {got}", help=advice)
        case _:
            return mistake("CONF003", item["msg"][:1].lower() + item["msg"][1:])


def _bare(kind: str, value: object) -> bool:
    return kind == "tuple_type" and isinstance(value, str)


def _one_of(value: str, expected: str) -> Diagnostic:
    """Say of which words one was expected; pydantic lists them as ``'a', 'b' or 'c'``."""
    words = expected.replace("'", "")
    meant = nearest(value, words.replace(" or ", ", ").split(", "), likeness=0.5)
    return mistake(
        "CONF003",
        f"must be one of {words}; got {quoted(value)}",
        help=f"did you mean {quoted(meant)}?" if meant else None,
    )
