"""Environment variables: ``POLICY_CONSOLE_LEVEL`` and the others."""

import json
import os
import re
from collections.abc import Iterator, Mapping

from policyconsole.configuration.mistakes import Mistake, mistake
from policyconsole.configuration.model import TABLES, Configuration
from policyconsole.configuration.tables import by_name
from policyconsole.wording import nearest

PREFIX = "POLICY_CONSOLE_"
"""How every variable begins."""

NESTED = "__"
"""What stands between a table and its key: ``POLICY_CONSOLE_HISTORY__KEEP_DAYS``."""

FILE_VARIABLE = f"{PREFIX}CONFIG"
"""The variable that does what ``--config`` does."""

_SET_BY_OTHERS = re.compile(r"(.*_)?(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_[0-9].*)?)")
"""What Kubernetes and Docker set for a service that is called policy-console, or policy-console-web."""

_TABLES = frozenset({"per_file_ignores", "severity", "keys", *TABLES})
_LISTS = frozenset({"select", "ignore", "include", "exclude", "rules"})


def variable_of(name: str) -> str:
    """Give the variable of a field."""
    return PREFIX + name.upper()


def variables(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Give what the environment says, by the rest of the variable's name in lower case.

    An empty variable says nothing.
    """
    return {
        name[len(PREFIX) :].lower(): text
        for name, text in environ.items()
        if name.upper().startswith(PREFIX)
        and text
        and name.upper() != FILE_VARIABLE
        and not _SET_BY_OTHERS.fullmatch(name.upper()[len(PREFIX) :])
    }


def value_of(name: str, text: str) -> object:
    """Read a variable's text for the field ``name``.

    Lists are ``SEC,LOGIC``, tables ``SEC003=warning,SEC004=off`` and ``editor=E,copy=c``, or either of them JSON; what
    is none of it stays text, which is then of the wrong type.
    """
    if name not in _TABLES | _LISTS:
        return text
    if text.lstrip().startswith(("[", "{")):
        try:
            value: object = json.loads(text)
        except (ValueError, RecursionError):
            return text
        if name in TABLES and isinstance(value, dict):
            return {field: value[key] for field, key in by_name(value).items()}
        return value
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if name in _LISTS:
        return parts
    pairs = [part.partition("=") for part in parts]
    if name in {"severity", "keys"} and all(between for _, between, _ in pairs):
        return {key.strip(): value.strip() for key, _, value in pairs}
    return text


def values(environ: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Give every setting that the environment has, known or not, by its field's name."""
    said: dict[str, object] = {}
    for name, text in variables(environ).items():
        table, nested, key = name.partition(NESTED)
        if nested:
            inside = said.setdefault(table, {})
            if isinstance(inside, dict):
                inside[key] = text
        else:
            said[name] = value_of(name, text)
    return said


def unknown_variables(said: Mapping[str, object]) -> Iterator[Mistake]:
    """CONF002: variables of ours that mean nothing."""
    names = [variable_of(name) for name in Configuration.model_fields]
    for name in said:
        if name not in Configuration.model_fields:
            variable = variable_of(name)
            meant = nearest(variable.lower(), [known.lower() for known in names], likeness=0.85)
            yield Mistake(
                variable,
                mistake(
                    "CONF002",
                    "there is no such setting",
                    help=f"did you mean {meant.upper()}?" if meant else "unset the variable",
                ),
            )
