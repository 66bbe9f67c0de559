"""Enforcement: what is in force, and what follows when files change: one look, one generation."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter

from policyconsole.application.applier import ApplyError, apply_all
from policyconsole.application.changes import changed_fields, changed_sections, sections_of
from policyconsole.application.policy_set import ActivePolicy, PolicySet
from policyconsole.application.target import Target, Transition
from policyconsole.diagnostics import own_failure
from policyconsole.enforcement.hanging import Hanging
from policyconsole.enforcement.retries import Retries
from policyconsole.enforcement.telling import Teller
from policyconsole.enforcement.work import Entering, Entry, Outcome, Work
from policyconsole.escaping import printable
from policyconsole.events import EventType, PolicyEvent
from policyconsole.files import (
    FileTable,
    PolicyFile,
)
from policyconsole.policy import PolicyConfig
from policyconsole.recording import Recorder
from policyconsole.transaction import Transaction
from policyconsole.turns import Turns
from policyconsole.watching.tracker import FileChange
from policyconsole.wording import first_of


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
        self.transaction = Transaction(self.files)
        self._targets = tuple(targets)
        self._recorder = recorder
        self._revisions: dict[str, tuple[int, str]] = {}
        self._known_good: dict[str, tuple[str, ActivePolicy]] = {}
        self._unsure: dict[str, str] = {}
        self._unretired: dict[str, PolicyConfig] = {}
        self.hanging = Hanging(self._targets)
        self._teller = Teller(self.files, self.transaction)
        self._retries = Retries(retry)

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
        failed = self._retries.failed if self.transaction.together else frozenset()
        again = {path for policy_id in failed for path in self.files.claimants(policy_id)}
        ids = ids | failed | self.transaction.hold_back(judged | again, self.policies)
        holders = self.files.holders(ids)
        work, turns = Work(judged, seen, holders), Turns()
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
        for policy_id in holders.keys() & self._retries.ids:
            waiting = any(
                policy_id in later for later in (self._unretired, self._unsure, self._known_good)
            )
            tried = policy_id in work.stayed_out or holders[policy_id] in work.failures
            if not tried and not waiting:
                self._retries.forget(policy_id)
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
        return self._teller.outcome(touched, work, self.policies, environment)

    def stop(self) -> None:
        """Try nothing again."""
        self._retries.stop()

    async def _enter_alone(self, policy_id: str, file: PolicyFile, work: Work) -> None:
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

    async def _enter_together(self, ids: set[str], work: Work, turns: Turns) -> set[str]:
        """Put the policies of all files in force, or of none; then all wait for the one that failed.

        Gives the ids that are concerned beside ``ids``.
        """
        batch: list[Entering] = []
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

    def _entering(self, policy_id: str, file: PolicyFile, work: Work) -> Entering | None:
        """Say what has to be taken to the targets for a file's policy; None where that is nothing."""
        policy, active = file.judgement.policy, self.policies.get(policy_id)
        if policy is None:
            return None
        begin = perf_counter()
        sure = policy_id not in self._unsure
        if sure and active is not None and active.digest == policy.digest:
            same = active if active.path == file.path else replace(active, path=file.path)
            work.entries[file.path] = Entry(same, (), (), (perf_counter() - begin) * 1000)
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
        return Entering(transition, file, policy, changes, begin)

    def _enter(self, entering: Entering, work: Work) -> None:
        """Note that a file's policy is in force: the targets have taken it."""
        policy_id, digest = entering.transition.policy_id, entering.policy.digest
        self._unretired.pop(policy_id, None)
        work.entries[entering.file.path] = Entry(
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

    async def _enter_again(self, policy_id: str, work: Work) -> None:
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
            work.failures[path] = self._retries.try_again(policy_id, active.digest, problem)
            return
        apply_ms = (perf_counter() - begin) * 1000
        again = old is None
        work.entries[path] = Entry(active, changes, sections, apply_ms, again=again, back=not again)

    async def _record(self, work: Work) -> None:
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

    def _stay_out(self, policy_id: str, file: PolicyFile, problem: ApplyError, work: Work) -> None:
        """Note that a file's policy did not come into force, and try it again later."""
        work.failures[file.path] = self._retries.try_again(
            policy_id, file.judgement.digest, problem
        )
        work.stayed_out.add(policy_id)
        active = self.policies.get(policy_id)
        if active is not None and active.path != file.path == work.holders.get(policy_id):
            # What stays in force is the old revision of the id that this file has now.
            work.entries[file.path] = Entry(replace(active, path=file.path), (), (), 0.0)

    async def _apply(self, *transitions: Transition) -> None:
        """Apply transitions; a target that hung takes no part before it has answered again."""
        self.hanging.require_answers(transitions)
        try:
            await apply_all(transitions, self._targets)
        except ApplyError as problem:
            if problem.hung is not None and problem.transition is not None:
                self.hanging.hangs(problem.hung, problem.transition, str(problem))
            self._doubt(transitions, problem.not_undone)
            raise
        except asyncio.CancelledError as cancelled:
            self._doubt(transitions, cancelled.args)
            raise
        for transition in transitions:
            self._unsure.pop(transition.policy_id, None)
        self.hanging.answered(transitions)

    def _doubt(self, transitions: Sequence[Transition], not_undone: tuple[str, ...]) -> None:
        """Note that targets may hold what is not in force: some of a policy or all of it."""
        for transition in transitions if not_undone else ():
            self._unsure[transition.policy_id] = "; ".join(not_undone)
            if transition.new is not None and transition.policy_id not in self.policies:
                self._unretired[transition.policy_id] = transition.new

    async def _retire(self, policy_id: str, active: ActivePolicy, work: Work) -> None:
        """Take a policy out of force; a target that will not let go is told of, not obeyed."""
        sections = changed_sections(active.config, None)
        message = None
        try:
            await self._apply(Transition(policy_id, active.config, None, sections))
        except ApplyError as problem:
            message = f"retired all the same: {self._retries.try_again(policy_id, None, problem)}"
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

    async def _retire_again(self, policy_id: str, work: Work) -> None:
        """Ask the targets once more to let go of a policy that is out of force already."""
        config = self._unretired[policy_id]
        if policy_id in self.policies or work.holders.get(policy_id) in work.failures:
            return
        try:
            sections = changed_sections(config, None)
            await self._apply(Transition(policy_id, config, None, sections))
        except ApplyError as problem:
            self._retries.try_again(policy_id, None, problem)
        else:
            del self._unretired[policy_id]
            self._retries.forget(policy_id)

    async def _restore(self, policy_id: str, work: Work) -> None:
        """Take what is in force to the targets again where they may hold what was refused."""
        active, path = self.policies.get(policy_id), work.holders.get(policy_id)
        if active is None or path is None or path in work.failures or path in work.entries:
            return
        sections = changed_sections(None, active.config)
        try:
            await self._apply(Transition(policy_id, None, active.config, sections))
        except ApplyError as problem:
            self._retries.try_again(policy_id, active.digest, problem)

    def _next_revision(self, policy_id: str, digest: str) -> int:
        revision, known = self._revisions.get(policy_id, (0, ""))
        return revision if known == digest else revision + 1

    def _commit(self, work: Work) -> None:
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
