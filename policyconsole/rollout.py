"""What follows a change of a policy: its probation, and what is refused because it failed one."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from policyconsole.application.policy_set import PolicySet
from policyconsole.application.probation import Bounds, Failure, OnProbation, Probation
from policyconsole.configuration.tables import RolloutSettings
from policyconsole.diagnostics import Diagnostic, Severity, error
from policyconsole.events import EventType, PolicyEvent
from policyconsole.judging import Judgement


class Rollout:
    """Puts changed policies on probation, and remembers which contents have failed one.

    ``on_failure`` is called on the loop when guards refuse too much. For one loop, but for
    ``probation``, which guards tell their answers to.
    """

    def __init__(self, settings: RolloutSettings, on_failure: Callable[[Failure], None]) -> None:
        self._settings = settings
        self._on_failure = on_failure
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failed: dict[str, tuple[str, Diagnostic]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._stopped = False
        self.probation = Probation(self._hand_over)

    def follow(self, settings: RolloutSettings) -> None:
        """Go by other settings; where there is no probation any more, none has failed either."""
        self._settings = settings
        if not settings.probation_seconds:
            self.forgive()
            self._end_all()

    def stop(self) -> None:
        """Put nothing on probation any more; what guards answer from now on changes nothing."""
        self._stopped = True
        self._end_all()

    def end(self, policy_id: str, trial: OnProbation | None = None) -> None:
        """End the probation of a policy; if ``trial`` is given, only where that is the one that goes on."""
        self.probation.end(policy_id, trial)
        if policy_id not in self.probation.trials and policy_id in self._timers:
            self._timers.pop(policy_id).cancel()

    def _end_all(self) -> None:
        for policy_id in self.probation.trials:
            self.end(policy_id)

    def remember(self, failed: Mapping[str, str]) -> None:
        """Take over which contents (digests, by path) have failed a probation before the restart."""
        if self._settings.probation_seconds:
            self._failed |= {path: (digest, _failed_before()) for path, digest in failed.items()}

    def forgive(self) -> None:
        """Let every content have another try."""
        self._failed.clear()

    def refuse(self, path: str, judgement: Judgement) -> Judgement:
        """Refuse the content of a file where it has failed its probation."""
        known = self._failed.get(path)
        if known is None:
            return judgement
        digest, reason = known
        if judgement.digest != digest:
            del self._failed[path]
            return judgement
        return replace(judgement, accepted=False, diagnostics=(*judgement.diagnostics, reason))

    def fail(self, path: str, digest: str, failure: Failure) -> None:
        """Remember that the content of a file has failed its probation."""
        self._failed[path] = digest, _failed(failure)

    def took_effect(
        self, events: Sequence[PolicyEvent], before: PolicySet
    ) -> tuple[PolicyEvent, ...]:
        """Begin the probation of what has changed; give the events, which say so.

        ``before`` is what was in force. The one to go back to is what was there before the first of
        several changes, as long as none has passed.
        """
        return tuple(self._told(event, before) for event in events)

    def _told(self, event: PolicyEvent, before: PolicySet) -> PolicyEvent:
        policy_id, seconds = event.policy_id, self._settings.probation_seconds
        former = self.probation.trials.get(policy_id) if policy_id is not None else None
        if policy_id is None or event.type not in _MOVING:
            return event
        stays = former is not None and event.revision == former.revision
        if stays and event.type is not EventType.REMOVED:
            return event  # the same in another file, say
        good = former.good if former else before.get(policy_id)
        self.end(policy_id)
        tried = event.type is EventType.APPLIED and event.changes and seconds
        if not tried or good is None or event.revision is None or good.digest == event.digest:
            return event
        bounds = Bounds(seconds, self._settings.max_refusal_rate, self._settings.min_requests)
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        trial = OnProbation(event.revision, until, good, bounds)
        self.probation.begin(policy_id, trial)
        self._loop = asyncio.get_running_loop()
        self._timers[policy_id] = self._loop.call_later(seconds, self.end, policy_id, trial)
        message = f"on probation for {seconds} s"
        return replace(event, message=f"{event.message}; {message}" if event.message else message)

    def _hand_over(self, failure: Failure) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed, and the engine has ended with it
                self._loop.call_soon_threadsafe(self._fails, failure)

    def _fails(self, failure: Failure) -> None:
        if not self._stopped:
            self._on_failure(failure)


_MOVING = {EventType.APPLIED, EventType.ROLLED_BACK, EventType.REMOVED}


def _failed(failure: Failure) -> Diagnostic:
    bounds = failure.trial.bounds
    return _refusal(
        f"failed its probation: {failure.refused} of {failure.answered} requests were refused"
        f" ({failure.refused / failure.answered:.0%}), more than {bounds.share:.0%} are too many"
    )


def _failed_before() -> Diagnostic:
    return _refusal("failed its probation before the restart")


def _refusal(message: str) -> Diagnostic:
    return error(
        "ROLL001",
        Severity.HIGH,
        message,
        help="change the policy, validate again to give it another try, or raise"
        " rollout.max-refusal-rate",
    )
