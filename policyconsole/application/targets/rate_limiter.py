"""The rate limiter: how often a client may ask, by ``security.rate_limiting``.

The rule is GCRA, the generic cell rate algorithm (ITU-T I.371, annex A; "virtual
scheduling"), which lets through exactly what a token bucket does and keeps one number a
client. The number is counted in requests and not in seconds, on a clock that runs as fast
as the policy's rate: when the rate changes, every client keeps what it has used.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

from policyconsole.application.request import Decision, Refusal, Request
from policyconsole.application.target import Prepared, Transition
from policyconsole.policy import PolicyConfig

CLIENTS = 250_000
"""How many clients of one policy are counted at once unless the service says otherwise."""

SHARDS = 64
"""Parts of the counts of one policy; making room looks at one of them, in about a millisecond."""

LONGEST_KEY = 100
"""Characters of a client's name that are kept as they are; a longer one is kept as its hash."""


@dataclass(frozen=True, slots=True)
class Limit:
    """``rate`` requests a second in the long run, ``burst`` at once; nothing counts unless ``enabled``."""

    rate: float
    burst: int
    enabled: bool = True


class Meter:
    """Counts the requests of the clients of one policy; every method may be called from any thread.

    ``clock`` gives seconds and never goes back. At most ``clients`` are remembered: one whose
    requests are all made good needs no memory, and where that is not enough those that
    have used least are forgotten first, so that a flood of new addresses frees nobody
    who is over the limit.
    """

    def __init__(self, limit: Limit, clock: Callable[[], float], clients: int = CLIENTS) -> None:
        self._clock = clock
        self._limit = limit
        self._began, self._counted = clock(), 0.0
        self._shards: tuple[dict[str, float], ...] = tuple({} for _ in range(SHARDS))
        self._room = max(1, clients // SHARDS)
        self._lock = Lock()

    def __len__(self) -> int:
        """How many clients are remembered."""
        return sum(map(len, self._shards))

    @property
    def limit(self) -> Limit:
        """What counts now."""
        return self._limit

    def change(self, limit: Limit) -> None:
        """Go by another limit from now on; what clients have used stays used."""
        with self._lock:
            now = self._clock()
            self._counted += (now - self._began) * self._limit.rate
            self._began, self._limit = now, limit

    def take(self, client: str) -> float:
        """Count one request; gives 0 if it is in time, else the seconds until one would be.

        A request that comes too soon is not counted.
        """
        shard = self._shards[hash(client) % SHARDS]
        with self._lock:
            limit = self._limit
            if not limit.enabled:
                return 0.0
            now = self._counted + (self._clock() - self._began) * limit.rate
            due = max(shard.get(client, now), now) + 1.0
            over = due - now - limit.burst
            if over > _ROUNDING:
                return over / limit.rate
            if client not in shard and len(shard) >= self._room:
                _make_room(shard, now)
            shard[client] = due
            return 0.0


_ROUNDING = 1e-6
"""The part of a request by which sums of floating-point numbers may be off."""


def _make_room(shard: dict[str, float], now: float) -> None:
    """Forget who has nothing used; if that frees less than a half, those who have used least."""
    kept = {client: due for client, due in shard.items() if due > now}
    half = len(shard) // 2
    if len(kept) > half:
        most = sorted(kept, key=kept.__getitem__)[len(kept) - half :]
        kept = {client: kept[client] for client in most}
    shard.clear()
    shard.update(kept)


class RateLimiter:
    """Refuses the requests of clients that ask more often than their policy allows.

    A client is the name that the server has verified by TLS, else the address; all
    requests without either count as one client. ``clock`` gives seconds and never goes
    back, ``clients`` is how many are remembered for each policy.
    """

    name = "rate limiter"
    sections = frozenset({"security"})
    immediate = True

    def __init__(self, clock: Callable[[], float] = time.monotonic, clients: int = CLIENTS) -> None:
        self._clock = clock
        self._clients = clients
        self._meters: dict[str, Meter] = {}

    async def prepare(self, transition: Transition) -> Prepared:
        """Work out the new limit; see :class:`~policyconsole.application.target.Target`."""
        policy_id, config = transition.policy_id, transition.new
        former = self._meters.get(policy_id)
        if config is None:
            return _LimitChange(self._meters, policy_id, former)
        limit = _limit(config)
        meter = Meter(limit, self._clock, self._clients) if former is None else former
        return _LimitChange(self._meters, policy_id, former, meter, limit)

    def check(self, policy_id: str, request: Request, now: float) -> Decision | None:  # noqa: ARG002
        """Count a request; gives the refusal of one that comes too soon, which is not counted.

        ``now`` is not looked at: the limiter's own clock never goes back.
        """
        meter = self._meters.get(policy_id)
        if meter is None:
            return Decision(False, "no rate limit is known for the policy", Refusal.NO_POLICY)
        wait = meter.take(_client(request))
        if not wait:
            return None
        limit = meter.limit
        reason = f"more than {limit.rate * 60:g} requests a minute with {limit.burst} at once"
        return Decision(False, reason, Refusal.TOO_MANY_REQUESTS, wait)


@dataclass(slots=True)
class _LimitChange:
    """A limit on its way to another one; without ``meter``, to none because its policy is retired."""

    meters: dict[str, Meter]
    policy_id: str
    former: Meter | None
    meter: Meter | None = None
    limit: Limit | None = None
    before: Limit | None = None

    async def commit(self) -> None:
        if self.former is not None:
            self.before = self.former.limit
        if self.meter is None or self.limit is None:
            self.meters.pop(self.policy_id, None)
            return
        if self.meter.limit != self.limit:
            self.meter.change(self.limit)
        self.meters[self.policy_id] = self.meter

    async def undo(self) -> None:
        if self.former is None:
            self.meters.pop(self.policy_id, None)
            return
        if self.before is not None and self.former.limit != self.before:
            self.former.change(self.before)
        self.meters[self.policy_id] = self.former


def _limit(config: PolicyConfig) -> Limit:
    limiting = config.security.rate_limiting
    return Limit(
        limiting.requests_per_minute / 60,
        limiting.burst_size,
        config.security.enabled and limiting.enabled,
    )


def _client(request: Request) -> str:
    """Give the key of who asks; no address can be taken for a name."""
    name = request.client_name
    key = f"={name}" if name is not None else request.client or ""
    return key if len(key) <= LONGEST_KEY else sha256(key.encode("utf-8", "replace")).hexdigest()
