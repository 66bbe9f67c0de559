"""Retries: policies that a target refused are tried again, in 1, 2, 4 ... 60 s."""

import asyncio
from collections.abc import Callable, KeysView
from dataclasses import dataclass

from policyconsole.application.applier import ApplyError

FIRST_RETRY, LAST_RETRY = 1.0, 60.0
"""Seconds until a policy that a target refused is tried again; doubled up to the last."""


@dataclass(slots=True)
class _Retry:
    """A policy that a target refused; ``digest`` is that of the content, None for a retirement."""

    digest: str | None
    delay: float
    timer: asyncio.TimerHandle


class Retries:
    """The policies that are to be tried again; ``retry`` is called with an id when it is time."""

    def __init__(self, retry: Callable[[str], None]) -> None:
        self._retry = retry
        self._retries: dict[str, _Retry] = {}
        self._stopped = False

    @property
    def ids(self) -> KeysView[str]:
        """The ids of the policies that wait."""
        return self._retries.keys()

    @property
    def failed(self) -> frozenset[str]:
        """The ids of the contents that a target refused; those of retirements are no contents."""
        return frozenset(key for key, retry in self._retries.items() if retry.digest is not None)

    def try_again(self, policy_id: str, digest: str | None, problem: ApplyError) -> str:
        """Arrange for another try; gives what to say, the same words for the same failure."""
        former = self._retries.pop(policy_id, None)
        delay = FIRST_RETRY
        if former is not None:
            former.timer.cancel()
            if former.digest == digest:
                delay = min(former.delay * 2, LAST_RETRY)
        if not self._stopped:
            timer = asyncio.get_running_loop().call_later(delay, self._retry, policy_id)
            self._retries[policy_id] = _Retry(digest, delay, timer)
        return "; ".join((str(problem), *problem.not_undone))

    def forget(self, policy_id: str) -> None:
        """Try a policy no more."""
        retry = self._retries.pop(policy_id, None)
        if retry is not None:
            retry.timer.cancel()

    def stop(self) -> None:
        """Try nothing again."""
        self._stopped = True
        for policy_id in list(self._retries):
            self.forget(policy_id)
