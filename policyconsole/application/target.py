"""What a policy governs: the Target protocol and the transition that a target is told of."""

from dataclasses import dataclass
from typing import Protocol

from policyconsole.policy import PolicyConfig


@dataclass(frozen=True, slots=True)
class Transition:
    """One policy on its way from ``old`` to ``new``.

    ``old`` is None for a policy that comes into force, ``new`` for one that is
    retired. ``sections`` are the names of the sections that differ.
    """

    policy_id: str
    old: PolicyConfig | None
    new: PolicyConfig | None
    sections: tuple[str, ...]


class Prepared(Protocol):
    """A transition that a target is ready to make."""

    async def commit(self) -> None:
        """Make it so; may raise, having changed nothing."""

    async def undo(self) -> None:
        """Put back what was before ``commit``, also one that was cut off halfway; may raise."""


class Target(Protocol):
    """Something in the running service that follows the policies.

    One whose steps never wait for anything may say so with ``immediate = True``: they are
    then done without a task of their own and without a time limit, in microseconds.
    """

    @property
    def name(self) -> str:
        """What the target is called in events."""

    @property
    def sections(self) -> frozenset[str]:
        """The sections that concern the target; it is told of no others."""

    async def prepare(self, transition: Transition) -> Prepared:
        """Get everything ready without changing anything; may raise to refuse."""
