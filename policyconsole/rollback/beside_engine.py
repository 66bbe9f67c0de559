"""A rollback beside a running engine: begun on a thread, and waited for until it is in force."""

import asyncio
import os
from collections.abc import Callable

from policyconsole.application.policy_set import ActivePolicy, PolicySet
from policyconsole.events import AsyncSubscription
from policyconsole.history.store import HistoryError, HistoryStore
from policyconsole.reading import UnreadableError, digest, read_file
from policyconsole.rollback.plan import Plan, RollbackError, no_such_revision, plan
from policyconsole.rollback.writing import write_plan
from policyconsole.snapshot import FileStatus, Verdict
from policyconsole.validation.ruleset import Ruleset

LONGEST_WAIT = 15.0
"""Seconds until a rollback that is written has to be in force; targets may take some."""


def begin(
    root: str,
    database: str | os.PathLike[str],
    wanted: tuple[str, int],
    rules: Ruleset,
    policies: PolicySet,
    *,
    force: bool,
) -> Plan:
    """Write a revision (the policy's id and the number) to its file; give what was written.

    That is the file that the policy is in force from, for one that is retired its last. May
    take seconds: call it on a thread. Raises :class:`RollbackError`.
    """
    policy_id, number = wanted
    active = policies.get(policy_id)
    try:
        with HistoryStore.open(database, create=False) as store:
            old = store.revision(policy_id, number)
            if old is None:
                known = [kept.revision for kept in store.revisions(policy_id)]
                raise no_such_revision(policy_id, number, known)
            path = active.path if active else store.revisions(policy_id, limit=1)[0].path
            file = os.path.join(root, path)
            _require_news(active, old.digest, file)
            planned = plan(root, path, old, rules, force=force)
            _require_news(active, planned.digest, file)
            write_plan(planned, store, rules, held=active is not None)
            return planned
    except HistoryError as problem:
        raise RollbackError(str(problem)) from problem


async def in_force(
    written: Plan,
    events: AsyncSubscription,
    policies: Callable[[], PolicySet],
    status: Callable[[str], FileStatus | None],
) -> int:
    """Wait until what was written is in force, and give its revision.

    ``events`` are those of the engine since before the writing. Raises
    :class:`RollbackError` for what keeps it out, the end of the engine and a later edit of
    the file included, and where it takes too long.
    """
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            while True:
                revision = _outcome(written, policies().get(written.policy_id), status)
                if revision is not None:
                    return revision
                event = await anext(events, None)
                if event is None:
                    raise RollbackError(f"{written.path} is written, but the engine has ended")
                if event.path == written.path and event.digest != written.digest:
                    _require_untouched(written)
    except TimeoutError:
        waited = f"not in force after {LONGEST_WAIT:.0f} s"
        raise RollbackError(f"{written.path} is written, but {waited}") from None


def _require_news(active: ActivePolicy | None, identity: str, file: str) -> None:
    """Raise where a content is in force already and its file holds it: there is nothing to do."""
    if active is not None and active.digest == identity and _digest_on_disk(file) == identity:
        reason = f"this content of {active.config.id} is in force already"
        raise RollbackError(f"{reason}: revision {active.revision}")


def _outcome(
    written: Plan, active: ActivePolicy | None, status: Callable[[str], FileStatus | None]
) -> int | None:
    """Give the revision that is in force, None where the engine has not come to it yet."""
    now = status(written.path)
    if now is None or now.digest != written.digest:
        return None
    if active is not None and active.digest == written.digest:
        return active.revision  # also where it had stayed in force and the rules refuse it
    if now.verdict is Verdict.FAILED:
        raise RollbackError(f"{written.path} is written, but not in force: {now.message}")
    if now.verdict is Verdict.REFUSED:
        raise RollbackError(
            f"{written.path} is written, but refused",
            now.diagnostics,
            source=now.source,
            path=written.path,
        )
    return None


def _require_untouched(written: Plan) -> None:
    """Raise where somebody has changed the file since: what is on disk last counts."""
    if _digest_on_disk(written.file) != written.digest:
        raise RollbackError(f"{written.path} was written, and then changed again by somebody else")


def _digest_on_disk(file: str) -> str | None:
    try:
        return digest(read_file(file))
    except UnreadableError:
        return None
