"""Probation: whether guards refuse too much by a policy that has just changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from policyconsole.application.policy_set import ActivePolicy
from policyconsole.application.request import Decision, Refusal, Request


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a policy on probation may refuse: a share of at least ``fewest`` answers."""

    seconds: int
    share: float
    fewest: int


@dataclass(frozen=True, slots=True)
class OnProbation:
    """A policy on probation: the revision that is tried, until when, and the one to go back to."""

    revision: int
    until: datetime
    good: ActivePolicy
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Failure:
    """A probation that has failed: of so many answers so many were refusals."""

    policy_id: str
    trial: OnProbation
    answered: int
    refused: int


@dataclass(slots=True)
class _Count:
    trial: OnProbation
    answered: int = 0
    refused: int = 0
    failed: bool = False
    lock: Lock = field(default_factory=Lock)


class Probation:
    """Counts what guards answer by policies on probation; asked from any thread.

    ``on_failure`` is called once for a probation that fails, on the thread that asked the
    guard; it must return at once.
    """

    def __init__(self, on_failure: Callable[[Failure], None]) -> None:
        self._on_failure = on_failure
        self._counts: dict[str, _Count] = {}

    @property
    def trials(self) -> Mapping[str, OnProbation]:
        """The policies on probation now, by id."""
        return {policy_id: count.trial for policy_id, count in tuple(self._counts.items())}

    def begin(self, policy_id: str, trial: OnProbation) -> None:
        """Watch a policy from now on; another trial of the same policy is over."""
        self._counts[policy_id] = _Count(trial)

    def end(self, policy_id: str, trial: OnProbation | None = None) -> None:
        """Watch a policy no more; if ``trial`` is given, only where that is the one that goes on."""
        count = self._counts.get(policy_id)
        if count is not None and (trial is None or count.trial is trial):
            del self._counts[policy_id]

    def observe(
        self,
        policy_id: str,
        revision: int,
        request: Request,  # noqa: ARG002 - the protocol's
        decision: Decision,
        seconds: float,  # noqa: ARG002 - the protocol's
    ) -> None:
        """Count an answer; see :class:`~policyconsole.application.request.Observing`."""
        count = self._counts.get(policy_id)
        if count is None or count.trial.revision != revision:
            return
        if decision.code is Refusal.NO_POLICY:
            return
        with count.lock:
            count.answered += 1
            count.refused += not decision.allowed
            bounds = count.trial.bounds
            enough = count.answered >= bounds.fewest
            if count.failed or not enough or count.refused <= bounds.share * count.answered:
                return
            count.failed = True
            failure = Failure(policy_id, count.trial, count.answered, count.refused)
        self._on_failure(failure)
