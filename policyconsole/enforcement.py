"""What is in force, and what follows when files change: one look, one generation."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import perf_counter

from policyconsole.application.applier import ApplyError, apply
from policyconsole.application.changes import changed_fields, changed_sections
from policyconsole.application.policy_set import ActivePolicy, PolicySet
from policyconsole.application.target import Target, Transition
from policyconsole.events import Change, EventType, Latency, PolicyEvent
from policyconsole.files import FileTable, PolicyFile, file_status, same_news, taken_by_another
from policyconsole.snapshot import FileStatus, Verdict
from policyconsole.watching.tracker import FileChange

LONGEST_DETECTION = 10_000.0
"""Milliseconds from a save to the look beyond which the two have nothing to do with each other."""

FIRST_RETRY, LAST_RETRY = 1.0, 60.0
"""Seconds until a policy that a target refused is tried again; doubled up to the last."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one look came to: the new generation, the statuses that differ, what to tell.

    A status of None is that of a file that is gone. The events have no number yet.
    """

    policies: PolicySet
    statuses: Mapping[str, FileStatus | None]
    events: tuple[PolicyEvent, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A policy that is in force now, and what came with it."""

    active: ActivePolicy
    changes: tuple[Change, ...]
    sections: tuple[str, ...]
    apply_ms: float


@dataclass(slots=True)
class _Work:
    """What one settling has found so far."""

    now: datetime
    seen: Mapping[str, FileChange]
    entries: dict[str, _Entry] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    leaving: list[PolicyEvent] = field(default_factory=list)


@dataclass(slots=True)
class _Retry:
    message: str
    delay: float
    timer: asyncio.TimerHandle


