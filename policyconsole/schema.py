"""A JSON Schema of a policy file, for editors: the model's types, and what the rules know.

It accepts whatever loads: what only a rule minds, an old TLS version say, is nothing
that an editor may call wrong. Known good values are proposed all the same, and a
field that is not known has ``deprecationMessage``, which editors show as a warning
and other programs pass over.

The schema is of draft 7 and has no references: that is what the language servers of
TOML, YAML and JSON all understand.
"""

import ast
import inspect
from itertools import pairwise
from typing import TypeAlias

from pydantic import JsonValue

from policyconsole.policy import PolicyConfig, Section
from policyconsole.validation.catalogue import CATALOGUE, Catalogue
from policyconsole.validation.rule import Rule
from policyconsole.validation.rules.custom import COMPLIANCE_MODES, ENVIRONMENTS
from policyconsole.validation.rules.security import SAFE_TLS

Schema: TypeAlias = dict[str, JsonValue]

DIALECT = "http://json-schema.org/draft-07/schema#"
"""What the schema is written in."""

_TIME = r"^\d{4}-\d{1,2}-\d{1,2}([Tt]|[ \t]+)\d{1,2}:\d{2}.*([Zz]|[+-]\d{1,2}(:?\d{2})?)$"
"""A date, a time and an offset, in whichever way one of the formats writes them."""

_KNOWN: dict[str, tuple[str, ...]] = {
    "security.encryption.algorithm": ("AES-256-GCM", "ChaCha20-Poly1305"),
    "security.tls.min_version": SAFE_TLS,
    # RFC 8446, section 9.1, and RFC 9325, section 4.2.
    "security.tls.cipher_suites": (
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    ),
    "custom.environment": ENVIRONMENTS,
    "custom.compliance_mode": COMPLIANCE_MODES,
}
"""Good values of fields that take any text, to be proposed; the other values load too."""

_EXAMPLES = {
    "id": "payment-service-policy",
    "name": "Payment service",
    "version": "1.0.0",
    "created_at": "2026-11-23T18:00:00Z",
    "updated_at": "2026-11-23T18:00:00Z",
}

_OWN = {
    "custom.environment": "The environment that the policy is for; --environment counts where there is none.",
    "custom.compliance_mode": "How strict the policy is meant to be.",
}
"""The fields below ``custom`` that rules know."""


def policy_schema(version: str, rules: Catalogue = CATALOGUE) -> Schema:
    """Give the schema; ``version`` is that of the program, ``rules`` are told at their fields."""
    return {
        "$schema": DIALECT,
        "$id": "urn:policy-console:policy",
        "$comment": f"policy-console {version}",
        "title": "Security policy",
        **_table(PolicyConfig, "", rules),
    }


def _table(section: type[Section], path: str, rules: Catalogue) -> Schema:
    """Describe a section and all that is below it."""
    generated = section.model_json_schema()
    texts = _texts(section)
    properties: Schema = {}
    for name, field in section.model_fields.items():
        below = f"{path}.{name}" if path else name
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            described = _table(kind, below, rules)
        elif name == "custom":
            described = _own(rules)
        else:
            described = _value(generated["properties"][name], below)
        properties[name] = {
            "description": _with_rules(texts.get(name, ""), below, rules),
            **described,
        }
    schema: Schema = {"type": "object", "properties": properties}
    if required := generated.get("required"):
        schema["required"] = required
    schema["additionalProperties"] = {
        "deprecationMessage": "not a known field (FIELD001); your own belong below custom"
    }
    return schema


def _own(rules: Catalogue) -> Schema:
    properties: Schema = {}
    for field, text in _OWN.items():
        description = _with_rules(text, field, rules)
        properties[field.rpartition(".")[2]] = {
            "description": description,
            **_proposed(field, {}),
        }
    return {"type": "object", "properties": properties}


def _value(generated: Schema, field: str) -> Schema:
    """Describe a value that is no table."""
    schema = {key: value for key, value in generated.items() if key != "title"}
    default = schema.pop("default", None)
    match schema.pop("anyOf", None):
        case [dict() as kind, {"type": "null"}]:
            schema |= kind | {"type": [kind["type"], "null"]}
    if schema.get("format") == "date-time":
        del schema["format"]  # stricter than TOML and YAML are
        schema["pattern"] = _TIME
    if schema.get("type") == "array":
        schema["items"] = _proposed(field, {"type": "string"})
    elif field in _KNOWN:
        schema = _proposed(field, schema)
    if field in _EXAMPLES:
        schema["examples"] = [_EXAMPLES[field]]
    if default is not None:
        schema["default"] = default
    return schema


def _proposed(field: str, schema: Schema) -> Schema:
    """Propose the known values of a field that takes others too."""
    other: JsonValue = {"type": schema["type"]} if "type" in schema else True
    return {**schema, "anyOf": [{"enum": list(_KNOWN[field])}, other]}


def _with_rules(text: str, field: str, rules: Catalogue) -> str:
    """Add to a description what the rules say of its field."""
    said = [_in_short(rule) for rule in rules.values() if rule.field == field]
    return "\n\n".join([text, *said])


def _in_short(rule: Rule) -> str:
    lowest = "" if len(rule.levels) == 4 else f" from level {rule.level}"
    return f"{rule.code} ({rule.kind}{lowest}): {rule.explanation.what}"


def _texts(section: type[Section]) -> dict[str, str]:
    """Give what stands below each field of a section in the source."""
    definition = ast.parse(inspect.getsource(section)).body[0]
    if not isinstance(definition, ast.ClassDef):
        return {}
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(definition.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
