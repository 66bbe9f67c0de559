"""Kept: what the history knows of the chosen policy, or why it cannot say."""

from dataclasses import dataclass

from policyconsole.history.records import RefusedContent, Revision
from policyconsole.history.store import HistoryError
from policyconsole.hosted import KeptRevisions
from policyconsole.tui.panes.subject import Subject

MOST_REFUSALS = 200
"""How many refused contents of a policy are read, the newest first."""

NO_HISTORY = "no history is kept here"
"""The problem where an engine keeps none."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Revisions and refused contents of one policy, the newest first; ``problem`` is why there are none."""

    revisions: tuple[Revision, ...] = ()
    refusals: tuple[RefusedContent, ...] = ()
    problem: str = ""


def read_kept(history: KeptRevisions | None, subject: Subject) -> Kept:
    """Read what is kept of a policy, from the disk: not for the app's loop."""
    if history is None:
        return Kept(problem=NO_HISTORY)
    policy_id = subject.policy_id
    try:
        if policy_id is None:
            refused = history.refusals(path=subject.row.path, limit=MOST_REFUSALS)
            return Kept(refusals=tuple(refused))
        return Kept(
            tuple(history.revisions(policy_id)),
            tuple(history.refusals(policy_id=policy_id, limit=MOST_REFUSALS)),
        )
    except HistoryError as problem:
        return Kept(problem=f"the history cannot be read: {problem}")
