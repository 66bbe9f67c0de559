"""How many requests each policy let through, and how many it refused and why."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from policyconsole.application.request import Decision, Refusal, Request


@dataclass(frozen=True, slots=True)
class RequestCounts:
    """What the guards of one policy have answered since the engine was made.

    ``refused`` has every reason that was given at least once.
    """

    allowed: int = 0
    refused: Mapping[Refusal, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All requests, those that were let through and those that were not."""
        return self.allowed + sum(self.refused.values())


class RequestTally:
    """Counts what guards answer, by the policy's id; may be used from any thread.

    A policy that is retired keeps its counts. Ids that never had a policy are not
    counted: whoever asks could make up any number of them.
    """

    def __init__(self) -> None:
        self._counts: dict[str, Counter[Refusal | None]] = {}
        self._lock = Lock()

    def observe(
        self,
        policy_id: str,
        revision: int,
        request: Request,  # noqa: ARG002 - the protocol's
        decision: Decision,
        seconds: float,  # noqa: ARG002 - the protocol's
    ) -> None:
        """Count an answer; see :class:`~policyconsole.application.request.Observing`."""
        with self._lock:
            counts = self._counts.get(policy_id)
            if counts is None:
                if not revision:
                    return
                counts = self._counts[policy_id] = Counter()
            counts[decision.code] += 1

    def counts(self) -> dict[str, RequestCounts]:
        """Give the counts of every policy whose guard was asked, by id."""
        with self._lock:
            counted = {policy_id: dict(counts) for policy_id, counts in self._counts.items()}
        return {
            policy_id: RequestCounts(
                counts.get(None, 0),
                {code: count for code, count in counts.items() if code is not None},
            )
            for policy_id, counts in sorted(counted.items())
        }
