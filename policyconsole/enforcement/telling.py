"""Telling: what became of each file that a settling touched, as its status and an event."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import perf_counter

from policyconsole.application.policy_set import PolicySet
from policyconsole.diagnostics import Diagnostic
from policyconsole.enforcement.work import Entry, Outcome, Work
from policyconsole.events import EventType, Latency, PolicyEvent
from policyconsole.files import FileTable, file_status, same_news, taken_by_another
from policyconsole.judging import Judgement
from policyconsole.recording import restored, rolled_back
from policyconsole.snapshot import FileStatus, Verdict
from policyconsole.transaction import Transaction
from policyconsole.watching.tracker import FileChange

LONGEST_DETECTION = 10_000.0
"""Milliseconds from a save to the look beyond which the two have nothing to do with each other."""


@dataclass(frozen=True, slots=True)
class _Conflict:
    """What was said of a file whose id is taken, so that it need not be worked out again."""

    judgement: Judgement
    holder: str
    diagnostics: tuple[Diagnostic, ...]


class Teller:
    """Knows what was said of each file, so that only news are told."""

    def __init__(self, files: FileTable, transaction: Transaction) -> None:
        self.statuses: dict[str, FileStatus] = {}
        self._files = files
        self._transaction = transaction
        self._conflicts: dict[str, _Conflict] = {}

    def outcome(
        self, touched: set[str], work: Work, policies: PolicySet, environment: str | None
    ) -> Outcome:
        """Tell of every file whose digest, verdict or diagnostics changed, and of no other."""
        done, now, generation = perf_counter(), datetime.now(UTC), policies.generation
        events = [replace(event, time=now, generation=generation) for event in work.leaving]
        retired = {event.path for event in work.leaving}
        statuses: dict[str, FileStatus | None] = {}
        for path in sorted(touched):
            before = self.statuses.get(path)
            if path not in self._files:
                self._conflicts.pop(path, None)
                if before is not None:
                    statuses[path] = None
                    if path not in retired and before.in_force_id is None:
                        events.append(_vanished(before, now, generation))
                continue
            if self._files[path].absent:
                if before is not None and before.in_force_id and self._files.held(path) is None:
                    statuses[path] = None  # renamed, as it seems: what is told of now is the other
                continue
            after = self._status(path, work, policies, before, environment, now)
            statuses[path] = after
            if (entry := work.entries.get(path)) is not None and entry.again:
                events.append(_applied_again(entry, now, generation))
            back = entry is not None and entry.back
            if before is None or back or not same_news(before, after):
                events.append(self._event(path, after, work, policies, done, now))
        for path, status in statuses.items():
            if status is None:
                del self.statuses[path]
            else:
                self.statuses[path] = status
        return Outcome(policies, statuses, tuple(events))

    def _status(
        self,
        path: str,
        work: Work,
        policies: PolicySet,
        before: FileStatus | None,
        environment: str | None,
        now: datetime,
    ) -> FileStatus:
        file = self._files[path]
        judgement = file.judgement
        held = self._files.held(path)
        in_force = policies.get(held) if held is not None else None
        diagnostics, message = judgement.diagnostics, work.failures.get(path)
        if message is not None:
            verdict = Verdict.FAILED
        elif judgement.accepted and in_force is not None and in_force.digest == judgement.digest:
            verdict = Verdict.IN_FORCE
        else:
            verdict = Verdict.REFUSED
            holder = work.holders.get(file.wants or "")
            if file.held_back:
                holder = self._files.rival(path)
                diagnostics = self._transaction.reason(path)
            if holder is not None and holder != path:
                diagnostics = self._conflict(path, judgement, holder)
        return file_status(
            file,
            verdict=verdict,
            diagnostics=diagnostics,
            message=message,
            in_force=in_force,
            before=before,
            now=now,
            environment=environment,
        )

    def _conflict(self, path: str, judgement: Judgement, holder: str) -> tuple[Diagnostic, ...]:
        """Say that a file's id is taken; the same words are not placed twice."""
        known = self._conflicts.get(path)
        if known is None or known.judgement is not judgement or known.holder != holder:
            known = _Conflict(judgement, holder, taken_by_another(judgement, holder))
            self._conflicts[path] = known
        return known.diagnostics

    def _event(
        self,
        path: str,
        status: FileStatus,
        work: Work,
        policies: PolicySet,
        done: float,
        now: datetime,
    ) -> PolicyEvent:
        """Say what became of a file."""
        entry = work.entries.get(path)
        back = entry is not None and entry.back and status.verdict is not Verdict.IN_FORCE
        if status.verdict is not Verdict.IN_FORCE and not back:
            entry = None
        change = work.seen.get(path)
        in_force = policies.get(status.in_force_id) if status.in_force_id else None
        kind = _EVENT_OF[status.verdict]
        message = status.message or (change.note if change else None)
        if entry is not None and entry.recorded is not None and entry.recorded.parent is not None:
            kind, message = EventType.ROLLED_BACK, rolled_back(entry.recorded)
        if kind is EventType.REJECTED and message is None:
            message = (
                f"revision {in_force.revision} {'is in force again' if back else 'stays in force'}"
                if in_force
                else "nothing is in force"
            )
        elif back and in_force:
            message = f"{message}; revision {in_force.revision} is in force again"
        return PolicyEvent(
            kind,
            time=now,
            generation=policies.generation,
            path=path,
            policy_id=status.policy_id,
            revision=in_force.revision if in_force else None,
            digest=status.digest,
            sections=entry.sections if entry else (),
            changes=entry.changes if entry else (),
            diagnostics=status.diagnostics,
            message=message,
            latency=self._latency(path, work, entry, done),
        )

    def _latency(self, path: str, work: Work, entry: Entry | None, done: float) -> Latency:
        """Give the timings of the stages that ran for a file this time."""
        judgement, change = self._files[path].judgement, work.seen.get(path)
        apply_ms = entry.apply_ms if entry else None
        validate_ms = judgement.validate_ms if path in work.judged else None
        if change is None:
            return Latency(validate=validate_ms, apply=apply_ms)
        detect = _detection(change)
        return Latency(
            detect=detect,
            load=None if judgement.load_ms is None else judgement.load_ms + change.read_ms,
            validate=validate_ms,
            apply=apply_ms,
            total=(detect or 0.0) + (done - change.clock) * 1000,
        )


_EVENT_OF = {
    Verdict.IN_FORCE: EventType.APPLIED,
    Verdict.REFUSED: EventType.REJECTED,
    Verdict.FAILED: EventType.APPLY_FAILED,
}


def _applied_again(entry: Entry, now: datetime, generation: int) -> PolicyEvent:
    active = entry.active
    return PolicyEvent(
        EventType.APPLIED,
        time=now,
        generation=generation,
        path=active.path,
        policy_id=active.config.id,
        revision=active.revision,
        digest=active.digest,
        sections=entry.sections,
        message=restored(active.since),
        latency=Latency(apply=entry.apply_ms),
    )


def _vanished(before: FileStatus, now: datetime, generation: int) -> PolicyEvent:
    return PolicyEvent(
        EventType.REMOVED,
        time=now,
        generation=generation,
        path=before.path,
        policy_id=before.policy_id,
        digest=before.digest,
        message="the file is gone; nothing was in force from it",
    )


def _detection(change: FileChange) -> float | None:
    """Give the milliseconds from the save to the look, where the clock tells them."""
    if change.changed_at is None:
        return None
    elapsed = (change.looked_at - change.changed_at) * 1000
    return elapsed if 0 <= elapsed <= LONGEST_DETECTION else None
