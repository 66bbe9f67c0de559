"""policy-console: a folder of policy files in, a live and always-valid set of policies out.

The public names, each loaded when it is first used: ``import policyconsole`` costs
next to nothing, and ``PolicyConsole`` alone needs the ``notebook`` extra.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyconsole.application.guard import Guard
    from policyconsole.application.policy_set import ActivePolicy, PolicySet
    from policyconsole.application.request import Decision, Refusal, Request
    from policyconsole.application.tally import RequestCounts
    from policyconsole.asgi.guard import PolicyGuard
    from policyconsole.configuration.load import load_configuration
    from policyconsole.configuration.mistakes import ConfigurationError
    from policyconsole.configuration.model import Configuration
    from policyconsole.diagnostics import Diagnostic, Impact, Kind, Place, Report, Severity
    from policyconsole.engine import PolicyApplicationEngine
    from policyconsole.events import Change, EventType, Latency, PolicyEvent
    from policyconsole.exploring.difference import PolicyDifference
    from policyconsole.exploring.figures import LatencyFigures
    from policyconsole.exploring.findings import Findings
    from policyconsole.exploring.plot import Plot
    from policyconsole.exploring.policies import Policies, Policy, load_folder
    from policyconsole.exploring.rules import ExplainedRule, explain
    from policyconsole.exploring.table import Table
    from policyconsole.exploring.what_if import WhatIf, what_if
    from policyconsole.hosting import EngineThread
    from policyconsole.loading.loader import PolicyLoader, PolicyLoadError
    from policyconsole.loading.saving import PolicySaveError
    from policyconsole.notebook import PolicyConsole as PolicyConsole
    from policyconsole.policy import PolicyConfig
    from policyconsole.rollback.plan import RollbackError
    from policyconsole.snapshot import EngineSnapshot, FileStatus
    from policyconsole.validation.engine import PolicyValidationEngine
    from policyconsole.validation.hooks import hookimpl
    from policyconsole.validation.levels import ValidationLevel
    from policyconsole.validation.rule import Context, Finding, Rule, rule
    from policyconsole.watching.hints import WatcherKind

__all__ = [
    "ActivePolicy",
    "Change",
    "Configuration",
    "ConfigurationError",
    "Context",
    "Decision",
    "Diagnostic",
    "EngineSnapshot",
    "EngineThread",
    "EventType",
    "ExplainedRule",
    "FileStatus",
    "Finding",
    "Findings",
    "Guard",
    "Impact",
    "Kind",
    "Latency",
    "LatencyFigures",
    "Place",
    "Plot",
    "Policies",
    "Policy",
    "PolicyApplicationEngine",
    "PolicyConfig",
    "PolicyDifference",
    "PolicyEvent",
    "PolicyGuard",
    "PolicyLoadError",
    "PolicyLoader",
    "PolicySaveError",
    "PolicySet",
    "PolicyValidationEngine",
    "Refusal",
    "Report",
    "Request",
    "RequestCounts",
    "RollbackError",
    "Rule",
    "Severity",
    "Table",
    "ValidationLevel",
    "WatcherKind",
    "WhatIf",
    "explain",
    "hookimpl",
    "load_configuration",
    "load_folder",
    "rule",
    "what_if",
]

_MODULES = {
    "ActivePolicy": "application.policy_set",
    "Change": "events",
    "Configuration": "configuration.model",
    "ConfigurationError": "configuration.mistakes",
    "Context": "validation.rule",
    "Decision": "application.request",
    "Diagnostic": "diagnostics",
    "EngineSnapshot": "snapshot",
    "EngineThread": "hosting",
    "EventType": "events",
    "ExplainedRule": "exploring.rules",
    "FileStatus": "snapshot",
    "Finding": "validation.rule",
    "Findings": "exploring.findings",
    "Guard": "application.guard",
    "Impact": "diagnostics",
    "Kind": "diagnostics",
    "Latency": "events",
    "LatencyFigures": "exploring.figures",
    "Place": "diagnostics",
    "Plot": "exploring.plot",
    "Policies": "exploring.policies",
    "Policy": "exploring.policies",
    "PolicyApplicationEngine": "engine",
    "PolicyConfig": "policy",
    "PolicyConsole": "notebook",
    "PolicyDifference": "exploring.difference",
    "PolicyEvent": "events",
    "PolicyGuard": "asgi.guard",
    "PolicyLoadError": "loading.loader",
    "PolicyLoader": "loading.loader",
    "PolicySaveError": "loading.saving",
    "PolicySet": "application.policy_set",
    "PolicyValidationEngine": "validation.engine",
    "Refusal": "application.request",
    "Report": "diagnostics",
    "Request": "application.request",
    "RequestCounts": "application.tally",
    "RollbackError": "rollback.plan",
    "Rule": "validation.rule",
    "Severity": "diagnostics",
    "Table": "exploring.table",
    "ValidationLevel": "validation.levels",
    "WatcherKind": "watching.hints",
    "WhatIf": "exploring.what_if",
    "explain": "exploring.rules",
    "hookimpl": "validation.hooks",
    "load_configuration": "configuration.load",
    "load_folder": "exploring.policies",
    "rule": "validation.rule",
    "what_if": "exploring.what_if",
}

_NOTEBOOK_EXTRA = ("ipywidgets", "anywidget", "IPython")


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        module = _MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            value: object = getattr(import_module(f"{__name__}.{module}"), name)
        except ModuleNotFoundError as problem:
            if problem.name not in _NOTEBOOK_EXTRA:
                raise
            raise ImportError(
                f"{name} needs {problem.name}: pip install 'policy-console[notebook]'"
            ) from problem
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *_MODULES})
