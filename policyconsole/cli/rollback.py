"""``policy-console rollback``: write an earlier revision of a policy back to its file."""

import argparse
import os
from dataclasses import replace

from policyconsole.cli.kept import revision_in, with_history
from policyconsole.cli.streams import Output, tell
from policyconsole.cli.text import Paint, diagnostic_lines
from policyconsole.cli.verdicts import Configured, PathError, find, judge_all
from policyconsole.configuration.model import Configuration
from policyconsole.history.store import HistoryStore
from policyconsole.reading import UnreadableError, read_file
from policyconsole.rollback.plan import Plan, RollbackError, plan
from policyconsole.rollback.writing import write_plan

_REFUSED = 1


def run(options: argparse.Namespace) -> int:
    """Write the revision that ``options`` name to its file and give the exit code."""
    return with_history(options, lambda store, by: _roll_back(store, by, options))


def _roll_back(store: HistoryStore, by: Configuration, options: argparse.Namespace) -> int:
    folder: str = options.folder
    old = revision_in(store, options.policy, options.revision)
    rules = by.ruleset()
    try:
        path = _file_of(old.policy_id, folder, store, Configured(rules, by.files()))
        planned = plan(folder, path, old, rules, force=options.force)
    except RollbackError as problem:
        if not problem.diagnostics:
            raise
        _show(folder, problem)
        return _REFUSED
    except PathError as problem:
        raise RollbackError(str(problem)) from problem
    as_it_was = _holds(planned)
    number = write_plan(planned, store, rules, held=False)
    what = f"{path} has the content of revision {old.revision} of {old.policy_id}"
    if number is not None and planned.forced and as_it_was:
        # No change of the file tells a running engine of it.
        what += f" as before: in force as revision {number} at the next start of what watches it"
    elif number is not None:
        what += f": in force as revision {number} where the folder is watched"
    tell(what)
    return 0


def _holds(planned: Plan) -> bool:
    """Whether the file holds what is planned already."""
    try:
        return read_file(planned.file) == planned.content
    except UnreadableError:
        return False


def _file_of(policy_id: str, folder: str, store: HistoryStore, by: Configured) -> str:
    """Find the file to write: the one that the policy was last in force from, if it is still its.

    Where that is gone or holds another policy, it is the file that claims the id; a policy
    without any gets its last file back.
    """
    last = next(kept.path for kept in store.policies() if kept.policy_id == policy_id)
    found = find(folder, by)
    own = os.path.join(folder, last)
    alone = replace(found, files=(own,) if own in found.files else (), unlisted={})
    for verdict in judge_all([alone]):
        if verdict.judgement.policy_id == policy_id or not verdict.judgement.accepted:
            return last
    verdicts = [
        verdict for verdict in judge_all([found]) if verdict.judgement.policy_id == policy_id
    ]
    claiming = sorted(verdicts, key=lambda verdict: not verdict.judgement.accepted)
    return os.path.relpath(claiming[0].path, folder) if claiming else last


def _show(folder: str, problem: RollbackError) -> None:
    """Say what refuses a revision, as ``check`` does."""
    output = Output()
    paint = Paint(output.coloured)
    path = os.path.join(folder, problem.path or "")
    for diagnostic in problem.diagnostics:
        shown = diagnostic_lines(path, diagnostic, problem.source, paint, output.width)
        output.write("\n".join(shown))
    output.flush()
    tell(str(problem) + ("; --force writes it all the same" if problem.forceable else ""))
