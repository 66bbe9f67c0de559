"""All targets or none: prepare, commit, and undo where a commit fails (architecture, decision 4)."""

import asyncio
from collections.abc import Iterable

from policyconsole.application.target import Prepared, Target, Transition

TARGET_LIMIT = 5.0
"""Seconds that a target may take for one step."""


class ApplyError(Exception):
    """A target refused; everything is as it was, except for what ``not_undone`` names.

    The message says which target failed in which step and why.
    """

    def __init__(self, message: str, not_undone: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.not_undone = not_undone


async def apply(
    transition: Transition, targets: Iterable[Target], limit: float = TARGET_LIMIT
) -> None:
    """Take ``transition`` to every target that it concerns.

    Each step of each target may take ``limit`` seconds. Raises :class:`ApplyError`
    where a target fails; those that had committed are undone then, the newest first,
    also when the caller is cancelled.
    """
    concerned = [target for target in targets if target.sections.intersection(transition.sections)]
    prepared: list[tuple[Target, Prepared]] = []
    for target in concerned:
        try:
            async with asyncio.timeout(limit):
                prepared.append((target, await target.prepare(transition)))
        except Exception as problem:
            raise ApplyError(_said(target, "prepare", problem, limit)) from problem
    committed: list[tuple[Target, Prepared]] = []
    for target, step in prepared:
        try:
            async with asyncio.timeout(limit):
                await step.commit()
        except Exception as problem:
            not_undone = await _undo(committed, limit)
            raise ApplyError(_said(target, "commit", problem, limit), not_undone) from problem
        except BaseException:
            await asyncio.shield(_undo([*committed, (target, step)], limit))
            raise
        committed.append((target, step))


async def _undo(committed: list[tuple[Target, Prepared]], limit: float) -> tuple[str, ...]:
    failures = []
    for target, step in reversed(committed):
        try:
            async with asyncio.timeout(limit):
                await step.undo()
        except Exception as problem:  # noqa: BLE001 - the others must be undone all the same
            failures.append(_said(target, "undo", problem, limit))
    return tuple(failures)


def _said(target: Target, step: str, problem: Exception, limit: float) -> str:
    if isinstance(problem, TimeoutError):
        return f"{target.name} did not {step} within {limit:g} s"
    return f"{target.name} failed to {step}: {problem or type(problem).__name__}"
