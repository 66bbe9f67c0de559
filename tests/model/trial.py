"""A real engine on a real folder, edited step by step and compared with the reference.

The engine runs on this thread's loop, and the loop stands still while the folder is
edited: an edit of several system calls is seen as one. The clock by which the engine
waits stands still too, until :meth:`Trial.time_passes`. The engine has nothing left to do
when its loop has nothing ready: that is certain, and needs no sleep.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from policyconsole import PolicyApplicationEngine, ValidationLevel
from policyconsole.application.target import Transition
from policyconsole.dashboard.fold import Dashboard
from policyconsole.policy import PolicyConfig
from policyconsole.snapshot import FileStatus, Verdict
from policyconsole.watching.hints import WatcherKind
from tests.model.contents import SMALL_LIMIT
from tests.model.disk import Seen, Unfinished, observe
from tests.model.edits import Edit, World
from tests.model.log import Log
from tests.model.reference import InForce, News, Reference, Told, digest_of
from tests.writer import Writer

NEVER = 1e9
LONG_ENOUGH = 0.3
"""Seconds after which a missing file is gone."""


class StandingClock:
    """Stands in the engine's modules for ``time``: what is waited for comes when the test says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Seconds, as far as the test has let them go."""
        return self.now

    perf_counter = staticmethod(time.perf_counter)
    time = staticmethod(time.time)


class Follower:
    """A target that remembers what it was told of."""

    name = "follower"
    sections = frozenset({"security", "monitoring", "authentication", "custom"})

    def __init__(self) -> None:
        self.configs: dict[str, PolicyConfig] = {}

    async def prepare(self, transition: Transition) -> "_Following":
        return _Following(self, transition)


class _Following:
    def __init__(self, follower: Follower, transition: Transition) -> None:
        self._follower, self._transition = follower, transition

    async def commit(self) -> None:
        policy_id, new = self._transition.policy_id, self._transition.new
        if new is None:
            del self._follower.configs[policy_id]
        else:
            self._follower.configs[policy_id] = new

    async def undo(self) -> None:
        raise AssertionError("nothing fails here")


