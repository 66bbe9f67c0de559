"""Dashboard: events folded into exactly what a face shows; no widget code.

Both faces say the same words, the same numbers, in the same order, because both
read them here.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from policyconsole.diagnostics import Diagnostic, Kind
from policyconsole.escaping import printable
from policyconsole.events import STAGES, EventType, PolicyEvent
from policyconsole.latency import StageStatistics
from policyconsole.masking import mask
from policyconsole.snapshot import EngineSnapshot, FileStatus, Verdict, WatchState

EVENT_RING = 10_000
"""How many events a face keeps."""

STAGE_TARGETS: Mapping[str, float] = {
    "detect": 20.0,
    "validate": 10.0,
    "apply": 50.0,
    "total": 100.0,
}
"""The report's aims, in milliseconds (../seed: パフォーマンス指標)."""


class RowStatus(StrEnum):
    """How a policy file stands, in the word that both faces show."""

    LIVE = "live"
    WARNINGS = "warnings"
    REFUSED = "refused"
    FAILED = "failed"

    @property
    def sign(self) -> str:
        """The sign shown before the word; never the only mark."""
        return _STATUS_SIGNS[self]


_STATUS_SIGNS = {
    RowStatus.LIVE: "●",
    RowStatus.WARNINGS: "▲",
    RowStatus.REFUSED: "✖",
    RowStatus.FAILED: "✖",
}

_NOT_LIVE = frozenset({RowStatus.REFUSED, RowStatus.FAILED})

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
class PolicyRow:
    """One policy file as a line of the Policies pane.

    ``revision`` is that in force, also while the file is refused; ``since`` is when
    the verdict came, ``total_ms`` how long the newest one took from save to in force.
    """

    path: str
    policy_id: str | None
    status: RowStatus
    revision: int | None
    environment: str | None
    diagnostics: tuple[Diagnostic, ...]
    since: datetime
    total_ms: float | None = None
    in_force_id: str | None = None

    @property
    def name(self) -> str:
        """What the row is called: the policy's id, or the path where no id is known; safe to show."""
        return printable(self.policy_id or self.path)

    @property
    def findings(self) -> int:
        """How many diagnostics the file has."""
        return len(self.diagnostics)

    @property
    def note(self) -> str:
        """The second line of a refused file: what stays in force; empty otherwise."""
        if self.status not in _NOT_LIVE:
            return ""
        if self.revision is None:
            return "nothing in force"
        return f"r{self.revision} stays in force"


@dataclass(frozen=True, slots=True)
class Header:
    """The line at the top of a face."""

    folder: str
    environment: str | None
    level: str
    watch: WatchState
    message: str | None
    generation: int
    in_force: int
    refused: int

    @property
    def watch_sign(self) -> str:
        """The sign before the word of the watch's state."""
        return "●" if self.watch is WatchState.WATCHING else "▼"


