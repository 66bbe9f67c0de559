"""Guard: what a service asks about each of its requests."""

import time
from collections.abc import Callable, Iterable
from typing import TypeAlias

from policyconsole.application.policy_set import ActivePolicy, PolicySet
from policyconsole.application.request import (
    Authenticating,
    Decision,
    Guarding,
    Measuring,
    Observing,
    Refusal,
    Request,
)

Check: TypeAlias = Callable[[str, Request, float], Decision | None]
"""Gives the refusal of a request, or None: takes the policy's id, the request, seconds since the epoch."""

ALLOWED = Decision(True, "nothing speaks against it")
"""What a guard says where no target objects."""

NO_POLICY = Decision(False, "no policy of that id is in force", Refusal.NO_POLICY)
"""What a guard says where there is nothing to go by."""


def checks_of(targets: Iterable[object]) -> tuple[Check, ...]:
    """List what targets check, in the order in which it is done.

    What can be told from the length alone comes first; then each target that guards, in
    the order of ``targets``. Those that guard nothing have no part in it.
    """
    targets = tuple(targets)
    sizes: list[Check] = [target.check_size for target in targets if isinstance(target, Measuring)]
    return (*sizes, *(target.check for target in targets if isinstance(target, Guarding)))


class Guard:
    """Says of each request whether the policy of one id lets it through.

    Made by ``engine.guard(policy_id)``; follows the policy that is in force at each
    moment. Where none is, because the id is not known or its policy is retired, every
    request is refused. May be used from any thread, and never waits for the engine.
    """

    def __init__(
        self,
        policy_id: str,
        policies: Callable[[], PolicySet],
        checks: Iterable[Check],
        observers: Iterable[Observing] = (),
        authenticators: Iterable[Authenticating] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``policies`` gives what is in force, ``clock`` the seconds since the epoch.

        ``observers`` are told of each answer; ``authenticators`` are those of the checks
        that ask who somebody is.
        """
        self.policy_id = policy_id
        self._policies = policies
        self._checks = tuple(checks)
        self._observers = tuple(observers)
        self._authenticators = tuple(authenticators)
        self._clock = clock

    @property
    def active(self) -> ActivePolicy | None:
        """The policy in force; None where there is none."""
        return self._policies().get(self.policy_id)

    @property
    def authenticates(self) -> bool:
        """Whether anything asks who sends a request, where the policy wants that."""
        return bool(self._authenticators)

    @property
    def challenges(self) -> list[str]:
        """What WWW-Authenticate headers say beside a 401."""
        asked = (target.challenge(self.policy_id) for target in self._authenticators)
        return [challenge for challenge in asked if challenge is not None]

    @property
    def longest(self) -> int | None:
        """The most bytes that a request may have, to know before its body is read.

        None where the policy sets no limit, 0 where no policy is in force.
        """
        active = self.active
        if active is None:
            return 0
        security = active.config.security
        checked = security.enabled and security.input_validation.enabled
        return security.input_validation.max_input_length if checked else None

    def check(self, request: Request) -> Decision:
        """Say whether a request is let through, and why not.

        The first check that objects decides; those after it are not asked. Raises what a
        target raises: a request of which that is so must not be let through.
        """
        begin = time.perf_counter()
        active = self.active
        decision = NO_POLICY if active is None else self._decide(request)
        revision = 0 if active is None else active.revision
        seconds = time.perf_counter() - begin
        for observer in self._observers:
            observer.observe(self.policy_id, revision, request, decision, seconds)
        return decision

    def _decide(self, request: Request) -> Decision:
        now = self._clock()
        for check in self._checks:
            if (objection := check(self.policy_id, request, now)) is not None:
                return objection
        return ALLOWED
