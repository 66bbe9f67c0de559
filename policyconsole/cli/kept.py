"""The history of a FOLDER for a command: found and opened, and a revision in it by number or tag."""

import argparse
import json
from collections.abc import Callable, Mapping

from policyconsole.cli.arguments import WRONG_USAGE
from policyconsole.cli.configured import configuration_for
from policyconsole.cli.folders import folder_problem
from policyconsole.cli.streams import tell
from policyconsole.configuration.model import Configuration
from policyconsole.escaping import safe_json
from policyconsole.history.location import history_path
from policyconsole.history.records import Revision
from policyconsole.history.store import HistoryError, HistoryStore
from policyconsole.rollback.plan import RollbackError, no_such_revision


def with_history(
    options: argparse.Namespace, act: Callable[[HistoryStore, Configuration], int]
) -> int:
    """Open the history of the FOLDER of ``options`` and give what ``act`` makes of it.

    Where there is none, or what is asked for is not in it, that is said in one line.
    """
    if problem := folder_problem(options.folder):
        tell(problem)
        return WRONG_USAGE
    configuration = configuration_for(options.folder, options)
    if configuration is None:
        return WRONG_USAGE
    path = history_path(options.folder, configuration.state_dir)
    try:
        with HistoryStore.open(path, create=False) as store:
            return act(store, configuration)
    except (HistoryError, RollbackError) as problem:
        tell(str(problem))
        return WRONG_USAGE


_MOST_DIGITS = 100
"""Digits that are read as a number: of more, Python may refuse to (its limit is some thousand)."""


def revision_in(store: HistoryStore, policy_id: str, named: str) -> Revision:
    """Give the revision of a policy that a number or a tag names; raises :class:`RollbackError`."""
    digits = named.isascii() and named.isdigit() and len(named) <= _MOST_DIGITS
    number = int(named) if digits else store.tagged(policy_id, named)
    found = store.revision(policy_id, number) if number is not None else None
    if found is None:
        known = [kept.revision for kept in store.revisions(policy_id)]
        raise no_such_revision(policy_id, named if number is None else number, known)
    return found


def as_json(record: Mapping[str, object]) -> str:
    """Write a record as JSON for programs, safe to show on a terminal too."""
    return safe_json(json.dumps(record, ensure_ascii=False, indent=2))