class Trial:
    """One engine under trial; begin with :func:`trial`."""

    def __init__(
        self,
        world: World,
        kind: WatcherKind,
        level: ValidationLevel,
        environment: str | None,
        patch: pytest.MonkeyPatch,
    ) -> None:
        self.world, self._patch = world, patch
        self._kind = kind.resolved()
        self._clock = StandingClock()
        self._follower = Follower()
        self.engine = PolicyApplicationEngine(
            world.root,
            level=level,
            environment=environment,
            watcher=kind,
            targets=[self._follower],
        )
        self._subscription = self.engine.subscribe()
        self._dashboard = Dashboard()
        self.log = Log()
        self.reference = Reference(level, environment)
        self._loop = asyncio.new_event_loop()
        self.agreed = False
        self._history: set[tuple[str, str, str]] = set()

    def start(self) -> None:
        """Let time stand still and the engine begin."""
        patch, watching = self._patch, "policyconsole.watching"
        patch.setattr(f"{watching}.tracker.time", self._clock)
        patch.setattr(f"{watching}.watcher.time", self._clock)
        for name in ("watcher.RECONCILE_EVERY", "watcher.POLL_EVERY", "watcher.TURN"):
            patch.setattr(f"{watching}.{name}", NEVER)
        # A moment's unreadability has tests of its own; here it is told at once.
        patch.setattr(f"{watching}.tracker.UNREADABLE_AFTER", 0.0)
        patch.setattr(f"{watching}.folder.SLICE", NEVER)
        patch.setattr("policyconsole.reading.SIZE_LIMIT", SMALL_LIMIT)
        self._patience(NEVER)
        self._dashboard.rebuild(self.engine.snapshot())
        self._loop.run_until_complete(self.engine.__aenter__())
        self._compare(self.reference.look(self._view()))

    def stop(self) -> None:
        """End the engine."""
        try:
            self._loop.run_until_complete(self.engine.__aexit__(None, None, None))
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def edit(self, edit: Edit) -> None:
        """Make an edit; compare after what the hints tell, and again after a look at everything."""
        told = edit.do(self.world)
        view = self._view()
        if self._kind is WatcherKind.INOTIFY and not told.unsure:
            self._quiet()
            expected = self.reference.look(view, told.paths)
            if told.folder:
                expected += self.reference.look(view)
            self._compare(expected)
        self._scan()
        self._compare(self.reference.look(view))

    def time_passes(self) -> None:
        """Let 250 ms go by: what is missing is gone."""
        self._let_time_pass()
        self._compare(self.reference.time_passes())

    def patience_ends(self) -> None:
        """Let 2 s go by for what somebody keeps open and no longer changes."""
        self._patience(0.0)
        self._scan()
        self._patience(NEVER)
        self._compare(self.reference.look(observe(self.world.root)))

    def configure(self, level: ValidationLevel, environment: str | None) -> None:
        """Change level and environment."""
        self._loop.run_until_complete(self.engine.configure(level, environment))
        self._quiet()
        self._compare(self.reference.configure(level, environment))

    def revalidate(self) -> None:
        """Read and judge everything again."""
        self._loop.run_until_complete(self.engine.revalidate())
        self._quiet()
        self._compare([])

    def root_goes_away_and_comes_back(self) -> None:
        """Rename the folder itself, let time pass, and rename it back: nothing is lost."""
        root, away = self.world.root, self.world.root.with_name("away")
        root.rename(away)
        self._scan()
        self._let_time_pass()
        self._scan()
        self._compare([])
        assert self.log.standing[-1] == "degraded"
        away.rename(root)
        self._scan()
        self._compare([])
        assert self.log.standing[-1] == "recovered"

    def burst(self, edits: Sequence[tuple[Edit, int]]) -> None:
        """Make edits one after the other, with so many turns of the loop after each.

        What the engine has seen in between nobody can tell. At the end it has converged:
        to a state that does not want to change any more, in which every policy in force is
        what its file says or the last known good of a file that is refused.
        """
        stayed = self._staying(self.reference.in_force, self._view())
        self._remember(self._view())
        self._remember(dict(self.reference.known))  # seen before somebody opened it
        for edit, turns in edits:
            edit.do(self.world)
            view = self._view()
            self._remember(view)
            stayed = self._staying(stayed, view)
            self._loop.run_until_complete(_turns(turns))
        for path in list(self.world.writing):
            self._close(path)
        self._scan()
        self._let_time_pass()
        self._let_time_pass()
        self._converged(self._view(), stayed)

    def _close(self, path: str) -> None:
        from tests.model.edits import Close  # noqa: PLC0415

        Close(path).do(self.world)
        self._remember(self._view())

    def _staying(self, held: dict[str, InForce], view: dict[str, Seen]) -> dict[str, InForce]:
        """The policies whose file gives no reason to let them go: it is there, and refused."""
        staying = {}
        for policy_id, active in held.items():
            seen = view.get(active.path)
            if seen is None or isinstance(seen, Unfinished):
                continue
            if not self._reference_of({active.path: seen}).in_force:
                staying[policy_id] = active
        return staying

    def _reference_of(self, view: dict[str, Seen]) -> Reference:
        """What a fresh start on a folder would give."""
        fresh = Reference(self.reference.level, self.reference.environment)
        fresh.look(view)
        return fresh

    def _remember(self, view: dict[str, Seen]) -> None:
        """Note every content that may come into force, by file and id."""
        for path, seen in view.items():
            for policy_id, held in self._reference_of({path: seen}).in_force.items():
                self._history.add((path, policy_id, held.digest))
        for policy_id, held in self.reference.in_force.items():
            self._history.add((held.path, policy_id, held.digest))

    def _converged(self, view: dict[str, Seen], stayed: dict[str, InForce]) -> None:
        events = self._subscription.drain()
        self.log.fold(events)
        self._dashboard.fold(events)
        policies = self.engine.policies
        settled = Reference(self.reference.level, self.reference.environment)
        settled.in_force = {
            policy_id: InForce(
                active.path,
                active.digest,
                active.revision,
                active.config.monitoring.interval_seconds,
            )
            for policy_id, active in policies.items()
        }
        settled.revisions = dict(self.log.revisions)
        settled.generation = policies.generation
        settled.look(view)
        self.reference, before = settled, self.reference
        assert settled.generation == policies.generation, "the engine has not converged"
        for policy_id, held in settled.in_force.items():
            seen = view[held.path]
            if not isinstance(seen, bytes) or digest_of(seen) != held.digest:
                known_good = (held.path, policy_id, held.digest)
                assert known_good in self._history, "in force, and never seen in that file"
        for policy_id, held in stayed.items():
            assert settled.in_force.get(policy_id) == held, "the last known good was given up"
        wanted = set(self._reference_of(view).in_force)
        assert wanted <= set(settled.in_force), "a policy that is valid is not in force"
        assert before.level == settled.level
        self._compare([], events=[])

    def fresh_start(self) -> None:
        """Compare a new engine on the same folder with a new reference."""
        for path in list(self.world.writing):
            self._close(path)
        after = Trial(
            self.world,
            self._kind,
            self.reference.level,
            self.reference.environment,
            self._patch,
        )
        try:
            after.start()
        finally:
            after.stop()

    def _view(self) -> dict[str, Seen]:
        return observe(self.world.root, self.world.open_inodes)

    def _patience(self, seconds: float) -> None:
        for module in ("settling", "tracker"):
            self._patch.setattr(f"policyconsole.watching.{module}.QUIET_WHILE_OPEN", seconds)

    def _let_time_pass(self) -> None:
        self._clock.now += LONG_ENOUGH
        self.engine._watcher._wake.set()
        self._quiet()

    def _scan(self) -> None:
        self.engine._watcher._scan_now.set()
        self._quiet()

    def _quiet(self) -> None:
        self.agreed = False
        self._loop.run_until_complete(_nothing_ready())

    def _compare(self, expected: list[Told], events: list[object] | None = None) -> None:
        """Compare what was told, what is in force and every verdict with the reference."""
        if events is None:
            new = self._subscription.drain()
            told = self.log.fold(new)
            self._dashboard.fold(new)
            assert sorted(told) == sorted(expected)
        snapshot, reference = self.engine.snapshot(), self.reference
        policies = snapshot.policies
        in_force = {
            policy_id: InForce(
                active.path,
                active.digest,
                active.revision,
                active.config.monitoring.interval_seconds,
            )
            for policy_id, active in policies.items()
        }
        assert in_force == reference.in_force
        assert policies.generation == reference.generation
        files = {path: _plain(_as_news(status)) for path, status in snapshot.files.items()}
        assert files == {path: _plain(news) for path, news in reference.said.items()}
        configs = self._follower.configs
        assert {key: config.monitoring for key, config in configs.items()} == {
            key: active.config.monitoring for key, active in policies.items()
        }
        self._compare_log(in_force)
        self.agreed = True

    def _compare_log(self, in_force: dict[str, InForce]) -> None:
        """Compare what the events alone come to."""
        held = {
            key: (active.path, active.digest, active.revision)
            for key, active in self.log.in_force.items()
        }
        assert held == {
            key: (active.path, active.digest, active.revision) for key, active in in_force.items()
        }
        said = {path: _plain(news) for path, news in self.log.files.items()}
        shown = {
            path: (
                row.in_force_id,
                row.policy_id,
                tuple(sorted(item.code for item in row.diagnostics)),
            )
            for path, row in self._dashboard.rows.items()
        }
        assert said == {path: _plain(news) for path, news in self.reference.said.items()}
        assert shown == {
            path: (news.in_force_id, news.policy_id, news.codes)
            for path, news in self.reference.said.items()
        }


