"""Writing an earlier revision to its file: kept is what is overwritten, announced what comes."""

import os
import time
from contextlib import suppress
from datetime import UTC, datetime

from policyconsole.application.changes import changed_fields, sections_of
from policyconsole.events import Change
from policyconsole.fixing.writing import NotWrittenError, write_instead
from policyconsole.history.records import (
    LARGEST_REFUSED,
    NewRevision,
    Reason,
    RefusedContent,
    Revision,
)
from policyconsole.history.store import HistoryStore
from policyconsole.judging import Judgement, judge
from policyconsole.loading.atomic import write_atomically
from policyconsole.loading.formats import format_of
from policyconsole.loading.loader import LoadedPolicy, PolicyLoadError
from policyconsole.reading import digest
from policyconsole.rollback.comparison import loaded
from policyconsole.rollback.plan import Plan, RollbackError
from policyconsole.validation.ruleset import Ruleset
from policyconsole.watching.settling import look

_TRIES = 20
"""How often a file is tried that somebody else writes at the same moment."""

_BETWEEN_TRIES = 0.1
"""Seconds until it is tried again: what an editor saves is written by then."""


def write_plan(plan: Plan, store: HistoryStore, rules: Ruleset, *, held: bool) -> int | None:
    """Write what a plan says to its file; give the number of the revision that it will be.

    What the file holds is in the history by then: as a revision if ``rules`` accept it, else
    as refused. None where the content is that of the newest revision, whose number stays.
    ``held`` says that the policy is in force from this file; any other must not hold a
    policy of its own. Waits two seconds at most for somebody who writes the file. Raises
    :class:`RollbackError` and HistoryError; the file is as it was then.
    """
    reason = ""
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_BETWEEN_TRIES)
        try:
            return _write_once(plan, store, rules, held=held)
        except NotWrittenError as problem:
            reason = str(problem)
            if isinstance(problem.__cause__, OSError) or not _may_be_written(plan.file):
                break  # the system would say the same again
    raise RollbackError(f"{plan.path} cannot be written: {reason}")


def _may_be_written(file: str) -> bool:
    return os.access(file, os.W_OK) or not os.path.lexists(file)


def _write_once(plan: Plan, store: HistoryStore, rules: Ruleset, *, held: bool) -> int | None:
    """Try once; raises NotWrittenError where the file cannot be written, or not just now."""
    old = _content_of(plan)
    if old is not None:
        _keep(plan, old, store, rules, held=held)
    waiting = [
        kept.revision
        for kept in store.revisions(plan.policy_id)
        if kept.parent is not None and not kept.confirmed  # those without failed a probation
    ]
    announced = None
    _, newest = store.numbers().get(plan.policy_id, (0, ""))
    if newest != plan.digest:
        announced = store.announce(
            plan.policy_id, plan.content, plan.path, plan.parent, forced=plan.forced
        ).revision
    try:
        _replace(plan, old)
    except BaseException:
        if announced is not None:
            store.withdraw(plan.policy_id, announced)
        raise
    for number in waiting:  # what is not on disk any more must not look like a rollback later
        store.withdraw(plan.policy_id, number)
    return announced


def _content_of(plan: Plan) -> bytes | None:
    """Give what the file holds; None where there is none."""
    seen = look(plan.file)
    if seen.problem is not None:
        raise RollbackError(f"{plan.path} is in the way: {seen.problem.message}")
    if seen.fingerprint is None:
        return None
    if seen.content is None:
        raise NotWrittenError("another program is writing it")
    return seen.content


def _replace(plan: Plan, old: bytes | None) -> None:
    if old == plan.content:
        return
    if old is not None:
        write_instead(plan.file, old, plan.content)
        return

    def last_look() -> None:
        if os.path.lexists(plan.file):
            raise NotWrittenError("it has appeared in the meantime")

    try:
        os.makedirs(os.path.dirname(plan.file), exist_ok=True)
        write_atomically(plan.file, plan.content, last_look)
    except OSError as problem:
        raise NotWrittenError(problem.strerror or str(problem)) from problem


def _keep(plan: Plan, content: bytes, store: HistoryStore, rules: Ruleset, *, held: bool) -> None:
    """See to it that a content that is about to be overwritten is in the history."""
    identity = digest(content)
    form = format_of(plan.path)
    if form is None:
        raise ValueError(f"{plan.path} does not have the suffix of a policy")
    judgement = judge(content, form, rules, plan.file, identity=identity)
    ours = judgement.accepted and judgement.policy_id == plan.policy_id
    if judgement.accepted and not ours and not held:
        other = judgement.policy_id
        raise RollbackError(
            f"{plan.path} holds another policy by now ({other}): move it away first"
        )
    revisions = store.revisions(plan.policy_id)
    if any(kept.digest == identity for kept in revisions):
        return
    refused = store.refusals(path=plan.path)
    if any(kept.digest == identity and kept.content is not None for kept in refused):
        return
    if ours and judgement.policy is not None:
        newest = next((kept for kept in revisions if kept.confirmed), None)
        entry = _entry(plan, content, judgement.policy, newest)
        store.record([entry], {plan.policy_id: newest.revision if newest else 0})
        return
    if len(content) > LARGEST_REFUSED:
        raise RollbackError(
            f"{plan.path} holds what the rules refuse, and it is too large to be kept:"
            " move it away first"
        )
    store.refuse([_refusal(plan, content, judgement)])


def _entry(
    plan: Plan, content: bytes, policy: LoadedPolicy, newest: Revision | None
) -> NewRevision:
    """Give what somebody has saved and no engine has seen, as the revision that it would be."""
    changes: tuple[Change, ...] = ()
    sections: tuple[str, ...] = ()
    if newest is not None:
        with suppress(PolicyLoadError):
            before = loaded(newest).config
            changes = changed_fields(before, policy.config)
            sections = sections_of(changes, before, policy.config)
    return NewRevision(
        policy_id=plan.policy_id,
        digest=policy.digest,
        path=plan.path,
        content=content,
        time=datetime.now(UTC),
        sections=sections,
        changes=changes,
    )


def _refusal(plan: Plan, content: bytes, judgement: Judgement) -> RefusedContent:
    return RefusedContent(
        path=plan.path,
        policy_id=judgement.policy_id or plan.policy_id,
        digest=judgement.digest,
        time=datetime.now(UTC),
        content=content,
        diagnostics=tuple(found.record() for found in judgement.diagnostics),
        reason=Reason.OVERWRITTEN,
    )
