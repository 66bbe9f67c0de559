"""Between enforcement and history: what of a settling is kept, and what is in force again at a start."""

import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from policyconsole.application.policy_set import ActivePolicy
from policyconsole.events import Change, EventType, PolicyEvent
from policyconsole.files import FileTable, PolicyFile
from policyconsole.history.housekeeping import Retention
from policyconsole.history.records import (
    LARGEST_REFUSED,
    NewRevision,
    Reason,
    Recorded,
    RefusedContent,
    Retirement,
    Revision,
)
from policyconsole.history.store import HistoryStore
from policyconsole.history.writer import HistoryWriter
from policyconsole.judging import Judgement
from policyconsole.loading.formats import format_of
from policyconsole.loading.loader import PolicyLoadError, parse

_LOG = logging.getLogger(__name__)


class Recorder:
    """Keeps what comes into force, what leaves it and what is refused, for one engine.

    ``numbers`` has revision and digest of the newest of each policy that was in force,
    ``failed`` the digest of each file's content that has failed its probation, by path; both
    as they were at the start.
    """

    def __init__(self, root: str, path: Path, retention: Retention) -> None:
        """``root`` is the watched folder, ``path`` that of the database."""
        self.path = path
        self._root = root
        self._writer = HistoryWriter(path, retention)
        self._retired: set[str] = set()
        self._unconfirmed: set[str] = set()
        self._refused: set[str] = set()
        self.failed: dict[str, str] = {}
        self.numbers: dict[str, tuple[int, str]] = {}

    @property
    def trouble(self) -> str | None:
        """Why nothing is kept any more; None while it is."""
        return self._writer.trouble

    async def begin(self) -> None:
        """Open the history, and learn how far the numbers are."""
        stands = await self._writer.begin(_where_it_stands)
        if stands is not None:
            self.numbers, self._retired, self.failed = stands

    async def end(self) -> None:
        """Write what is left and close the history, within two seconds."""
        await self._writer.end()

    async def last_known_good(self, files: FileTable) -> dict[str, tuple[str, ActivePolicy]]:
        """Give what was in force when the last engine ended, for files that are refused now.

        By id: the file that it belongs to, and the policy. None of it is judged by today's
        rules: it was accepted, and nothing has come that may take its place.
        """
        refused = {path: None for path in files.paths() if files[path].wants is None}
        if not refused:
            return {}
        kept = await self._writer.ask(HistoryStore.latest) or {}
        self._refused = {key for key, revision in kept.items() if revision.path in refused}
        return dict(_belonging(refused, files, kept))

    async def keep(
        self,
        entering: Iterable[tuple[ActivePolicy, Judgement, tuple[str, ...], tuple[Change, ...]]],
        leaving: Iterable[PolicyEvent],
        known: Mapping[str, tuple[int, str]],
    ) -> dict[str, Recorded]:
        """Keep new revisions that are about to be committed, and what is retired; give the numbers.

        ``known`` has revision and digest of the newest of each policy. What is kept already,
        as most is at a start, is not written again, and its number not given.
        """
        entries = [
            NewRevision(
                active.config.id,
                active.digest,
                active.path,
                judgement.content or b"",
                active.since,
                sections,
                changes,
            )
            for active, judgement, sections, changes in entering
            if known.get(active.config.id, _NEVER)[1] != active.digest
            or active.config.id in self._retired
            or active.config.id in self._unconfirmed
        ]
        retirements = [
            Retirement(event.policy_id, event.path or "", event.time)
            for event in leaving
            if event.policy_id is not None
        ]
        for entry in entries:
            self._retired.discard(entry.policy_id)
            self._unconfirmed.discard(entry.policy_id)
        self._retired.update(entry.policy_id for entry in retirements)
        numbers = {policy_id: revision for policy_id, (revision, _) in known.items()}
        return await self._writer.keep(entries, retirements, numbers)

    async def forced(self, files: Iterable[PolicyFile]) -> list[PolicyFile]:
        """Give those of the files that hold what a rollback forces, as accepted."""
        refused = [
            (file, (file.judgement.policy.config.id, file.judgement.policy.digest))
            for file in files
            if file.judgement.policy is not None and not file.judgement.accepted
        ]
        if not refused:
            return []
        wanted = await self._writer.forced([content for _, content in refused])
        return [
            replace(file, judgement=replace(file.judgement, accepted=True))
            for file, content in refused
            if content in wanted
        ]

    async def fail(self, policy_id: str, revision: int, good: int, path: str) -> None:
        """Note that a revision has failed its probation: ``good`` is the last known good again.

        Where the same content comes into force once more it is written again.
        """
        self._unconfirmed.add(policy_id)
        await self._writer.fail(policy_id, revision, good, path)

    async def retire_all_but(self, policies: Mapping[str, ActivePolicy], files: FileTable) -> None:
        """Retire what went while no engine ran, so that no later start has it in force again.

        What a file claims or, if that is refused, held last is not gone, also if it could
        not be put in force now: a target may take it at the next start. A file that only this
        engine passes over may be in force from another process, or from the next start on.
        """
        claimed = {files[path].judgement.policy_id for path in files.paths()}
        there = {*policies, *claimed, *self._refused, *self._retired}
        gone = [policy_id for policy_id in self.numbers if policy_id not in there]
        if gone:
            kept = await self._writer.ask(HistoryStore.latest) or {}
            gone = [
                key for key in gone if key not in kept or not self._passed_over(kept[key], files)
            ]
        now = datetime.now(UTC)
        self._retired.update(gone)
        await self._writer.keep([], [Retirement(policy_id, "", now) for policy_id in gone], {})

    def _passed_over(self, kept: Revision, files: FileTable) -> bool:
        """Whether a policy's file is there but no concern of this engine, by its configuration."""
        return kept.path not in files and os.path.lexists(os.path.join(self._root, kept.path))

    def refuse(self, events: Iterable[PolicyEvent], files: FileTable) -> None:
        """Keep what has just been refused, when there is time."""
        self._writer.refuse(
            [
                RefusedContent(
                    path=event.path,
                    policy_id=event.policy_id,
                    digest=event.digest,
                    time=event.time,
                    content=_kept(files[event.path].judgement.content),
                    diagnostics=tuple(found.record() for found in event.diagnostics),
                    reason=_reason(event),
                )
                for event in events
                if event.type in _REASONS and event.path is not None and event.path in files
            ]
        )


