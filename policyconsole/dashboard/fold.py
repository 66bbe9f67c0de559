"""Dashboard: events folded into exactly what a face shows; no widget code."""

from collections import deque
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace

from policyconsole.dashboard.rows import NOT_LIVE, Header, PolicyRow, RowStatus
from policyconsole.diagnostics import Diagnostic, Kind
from policyconsole.events import EventType, PolicyEvent
from policyconsole.snapshot import EngineSnapshot, FileStatus, Verdict, WatchState

EVENT_RING = 10_000
"""How many events a face keeps."""


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
        self._refused: set[str] = set()
        self._lookup = lookup
        self.events: deque[PolicyEvent] = deque(maxlen=EVENT_RING)
        self.events_seen = 0
        self._header = Header("", None, "", WatchState.STARTING, None, 0, 0, 0)
        self._seq = 0

    @property
    def header(self) -> Header:
        """The line at the top, counted from the rows."""
        return replace(self._header, in_force=len(self._holders), refused=len(self._refused))

    @property
    def refused(self) -> AbstractSet[str]:
        """The paths of the files whose content on disk is not in force; changes with the rows."""
        return self._refused

    @property
    def events_dropped(self) -> int:
        """How many of the events seen are not kept any more, the oldest ones."""
        return self.events_seen - len(self.events)

    def rebuild(self, snapshot: EngineSnapshot) -> None:
        """Start over from a whole state, keeping the events seen so far."""
        self.version += 1
        self._seq = snapshot.seq
        known = self.rows
        self.rows = {}
        self._holders = {}
        self._refused = set()
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
        (self._refused.add if row.status in NOT_LIVE else self._refused.discard)(row.path)
        if row.in_force_id is not None:
            self._holders[row.in_force_id] = row.path

    def _drop(self, path: str | None) -> None:
        row = self.rows.pop(path, None) if path is not None else None
        if row is not None:
            self._refused.discard(row.path)
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
                total_ms=self._total(event),
                in_force_id=event.policy_id,
            )
        )

    def _refuse(self, event: PolicyEvent) -> None:
        """Show a refused file; what it had in force stays its own, unless another file took it."""
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
                total_ms=self._total(event),
                in_force_id=before.in_force_id if before and event.revision is not None else None,
            )
        )

    def _total(self, event: PolicyEvent) -> float | None:
        """Give how long a save took; what lay there before the engine started was not saved now."""
        return None if self._header.watch is WatchState.STARTING else event.latency.total


def _live_status(diagnostics: Iterable[Diagnostic]) -> RowStatus:
    # An error in a live policy is one below the bar of block_on.
    warned = any(diagnostic.kind is not Kind.RECOMMENDATION for diagnostic in diagnostics)
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
