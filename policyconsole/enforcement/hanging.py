"""Hanging: a target that did not answer in time takes no part until it answers again."""

import asyncio
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from policyconsole.application.applier import ApplyError, answers, concerned
from policyconsole.application.target import Target, Transition
from policyconsole.enforcement import retries


@dataclass(frozen=True, slots=True)
class _Hung:
    """A target that did not answer in time, and in what; ``until`` is when it is asked again.

    ``answers`` says that it has answered since, so that it may take part again.
    """

    target: Target
    transition: Transition
    message: str
    delay: float
    until: float
    answers: bool = False


class Hanging:
    """The targets that hang, of all that there are."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self._targets = tuple(targets)
        self._hung: dict[str, _Hung] = {}

    def require_answers(self, transitions: Iterable[Transition]) -> None:
        """Raise the ApplyError of a target that a transition concerns and that still hangs."""
        for transition in transitions if self._hung else ():
            for target in concerned(transition, self._targets):
                hung = self._hung.get(target.name)
                if hung is not None and not hung.answers:
                    raise ApplyError(hung.message, transition=transition)

    def answered(self, transitions: Iterable[Transition]) -> None:
        """Note that the targets that these transitions concern have taken them."""
        for transition in transitions if self._hung else ():
            for target in concerned(transition, self._targets):
                self._hung.pop(target.name, None)

    async def probe(self) -> None:
        """Ask each target that hung whether it answers again, if its time has come.

        To prepare changes nothing: this may go on while others settle, so that nobody
        waits for a target that hangs.
        """
        for name, hung in list(self._hung.items()):
            if hung.answers or asyncio.get_running_loop().time() < hung.until:
                continue
            self._hung[name] = replace(hung, until=math.inf)  # nobody else asks meanwhile
            if await answers(hung.target, hung.transition):
                self._hung[name] = replace(hung, answers=True)
            else:
                self.hangs(hung.target, hung.transition, hung.message)

    def hangs(self, target: Target, transition: Transition, message: str) -> None:
        """Note that a target hangs; it is asked again in 1, 2, 4 ... 60 s."""
        former = self._hung.get(target.name)
        delay = min(former.delay * 2, retries.LAST_RETRY) if former else retries.FIRST_RETRY
        until = asyncio.get_running_loop().time() + delay
        self._hung[target.name] = _Hung(target, transition, message, delay, until)
