import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from policyconsole.application.applier import ApplyError, apply
from policyconsole.application.changes import changed_sections
from policyconsole.application.request import Refusal, Request
from policyconsole.application.target import Prepared, Transition
from policyconsole.application.targets.rate_limiter import Limit, Meter, RateLimiter
from policyconsole.policy import PolicyConfig

FROM_A = Request(client="a")


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def policy(per_minute: int = 60, burst: int = 3, **security: object) -> PolicyConfig:
    limiting = {"requests_per_minute": per_minute, "burst_size": burst}
    fields = {"rate_limiting": limiting, **security}
    return PolicyConfig.model_validate(
        {"id": "p", "name": "P", "version": "1.0.0", "security": fields}
    )


def transition(old: PolicyConfig | None, new: PolicyConfig | None) -> Transition:
    return Transition("p", old, new, changed_sections(old, new))


async def limiter(config: PolicyConfig, clock: Clock) -> RateLimiter:
    target = RateLimiter(clock)
    await apply(transition(None, config), [target])
    return target


def allowed(target: RateLimiter, times: int, request: Request = FROM_A) -> int:
    return sum(target.check("p", request, 0.0) is None for _ in range(times))


async def test_a_burst_comes_at_once_and_then_the_rate_counts() -> None:
    clock = Clock()
    target = await limiter(policy(per_minute=60, burst=3), clock)
    assert allowed(target, 10) == 3
    clock.now += 0.9
    assert allowed(target, 10) == 0
    clock.now += 0.1
    assert allowed(target, 10) == 1
    clock.now += 3600
    assert allowed(target, 10) == 3


async def test_in_the_long_run_there_are_as_many_as_the_rate_says() -> None:
    clock = Clock()
    target = await limiter(policy(per_minute=90, burst=5), clock)
    passed = 0
    for _ in range(6000):  # ten minutes, ten tries a second
        passed += allowed(target, 1)
        clock.now += 0.1
    assert 900 <= passed <= 905


async def test_a_refusal_says_when_to_come_again_and_that_is_right() -> None:
    clock = Clock()
    target = await limiter(policy(per_minute=30, burst=1), clock)
    assert allowed(target, 1) == 1
    clock.now += 0.5
    refusal = target.check("p", Request(client="a"), 0.0)
    assert refusal is not None
    assert (refusal.allowed, refusal.code) == (False, Refusal.TOO_MANY_REQUESTS)
    assert refusal.reason == "more than 30 requests a minute with 1 at once"
    assert refusal.retry_after == pytest.approx(1.5)
    clock.now += 1.5
    assert allowed(target, 2) == 1


async def test_each_client_has_a_count_of_its_own() -> None:
    target = await limiter(policy(burst=2), Clock())
    assert allowed(target, 3, Request(client="10.0.0.1")) == 2
    assert allowed(target, 3, Request(client="10.0.0.2")) == 2
    named = Request(client="10.0.0.1", client_name="billing")
    assert allowed(target, 3, named) == 2
    assert allowed(target, 3, Request(client="10.0.0.9", client_name="billing")) == 0
    assert allowed(target, 3, Request(client="billing")) == 2
    assert allowed(target, 2, Request()) == 2
    assert allowed(target, 2, Request(client="")) == 0


async def test_names_of_any_length_stay_apart_and_take_no_room() -> None:
    target = await limiter(policy(burst=1), Clock())
    for last in ("a", "b", "\ud800"):
        assert allowed(target, 2, Request(client_name="x" * 100_000 + last)) == 1


async def test_other_sections_and_settings_leave_the_counts_alone() -> None:
    old = policy(burst=3)
    target = await limiter(old, Clock())
    assert allowed(target, 2) == 2
    new = policy(burst=3, tls={"enforce": False}, input_validation={"max_input_length": 7})
    await apply(transition(old, new), [target])
    assert allowed(target, 5) == 1


async def test_another_rate_counts_what_was_used_before() -> None:
    clock, old, new = Clock(), policy(per_minute=60, burst=10), policy(per_minute=600, burst=10)
    target = await limiter(old, clock)
    assert allowed(target, 20) == 10
    await apply(transition(old, new), [target])
    assert allowed(target, 20) == 0
    clock.now += 0.5
    assert allowed(target, 20) == 5
    await apply(transition(new, old), [target])
    clock.now += 2
    assert allowed(target, 20) == 2


