"""An engine under test and the story that it tells."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from policyconsole import EventType, PolicyApplicationEngine, PolicyEvent, ValidationLevel
from policyconsole.application.target import Target
from policyconsole.watching.hints import WatcherKind
from tests.waiting import eventually


class Story:
    """What an engine tells, and what it has in force."""

    def __init__(self, engine: PolicyApplicationEngine) -> None:
        self.engine = engine
        self._subscription = engine.subscribe()
        self._events: list[PolicyEvent] = []

    @property
    def events(self) -> list[PolicyEvent]:
        """Everything told so far."""
        self._events.extend(self._subscription.drain())
        return self._events

    @property
    def words(self) -> list[str]:
        """Everything told about files so far, as ``applied a.toml``."""
        return [
            f"{event.type.value} {event.path}" for event in self.events if event.path is not None
        ]

    def of(self, kind: EventType) -> list[PolicyEvent]:
        """The events of one type."""
        return [event for event in self.events if event.type is kind]

    def rate(self, policy_id: str = "a-policy") -> int | None:
        """The requests per minute that are in force for a policy."""
        active = self.engine.policies.get(policy_id)
        return active.config.security.rate_limiting.requests_per_minute if active else None

    async def rate_becomes(self, rate: int | None, policy_id: str = "a-policy") -> None:
        """Wait until this many requests per minute are in force for a policy, or it is retired."""
        await eventually(lambda: self.rate(policy_id) == rate)

    async def rejections_become(self, count: int) -> None:
        """Wait until this many refusals were told."""
        await eventually(lambda: len(self.of(EventType.REJECTED)) == count)


@asynccontextmanager
async def watching(
    folder: Path,
    kind: WatcherKind = WatcherKind.AUTO,
    *,
    level: ValidationLevel = ValidationLevel.STANDARD,
    environment: str | None = None,
    targets: Sequence[Target] | None = None,
) -> AsyncIterator[Story]:
    """An engine on ``folder`` that has just started; its story begins after ``started``."""
    engine = PolicyApplicationEngine(
        folder, level=level, environment=environment, watcher=kind, targets=targets
    )
    async with engine:
        yield Story(engine)
