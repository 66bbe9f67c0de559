"""``watch --log-file``: everything that happens as a log, one JSON object a line, by structlog."""

import logging
from collections import deque
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread
from traceback import extract_tb
from typing import Any

import structlog

from policyconsole.cli.log_file import LogFile
from policyconsole.cli.streams import tell
from policyconsole.diagnostics import Diagnostic
from policyconsole.events import (
    QUEUE_LENGTH,
    EventType,
    PolicyEvent,
    Subscription,
    format_time,
    json_line,
)
from policyconsole.hosting import EngineThread
from policyconsole.masking import mask_text

PATIENCE = 5.0
"""Seconds for which the end waits for a log that takes nothing."""

MOST_DIAGNOSTICS = 10
"""How many diagnostics of an event are logged; the others are in the event, and counted here."""

_PACKAGE = "policyconsole"

_LEVELS: Mapping[EventType, int] = {
    EventType.REJECTED: logging.WARNING,
    EventType.REMOVED: logging.WARNING,
    EventType.DEGRADED: logging.WARNING,
    EventType.LAGGED: logging.WARNING,
    EventType.APPLY_FAILED: logging.ERROR,
}
"""What is not just information; a policy that is removed refuses every request from then on."""


@contextmanager
def logging_to(path: str, engine: EngineThread) -> Iterator[Subscription]:
    """Log what an engine that has not started yet tells, and what the package logs.

    ``path`` is that of a file, or ``-`` for standard error. Gives the queue of events that
    wait for the log. The engine waits for none of it.
    """
    log = _Log(LogFile(path, tell))
    package = logging.getLogger(_PACKAGE)
    with engine.subscribe(log.wake) as events:
        writing = Thread(
            target=log.write_until_over, args=(events,), name="policy-console log", daemon=True
        )
        package.addHandler(log)
        writing.start()
        try:
            yield events
        finally:
            package.removeHandler(log)
            events.close()
            writing.join(PATIENCE)
            if writing.is_alive():
                tell(f"the log took nothing for {PATIENCE:g} s: its last lines are lost")


class _Log(logging.Handler):
    """Takes events and records from any thread, and writes them on one of its own."""

    def __init__(self, file: LogFile) -> None:
        super().__init__(logging.INFO)
        self._file = file
        self._lost = 0
        self._records: deque[logging.LogRecord] = deque(maxlen=QUEUE_LENGTH)
        self._arrived = Event()
        self._logger = structlog.wrap_logger(
            _Lines(file),
            processors=[_in_order, structlog.processors.JSONRenderer(serializer=_serialized)],
            wrapper_class=structlog.BoundLogger,
        )

    def wake(self) -> None:
        """Have what has arrived written."""
        self._arrived.set()

    def emit(self, record: logging.LogRecord) -> None:
        """Have a record of the standard library's logging written."""
        self._records.append(record)
        self._arrived.set()

    def write_until_over(self, events: Subscription) -> None:
        """Write what comes until no further event will come."""
        while True:
            self._arrived.clear()
            closed = events.closed  # before the queue: what comes before the end counts
            for event in events.drain():
                self._log_event(event)
            while self._records:
                self._log_record(self._records.popleft())
            if closed:
                self._file.close()
                return
            self._arrived.wait()

    def _log_event(self, event: PolicyEvent) -> None:
        level = _LEVELS.get(event.type, logging.INFO)
        if event.type is EventType.STOPPED and event.message is not None:
            level = logging.ERROR  # nobody asked for it
        self._say(
            level,
            event.type.value,
            timestamp=format_time(event.time),
            seq=event.seq,
            path=event.path,
            policy_id=event.policy_id,
            revision=event.revision,
            digest=event.digest,
            sections=list(event.sections),
            changes=[change.record() for change in event.changes],
            diagnostics=[_short(found) for found in event.diagnostics[:MOST_DIAGNOSTICS]],
            more_diagnostics=max(0, len(event.diagnostics) - MOST_DIAGNOSTICS),
            message=event.message,
        )

    def _log_record(self, record: logging.LogRecord) -> None:
        problem = record.exc_info[1] if record.exc_info else None
        self._say(
            record.levelno,
            "log",
            timestamp=format_time(datetime.fromtimestamp(record.created, UTC)),
            logger=record.name,
            message=mask_text(_message(record)),
            exception=None if problem is None else _exception(problem),
        )

    def _say(self, level: int, event: str, **fields: object) -> None:
        name = _name(level)
        if self._lost:
            now = format_time(datetime.now(UTC))
            if self._logger.warning("lines_lost", level="warning", timestamp=now, count=self._lost):
                self._lost = 0
        if not getattr(self._logger, name)(event, level=name, **fields):
            self._lost += 1


class _Lines:
    """What structlog hands its lines to."""

    def __init__(self, file: LogFile) -> None:
        self._file = file

    def msg(self, line: str) -> bool:
        """Write a line; False where it was lost."""
        return self._file.write(line)

    debug = info = warning = error = critical = msg


def _in_order(_logger: object, _method: str, fields: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Put first what every line has."""
    return {name: fields.pop(name) for name in ("timestamp", "level", "event")} | dict(fields)


def _serialized(record: Mapping[str, object], **_: object) -> str:
    return json_line(record)


def _name(level: int) -> str:
    """Give structlog's name of a level of the standard library's."""
    for least, name in (
        (logging.CRITICAL, "critical"),
        (logging.ERROR, "error"),
        (logging.WARNING, "warning"),
    ):
        if level >= least:
            return name
    return "info"


def _short(diagnostic: Diagnostic) -> dict[str, object]:
    """Say a diagnostic without its help and the end of its place."""
    return {
        "code": diagnostic.code,
        "kind": diagnostic.kind.value,
        "field": diagnostic.field,
        "line": diagnostic.place.line if diagnostic.place else None,
        "message": diagnostic.message,
    }


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - arguments that do not fit, or say what they are by failing
        return str(record.msg)


def _exception(problem: BaseException) -> dict[str, object]:
    """Say what an exception is, and where it comes from; what it says may repeat a secret."""
    places = [f"{at.name} ({at.filename}:{at.lineno})" for at in extract_tb(problem.__traceback__)]
    try:
        said = str(problem)
    except Exception:  # noqa: BLE001 - somebody else's class
        said = "it cannot say what it is"
    return {
        "type": type(problem).__name__,
        "message": mask_text(said),
        "places": places,
    }
