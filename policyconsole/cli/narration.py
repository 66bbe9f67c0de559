"""Events as text for a terminal: a line each, and below a refusal what was found."""

from collections.abc import Callable, Iterable

from policyconsole.cli.text import Paint, counted, diagnostic_lines
from policyconsole.dashboard import event_line
from policyconsole.diagnostics import Diagnostic, Kind
from policyconsole.escaping import printable
from policyconsole.events import EventType, PolicyEvent
from policyconsole.snapshot import FileStatus

_SAID_IN_FULL = frozenset({EventType.REJECTED, EventType.DEGRADED})

_WORD_WIDTH = max(len(event_type) for event_type in EventType)


def narrate(event: PolicyEvent, lookup: Callable[[str], FileStatus | None], paint: Paint) -> str:
    """Say an event: time, sign, what happened, to which policy and file, what about it.

    Below a refusal, and below what is wrong with the configuration, stands every
    diagnostic; otherwise how many there are. ``lookup``
    gives a file's status, for the source lines; they are left out where the file has
    changed again since. The text is safe to show.
    """
    line = event_line(event)
    word = _coloured(event.type, f"{line.sign} {line.word:<{_WORD_WIDTH}}", paint)
    path = printable(event.path) if event.path is not None and event.policy_id is not None else ""
    subject = paint.strong(line.subject)
    parts = [paint.faint(line.time), word, subject, paint.faint(path), line.detail]
    if event.type not in _SAID_IN_FULL:
        parts.append(paint.faint(_findings(event.diagnostics)))
    text = "  ".join(part for part in parts if part).rstrip()
    if event.type not in _SAID_IN_FULL:
        return text
    status = lookup(event.path) if event.path is not None else None
    source = status.source if status is not None and status.digest == event.digest else None
    below = [
        f"    {shown}".rstrip()
        for diagnostic in event.diagnostics
        for shown in diagnostic_lines(event.path or "", diagnostic, source, paint)
    ]
    return "\n".join((text, *below))


def _coloured(event_type: EventType, text: str, paint: Paint) -> str:
    match event_type:
        case EventType.REJECTED | EventType.APPLY_FAILED | EventType.DEGRADED:
            return paint.bad(text)
        case EventType.REMOVED | EventType.LAGGED | EventType.CONFIGURED:
            return paint.doubtful(text)
        case _:
            return paint.good(text)


def _findings(diagnostics: Iterable[Diagnostic]) -> str:
    kinds = [diagnostic.kind for diagnostic in diagnostics]
    counts = ", ".join(counted(kinds.count(kind), kind.value) for kind in Kind if kind in kinds)
    return f"({counts})" if counts else ""
