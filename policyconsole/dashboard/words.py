"""The words, numbers and signs of both faces: an event, an age or a latency as text to show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from policyconsole.dashboard.rows import NOT_LIVE, Header, PolicyRow
from policyconsole.diagnostics import Diagnostic, Kind
from policyconsole.escaping import printable
from policyconsole.events import STAGES, Change, EventType, PolicyEvent
from policyconsole.history.records import Revision
from policyconsole.latency import StageStatistics
from policyconsole.masking import mask
from policyconsole.snapshot import FileStatus, Loading
from policyconsole.validation.plugins import plugin_rules

STAGE_TARGETS: Mapping[str, float] = {
    "detect": 20.0,
    "validate": 10.0,
    "apply": 50.0,
    "total": 100.0,
}
"""The aims of the system that this one rebuilds, in milliseconds."""

EVENT_SIGNS: Mapping[EventType, str] = {
    EventType.STARTED: "▶",
    EventType.APPLIED: "●",
    EventType.REJECTED: "✖",
    EventType.APPLY_FAILED: "✖",
    EventType.REMOVED: "○",
    EventType.ROLLED_BACK: "↺",
    EventType.CONFIGURED: "◆",
    EventType.DEGRADED: "▼",
    EventType.RECOVERED: "▲",
    EventType.LAGGED: "…",
    EventType.STOPPED: "■",
}


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """The header as the parts of a line; every part is safe to show, one that says nothing is empty."""

    folder: str
    environment: str
    level: str
    watch: str
    message: str
    generation: str
    in_force: str
    refused: str


def header_line(header: Header) -> HeaderLine:
    """Say the header: where, for which environment, how strict, how the watch stands, the counts."""
    return HeaderLine(
        folder=printable(header.folder),
        environment=printable(header.environment or ""),
        level=f"level {printable(header.level)}",
        watch=f"{header.watch_sign} {header.watch.value}",
        message=printable(header.message or ""),
        generation=f"generation {header.generation}",
        in_force=f"{header.in_force} in force",
        refused=f"{header.refused} refused" if header.refused else "",
    )


def loading_lines(loading: Loading | None, folder: str) -> tuple[str, str]:
    """Say how far the first load is, and draw it; safe to show. The second is empty before files are found."""
    if loading is None or not loading.found:
        return f"Reading {printable(folder)} …", ""
    share = loading.done / loading.found
    bar = "█" * round(share * _PROGRESS)
    words = f"Reading policies … {loading.done:,} of {loading.found:,}"
    return words, f"{bar.ljust(_PROGRESS, '░')} {share:.0%}"


_PROGRESS = 20
"""Cells of the bar that shows how far the first load is."""

AGE_UNITS: tuple[tuple[str, int], ...] = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
"""The units that an age is said in, the largest first, with their length in seconds."""


def age(since: datetime, now: datetime) -> str:
    """Say how long ago ``since`` was, in at most four characters: ``12s``, ``3m``, ``5h``, ``2d``."""
    seconds = max(0, int((now - since).total_seconds()))
    for unit, length in AGE_UNITS:
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return "0s"


def milliseconds(value: float | None) -> str:
    """Say a time in milliseconds with as many digits as matter; a dash where there is none."""
    if value is None:
        return "-"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


@dataclass(frozen=True, slots=True)
class LatencyRow:
    """One stage as a line of the Latency pane, every figure as text in milliseconds."""

    stage: str
    count: str
    p50: str
    p95: str
    p99: str
    max: str
    target: str
    on_target: bool | None
    """Whether the 99th percentile is below the report's aim; None without an aim or a figure."""


def latency_rows(stages: Mapping[str, StageStatistics]) -> tuple[LatencyRow, ...]:
    """Give the Latency pane's lines in the order of the stages."""
    return tuple(_latency_row(stage, stages[stage]) for stage in STAGES)


def _latency_row(stage: str, figures: StageStatistics) -> LatencyRow:
    aim = STAGE_TARGETS.get(stage)
    return LatencyRow(
        stage=stage,
        count=str(figures.count),
        p50=milliseconds(figures.p50),
        p95=milliseconds(figures.p95),
        p99=milliseconds(figures.p99),
        max=milliseconds(figures.max),
        target="" if aim is None else f"< {aim:.0f}",
        on_target=None if aim is None or figures.p99 is None else figures.p99 < aim,
    )


_BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float]) -> str:
    """Draw values as bars from the lowest to the highest, one character each."""
    if not values:
        return ""
    low, high = min(values), max(values)
    scale = (len(_BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(_BARS[round((value - low) * scale)] for value in values)


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event as a line of the Events pane; every part is safe to show."""

    time: str
    sign: str
    word: str
    subject: str
    detail: str


def event_line(event: PolicyEvent) -> EventLine:
    """Say an event in one line: local time, sign and word, which policy, what about it."""
    subject = event.policy_id or event.path or ""
    return EventLine(
        time=clock_time(event.time),
        sign=EVENT_SIGNS[event.type],
        word=event.type.value,
        subject=printable(subject),
        detail=printable(_detail(event)),
    )


def clock_time(moment: datetime) -> str:
    """Give the local time of a moment to the millisecond, as the Events pane has it."""
    return moment.astimezone().strftime("%H:%M:%S.") + f"{moment.microsecond // 1000:03d}"


def _detail(event: PolicyEvent) -> str:
    return "  ".join(part for part in _detail_parts(event) if part)


def event_parts(event: PolicyEvent) -> tuple[str, str]:
    """Give an event's detail as its short half and the rest, both safe to show.

    The short half (codes, a revision) has room on a narrow line; the rest (what
    changed, a message) can go to a second one.
    """
    brief, rest = _detail_parts(event)
    return printable(brief), printable(rest)


def _detail_parts(event: PolicyEvent) -> tuple[str, str]:
    blocking = [item for item in event.diagnostics if item.blocks]
    match event.type:
        case EventType.REJECTED:
            codes = " ".join(dict.fromkeys(item.code for item in blocking))
            return codes, event.message or ""
        case EventType.LAGGED:
            return "", f"{event.message} events missed"
        case EventType.APPLIED if event.message is None:
            return f"r{event.revision}", _changes(event.changes)
        case EventType.ROLLED_BACK:
            parts = (event.message, _changes(event.changes))
            return f"r{event.revision}", "  ".join(part for part in parts if part)
        case EventType.CONFIGURED:
            return "", "  ".join(part for part in (_changes(event.changes), event.message) if part)
        case _:
            return "", event.message or ""


def changes_line(changes: Sequence[Change]) -> str:
    """Say in one line what changed: one change with both values, several by their names; safe to show."""
    return printable(_changes(changes))


def change_line(change: Change) -> str:
    """Say a change with both values, a secret's masked and long ones cut; safe to show."""
    return printable(_change(change))


def _changes(changes: Sequence[Change]) -> str:
    if len(changes) == 1:
        return _change(changes[0])
    return ", ".join(change.field for change in changes)


def _change(change: Change) -> str:
    old, new = (_short(mask(change.field, value)) for value in (change.old, change.new))
    return f"{change.field}: {old} → {new}"


def _short(value: object) -> str:
    text = (
        "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    )
    return text if len(text) <= 40 else text[:39] + "…"


FINDING_SIGNS: Mapping[Kind, str] = {
    Kind.ERROR: "✖",
    Kind.WARNING: "▲",
    Kind.RECOMMENDATION: "◆",
}
"""The sign shown before a diagnostic's kind; never the only mark."""


def where(diagnostic: Diagnostic) -> str:
    """Say where a finding begins: ``line 14:15``; empty where the file as a whole is meant."""
    place = diagnostic.place
    return f"line {place.line}:{place.column}" if place else ""


@lru_cache(maxsize=256)
def rule_source(code: str) -> str:
    """Say where the demand of a rule comes from; empty where its rule names nothing."""
    rule = plugin_rules().catalogue.get(code)
    return rule.explanation.source if rule else ""


def moment(time: datetime, now: datetime) -> str:
    """Say when something was, in local time: ``18:04:12``; with the date where it was not today."""
    local = time.astimezone()
    today = local.date() == now.astimezone().date()
    return local.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M:%S")


def unconfirmed(revision: Revision) -> str:
    """Say why a kept revision does not count as one that was in force."""
    return "failed its probation" if revision.parent is None else "not yet in force"


def standing(row: PolicyRow, since: datetime | None, now: datetime) -> str:
    """Say what is in force for a policy file, and since when (where that is known)."""
    if row.revision is None or row.in_force_id is None:
        return "nothing of this file is in force"
    verb = "stays in force" if row.status in NOT_LIVE else "in force"
    when = f" since {moment(since, now)}" if since is not None else ""
    return f"revision {row.revision} {verb}{when}"


def source_for(row: PolicyRow, status: FileStatus | None) -> str | None:
    """Give the source that a row's diagnostics are about, None where only another is at hand.

    A status may be newer than the row (the next event brings both together, or the
    picture is paused): its source would put the row's markers below wrong lines.
    """
    return status.source if status and status.diagnostics == row.diagnostics else None


def row_matches(row: PolicyRow, query: str) -> bool:
    """Whether each word of ``query`` is in the row: its name, path, status, environment or codes.

    Case makes no difference; an empty query matches every row.
    """
    words = query.casefold().split()
    if not words:
        return True
    codes = " ".join(item.code for item in row.diagnostics)
    text = f"{row.name}\n{printable(row.path)}\n{row.status}\n{row.environment or ''}\n{codes}"
    return _holds(text, words)


def event_matches(event: PolicyEvent, query: str) -> bool:
    """Whether each word of ``query`` is in the event: policy, path, type, message, fields or codes."""
    words = query.casefold().split()
    if not words:
        return True
    codes = " ".join(item.code for item in event.diagnostics)
    fields = " ".join(change.field for change in event.changes)
    text = f"{event.policy_id or ''}\n{event.path or ''}\n{event.type}\n{event.message or ''}"
    return _holds(f"{printable(text)}\n{printable(fields)}\n{codes}", words)


def _holds(text: str, words: Sequence[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)
