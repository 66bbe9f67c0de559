"""Rolling back from the terminal app: from the key to what the engine says of it."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from textual.app import App

from policyconsole.application.changes import changed_fields
from policyconsole.dashboard import PolicyRow
from policyconsole.escaping import printable
from policyconsole.events import Change
from policyconsole.history.records import Revision
from policyconsole.history.store import HistoryError
from policyconsole.hosted import KeepingEngine
from policyconsole.loading.loader import PolicyLoadError
from policyconsole.rollback.comparison import loaded
from policyconsole.rollback.plan import RollbackError
from policyconsole.tui.screens.rollback import ConfirmScreen, RefusedScreen, RevisionsScreen


async def roll_back(
    app: App[int],
    engine: KeepingEngine,
    row: PolicyRow,
    now: Callable[[], datetime],
    chosen: Revision | None = None,
) -> None:
    """Let somebody choose a revision of a policy, confirm what it changes, and have it done.

    ``chosen`` is the revision where that has been chosen already.
    """
    policy_id = row.in_force_id or row.policy_id
    revisions = await _revisions(app, engine, policy_id) if chosen is None else (chosen,)
    if policy_id is None or not revisions:
        return
    active = engine.policies.get(policy_id)
    in_force = active.revision if active is not None else None

    def compare(revision: Revision) -> tuple[Change, ...] | str:
        active = engine.policies.get(policy_id)
        try:
            config = loaded(revision).config
        except PolicyLoadError as problem:
            return f"It cannot be loaded any more: {problem}"
        return changed_fields(active.config, config) if active is not None else ()

    if chosen is None:
        chosen = await app.push_screen_wait(
            RevisionsScreen(policy_id, revisions, in_force, compare, now())
        )
    if chosen is None:
        return
    path = active.path if active is not None else row.path
    asked = ConfirmScreen(chosen, path, in_force, compare(chosen))
    if await app.push_screen_wait(asked):
        await _do(app, engine, chosen)


async def _revisions(
    app: App[int], engine: KeepingEngine, policy_id: str | None
) -> tuple[Revision, ...]:
    """Give the revisions that are kept, newest first; none where somebody was told why."""
    history = engine.history
    if policy_id is None:
        _say(app, "This file names no policy: there is nothing to roll back.")
    elif history is None:
        _say(app, "No history is kept here: there is nothing to roll back.")
    else:
        try:
            revisions = await asyncio.to_thread(history.revisions, policy_id)
        except HistoryError as problem:
            _say(app, f"The history cannot be read: {problem}")
        else:
            if revisions:
                return tuple(revisions)
            _say(app, f"No revision of {policy_id} is kept.")
    return ()


async def _do(app: App[int], engine: KeepingEngine, chosen: Revision) -> None:
    """Have it done; what today's rules refuse is done only when that is said to be meant."""
    force = False
    while True:
        asked = engine.rollback(chosen.policy_id, chosen.revision, force=force)
        try:
            number = await asyncio.wrap_future(asked)
        except RollbackError as problem:
            if force or not problem.forceable:
                _say(app, f"Not rolled back: {problem}")
                return
            refused = RefusedScreen(str(problem), problem.diagnostics)
            if not await app.push_screen_wait(refused):
                return
            force = True
        else:
            back = f"{chosen.policy_id} is back at revision {chosen.revision}"
            told = back if number == chosen.revision else f"{back}, as revision {number}"
            app.notify(f"{printable(told)}.", markup=False)
            return


def _say(app: App[int], message: str) -> None:
    app.notify(printable(message), markup=False, severity="warning")
