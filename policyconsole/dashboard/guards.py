"""Guards: what the guards of each policy have answered, in the words of both faces."""

from collections.abc import Mapping
from dataclasses import dataclass

from policyconsole.application.request import Refusal
from policyconsole.application.tally import RequestCounts
from policyconsole.escaping import printable

NO_REQUESTS = (
    "No guard has been asked yet.",
    (
        "What a guard answers is counted in the process whose engine it asks: a service that embeds "
        "an engine counts its own. docs/guards.md says how a service asks."
    ),
)
"""What no counts mean, and where they would come from."""

_WORDS: Mapping[Refusal, str] = {
    Refusal.UNAUTHENTICATED: "unauthenticated",
    Refusal.FORBIDDEN: "forbidden",
    Refusal.TOO_LARGE: "too large",
    Refusal.BAD_INPUT: "bad input",
    Refusal.NO_POLICY: "no policy",
}


@dataclass(frozen=True, slots=True)
class GuardRow:
    """One policy as a line of the Guards pane; ``policy_id`` is as it is, the rest safe to show.

    ``limited`` are the requests that came too often, ``refused`` all others that were not
    let through; ``reasons`` says why those were.
    """

    policy_id: str
    allowed: int
    limited: int
    refused: int
    reasons: str

    @property
    def name(self) -> str:
        """The policy's id, safe to show."""
        return printable(self.policy_id)

    @property
    def total(self) -> int:
        """All requests."""
        return self.allowed + self.limited + self.refused


def guard_rows(requests: Mapping[str, RequestCounts]) -> tuple[GuardRow, ...]:
    """Give the Guards pane's lines by the policies' ids."""
    return tuple(_row(policy_id, requests[policy_id]) for policy_id in sorted(requests))


def _row(policy_id: str, counts: RequestCounts) -> GuardRow:
    limited = counts.refused.get(Refusal.TOO_MANY_REQUESTS, 0)
    others = {word: counts.refused[code] for code, word in _WORDS.items() if code in counts.refused}
    return GuardRow(
        policy_id=policy_id,
        allowed=counts.allowed,
        limited=limited,
        refused=sum(others.values()),
        reasons=", ".join(f"{count:,} {word}" for word, count in others.items()),
    )