class Dashboard:
    """The state of one face.

    Begin with :meth:`rebuild`, then :meth:`fold` what the subscription drains.
    ``version`` grows with every change of rows or header: a face that drew this
    version has nothing to draw.
    """

    def __init__(self, lookup: Callable[[str], FileStatus | None] = lambda _: None) -> None:
        """``lookup`` gives a file's status by its path where an engine is at hand."""
        self.version = 0
        self.rows: dict[str, PolicyRow] = {}
        self._holders: dict[str, str] = {}
        self._lookup = lookup
        self.events: deque[PolicyEvent] = deque(maxlen=EVENT_RING)
        self.events_seen = 0
        self._header = Header("", None, "", WatchState.STARTING, None, 0, 0, 0)
        self._seq = 0

    @property
    def header(self) -> Header:
        """The line at the top, counted from the rows."""
        rows = self.rows.values()
        return replace(
            self._header,
            in_force=len({row.in_force_id for row in rows if row.in_force_id is not None}),
            refused=sum(row.status in _NOT_LIVE for row in rows),
        )

    def rebuild(self, snapshot: EngineSnapshot) -> None:
        """Start over from a whole state, keeping the events seen so far."""
        self.version += 1
        self._seq = snapshot.seq
        known = self.rows
        self.rows = {}
        self._holders = {}
        for path in sorted(snapshot.files):
            status = snapshot.files[path]
            active = snapshot.policies.get(status.in_force_id) if status.in_force_id else None
            before = known.get(path)
            self._put(
                _row(
                    status, active.revision if active else None, before.total_ms if before else None
                )
            )
        self._header = Header(
            folder=snapshot.folder,
            environment=snapshot.environment,
            level=snapshot.level,
            watch=snapshot.watch,
            message=snapshot.message,
            generation=snapshot.policies.generation,
            in_force=0,
            refused=0,
        )

    def fold(self, events: Iterable[PolicyEvent]) -> None:
        """Take events in, oldest first; those that the last snapshot already holds change no row.

        After a ``lagged`` event rows may be out of date: call :meth:`rebuild` then
        (:meth:`lost_events` tells).
        """
        for event in events:
            self.events.append(event)
            self.events_seen += 1
            if event.seq > self._seq:
                self._seq = event.seq
                self._fold(event)
                self.version += 1

    def _fold(self, event: PolicyEvent) -> None:
        header = replace(self._header, generation=max(event.generation, self._header.generation))
        match event.type:
            case EventType.APPLIED | EventType.ROLLED_BACK:
                self._enter(event)
            case EventType.REJECTED | EventType.APPLY_FAILED:
                self._refuse(event)
            case EventType.REMOVED:
                self._drop(event.path)
            case EventType.CONFIGURED:
                header = _configured(header, event)
            case EventType.STARTED | EventType.RECOVERED:
                header = replace(header, watch=WatchState.WATCHING, message=None)
            case EventType.DEGRADED:
                header = replace(header, watch=WatchState.DEGRADED, message=event.message)
            case EventType.STOPPED:
                header = replace(header, watch=WatchState.STOPPED, message=event.message)
            case _:
                pass
        self._header = header

    def _put(self, row: PolicyRow) -> None:
        before = self.rows.get(row.path)
        if before and before.in_force_id and self._holders.get(before.in_force_id) == row.path:
            del self._holders[before.in_force_id]
        self.rows[row.path] = row
        if row.in_force_id is not None:
            self._holders[row.in_force_id] = row.path

    def _drop(self, path: str | None) -> None:
        row = self.rows.pop(path, None) if path is not None else None
        if row and row.in_force_id is not None and self._holders.get(row.in_force_id) == path:
            del self._holders[row.in_force_id]

    def _enter(self, event: PolicyEvent) -> None:
        """Show a policy that is in force; its id leaves the row that held it before."""
        if event.path is None or event.policy_id is None:
            return
        holder = self._holders.get(event.policy_id)
        if holder is not None and holder != event.path:
            self._drop(holder)
        status = self._lookup(event.path)
        self._put(
            PolicyRow(
                path=event.path,
                policy_id=event.policy_id,
                status=_live_status(event.diagnostics),
                revision=event.revision,
                environment=status.environment if status else None,
                diagnostics=event.diagnostics,
                since=event.time,
                total_ms=event.latency.total,
                in_force_id=event.policy_id,
            )
        )

    def _refuse(self, event: PolicyEvent) -> None:
        """Show a refused file; what it had in force stays its own."""
        if event.path is None:
            return
        before = self.rows.get(event.path)
        status = self._lookup(event.path)
        self._put(
            PolicyRow(
                path=event.path,
                policy_id=event.policy_id,
                status=RowStatus.FAILED
                if event.type is EventType.APPLY_FAILED
                else RowStatus.REFUSED,
                revision=event.revision,
                environment=status.environment if status else None,
                diagnostics=event.diagnostics,
                since=event.time,
                total_ms=event.latency.total,
                in_force_id=before.in_force_id if before else None,
            )
        )


def _live_status(diagnostics: Iterable[Diagnostic]) -> RowStatus:
    warned = any(diagnostic.kind is Kind.WARNING for diagnostic in diagnostics)
    return RowStatus.WARNINGS if warned else RowStatus.LIVE


def _row(status: FileStatus, revision: int | None, total_ms: float | None) -> PolicyRow:
    not_live = {Verdict.REFUSED: RowStatus.REFUSED, Verdict.FAILED: RowStatus.FAILED}
    return PolicyRow(
        path=status.path,
        policy_id=status.policy_id,
        status=not_live.get(status.verdict) or _live_status(status.diagnostics),
        revision=revision,
        environment=status.environment,
        diagnostics=status.diagnostics,
        since=status.since,
        total_ms=total_ms,
        in_force_id=status.in_force_id,
    )


def _configured(header: Header, event: PolicyEvent) -> Header:
    """Give the header with the level and environment that a ``configured`` event tells."""
    for change in event.changes:
        if change.field == "level" and isinstance(change.new, str):
            header = replace(header, level=change.new)
        if change.field == "environment" and isinstance(change.new, str | None):
            header = replace(header, environment=change.new)
    return header


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
        time=event.time.astimezone().strftime("%H:%M:%S.")
        + f"{event.time.microsecond // 1000:03d}",
        sign=EVENT_SIGNS[event.type],
        word=event.type.value,
        subject=printable(subject),
        detail=printable(_detail(event)),
    )


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
        case EventType.APPLIED | EventType.ROLLED_BACK if event.message is None:
            return f"r{event.revision}", _changes(event)
        case EventType.CONFIGURED if event.message is None:
            return "", _changes(event)
        case _:
            return "", event.message or ""


def _changes(event: PolicyEvent) -> str:
    """Say what changed: one change with both values, several by their names."""
    if len(event.changes) == 1:
        change = event.changes[0]
        old, new = (_short(mask(change.field, value)) for value in (change.old, change.new))
        return f"{change.field}: {old} → {new}"
    return ", ".join(change.field for change in event.changes)


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


def moment(time: datetime, now: datetime) -> str:
    """Say when something was, in local time: ``18:04:12``; with the date where it was not today."""
    local = time.astimezone()
    today = local.date() == now.astimezone().date()
    return local.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M:%S")


def standing(row: PolicyRow, since: datetime | None, now: datetime) -> str:
    """Say what is in force for a policy file, and since when (where that is known)."""
    if row.revision is None or row.in_force_id is None:
        return "nothing of this file is in force"
    verb = "stays in force" if row.status in _NOT_LIVE else "in force"
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
