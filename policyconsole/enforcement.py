"""What is in force, and what follows when files change: one look, one generation."""

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import perf_counter

from policyconsole.application.applier import ApplyError, answers, apply_all, concerned
from policyconsole.application.changes import changed_fields, changed_sections, sections_of
from policyconsole.application.policy_set import ActivePolicy, PolicySet
from policyconsole.application.target import Target, Transition
from policyconsole.diagnostics import Diagnostic, own_failure
from policyconsole.escaping import printable
from policyconsole.events import Change, EventType, Latency, PolicyEvent
from policyconsole.files import (
    FileTable,
    PolicyFile,
    file_status,
    same_news,
    taken_by_another,
)
from policyconsole.history.records import Recorded
from policyconsole.judging import Judgement
from policyconsole.loading.loader import LoadedPolicy
from policyconsole.policy import PolicyConfig
from policyconsole.recording import Recorder, restored, rolled_back
from policyconsole.snapshot import FileStatus, Verdict
from policyconsole.transaction import Transaction
from policyconsole.turns import Turns
from policyconsole.watching.tracker import FileChange
from policyconsole.wording import first_of

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
    """A policy that is in force now, and what came with it.

    ``new`` says that it is another content than before, ``recorded`` what the history says
    of it; ``again`` that it is in force as before the restart, though its file is refused now,
    ``back`` that it is in force again because the file's content has failed its probation.
    """

    active: ActivePolicy
    changes: tuple[Change, ...]
    sections: tuple[str, ...]
    apply_ms: float
    new: bool = False
    recorded: Recorded | None = None
    again: bool = False
    back: bool = False


@dataclass(slots=True)
class _Work:
    """What one settling has found so far."""

    judged: frozenset[str]
    seen: Mapping[str, FileChange]
    holders: dict[str, str | None]
    entries: dict[str, _Entry] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    stayed_out: set[str] = field(default_factory=set)
    leaving: list[PolicyEvent] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Entering:
    """A file's policy on its way into force, since ``begin`` (perf_counter)."""

    transition: Transition
    file: PolicyFile
    policy: LoadedPolicy
    changes: tuple[Change, ...]
    begin: float


@dataclass(slots=True)
class _Retry:
    """A policy that a target refused; ``digest`` is that of the content, None for a retirement."""

    digest: str | None
    delay: float
    timer: asyncio.TimerHandle


@dataclass(frozen=True, slots=True)
class _Hung:
    """A target that did not answer in time, and in what; ``until`` is when it is asked again.

    ``answers`` says that it has answered since, so that it may take part again.
    """

    target: Target
    transition: Transition
    message: str
    delay: float
    until: float
    answers: bool = False


@dataclass(frozen=True, slots=True)
class _Conflict:
    """What was said of a file whose id is taken, so that it need not be worked out again."""

    judgement: Judgement
    holder: str
    diagnostics: tuple[Diagnostic, ...]