@contextmanager
def trial(
    folder: Path,
    writer: Writer,
    kind: WatcherKind = WatcherKind.INOTIFY,
    level: ValidationLevel = ValidationLevel.STANDARD,
    environment: str | None = None,
) -> Iterator[Trial]:
    """An engine on ``folder`` that has just started; at the end a fresh one is compared too."""
    outside = folder.with_name("outside")
    outside.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        under_trial = Trial(World(folder, outside, writer), kind, level, environment, patch)
        try:
            under_trial.start()
            yield under_trial
        finally:
            under_trial.stop()
        if under_trial.agreed:
            under_trial.fresh_start()


def _as_news(status: FileStatus) -> News:
    verdict = "in_force" if status.verdict is Verdict.IN_FORCE else "refused"
    codes = tuple(sorted(item.code for item in status.diagnostics))
    return News(verdict, status.digest, codes, status.policy_id, status.in_force_id)


def _plain(news: News) -> tuple[object, ...]:
    """All of it but why."""
    return news.verdict, news.digest, news.codes, news.policy_id, news.in_force_id


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def _nothing_ready() -> None:
    """Wait until the loop has had nothing to do but this three times over."""
    ready = vars(asyncio.get_running_loop())["_ready"]
    idle = 0
    while idle < 3:
        await asyncio.sleep(0)
        idle = 0 if ready else idle + 1
