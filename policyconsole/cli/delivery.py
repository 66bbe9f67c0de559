"""Events to standard output: at once where nobody has to wait for it, else on the main thread."""

from collections.abc import Callable
from threading import Event, Lock

from policyconsole.cli.streams import Output
from policyconsole.events import PolicyEvent, Subscription


class EventWriter:
    """Writes each event as a line, in order, as soon as it is told.

    ``line`` gives an event's line. Where a line can be written without waiting, the
    engine's thread does it in :meth:`wake`: handing it to another thread would cost more
    than everything else after the verdict, and in the burst of a large folder the other
    would fall behind. What would have to wait is left to :meth:`write_until_over`; the engine
    waits for no reader.
    """

    def __init__(self, line: Callable[[PolicyEvent], str], output: Output) -> None:
        self._line = line
        self._output = output
        self._writing = Lock()
        self._left_over = Event()
        self._failure: Exception | None = None
        self._unwritten: str | None = None
        self._events: Subscription | None = None

    def wake(self) -> None:
        """Write what has been told, as far as that needs no waiting; never raises."""
        if (
            self._failure is None
            and self._events is not None
            and self._writing.acquire(blocking=self._output.waits_for_nobody)
        ):
            try:
                if self._write_at_once(self._events):
                    return
            except Exception as problem:  # noqa: BLE001 - it ends the command, not the engine
                self._failure = problem
            finally:
                self._writing.release()
        self._left_over.set()

    def write_until_over(self, events: Subscription) -> None:
        """Write until no further event will come or nobody can read any more.

        ``events`` calls :meth:`wake`. Raises :class:`~policyconsole.cli.streams.OutputError`
        where standard output takes no more.
        """
        self._events = events
        while True:
            closed = events.closed  # before the queue: what comes before the end counts
            while self._write_next(events):
                pass
            if closed or not self._output.open:
                return
            self._left_over.wait()
            self._left_over.clear()

    def _write_next(self, events: Subscription) -> bool:
        """Write one line, however long that takes; False where there is none, or nobody reads."""
        with self._writing:
            if self._failure is not None:
                raise self._failure
            if not self._output.open or (line := self._next_line(events)) is None:
                return False
            self._output.write(line)
            self._output.flush()
            return True

    def _write_at_once(self, events: Subscription) -> bool:
        """Write without waiting; False where something is left over."""
        while self._output.open and (line := self._next_line(events)) is not None:
            if not self._output.write_at_once(line):
                self._unwritten = line
                return False
        return self._output.open and not events.closed

    def _next_line(self, events: Subscription) -> str | None:
        line, self._unwritten = self._unwritten, None
        if line is None and (told := events.drain(1)):
            line = self._line(told[0])
        return line
