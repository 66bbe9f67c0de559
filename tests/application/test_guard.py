from datetime import UTC, datetime

import pytest

from policyconsole.application.guard import Guard, checks_of
from policyconsole.application.policy_set import ActivePolicy, PolicySet
from policyconsole.application.request import Decision, Refusal, Request
from policyconsole.policy import PolicyConfig


def in_force(**security: object) -> PolicySet:
    config = PolicyConfig.model_validate(
        {"id": "p", "name": "P", "version": "1.0.0", "security": security}
    )
    return PolicySet().commit({"p": ActivePolicy(config, 1, "", "p.toml", datetime.now(UTC))})


class Objecting:
    """A target that objects to the paths named, and notes what it was asked."""

    def __init__(self, name: str, asked: list[str], objects_to: str = "") -> None:
        self.name, self.asked, self.objects_to = name, asked, objects_to

    def check(self, policy_id: str, request: Request, now: float) -> Decision | None:
        self.asked.append(f"{self.name} {policy_id} {now:g}")
        if request.path != self.objects_to:
            return None
        return Decision(False, f"{self.name} objects", Refusal.FORBIDDEN)


class Sizing(Objecting):
    """One that looks at the length as well."""

    def check_size(self, policy_id: str, request: Request, now: float) -> Decision | None:
        self.asked.append(f"size {policy_id} {now:g}")
        return None


class Silent:
    """A target that guards nothing."""


def test_length_comes_first_and_then_the_targets_in_their_order() -> None:
    asked: list[str] = []
    targets = [Silent(), Objecting("first", asked), Sizing("second", asked)]
    policies = in_force()
    guard = Guard("p", lambda: policies, checks_of(targets), clock=lambda: 5.0)
    decision = guard.check(Request())
    assert (decision.allowed, decision.code, decision.retry_after) == (True, None, None)
    assert asked == ["size p 5", "first p 5", "second p 5"]


def test_the_first_objection_decides_and_nobody_else_is_asked() -> None:
    asked: list[str] = []
    targets = [Objecting("a", asked), Objecting("b", asked, "/x"), Objecting("c", asked, "/x")]
    policies = in_force()
    guard = Guard("p", lambda: policies, checks_of(targets), clock=lambda: 5.0)
    assert guard.check(Request(path="/x")) == Decision(False, "b objects", Refusal.FORBIDDEN)
    assert asked == ["a p 5", "b p 5"]


def test_without_a_policy_everything_is_refused_and_nobody_is_asked() -> None:
    asked: list[str] = []
    policies = PolicySet()
    guard = Guard("p", lambda: policies, checks_of([Objecting("a", asked)]))
    assert guard.check(Request()).code is Refusal.NO_POLICY
    assert guard.longest == 0
    policies = in_force()
    assert guard.check(Request()).allowed
    policies = policies.commit({}, ["p"])
    refusal = guard.check(Request())
    assert (refusal.allowed, refusal.code) == (False, Refusal.NO_POLICY)
    assert len(asked) == 1


def test_what_a_target_raises_lets_nothing_through() -> None:
    class Broken:
        def check(self, policy_id: str, request: Request, now: float) -> Decision | None:
            raise ValueError("no")

    policies = in_force()
    with pytest.raises(ValueError, match="no"):
        Guard("p", lambda: policies, checks_of([Broken()])).check(Request())


@pytest.mark.parametrize(
    ("security", "longest"),
    [
        ({"input_validation": {"max_input_length": 100}}, 100),
        ({"input_validation": {"max_input_length": 100, "enabled": False}}, None),
        ({"input_validation": {"max_input_length": 100}, "enabled": False}, None),
    ],
)
def test_the_longest_request_is_known_before_the_body_is_read(
    security: dict[str, object], longest: int | None
) -> None:
    policies = in_force(**security)
    assert Guard("p", lambda: policies, ()).longest == longest
