"""All targets or none: prepare, commit, and undo where a commit fails (architecture, decision 4)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from threading import current_thread, main_thread
from typing import TypeVar

from policyconsole.application.target import Prepared, Target, Transition
from policyconsole.wording import cause

TARGET_LIMIT = 5.0
"""Seconds that a target may take for one step."""

CLEANING_UP = 1.0
"""Seconds that a step may take to end once it was cancelled; longer than that it is closed."""

Result = TypeVar("Result")


class ApplyError(Exception):
    """A target refused; everything is as it was, except for what ``not_undone`` names.

    The message says which target failed in which step and why; ``hung`` is the target
    if it was given up because its time was over, ``transition`` the one that it would not make.
    """

    def __init__(
        self,
        message: str,
        not_undone: tuple[str, ...] = (),
        hung: Target | None = None,
        transition: Transition | None = None,
    ) -> None:
        super().__init__(message)
        self.not_undone = not_undone
        self.hung = hung
        self.transition = transition


class _StepError(Exception):
    """One step of one target failed; ``cut_off`` if nobody knows how far it came."""

    def __init__(self, message: str, *, hung: bool = False, cut_off: bool = False) -> None:
        super().__init__(message)
        self.hung = hung
        self.cut_off = cut_off


class _ExitError(Exception):
    """A step wanted to end the whole program."""


async def apply(
    transition: Transition, targets: Iterable[Target], limit: float = TARGET_LIMIT
) -> None:
    """Take one transition to every target that it concerns, as :func:`apply_all` does."""
    await apply_all((transition,), targets, limit)


async def apply_all(
    transitions: Sequence[Transition], targets: Iterable[Target], limit: float = TARGET_LIMIT
) -> None:
    """Take ``transitions`` to every target that they concern: all of them or none.

    All are prepared before the first is committed. Each step of each target may take
    ``limit`` seconds. Raises :class:`ApplyError`
    where a target fails; those that had committed, and one whose commit was cut off
    halfway, are undone then, the newest first, also when the caller is cancelled: the
    CancelledError names in its arguments what could not be undone.
    """
    targets = tuple(targets)
    prepared: list[tuple[Transition, Target, Prepared]] = []
    for transition in transitions:
        for target in concerned(transition, targets):
            try:
                step = await _run(target, "prepare", partial(target.prepare, transition), limit)
            except _StepError as failure:
                hung = target if failure.hung else None
                raise ApplyError(str(failure), hung=hung, transition=transition) from failure
            prepared.append((transition, target, step))
    committed: list[tuple[Target, Prepared]] = []
    for transition, target, step in prepared:
        try:
            await _run(target, "commit", step.commit, limit)
        except _StepError as failure:
            unfinished = [(target, step)] if failure.cut_off else []
            not_undone = await _undo_to_the_end([*committed, *unfinished], limit)
            hung = target if failure.hung else None
            raise ApplyError(str(failure), not_undone, hung, transition) from failure
        except asyncio.CancelledError as cancelled:
            not_undone = await _undo_to_the_end([*committed, (target, step)], limit)
            raise asyncio.CancelledError(*not_undone) from cancelled
        committed.append((target, step))


async def answers(target: Target, transition: Transition, limit: float = TARGET_LIMIT) -> bool:
    """Whether a target prepares a transition in time, or refuses it; nothing changes."""
    try:
        await _run(target, "prepare", partial(target.prepare, transition), limit)
    except _StepError as failure:
        return not failure.hung
    return True


def concerned(transition: Transition, targets: Iterable[Target]) -> list[Target]:
    """List the targets that a transition concerns."""
    return [target for target in targets if target.sections.intersection(transition.sections)]


async def _run(
    target: Target, step: str, call: Callable[[], Awaitable[Result]], limit: float
) -> Result:
    """Do one step; whatever goes wrong in the target is a :class:`_StepError`.

    The step has a task of its own: one that takes no notice of being cancelled can be
    left behind. A target that says that its steps are ``immediate`` needs none: the task
    and its time limit take 14 µs, many times what such a step takes.
    """
    if getattr(target, "immediate", False):
        try:
            return await _contained(call)
        except Exception as problem:
            message = f"{target.name} failed to {step}: {cause(problem)}"
            raise _StepError(message, cut_off=isinstance(problem, _ExitError)) from problem
    doing = asyncio.ensure_future(_contained(call))
    cancelled = await _wait(doing, limit)
    if cancelled is not None or not doing.done():
        hung = cancelled is None
        cancelled = await _cut_off(doing) or cancelled
        if cancelled is not None:
            raise cancelled
        if hung:
            message = f"{target.name} did not {step} within {limit:g} s"
            raise _StepError(message, hung=True, cut_off=True)
    try:
        return doing.result()
    except asyncio.CancelledError as problem:
        raise _StepError(f"{target.name} was cancelled in its {step}", cut_off=True) from problem
    except Exception as problem:
        message = f"{target.name} failed to {step}: {cause(problem)}"
        raise _StepError(message, cut_off=isinstance(problem, _ExitError)) from problem


async def _contained(call: Callable[[], Awaitable[Result]]) -> Result:
    """Do a step; what would end the loop, and with it the engine, is a failure like any other."""
    try:
        return await call()
    except (SystemExit, KeyboardInterrupt) as problem:
        if isinstance(problem, KeyboardInterrupt) and current_thread() is main_thread():
            raise  # Ctrl-C: whoever runs the loop cancels the caller, who undoes
        raise _ExitError(repr(problem)) from problem


async def _wait(
    doing: asyncio.Task[Result], seconds: float | None
) -> asyncio.CancelledError | None:
    """Wait until a task is done or time is up; give the cancellation that ended the waiting."""
    try:
        await asyncio.wait([doing], timeout=seconds)
    except asyncio.CancelledError as problem:
        return problem
    return None


async def _cut_off(doing: asyncio.Task[Result]) -> asyncio.CancelledError | None:
    """Cancel a step and give it a moment to clean up; one that goes on all the same is closed.

    Gives the cancellation of the caller, if one came meanwhile.
    """
    cancelled = None
    clock = asyncio.get_running_loop().time
    end = clock() + CLEANING_UP
    doing.cancel()
    while not doing.done() and (left := end - clock()) > 0:
        cancelled = await _wait(doing, left) or cancelled
    if not doing.done():
        with suppress(Exception):
            doing.get_coro().close()
        doing.cancel()
    doing.add_done_callback(lambda task: task.cancelled() or task.exception())
    return cancelled


async def _undo_to_the_end(
    committed: Sequence[tuple[Target, Prepared]], limit: float
) -> tuple[str, ...]:
    """Undo the newest first, whoever is cancelled meanwhile; give what could not be undone."""
    undoing = asyncio.ensure_future(_undo(committed, limit))
    cancelled = None
    while not undoing.done():
        cancelled = await _wait(undoing, None) or cancelled
    if cancelled is not None:
        raise asyncio.CancelledError(*undoing.result()) from cancelled
    return undoing.result()


async def _undo(committed: Sequence[tuple[Target, Prepared]], limit: float) -> tuple[str, ...]:
    failures = []
    for target, step in reversed(committed):
        try:
            await _run(target, "undo", step.undo, limit)
        except _StepError as failure:
            failures.append(str(failure))
    return tuple(failures)
