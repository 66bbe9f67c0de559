"""What the engine says of itself in its events."""

import os
from collections.abc import Iterable, Sequence

from policyconsole.application.policy_set import PolicySet
from policyconsole.configuration.mistakes import ConfigurationError
from policyconsole.configuration.model import Configuration
from policyconsole.escaping import printable
from policyconsole.events import Change
from policyconsole.snapshot import FileStatus, Verdict
from policyconsole.transaction import Transaction


def start_of(
    policies: PolicySet,
    statuses: Iterable[FileStatus],
    waiting: Transaction,
    configuration: Configuration,
    root: str,
) -> str:
    """Say how things are at the start: how much is in force, and what configures it."""
    said = _count(policies)
    refused = sum(
        status.in_force_id is not None and status.verdict is not Verdict.IN_FORCE
        for status in statuses
    )
    if refused:
        whose = "its file is" if refused == 1 else "their files are"
        said += f", {refused} as before the restart, for {whose} refused"
    if waiting.held and waiting.obstacle is not None:
        said += f", {waiting.held} held back by {printable(waiting.obstacle)}"
    origin = configuration.origin
    if origin is None or origin.found is None:
        return said
    path = printable(os.path.relpath(origin.found, root))
    return f"{said}, configured by {path}"


def note_on(changes: Sequence[Change], *, moved: bool) -> str | None:
    """Say what changes of settings do not say: a setting that a running engine cannot change."""
    if not changes:
        return "where patterns count from" if moved else "the findings of the baseline"
    if any(change.field == "watcher" for change in changes):
        return "another watcher counts from the next start on"
    return None


def not_used(error: ConfigurationError) -> str:
    """Say that a configuration with mistakes is not used."""
    return f"the configuration is not used, the former stays: {error}"


def _count(policies: PolicySet) -> str:
    return "1 policy in force" if len(policies) == 1 else f"{len(policies)} policies in force"
