"""What a plug-in gives: the hooks of the entry-point group ``policyconsole``.

from policyconsole import Context, Finding, Rule, hookimpl, rule

@hookimpl
def policyconsole_rules() -> list[Rule]:
    return [names_its_owner]
"""

from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

import pluggy

from policyconsole.validation.rule import Rule

GROUP = "policyconsole"
"""The entry-point group in which plug-ins are found, and the name of the hooks' project."""

_P = ParamSpec("_P")
_R = TypeVar("_R")

_specification = pluggy.HookspecMarker(GROUP)
_implementation = pluggy.HookimplMarker(GROUP)


def hookimpl(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Mark a function of a plug-in as one that policy-console is to call."""
    return _implementation(function)


@_specification
def policyconsole_rules() -> Iterable[Rule]:
    """Give the rules of the plug-in; asked once, when policy-console starts."""
    raise NotImplementedError
