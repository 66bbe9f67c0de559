"""PolicyApplicationEngine: the pipeline from a folder of files to the policies in force."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from policyconsole.application.alerting import Alerting
from policyconsole.application.guard import Guard, checks_of
from policyconsole.application.policy_set import PolicySet
from policyconsole.application.probation import Failure, OnProbation
from policyconsole.application.request import Observing
from policyconsole.application.tally import RequestCounts, RequestTally
from policyconsole.application.target import Target
from policyconsole.application.targets.input_validator import InputValidator
from policyconsole.application.targets.monitor import Monitor
from policyconsole.application.targets.rate_limiter import RateLimiter
from policyconsole.configuration.mistakes import ConfigurationError
from policyconsole.configuration.model import Configuration
from policyconsole.configuration.settings import Settings
from policyconsole.configuration.watch import LOOK_EVERY, ConfigurationWatcher, News
from policyconsole.enforcement import Enforcement
from policyconsole.enforcement.retries import FIRST_RETRY, LAST_RETRY
from policyconsole.engine.state import EngineState
from policyconsole.engine.words import not_used, note_on, start_of
from policyconsole.events import (
    AsyncSubscription,
    EventType,
    PolicyEvent,
    Subscription,
)
from policyconsole.files import PolicyFile
from policyconsole.history.history import History
from policyconsole.history.housekeeping import Retention
from policyconsole.history.location import history_path
from policyconsole.judging import Judgement, judge, judge_loaded, unreadable, warm_up
from policyconsole.latency import Statistics
from policyconsole.loading.formats import format_of
from policyconsole.recording import Recorder
from policyconsole.rollback.beside_engine import begin, in_force
from policyconsole.rollback.plan import Plan, RollbackError
from policyconsole.rollout import Rollout
from policyconsole.snapshot import EngineSnapshot, FileStatus, Loading, Verdict, WatchState
from policyconsole.turns import Turns
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.plugins import plugin_rules
from policyconsole.watching.hints import WatcherKind
from policyconsole.watching.tracker import FileChange, Presence
from policyconsole.watching.watcher import PolicyWatcher, Sighting
from policyconsole.wording import cause

_LOG = logging.getLogger("policyconsole.engine")


@dataclass(slots=True)
class _Unsettled:
    """What was found and is not settled yet: ids, files, and what the watch saw of them."""

    ids: set[str] = field(default_factory=set)
    paths: dict[str, None] = field(default_factory=dict)
    seen: dict[str, FileChange] = field(default_factory=dict)


class PolicyApplicationEngine:
    """Watches a folder and keeps its valid policies in force.

    ``folder`` is the folder to watch, ``level`` how strictly to validate,
    ``environment`` the one for policies that name none, ``watcher`` where hints come
    from, ``targets`` what follows the policies (if None, a :class:`Monitor` and what
    guards a service: a :class:`RateLimiter`, then an :class:`InputValidator`).
    ``configuration`` has all other settings, and these three where they are None;
    without it, every setting has its default. One from
    :func:`~policyconsole.configuration.load.load_configuration` is followed: what changes
    in its files counts at once, and a mistake in them changes nothing. ``state_dir`` is where
    the history of the folder is kept, in a folder of its own; None for where the
    configuration says, and nowhere if it says nothing.

    Use it as an asynchronous context manager: entering returns when the folder's first
    content is in force. ``policies``, ``snapshot``, ``file``, ``files_with``,
    ``statistics``, ``recent``, ``histogram``, ``loading``, ``guard``, ``requests``, ``history``, ``attach`` and
    ``detach`` may be called from any thread, everything else on the loop.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        level: ValidationLevel | None = None,
        environment: str | None = None,
        watcher: WatcherKind | None = None,
        targets: Sequence[Target] | None = None,
        configuration: Configuration | None = None,
        state_dir: str | os.PathLike[str] | None = None,
    ) -> None:
        """Raises ConfigurationError for a configuration whose rules cannot be used."""
        self.folder = Path(folder)
        self._root = os.path.abspath(folder)  # whatever the current folder is later
        configuration = Configuration() if configuration is None else configuration
        asked: dict[str, object] = {} if level is None else {"level": ValidationLevel(level)}
        if environment is not None:
            asked["environment"] = environment
        self._settings = Settings(configuration, asked)
        rules = self._settings.effective.ruleset(self._root)
        kind = WatcherKind(configuration.watcher if watcher is None else watcher)
        self._watcher = PolicyWatcher(folder, kind)
        self._watcher.choose(configuration.files(self._root))
        self._configuration_watcher: ConfigurationWatcher | None = None
        if configuration.origin is not None:
            self._configuration_watcher = ConfigurationWatcher(
                configuration, configuration.origin, read_all=kind is WatcherKind.POLL
            )
        self._mistakes: ConfigurationError | None = None
        followers = _default_targets() if targets is None else tuple(targets)
        self._followers = followers
        self._checks = checks_of(followers)
        self._tally = RequestTally()
        self._rollout = Rollout(configuration.rollout, self._probation_failed)
        watching = (target for target in followers if isinstance(target, Observing))
        self._observers: tuple[Observing, ...] = (self._tally, self._rollout.probation, *watching)
        alerting = [target for target in followers if isinstance(target, Alerting)]
        self._recorder = _recorder(self._root, configuration, state_dir)
        self._recorder_asked = self._recorder is None
        self._enforcement = Enforcement(followers, self._retry, self._recorder)
        self._enforcement.transaction.together = configuration.transaction == "folder"
        self._state = EngineState(str(self.folder), rules, alerting)
        self._troubles: dict[str, str] = {}
        broken = [told.message for told in plugin_rules().problems]
        self._note("plug-ins", "; ".join(broken) or None)
        self._unsettled = _Unsettled()
        self._settle_again: asyncio.TimerHandle | None = None
        self._settle_delay = FIRST_RETRY
        self._ended_by_us = False
        self._turn = asyncio.Lock()
        self._started = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._asked: set[asyncio.Task[None]] = set()

    @property
    def loading(self) -> Loading | None:
        """How far the first load is, once the files are found; None when it is over, and before."""
        return self._state.loading

    @property
    def policies(self) -> PolicySet:
        """The policies in force, by id: one immutable generation."""
        return self._state.policies

    @property
    def configuration(self) -> Configuration:
        """The configuration in force, without what was asked for beside it."""
        return self._settings.configuration

    @property
    def statistics(self) -> Statistics:
        """Events by type, and the figures of every stage."""
        return self._state.statistics

    def recent(self, stage: str, count: int) -> list[float]:
        """Give the newest ``count`` timings of a stage in milliseconds, oldest first."""
        return self._state.timings.recent(stage, count)

    def histogram(self, stage: str, bounds: Sequence[float]) -> list[int]:
        """Count the last 10,000 timings of a stage up to each bound in milliseconds, the rest at the end."""
        return self._state.timings.histogram(stage, bounds)

    def file(self, path: str) -> FileStatus | None:
        """Give the status of a file by its path in the folder; None for one that is not there."""
        return self._state.statuses.get(path)

    def files_with(self, verdict: Verdict) -> int:
        """Give how many files have a verdict; waits for nothing."""
        return self._state.files_with(verdict)

    def snapshot(self) -> EngineSnapshot:
        """Give the whole state with the number of the event that it belongs to."""
        return self._state.snapshot()

    def guard(self, policy_id: str, *, must_authenticate: bool = False) -> Guard:
        """Give what a service asks about its requests: what the policy of this id allows.

        It asks those of the engine's targets that guard; the policy need not be in force yet.
        With ``must_authenticate`` everything is refused while the policy asks who somebody
        is and no target of the engine can tell.
        """
        return Guard(
            policy_id,
            lambda: self._state.policies,
            self._checks,
            self._observers,
            self._followers,
            must_authenticate=must_authenticate,
        )

    @property
    def history(self) -> History | None:
        """What was in force and what was refused so far; None where nothing is kept."""
        return None if self._recorder is None else History(self._recorder.path)

    @property
    def on_probation(self) -> Mapping[str, OnProbation]:
        """The policies that have just changed and are on probation, by id."""
        return self._rollout.probation.trials

    @property
    def requests(self) -> dict[str, RequestCounts]:
        """What the guards have answered so far, by the policy's id."""
        return self._tally.counts()

    def subscribe(self) -> AsyncSubscription:
        """Give every event from now on; before the engine is entered, from the first on."""
        subscription = AsyncSubscription(on_close=self._state.bus.detach)
        self.attach(subscription)
        return subscription

    def attach(self, subscription: Subscription) -> None:
        """Hand a subscription of the caller's own every event from now on."""
        self._state.bus.attach(subscription)

    def detach(self, subscription: Subscription) -> None:
        """Hand it no more."""
        self._state.bus.detach(subscription)

    def end_subscriptions(self) -> None:
        """Close every subscription: nothing more will come; what is in it can still be read."""
        self._state.bus.close()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="policy-console engine")
        started = asyncio.create_task(self._started.wait())
        try:
            await asyncio.wait([self._task, started], return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await self._end()
            raise
        finally:
            started.cancel()
        if self._task.done():
            self._task.result()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()
        if self._task is not None and not self._task.cancelled():
            self._task.result()

    async def _end(self) -> None:
        """Stop everything that runs, and wait until it has ended; the run itself comes last."""
        self._ended_by_us = True
        self._enforcement.stop()  # nothing is tried again while others are waited for
        self._rollout.stop()
        if self._settle_again is not None:
            self._settle_again.cancel()
        while self._asked:
            asked = tuple(self._asked)
            for task in asked:
                task.cancel()
            await asyncio.wait(asked)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def wait(self) -> None:
        """Wait until the engine ends; raises what has ended it, if nobody asked it to."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def configure(self, level: ValidationLevel, environment: str | None) -> None:
        """Validate at another level or for another environment from now on.

        Every file is judged again; those whose verdict changes follow with their own
        events. What is in force stays in force where the new level refuses it. A caller
        that is cancelled no longer waits; what it asked for is done all the same.
        """
        await asyncio.shield(self._ask(self._configure(ValidationLevel(level), environment)))

    async def revalidate(self) -> None:
        """Judge every file again now, and read each again; cancelled like :meth:`configure`."""
        self._watcher.look_at_everything()
        self._rollout.forgive()
        await asyncio.shield(self._ask(self._judge_again()))

    async def rollback(self, policy_id: str, revision: int, *, force: bool = False) -> int:
        """Write an earlier revision back to its file; gives the revision that is in force then.

        It goes the way of every change, and its event is ``rolled_back``. With ``force`` also
        what today's rules refuse comes back. What the file held is kept in the history. Raises
        :class:`~policyconsole.rollback.plan.RollbackError`. A caller that is cancelled no longer
        waits; what is written stays written.
        """
        if self._recorder is None:
            raise RollbackError("no history is kept, so there is nothing to roll back to")
        if not self._started.is_set() or self._state.watch is WatchState.STOPPED:
            raise RollbackError("the engine does not run")
        wanted, database = (policy_id, revision), self._recorder.path
        with self.subscribe() as events:
            written = await asyncio.to_thread(
                begin,
                self._root,
                database,
                wanted,
                self._state.rules,
                self._state.policies,
                force=force,
            )
            self._watcher.folder_hint()
            if written.forced and self._refuses(written):
                await self._ask(self._judge_again())  # the file is as it was: nothing tells of it
            return await in_force(written, events, lambda: self._state.policies, self.file)

    def _refuses(self, written: Plan) -> bool:
        status = self.file(written.path)
        return (
            status is not None
            and status.digest == written.digest
            and status.verdict is Verdict.REFUSED
        )

    def _ask(
        self,
        request: Coroutine[object, object, None],
        before: Callable[[], Awaitable[None]] | None = None,
    ) -> asyncio.Task[None]:
        """Do something when it is its turn, whoever stops waiting for it; ``before`` needs no turn."""

        async def in_turn() -> None:
            if before is not None:
                await before()
            async with self._turn:
                await request

        task = asyncio.create_task(in_turn())
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)
        task.add_done_callback(lambda _: request.close())
        return task

    async def _configure(self, level: ValidationLevel, environment: str | None) -> None:
        await self._go_by(self._settings.asking(level, environment))

    async def _go_by(self, settings: Settings) -> None:
        """Judge everything by other settings; where nothing is different, nothing happens."""
        changes = self._settings.changes_to(settings)
        former, now = self._settings.configuration, settings.configuration
        moved = now.has_patterns and now.base(self._root) != former.base(self._root)
        news = bool(changes) or moved or now.known != former.known
        rules = settings.effective.ruleset(self._root) if news else self._state.rules
        if (files := now.files(self._root)) != former.files(self._root):
            self._watcher.choose(files)
        self._settings = settings
        if not news:
            return
        self._enforcement.transaction.together = settings.configuration.transaction == "folder"
        self._rollout.follow(settings.configuration.rollout)
        note = note_on(changes, moved=moved)
        self._state.configure(
            rules, PolicyEvent(EventType.CONFIGURED, changes=changes, message=note)
        )
        await self._judge_again()

    async def _follow_configuration(self, watcher: ConfigurationWatcher) -> None:
        """Go by what the configuration's files say, for as long as the engine runs."""
        while True:
            try:
                async with aclosing(watcher.news()) as news:
                    async for said in news:
                        async with self._turn:
                            await self._take_news(said)
            except Exception as problem:  # noqa: BLE001 - nothing ever ends the engine
                _LOG.debug("taking a configuration over failed", exc_info=problem)
                self._note("configuration", f"the configuration is not followed: {cause(problem)}")
                self._tell_troubles()
                await asyncio.sleep(LOOK_EVERY)

    async def _take_news(self, news: News) -> None:
        """Take another configuration over, or say what is wrong with it and leave all as it is."""
        self._mistakes = news.error
        self._note("configuration", None if news.error is None else not_used(news.error))
        if news.configuration is not None:
            await self._go_by(self._settings.configured(news.configuration))
        self._tell_troubles()

    async def _run(self) -> None:
        ending: str | None = None
        following: asyncio.Task[None] | None = None
        try:
            warm_up(self._state.rules)
            if self._recorder is not None:
                await self._recorder.begin()
                self._rollout.remember(self._recorder.failed)
            if self._configuration_watcher is not None:
                following = asyncio.create_task(
                    self._follow_configuration(self._configuration_watcher), name="configuration"
                )
            async with aclosing(self._watcher.sightings()) as sightings:
                async for sighting in sightings:
                    async with self._turn:
                        await self._take(sighting)
        except Exception as problem:
            ending = f"the engine has ended: {cause(problem)}"
            raise
        except asyncio.CancelledError:
            if not self._ended_by_us:
                ending = "the engine has ended: somebody cancelled it"
            raise
        finally:
            if following is not None:
                following.cancel()
                await asyncio.wait([following])
            self._enforcement.stop()
            self._rollout.stop()
            if self._settle_again is not None:
                self._settle_again.cancel()
            try:
                if self._recorder is not None:
                    await self._recorder.end()
            finally:  # also when the loop ends, and cancels this for a second time
                ending = ending or self._enforcement.doubt
                self._stand(WatchState.STOPPED, EventType.STOPPED, ending)
                self.end_subscriptions()

    async def _take(self, sighting: Sighting) -> None:
        """Act on everything that one look has found."""
        if sighting.overflow:
            self._stand(WatchState.DEGRADED, EventType.DEGRADED, sighting.overflow)
        seen: dict[str, FileChange] = {}
        paths: list[str] = []
        ids: set[str] = set()
        turns = Turns()
        changes, looked_at = sighting.changes, set[str]()
        while changes:
            for change in changes:
                await turns.share()
                looked_at.add(change.path)
                if not self._started.is_set():
                    self._state.loading = Loading(len(looked_at), len(sighting.changes))
                if change.presence is Presence.GONE:
                    ids |= self._enforcement.files.drop(change.path)
                    paths.append(change.path)
                elif (file := self._judged(change)) is not None:
                    ids |= self._enforcement.files.put(file)
                    paths.append(change.path)
                    seen[change.path] = change
            ids |= self._enforcement.transaction.hold_back(paths, self._state.policies)
            changes = await self._look_before_takeover(ids, looked_at, turns)
        ids |= await self._force(paths)
        first = bool(paths) and not self._recorder_asked
        if first:
            ids |= await self._go_on()
        await self._settle(ids, paths, seen)
        if first and self._recorder is not None and sighting.trouble is None:
            await self._recorder.retire_all_but(self._state.policies, self._enforcement.files)
        self._note("watch", sighting.trouble)
        if sighting.overflow and not self._troubles:
            self._stand(WatchState.WATCHING, EventType.RECOVERED, "every file was looked at again")
        if not self._started.is_set():
            self._stand(WatchState.WATCHING, EventType.STARTED, self._started_with())
            self._state.started = True
            self._started.set()
            self._state.loading = None
        self._tell_troubles()

    async def _go_on(self) -> set[str]:
        """Go on from what the history says; gives the ids of policies that are to be in force again."""
        self._recorder_asked = True
        if self._recorder is None:
            return set()
        known_good = await self._recorder.last_known_good(self._enforcement.files)
        return self._enforcement.go_on(self._recorder.numbers, known_good)

    async def _force(self, paths: Iterable[str]) -> set[str]:
        """Accept what a rollback forces though the rules refuse it; gives the ids concerned."""
        files, ids = self._enforcement.files, set[str]()
        if self._recorder is not None:
            for file in await self._recorder.forced(files[path] for path in paths if path in files):
                ids |= files.put(file)
        return ids

    async def _look_before_takeover(
        self, ids: set[str], looked_at: set[str], turns: Turns
    ) -> tuple[FileChange, ...]:
        """Look again at each file that is about to take over an id, and note it in ``looked_at``.

        It may have waited for long, and no event tells of what is written to the target of a
        link, or through another name. What is not on disk any more must not come into force.
        """
        changes: list[FileChange] = []
        for path in self._enforcement.files.successors(ids, looked_at):
            await turns.share()
            looked_at.add(path)
            if (change := self._watcher.look_again(path)) is not None:
                changes.append(change)
        return tuple(changes)

    def _started_with(self) -> str:
        return start_of(
            self._state.policies,
            self._state.statuses.values(),
            self._enforcement.transaction,
            self._settings.configuration,
            self._root,
        )

    def _judged(self, change: FileChange) -> PolicyFile | None:
        """Judge what a change shows; None where it is too early to say anything."""
        path, files = change.path, self._enforcement.files
        if change.presence is Presence.ABSENT:
            return PolicyFile(path, files[path].judgement, absent=True) if path in files else None
        if change.problem is not None:
            return PolicyFile(path, unreadable(change.problem))
        form = format_of(path)
        if change.content is None or form is None:
            return None
        judgement = judge(
            change.content,
            form,
            self._state.rules,
            self._on_disk(path),
            writable_by_others=change.writable_by_others,
            identity=change.digest,
        )
        judgement = self._rollout.refuse(path, judgement)
        if change.provisional and not judgement.accepted:
            return None
        return PolicyFile(path, judgement)

    def _on_disk(self, path: str) -> str:
        return os.path.join(self._root, path)

    async def _judge_again(self) -> None:
        """Judge the content of every file by the rules of now."""
        files = self._enforcement.files
        paths = files.paths()
        ids: set[str] = set()
        turns = Turns()
        for path in paths:
            await turns.share()
            file = files[path]
            judgement = self._rollout.refuse(path, self._judgement_of_now(file))
            ids |= files.put(replace(file, judgement=judgement))
        ids |= await self._force(paths)
        await self._settle(ids, paths, {})
        self._tell_troubles()

    def _judgement_of_now(self, file: PolicyFile) -> Judgement:
        """Judge what is known of a file; beside what cannot be loaded there may be warnings."""
        before, form, path = file.judgement, format_of(file.path), self._on_disk(file.path)
        if before.policy is not None:
            return judge_loaded(
                before.policy, self._state.rules, path, writable_by_others=before.writable_by_others
            )
        content = before.content
        if content is None or form is None:
            return before
        return judge(content, form, self._state.rules, path, identity=before.digest)

    async def _settle(
        self, ids: set[str], paths: Iterable[str], seen: Mapping[str, FileChange]
    ) -> None:
        """Put in force what follows; what could not be settled stays to be settled with the next."""
        left = self._unsettled
        left.ids |= ids
        left.paths |= dict.fromkeys(paths)
        left.seen |= seen
        try:
            outcome = await self._enforcement.settle(
                set(left.ids), left.paths, left.seen, self._state.rules.environment
            )
        except Exception as problem:  # noqa: BLE001 - nothing ever ends the engine
            _LOG.debug("settling failed", exc_info=problem)
            self._note("settling", f"what changed could not be settled: {cause(problem)}")
            self._settle_later()
            return
        self._unsettled, self._settle_delay = _Unsettled(), FIRST_RETRY
        self._note("settling", None)
        self._note("targets", self._enforcement.doubt)
        if self._recorder is not None:
            self._note("history", self._recorder.trouble)
        self._state.take(outcome, self._followed_up(outcome.events))

    def _followed_up(self, events: tuple[PolicyEvent, ...]) -> tuple[PolicyEvent, ...]:
        """Keep what was refused, and begin the probation of what has changed; gives the events.

        Where that fails they are told as they are: what they tell of has happened.
        """
        try:
            if self._recorder is not None:
                self._recorder.refuse(events, self._enforcement.files)
            if self._started.is_set():
                told = self._rollout.took_effect(events, self._state.policies)
                self._note("rollout", None)
                return told
        except Exception as problem:  # noqa: BLE001 - nothing ever ends the engine
            _LOG.debug("following a change up failed", exc_info=problem)
            self._note("rollout", f"what changed may not be on probation: {cause(problem)}")
        return events

    def _probation_failed(self, failure: Failure) -> None:
        """Put the revision before in force again, because guards refuse too much by the new one."""
        self._ask(self._end_probation(failure))

    async def _end_probation(self, failure: Failure) -> None:
        policy_id, trial = failure.policy_id, failure.trial
        active = self._state.policies.get(policy_id)
        self._rollout.end(policy_id, trial)
        if active is None or active.revision != trial.revision:
            return
        path, files = active.path, self._enforcement.files
        self._rollout.fail(path, active.digest, failure)
        ids = self._enforcement.go_back(path, trial.good)
        file = files[path]
        if file.judgement.digest == active.digest:  # else refused already for what it is now
            judgement = self._rollout.refuse(path, file.judgement)
            ids |= files.put(replace(file, judgement=judgement))
        if self._recorder is not None:
            await self._recorder.fail(policy_id, trial.revision, trial.good.revision, path)
        await self._settle(ids, [path], {})
        self._tell_troubles()

    def _retry(self, policy_id: str) -> None:
        """Try a policy again that a target refused."""
        self._ask(self._settle_and_tell({policy_id}), self._enforcement.hanging.probe)

    async def _settle_and_tell(self, ids: set[str]) -> None:
        await self._settle(ids, (), {})
        self._tell_troubles()

    def _settle_later(self) -> None:
        """Try again what could not be settled, in 1, 2, 4 ... 60 s, if nothing does it sooner."""
        if self._settle_again is not None:
            self._settle_again.cancel()
        self._settle_again = asyncio.get_running_loop().call_later(
            self._settle_delay, lambda: self._ask(self._settle_and_tell(set()))
        )
        self._settle_delay = min(self._settle_delay * 2, LAST_RETRY)

    def _note(self, source: str, message: str | None) -> None:
        """Note what troubles a part of the engine; None where nothing does any more."""
        if message is None:
            self._troubles.pop(source, None)
        else:
            self._troubles[source] = message

    def _tell_troubles(self) -> None:
        """Tell what troubles the engine, or that nothing does any more, if that is news."""
        trouble = "; ".join(self._troubles.values()) or None
        if not self._started.is_set() or trouble == self._state.trouble:
            return
        if trouble is not None:
            self._stand(WatchState.DEGRADED, EventType.DEGRADED, trouble, self._mistakes)
        else:
            self._stand(WatchState.WATCHING, EventType.RECOVERED, None)

    def _stand(
        self,
        watch: WatchState,
        kind: EventType,
        message: str | None,
        mistakes: ConfigurationError | None = None,
    ) -> None:
        """Show and tell how the watch stands, with the mistakes that are part of the trouble."""
        event = PolicyEvent(kind, message=message)
        if mistakes is not None:
            event = replace(
                event, path=mistakes.path_from(self._root), diagnostics=mistakes.diagnostics
            )
        self._state.stand(watch, event)


def _default_targets() -> tuple[Target, ...]:
    """Give what follows the policies where nothing else is asked for."""
    return (Monitor(), RateLimiter(), InputValidator())


def _recorder(
    root: str, configuration: Configuration, state_dir: str | os.PathLike[str] | None
) -> Recorder | None:
    """Give what keeps the history of a folder, if it is to be kept."""
    where = configuration.state_dir if state_dir is None else state_dir
    settings = configuration.history
    if where is None or not settings.enabled:
        return None
    return Recorder(
        root, history_path(root, where), Retention(settings.keep_revisions, settings.keep_days)
    )