class Enforcement:
    """The policies in force and the files that they come from.

    ``retry`` is called with an id when it is time to try a policy again that a target
    refused; the caller then settles that id. ``recorder`` keeps what comes into force; None
    where nothing is kept.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        retry: Callable[[str], None],
        recorder: Recorder | None = None,
    ) -> None:
        self.files = FileTable()
        self.policies = PolicySet()
        self.statuses: dict[str, FileStatus] = {}
        self.transaction = Transaction(self.files)
        self._targets = tuple(targets)
        self._recorder = recorder
        self._revisions: dict[str, tuple[int, str]] = {}
        self._known_good: dict[str, tuple[str, ActivePolicy]] = {}
        self._unsure: dict[str, str] = {}
        self._unretired: dict[str, PolicyConfig] = {}
        self._hung: dict[str, _Hung] = {}
        self._conflicts: dict[str, _Conflict] = {}
        self._retry = retry
        self._retries: dict[str, _Retry] = {}
        self._stopped = False

    @property
    def doubt(self) -> str | None:
        """Say which targets may hold something else than what is in force; None if none do."""
        if not self._unsure:
            return None
        policy_id, message = min(self._unsure.items())
        doubt = f"what the targets hold of {printable(policy_id)} is not sure: {message}"
        return first_of(doubt, len(self._unsure))

    def go_on(
        self,
        numbers: Mapping[str, tuple[int, str]],
        known_good: Mapping[str, tuple[str, ActivePolicy]],
    ) -> set[str]:
        """Go on from what was kept: numbers of revisions, and policies that were in force.

        The latter are for files that are refused now, by id with the path; they come into force
        when their ids, which are given, are settled.
        """
        self._revisions |= {
            key: kept for key, kept in numbers.items() if key not in self._revisions
        }
        self._known_good |= known_good
        return set(known_good)

    async def settle(
        self,
        ids: set[str],
        judged: Iterable[str],
        seen: Mapping[str, FileChange],
        environment: str | None,
    ) -> Outcome:
        """Put in force what follows from the files as they are now.

        ``ids`` are those whose files changed, ``judged`` the files that were judged or
        dropped just now, ``seen`` what the watch saw of them, ``environment`` that of
        policies which name none.
        """
        judged = frozenset(judged)
        failed = self._failed() if self.transaction.together else frozenset()
        again = {path for policy_id in failed for path in self.files.claimants(policy_id)}
        ids = ids | failed | self.transaction.hold_back(judged | again, self.policies)
        holders = self.files.holders(ids)
        work, turns = _Work(judged, seen, holders), Turns()
        if self.transaction.together:
            ids |= await self._enter_together(ids, work, turns)
            holders = work.holders
        else:
            for policy_id, path in holders.items():
                await turns.share()
                if path is not None and self.files[path].wants == policy_id:
                    await self._enter_alone(policy_id, self.files[path], work)
        for policy_id in ids & self._known_good.keys():
            await self._enter_again(policy_id, work)
        for policy_id, path in holders.items():
            await turns.share()
            active = self.policies.get(policy_id)
            if path is None and active is not None and active.path not in work.failures:
                await self._retire(policy_id, active, work)
        for policy_id in ids & self._unretired.keys():
            await self._retire_again(policy_id, work)
        for policy_id in ids & self._unsure.keys():
            await self._restore(policy_id, work)
        former = {
            self.policies[policy_id].path for policy_id in holders if policy_id in self.policies
        }
        await self._record(work)
        self._commit(work)
        for policy_id in holders.keys() & self._retries.keys():
            waiting = any(
                policy_id in later for later in (self._unretired, self._unsure, self._known_good)
            )
            tried = policy_id in work.stayed_out or holders[policy_id] in work.failures
            if not tried and not waiting:
                self._forget_retry(policy_id)
        touched = {
            *work.judged,
            *former,
            *work.entries,
            *work.failures,
            *(path for path in holders.values() if path is not None),
        }
        for policy_id in holders:
            touched |= self.files.claimants(policy_id)
        touched |= self.transaction.news()
        return self._outcome(touched, work, environment)

    async def probe(self) -> None:
        """Ask each target that hung whether it answers again, if its time has come.

        To prepare changes nothing: this may go on while others settle, so that nobody
        waits for a target that hangs.
        """
        for name, hung in list(self._hung.items()):
            if hung.answers or asyncio.get_running_loop().time() < hung.until:
                continue
            self._hung[name] = replace(hung, until=math.inf)  # nobody else asks meanwhile
            if await answers(hung.target, hung.transition):
                self._hung[name] = replace(hung, answers=True)
            else:
                self._hangs(hung.target, hung.transition, hung.message)

    def stop(self) -> None:
        """Try nothing again."""
        self._stopped = True
        for policy_id in list(self._retries):
            self._forget_retry(policy_id)

    async def _enter_alone(self, policy_id: str, file: PolicyFile, work: _Work) -> None:
        """Put a file's policy in force; where that fails it is that file's matter alone."""
        try:
            entering = self._entering(policy_id, file, work)
            if entering is not None:
                await self._apply(entering.transition)
                self._enter(entering, work)
        except ApplyError as problem:
            self._stay_out(policy_id, file, problem, work)
        except Exception as problem:  # noqa: BLE001 - one file must not keep the others out
            self._stay_out(policy_id, file, ApplyError(own_failure(problem).message), work)

    async def _enter_together(self, ids: set[str], work: _Work, turns: Turns) -> set[str]:
        """Put the policies of all files in force, or of none; then all wait for the one that failed.

        Gives the ids that are concerned beside ``ids``.
        """
        batch: list[_Entering] = []
        for policy_id, path in work.holders.items():
            await turns.share()
            if path is not None and self.files[path].wants == policy_id:
                entering = self._entering(policy_id, self.files[path], work)
                if entering is not None:
                    batch.append(entering)
        if not batch:
            return set()
        batch.sort(key=lambda entering: entering.file.path)
        failed, problem = batch[0], None
        try:
            await self._apply(*(entering.transition for entering in batch))
        except ApplyError as refused:
            problem = refused
            failed = next((e for e in batch if e.transition is refused.transition), failed)
        except Exception as mistake:  # noqa: BLE001 - nothing ever ends the engine
            problem = ApplyError(own_failure(mistake).message)
        if problem is None:
            for entering in batch:
                self._enter(entering, work)
            return set()
        others = [entering.file.path for entering in batch if entering is not failed]
        more = self.transaction.wait_for(failed.file.path, others)
        work.holders = self.files.holders(ids | more)
        self._stay_out(failed.transition.policy_id, failed.file, problem, work)
        return more

    def _entering(self, policy_id: str, file: PolicyFile, work: _Work) -> "_Entering | None":
        """Say what has to be taken to the targets for a file's policy; None where that is nothing."""
        policy, active = file.judgement.policy, self.policies.get(policy_id)
        if policy is None:
            return None
        begin = perf_counter()
        sure = policy_id not in self._unsure
        if sure and active is not None and active.digest == policy.digest:
            same = active if active.path == file.path else replace(active, path=file.path)
            work.entries[file.path] = _Entry(same, (), (), (perf_counter() - begin) * 1000)
            return None
        old = active.config if active is not None else None
        changes = changed_fields(old, policy.config) if old is not None else ()
        sure_of = old if sure else None
        sections = (
            sections_of(changes, sure_of, policy.config)
            if sure_of is not None
            else changed_sections(None, policy.config)
        )
        transition = Transition(policy_id, sure_of, policy.config, sections)
        return _Entering(transition, file, policy, changes, begin)

    def _enter(self, entering: "_Entering", work: _Work) -> None:
        """Note that a file's policy is in force: the targets have taken it."""
        policy_id, digest = entering.transition.policy_id, entering.policy.digest
        self._unretired.pop(policy_id, None)
        work.entries[entering.file.path] = _Entry(
            ActivePolicy(
                entering.policy.config,
                self._next_revision(policy_id, digest),
                digest,
                entering.file.path,
                datetime.now(UTC),
            ),
            entering.changes,
            entering.transition.sections,
            (perf_counter() - entering.begin) * 1000,
            new=True,
        )

    def go_back(self, path: str, good: ActivePolicy) -> set[str]:
        """Have an earlier policy in force again when the id, which is given, is settled.

        The content of its file is refused.
        """
        self._known_good[good.config.id] = path, replace(good, path=path)
        return {good.config.id}

    async def _enter_again(self, policy_id: str, work: _Work) -> None:
        """Put in force what was before the restart or a probation, if its file is still kept out."""
        path, active = self._known_good.pop(policy_id)
        now = self.policies.get(policy_id)
        taken = now is not None and (now.path != path or now.digest == active.digest)
        taken = taken or work.holders.get(policy_id) not in {None, path}
        if taken or path not in self.files:
            return
        if self.files[path].wants is not None and path not in work.failures:
            return
        begin, old = perf_counter(), now.config if now is not None else None
        changes = changed_fields(old, active.config) if old is not None else ()
        sections = (
            sections_of(changes, old, active.config)
            if old is not None
            else changed_sections(None, active.config)
        )
        try:
            await self._apply(Transition(policy_id, old, active.config, sections))
        except ApplyError as problem:
            self._known_good[policy_id] = path, active
            work.failures[path] = self._try_again(policy_id, active.digest, problem)
            return
        apply_ms = (perf_counter() - begin) * 1000
        again = old is None
        work.entries[path] = _Entry(
            active, changes, sections, apply_ms, again=again, back=not again
        )

    async def _record(self, work: _Work) -> None:
        """Have the history keep what is about to be committed, and take over its numbers."""
        if self._recorder is None:
            return
        new = [(path, entry) for path, entry in work.entries.items() if entry.new]
        if not new and not work.leaving:
            return
        known = {
            entry.active.config.id: self._revisions[entry.active.config.id]
            for _, entry in new
            if entry.active.config.id in self._revisions
        }
        entering = [
            (entry.active, self.files[path].judgement, entry.sections, entry.changes)
            for path, entry in new
        ]
        recorded = await self._recorder.keep(entering, work.leaving, known)
        for path, entry in new:
            if (given := recorded.get(entry.active.config.id)) is not None:
                active = replace(entry.active, revision=given.revision)
                work.entries[path] = replace(entry, active=active, recorded=given)

    def _stay_out(self, policy_id: str, file: PolicyFile, problem: ApplyError, work: _Work) -> None:
        """Note that a file's policy did not come into force, and try it again later."""
        work.failures[file.path] = self._try_again(policy_id, file.judgement.digest, problem)
        work.stayed_out.add(policy_id)
        active = self.policies.get(policy_id)
        if active is not None and active.path != file.path == work.holders.get(policy_id):
            # What stays in force is the old revision of the id that this file has now.
            work.entries[file.path] = _Entry(replace(active, path=file.path), (), (), 0.0)

    async def _apply(self, *transitions: Transition) -> None:
        """Apply transitions; a target that hung takes no part before it has answered :meth:`probe`."""
        for transition in transitions if self._hung else ():
            for target in concerned(transition, self._targets):
                hung = self._hung.get(target.name)
                if hung is not None and not hung.answers:
                    raise ApplyError(hung.message, transition=transition)
        try:
            await apply_all(transitions, self._targets)
        except ApplyError as problem:
            if problem.hung is not None and problem.transition is not None:
                self._hangs(problem.hung, problem.transition, str(problem))
            self._doubt(transitions, problem.not_undone)
            raise
        except asyncio.CancelledError as cancelled:
            self._doubt(transitions, cancelled.args)
            raise
        for transition in transitions:
            self._unsure.pop(transition.policy_id, None)
            for target in concerned(transition, self._targets) if self._hung else ():
                self._hung.pop(target.name, None)

    def _hangs(self, target: Target, transition: Transition, message: str) -> None:
        former = self._hung.get(target.name)
        delay = min(former.delay * 2, LAST_RETRY) if former else FIRST_RETRY
        until = asyncio.get_running_loop().time() + delay
        self._hung[target.name] = _Hung(target, transition, message, delay, until)

    def _doubt(self, transitions: Sequence[Transition], not_undone: tuple[str, ...]) -> None:
        """Note that targets may hold what is not in force: some of a policy or all of it."""
        for transition in transitions if not_undone else ():
            self._unsure[transition.policy_id] = "; ".join(not_undone)
            if transition.new is not None and transition.policy_id not in self.policies:
                self._unretired[transition.policy_id] = transition.new

    async def _retire(self, policy_id: str, active: ActivePolicy, work: _Work) -> None:
        """Take a policy out of force; a target that will not let go is told of, not obeyed."""
        sections = changed_sections(active.config, None)
        message = None
        try:
            await self._apply(Transition(policy_id, active.config, None, sections))
        except ApplyError as problem:
            message = f"retired all the same: {self._try_again(policy_id, None, problem)}"
            self._unretired[policy_id] = active.config
        work.leaving.append(
            PolicyEvent(
                EventType.REMOVED,
                path=active.path,
                policy_id=policy_id,
                revision=active.revision,
                digest=active.digest,
                sections=sections,
                message=message,
            )
        )

    async def _retire_again(self, policy_id: str, work: _Work) -> None:
        """Ask the targets once more to let go of a policy that is out of force already."""
        config = self._unretired[policy_id]
        if policy_id in self.policies or work.holders.get(policy_id) in work.failures:
            return
        try:
            sections = changed_sections(config, None)
            await self._apply(Transition(policy_id, config, None, sections))
        except ApplyError as problem:
            self._try_again(policy_id, None, problem)
        else:
            del self._unretired[policy_id]
            self._forget_retry(policy_id)

    async def _restore(self, policy_id: str, work: _Work) -> None:
        """Take what is in force to the targets again where they may hold what was refused."""
        active, path = self.policies.get(policy_id), work.holders.get(policy_id)
        if active is None or path is None or path in work.failures or path in work.entries:
            return
        sections = changed_sections(None, active.config)
        try:
            await self._apply(Transition(policy_id, None, active.config, sections))
        except ApplyError as problem:
            self._try_again(policy_id, active.digest, problem)

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
            if active.revision >= self._revisions.get(policy_id, (0, ""))[0]:
                self._revisions[policy_id] = (active.revision, active.digest)
        self.policies = self.policies.commit(enter, leave)

    def _outcome(self, touched: set[str], work: _Work, environment: str | None) -> Outcome:
        """Tell of every file whose digest, verdict or diagnostics changed, and of no other."""
        done, now, generation = perf_counter(), datetime.now(UTC), self.policies.generation
        events = [replace(event, time=now, generation=generation) for event in work.leaving]
        retired = {event.path for event in work.leaving}
        statuses: dict[str, FileStatus | None] = {}
        for path in sorted(touched):
            before = self.statuses.get(path)
            if path not in self.files:
                self._conflicts.pop(path, None)
                if before is not None:
                    statuses[path] = None
                    if path not in retired and before.in_force_id is None:
                        events.append(_vanished(before, now, generation))
                continue
            if self.files[path].absent:
                if before is not None and before.in_force_id and self.files.held(path) is None:
                    statuses[path] = None  # renamed, as it seems: what is told of now is the other
                continue
            after = self._status(path, work, before, environment, now)
            statuses[path] = after
            if (entry := work.entries.get(path)) is not None and entry.again:
                events.append(_applied_again(entry, now, generation))
            back = entry is not None and entry.back
            if before is None or back or not same_news(before, after):
                events.append(self._event(path, after, work, done, now))
        for path, status in statuses.items():
            if status is None:
                del self.statuses[path]
            else:
                self.statuses[path] = status
        return Outcome(self.policies, statuses, tuple(events))

    def _status(
        self,
        path: str,
        work: _Work,
        before: FileStatus | None,
        environment: str | None,
        now: datetime,
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
            holder = work.holders.get(file.wants or "")
            if file.held_back:
                holder = self.files.rival(path)
                diagnostics = self.transaction.reason(path)
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
        self, path: str, status: FileStatus, work: _Work, done: float, now: datetime
    ) -> PolicyEvent:
        """Say what became of a file."""
        entry = work.entries.get(path)
        back = entry is not None and entry.back and status.verdict is not Verdict.IN_FORCE
        if status.verdict is not Verdict.IN_FORCE and not back:
            entry = None
        change = work.seen.get(path)
        in_force = self.policies.get(status.in_force_id) if status.in_force_id else None
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
            generation=self.policies.generation,
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

    def _latency(self, path: str, work: _Work, entry: _Entry | None, done: float) -> Latency:
        """Give the timings of the stages that ran for a file this time."""
        judgement, change = self.files[path].judgement, work.seen.get(path)
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

    def _try_again(self, policy_id: str, digest: str | None, problem: ApplyError) -> str:
        """Arrange for another try; gives what to say, the same words for the same failure."""
        former = self._retries.pop(policy_id, None)
        delay = FIRST_RETRY
        if former is not None:
            former.timer.cancel()
            if former.digest == digest:
                delay = min(former.delay * 2, LAST_RETRY)
        if not self._stopped:
            timer = asyncio.get_running_loop().call_later(delay, self._retry, policy_id)
            self._retries[policy_id] = _Retry(digest, delay, timer)
        return "; ".join((str(problem), *problem.not_undone))

    def _failed(self) -> frozenset[str]:
        """Give the ids of the contents that a target refused, which are to be tried again."""
        return frozenset(key for key, retry in self._retries.items() if retry.digest is not None)

    def _forget_retry(self, policy_id: str) -> None:
        retry = self._retries.pop(policy_id, None)
        if retry is not None:
            retry.timer.cancel()


_EVENT_OF = {
    Verdict.IN_FORCE: EventType.APPLIED,
    Verdict.REFUSED: EventType.REJECTED,
    Verdict.FAILED: EventType.APPLY_FAILED,
}


def _applied_again(entry: _Entry, now: datetime, generation: int) -> PolicyEvent:
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
