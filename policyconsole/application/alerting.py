"""Who is to be told at once when something is wrong: the Alerting protocol."""

import logging
from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from policyconsole.events import EventType, PolicyEvent

_LOG = logging.getLogger(__name__)

ALARMING = frozenset(
    {EventType.REJECTED, EventType.APPLY_FAILED, EventType.DEGRADED, EventType.STOPPED}
)
"""What somebody should look at, and the end, after which nothing more comes."""


@runtime_checkable
class Alerting(Protocol):
    """A target that is told of each event of :data:`ALARMING`, on the engine's thread."""

    def alert(self, event: PolicyEvent) -> None:
        """Take note of an event that all subscriptions have; must return at once."""


def alert_all(targets: Iterable[Alerting], event: PolicyEvent) -> None:
    """Tell each target; one that raises keeps neither the others nor the engine from going on."""
    for target in targets:
        try:
            target.alert(event)
        except Exception:  # noqa: BLE001 - a target's own code
            _LOG.exception("a target could not take an alert")
