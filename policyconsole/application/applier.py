"""All targets or none: prepare, commit, and undo where a commit fails (architecture, decision 4)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from policyconsole.application.target import Prepared, Target, Transition

TARGET_LIMIT = 5.0
"""Seconds that a target may take for one step."""

Result = TypeVar("Result")


class ApplyError(Exception):
    """A target refused; everything is as it was, except for what ``not_undone`` names.

    The message says which target failed in which step and why; ``hung`` is the target
    if it was given up because its time was over.
    """

    def __init__(
        self, message: str, not_undone: tuple[str, ...] = (), hung: Target | None = None
    ) -> None:
        super().__init__(message)
        self.not_undone = not_undone
        self.hung = hung


class _StepError(Exception):
    """One step of one target failed; ``cut_off`` if nobody knows how far it came."""

    def __init__(self, message: str, *, hung: bool = False, cut_off: bool = False) -> None:
        super().__init__(message)
        self.hung = hung
        self.cut_off = cut_off


async def apply(
    transition: Transition, targets: Iterable[Target], limit: float = TARGET_LIMIT
) -> None:
    """Take ``transition`` to every target that it concerns.

    Each step of each target may take ``limit`` seconds. Raises :class:`ApplyError`
    where a target fails; those that had committed, and one whose commit was cut off
    halfway, are undone then, the newest first, also when the caller is cancelled.
    """
    prepared: list[tuple[Target, Prepared]] = []
    for target in concerned(transition, targets):
        try:
            step = await _run(target, "prepare", partial(target.prepare, transition), limit)
        except _StepError as failure:
            raise ApplyError(str(failure), hung=target if failure.hung else None) from failure
        prepared.append((target, step))
    committed: list[tuple[Target, Prepared]] = []
    for target, step in prepared:
        try:
            await _run(target, "commit", step.commit, limit)
        except _StepError as failure:
            unfinished = [(target, step)] if failure.cut_off else []
            not_undone = await _undo_to_the_end([*committed, *unfinished], limit)
            raise ApplyError(
                str(failure), not_undone, target if failure.hung else None
            ) from failure
        except asyncio.CancelledError:
            await _undo_to_the_end([*committed, (target, step)], limit)
            raise
        committed.append((target, step))


def concerned(transition: Transition, targets: Iterable[Target]) -> list[Target]:
    """List the targets that a transition concerns."""
    return [target for target in targets if target.sections.intersection(transition.sections)]


async def _run(
    target: Target, step: str, call: Callable[[], Awaitable[Result]], limit: float
) -> Result:
    """Do one step; whatever goes wrong in the target is a :class:`_StepError`."""
    clock = asyncio.timeout(limit)
    try:
        async with clock:
            return await call()
    except asyncio.CancelledError as problem:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise  # it is the caller who is cancelled, not something that the target waits for
        raise _StepError(f"{target.name} was cancelled in its {step}", cut_off=True) from problem
    except Exception as problem:
        if clock.expired():
            message = f"{target.name} did not {step} within {limit:g} s"
            raise _StepError(message, hung=True, cut_off=True) from problem
        said = str(problem) or type(problem).__name__
        raise _StepError(f"{target.name} failed to {step}: {said}") from problem


async def _undo_to_the_end(
    committed: Sequence[tuple[Target, Prepared]], limit: float
) -> tuple[str, ...]:
    """Undo the newest first, whoever is cancelled meanwhile; give what could not be undone."""
    undoing = asyncio.ensure_future(_undo(committed, limit))
    cancelled: asyncio.CancelledError | None = None
    while not undoing.done():
        try:
            await asyncio.shield(undoing)
        except asyncio.CancelledError as problem:
            cancelled = problem
    if cancelled is not None:
        raise cancelled
    return undoing.result()


async def _undo(committed: Sequence[tuple[Target, Prepared]], limit: float) -> tuple[str, ...]:
    failures = []
    for target, step in reversed(committed):
        try:
            await _run(target, "undo", step.undo, limit)
        except _StepError as failure:
            failures.append(str(failure))
    return tuple(failures)
