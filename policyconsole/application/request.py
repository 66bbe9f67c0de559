"""What a guard is asked and what it answers: Request, Decision and Refusal; who has a part in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Refusal(StrEnum):
    """Why a request is refused, as programs tell it."""

    UNAUTHENTICATED = "unauthenticated"
    """Nobody knows who asks."""
    FORBIDDEN = "forbidden"
    """It is known who asks, and that is not enough."""
    TOO_LARGE = "too_large"
    """The request is longer than the policy allows."""
    BAD_INPUT = "bad_input"
    """The request holds what looks like an attack, or cannot be read."""
    TOO_MANY_REQUESTS = "too_many_requests"
    """The client asks more often than the policy allows."""
    NO_POLICY = "no_policy"
    """No policy of that id is in force."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a service, as much of it as a policy judges.

    ``client`` is the address of who asks, ``path`` and ``query`` are as they came,
    still percent-encoded, the query without its question mark. The names in
    ``headers`` are in lower case. ``body`` is None where it was not read.
    ``client_name`` is the name that the server has verified by TLS, never one that
    the client only claims.
    """

    client: str | None = None
    method: str = "GET"
    path: str = "/"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    client_name: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a guard says to a request.

    ``reason`` is for people and logs: it quotes nothing of the request. ``code`` is
    None where the request is allowed. ``retry_after`` is the seconds after which the
    client may ask again, None where waiting does not help.
    """

    allowed: bool
    reason: str
    code: Refusal | None = None
    retry_after: float | None = None


@runtime_checkable
class Guarding(Protocol):
    """A target that objects to requests; ``check`` is called from any thread."""

    def check(self, policy_id: str, request: Request, now: float) -> Decision | None:
        """Give the refusal, or None where there is nothing to object to.

        ``now`` is in seconds since the epoch.
        """


@runtime_checkable
class Measuring(Protocol):
    """A target that objects to requests for their length alone, before all other checks."""

    def check_size(self, policy_id: str, request: Request, now: float) -> Decision | None:
        """Give the refusal, or None; as :meth:`Guarding.check`."""


@runtime_checkable
class Authenticating(Protocol):
    """A target that asks who sends a request."""

    def challenge(self, policy_id: str) -> str | None:
        """Give the WWW-Authenticate header that goes with a 401, or None if there is none."""


@runtime_checkable
class Observing(Protocol):
    """Something that is told of each answer of a guard, on the thread that asked."""

    def observe(
        self, policy_id: str, revision: int, request: Request, decision: Decision, seconds: float
    ) -> None:
        """Take note of an answer; must return at once and raise nothing.

        ``revision`` is that of the policy which was in force when the guard was asked, 0
        where none was; ``seconds`` is what the answer took.
        """