_NEVER = (0, "")


def _where_it_stands(
    store: HistoryStore,
) -> tuple[dict[str, tuple[int, str]], set[str], dict[str, str]]:
    return store.numbers(), store.retired(), store.failed()


def _kept(content: bytes | None) -> bytes | None:
    """Let go at once of what is too large to be kept: it may have to wait."""
    return None if content is not None and len(content) > LARGEST_REFUSED else content


def _reason(event: PolicyEvent) -> Reason:
    failed = any(found.code == "ROLL001" for found in event.diagnostics)
    return Reason.PROBATION if failed else _REASONS[event.type]


_REASONS = {EventType.REJECTED: Reason.REFUSED, EventType.APPLY_FAILED: Reason.FAILED}


def _belonging(
    refused: Iterable[str], files: FileTable, kept: Mapping[str, Revision]
) -> Iterable[tuple[str, tuple[str, ActivePolicy]]]:
    """Say which file each kept policy belongs to: the one it came from, else one that claims its id."""
    by_path: dict[str, list[Revision]] = {}
    for revision in kept.values():
        by_path.setdefault(revision.path, []).append(revision)
    free = {policy_id for policy_id in kept if not files.claimants(policy_id)}
    for path in refused:
        claimed = files[path].judgement.policy_id
        same_id = [kept[claimed]] if claimed is not None and claimed in kept else []
        for revision in (*by_path.get(path, ()), *same_id):
            elsewhere = revision.path != path and revision.path in files
            if revision.policy_id in free and not elsewhere:
                active = _again(revision, path)
                if active is not None:
                    free.discard(revision.policy_id)
                    yield revision.policy_id, (path, active)
                    break


def _again(revision: Revision, path: str) -> ActivePolicy | None:
    """Load a kept revision; None where it cannot be loaded any more."""
    form = format_of(revision.path)
    if form is None:
        return None
    try:
        config = parse(revision.content, form, revision.digest).config
    except PolicyLoadError:
        return None
    except Exception as problem:  # noqa: BLE001 - what is kept must not end the engine
        _LOG.debug("loading a kept revision failed", exc_info=problem)
        return None
    return ActivePolicy(config, revision.revision, revision.digest, path, revision.time)


def rolled_back(recorded: Recorded) -> str:
    """Say which revision is in force again because somebody asked for it."""
    forced = ", though today's rules refuse it" if recorded.forced else ""
    return f"revision {recorded.parent} is in force again{forced}"


def restored(since: datetime) -> str:
    """Say of a policy that it is in force because it was before the restart."""
    return f"last known good from before the restart, in force since {since:%Y-%m-%d %H:%M:%S} UTC"