async def test_a_smaller_burst_counts_at_once() -> None:
    clock, old, new = Clock(), policy(burst=10), policy(burst=2)
    target = await limiter(old, clock)
    assert allowed(target, 5) == 5
    await apply(transition(old, new), [target])
    clock.now += 3
    assert allowed(target, 5) == 0
    clock.now += 1
    assert allowed(target, 5) == 1


@pytest.mark.parametrize(
    "off",
    [
        policy(rate_limiting={"enabled": False, "requests_per_minute": 60, "burst_size": 3}),
        policy(enabled=False),
    ],
)
async def test_off_lifts_the_limit_and_on_again_finds_the_counts(off: PolicyConfig) -> None:
    on = policy(burst=3)
    target = await limiter(on, Clock())
    assert allowed(target, 5) == 3
    await apply(transition(on, off), [target])
    assert allowed(target, 100) == 100
    await apply(transition(off, on), [target])
    assert allowed(target, 5) == 0


async def test_a_policy_that_is_unknown_or_retired_lets_nothing_through() -> None:
    config = policy()
    target = RateLimiter(Clock())
    for _ in range(2):
        refusal = target.check("p", Request(client="a"), 0.0)
        assert refusal is not None
        assert refusal.code is Refusal.NO_POLICY
        await apply(transition(None, config), [target])
        assert allowed(target, 1) == 1
        await apply(transition(config, None), [target])


class Broken:
    """A target that refuses in its commit."""

    name = "broken"
    sections = frozenset({"security"})

    async def prepare(self, _: Transition) -> Prepared:
        return self

    async def commit(self) -> None:
        raise ValueError("no")

    async def undo(self) -> None:
        raise AssertionError("nothing was committed")


@pytest.mark.parametrize("new", [policy(per_minute=6000, burst=100), None])
async def test_undo_puts_limit_and_counts_back(new: PolicyConfig | None) -> None:
    old = policy(burst=3)
    target = await limiter(old, Clock())
    assert allowed(target, 1) == 1
    with pytest.raises(ApplyError, match="broken failed to commit"):
        await apply(transition(old, new), [target, Broken()])
    assert allowed(target, 10) == 2


async def test_undo_of_a_new_policy_leaves_none() -> None:
    target = RateLimiter(Clock())
    with pytest.raises(ApplyError, match="broken failed to commit"):
        await apply(transition(None, policy()), [target, Broken()])
    assert allowed(target, 1) == 0


async def test_who_is_the_first_to_ask_while_a_change_is_prepared_is_counted() -> None:
    old, new = policy(burst=1), policy(per_minute=61, burst=1)
    target = await limiter(old, Clock())
    prepared = await target.prepare(transition(old, new))
    assert allowed(target, 1) == 1
    await prepared.commit()
    assert allowed(target, 1) == 0


async def test_to_prepare_changes_nothing() -> None:
    old = policy(burst=3)
    target = await limiter(old, Clock())
    await target.prepare(transition(old, policy(burst=100)))
    await target.prepare(transition(old, None))
    assert allowed(target, 10) == 3


def test_millions_of_clients_take_bounded_room_and_free_nobody() -> None:
    clock = Clock()
    meter = Meter(Limit(rate=1 / 60, burst=5), clock, clients=6400)
    assert [meter.take("greedy") for _ in range(5)] == [0.0] * 5
    for number in range(300_000):
        meter.take(f"flood-{number}")
    assert len(meter) <= 6400
    assert meter.take("greedy") > 0


def test_who_has_nothing_used_is_forgotten_first() -> None:
    clock = Clock()
    meter = Meter(Limit(rate=1.0, burst=1), clock, clients=6400)
    for number in range(10_000):
        meter.take(f"gone-{number}")
    clock.now += 1
    recent = [f"recent-{number}" for number in range(1280)]  # 20 of the 100 of each part
    assert [meter.take(name) for name in recent] == [0.0] * 1280
    for number in range(640):
        meter.take(f"next-{number}")
    assert all(meter.take(name) > 0 for name in recent)


class Yielding(str):
    """A name that lets other threads run whenever it is looked up."""

    __slots__ = ()

    def __hash__(self) -> int:
        time.sleep(0)
        return super().__hash__()


def test_threads_share_one_count() -> None:
    meter = Meter(Limit(rate=1.0, burst=200), Clock())

    def take(count: int) -> int:
        return sum(not meter.take(Yielding("a")) for _ in range(count))

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(take, [100] * 8)) == 200
