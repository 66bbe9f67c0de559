"""Feed: takes what the engine tells and folds it into the dashboard, unless the picture is paused."""

from collections.abc import Callable

from policyconsole.dashboard import Dashboard
from policyconsole.events import QUEUE_LENGTH, EventType
from policyconsole.hosted import HostedEngine


class Feed:
    """The way from an engine to a :class:`Dashboard`.

    While ``paused`` nothing is taken: events wait in the subscription's bounded queue
    and the engine goes on. What did not fit is made up for with a snapshot.
    """

    def __init__(self, engine: HostedEngine, wake: Callable[[], None] = lambda: None) -> None:
        """``wake`` is called with each event, on the engine's thread."""
        self._engine = engine
        self.dashboard = Dashboard(engine.file)
        self.paused = False
        self._subscription = engine.subscribe(wake)

    @property
    def waiting(self) -> int:
        """How many events wait to be shown; no more than the queue holds are counted."""
        return self._subscription.waiting

    @property
    def waiting_text(self) -> str:
        """Say how many events wait: ``12``, or ``8192+`` where the queue ran over."""
        return f"{self.waiting}+" if self.waiting >= QUEUE_LENGTH else str(self.waiting)

    def start(self) -> None:
        """Start the engine and take its state of this moment."""
        self._engine.start()
        self.dashboard.rebuild(self._engine.snapshot())

    def pull(self) -> None:
        """Fold in what has come since the last time."""
        if self.paused:
            return
        events = self._subscription.drain()
        if not events:
            return
        self.dashboard.fold(events)
        if any(event.type is EventType.LAGGED for event in events):
            self.dashboard.rebuild(self._engine.snapshot())

    def close(self) -> None:
        """Take no more."""
        self._subscription.close()