class Enforcement:
    """The policies in force and the files that they come from.

    ``retry`` is called with an id when it is time to try a policy again that a target
    refused; the caller then settles that id.
    """

    def __init__(self, targets: Sequence[Target], retry: Callable[[str], None]) -> None:
        self.files = FileTable()
        self.policies = PolicySet()
        self.statuses: dict[str, FileStatus] = {}
        self._targets = tuple(targets)
        self._revisions: dict[str, tuple[int, str]] = {}
        self._retry = retry
        self._retries: dict[str, _Retry] = {}

    async def settle(
        self,
        ids: set[str],
        paths: Iterable[str],
        seen: Mapping[str, FileChange],
        environment: str | None,
    ) -> Outcome:
        """Put in force what follows from the files as they are now.

        ``ids`` are those whose files changed, ``paths`` the files that were judged or
        dropped, ``seen`` what the watch saw of them, ``environment`` that of policies
        which name none.
        """
        work = _Work(datetime.now(UTC), seen)
        holders = self.files.holders(ids)
        for policy_id, path in holders.items():
            active = self.policies.get(policy_id)
            if path is None:
                if active is not None:
                    work.leaving.append(await self._retire(policy_id, active))
            elif self.files[path].wants == policy_id:
                await self._enter(policy_id, self.files[path], active, work)
        self._commit(work)
        touched = {*paths, *(path for path in holders.values() if path is not None)}
        for policy_id in holders:
            touched |= self.files.claimants(policy_id)
        return self._outcome(touched, work, environment)

    def stop(self) -> None:
        """Try nothing again."""
        for policy_id in list(self._retries):
            self._forget_retry(policy_id)

    async def _enter(
        self, policy_id: str, file: PolicyFile, active: ActivePolicy | None, work: _Work
    ) -> None:
        """Take a file's policy to the targets that it concerns."""
        policy = file.judgement.policy
        if policy is None:
            return
        begin = perf_counter()
        if active is not None and active.digest == policy.digest:
            self._forget_retry(policy_id)
            same = active if active.path == file.path else replace(active, path=file.path)
            work.entries[file.path] = _Entry(same, (), (), (perf_counter() - begin) * 1000)
            return
        old = active.config if active is not None else None
        sections = changed_sections(old, policy.config)
        try:
            if sections:
                await apply(Transition(policy_id, old, policy.config, sections), self._targets)
        except ApplyError as problem:
            work.failures[file.path] = self._try_again(policy_id, problem)
            return
        self._forget_retry(policy_id)
        entering = ActivePolicy(
            policy.config,
            self._next_revision(policy_id, policy.digest),
            policy.digest,
            file.path,
            work.now,
        )
        changes = changed_fields(old, policy.config) if old is not None else ()
        work.entries[file.path] = _Entry(
            entering, changes, sections, (perf_counter() - begin) * 1000
        )

    async def _retire(self, policy_id: str, active: ActivePolicy) -> PolicyEvent:
        """Take a policy out of force; a target that will not let go is told of, not obeyed."""
        self._forget_retry(policy_id)
        sections = changed_sections(active.config, None)
        message = None
        try:
            await apply(Transition(policy_id, active.config, None, sections), self._targets)
        except ApplyError as problem:
            message = f"retired all the same: {problem}"
        return PolicyEvent(
            EventType.REMOVED,
            path=active.path,
            policy_id=policy_id,
            revision=active.revision,
            digest=active.digest,
            sections=sections,
            message=message,
        )

    def _next_revision(self, policy_id: str, digest: str) -> int:
        revision, known = self._revisions.get(policy_id, (0, ""))
        return revision if known == digest else revision + 1

    def _commit(self, work: _Work) -> None:
        """Build the next generation, unless nothing enters, moves or leaves."""
        leave = [event.policy_id for event in work.leaving if event.policy_id is not None]
        enter = {
            entry.active.config.id: entry.active
            for entry in work.entries.values()
            if self.policies.get(entry.active.config.id) is not entry.active
        }
        if not enter and not leave:
            return
        for policy_id in leave:
            self.files.hold(policy_id, None)
        for policy_id, active in enter.items():
            self.files.hold(policy_id, active.path)
            self._revisions[policy_id] = (active.revision, active.digest)
        self.policies = self.policies.commit(enter, leave)

    def _outcome(self, touched: set[str], work: _Work, environment: str | None) -> Outcome:
        """Tell of every file whose digest, verdict or diagnostics changed, and of no other."""
        done = perf_counter()
        events = list(work.leaving)
        retired = {event.path for event in work.leaving}
        statuses: dict[str, FileStatus | None] = {}
        for path in sorted(touched):
            before = self.statuses.get(path)
            if path not in self.files:
                if before is not None:
                    statuses[path] = None
                    if path not in retired and before.in_force_id is None:
                        events.append(_vanished(before))
                continue
            if self.files[path].absent:
                continue
            after = self._status(path, work, before, environment)
            statuses[path] = after
            if before is None or not same_news(before, after):
                events.append(self._event(path, after, work, done))
        generation = self.policies.generation
        told = tuple(replace(event, generation=generation) for event in events)
        for path, status in statuses.items():
            if status is None:
                del self.statuses[path]
            else:
                self.statuses[path] = status
        return Outcome(self.policies, statuses, told)

    def _status(
        self, path: str, work: _Work, before: FileStatus | None, environment: str | None
    ) -> FileStatus:
        file = self.files[path]
        judgement = file.judgement
        held = self.files.held(path)
        in_force = self.policies.get(held) if held is not None else None
        diagnostics, message = judgement.diagnostics, work.failures.get(path)
        if message is not None:
            verdict = Verdict.FAILED
        elif judgement.accepted and in_force is not None and in_force.digest == judgement.digest:
            verdict = Verdict.IN_FORCE
        else:
            verdict = Verdict.REFUSED
            holder = self.policies.get(file.wants or "")
            if holder is not None:
                diagnostics = taken_by_another(judgement, holder.path)
        return file_status(
            file,
            verdict=verdict,
            diagnostics=diagnostics,
            message=message,
            in_force=in_force,
            before=before,
            now=work.now,
            environment=environment,
        )

    def _event(self, path: str, status: FileStatus, work: _Work, done: float) -> PolicyEvent:
        """Say what became of a file."""
        entry = work.entries.get(path)
        change = work.seen.get(path)
        in_force = self.policies.get(status.in_force_id) if status.in_force_id else None
        latency = self._latency(path, change, entry, done)
        kind = _EVENT_OF[status.verdict]
        message = status.message or (change.note if change else None)
        if kind is EventType.REJECTED and message is None:
            message = (
                f"revision {in_force.revision} stays in force"
                if in_force
                else "nothing is in force"
            )
        return PolicyEvent(
            kind,
            time=work.now,
            path=path,
            policy_id=status.policy_id,
            revision=in_force.revision if in_force else None,
            digest=status.digest,
            sections=entry.sections if entry else (),
            changes=entry.changes if entry else (),
            diagnostics=status.diagnostics,
            message=message,
            latency=latency,
        )

    def _latency(
        self, path: str, change: FileChange | None, entry: _Entry | None, done: float
    ) -> Latency:
        judgement = self.files[path].judgement
        apply_ms = entry.apply_ms if entry else None
        if change is None:
            return Latency(validate=judgement.validate_ms, apply=apply_ms)
        detect = _detection(change)
        since_look = (done - change.clock) * 1000
        return Latency(
            detect=detect,
            load=None if judgement.load_ms is None else judgement.load_ms + change.read_ms,
            validate=judgement.validate_ms,
            apply=apply_ms,
            total=(detect or 0.0) + since_look,
        )

    def _try_again(self, policy_id: str, problem: ApplyError) -> str:
        """Arrange for another try; gives what to say, the same words for the same failure."""
        message = "; ".join((str(problem), *problem.not_undone))
        former = self._retries.pop(policy_id, None)
        delay = FIRST_RETRY
        if former is not None:
            former.timer.cancel()
            delay = min(former.delay * 2, LAST_RETRY)
        timer = asyncio.get_running_loop().call_later(delay, self._retry, policy_id)
        self._retries[policy_id] = _Retry(message, delay, timer)
        return message

    def _forget_retry(self, policy_id: str) -> None:
        retry = self._retries.pop(policy_id, None)
        if retry is not None:
            retry.timer.cancel()


_EVENT_OF = {
    Verdict.IN_FORCE: EventType.APPLIED,
    Verdict.REFUSED: EventType.REJECTED,
    Verdict.FAILED: EventType.APPLY_FAILED,
}


def _vanished(before: FileStatus) -> PolicyEvent:
    return PolicyEvent(
        EventType.REMOVED,
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
