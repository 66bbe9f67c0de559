"""Convergence: the policies in force are those of a fresh start, and the events tell the same story.

The definition stands at the top of the failure modes; last known good is apart.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from policyconsole import PolicyApplicationEngine
from policyconsole.snapshot import EngineSnapshot
from policyconsole.watching.hints import WatcherKind
from tests.story import Story
from tests.waiting import eventually

Record: TypeAlias = Mapping[str, Any]
"""An event as the JSON object of the contracts."""


@dataclass
class Told:
    """What events come to: per id the path, revision and digest in force; per file the last word."""

    in_force: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    files: dict[str, tuple[str, str | None, str | None]] = field(default_factory=dict)


def folded(events: Iterable[Record]) -> Told:
    """Fold events up; an event that says what was said before fails the test."""
    told = Told()
    last: dict[str, tuple[object, ...]] = {}
    for number, event in enumerate(events, start=1):
        assert event["seq"] == number, "an event is missing, or came twice"
        path, policy_id = event["path"], event["policy_id"]
        if path is None:
            continue
        word = tuple(
            str(event[key]) for key in ("type", "policy_id", "revision", "digest", "diagnostics")
        )
        assert last.get(path) != word, f"told twice: {word}"
        last[path] = word
        match event["type"]:
            case "applied":
                former, _, _ = told.in_force.get(policy_id, (path, 0, ""))
                if former != path and told.files.get(former, ("", None, None))[1] == policy_id:
                    del told.files[former]
                    del last[former]
                told.in_force[policy_id] = (path, event["revision"], event["digest"])
            case "removed":
                if event["revision"] is not None:
                    del told.in_force[policy_id]
                told.files.pop(path, None)
                del last[path]
                continue
        told.files[path] = (event["type"], policy_id, event["digest"])
    return told


_WORD = {"in_force": "applied", "refused": "rejected", "failed": "apply_failed"}


def shown(snapshot: EngineSnapshot) -> Told:
    """The same from a snapshot."""
    return Told(
        {
            policy_id: (active.path, active.revision, active.digest)
            for policy_id, active in snapshot.policies.items()
        },
        {
            path: (_WORD[status.verdict.value], status.policy_id, status.digest)
            for path, status in snapshot.files.items()
        },
    )


async def fresh_start(folder: Path) -> Told:
    """What an engine that has just started on the folder shows."""
    async with PolicyApplicationEngine(folder, watcher=WatcherKind.POLL) as engine:
        return shown(engine.snapshot())


def same_as_fresh(told: Told, fresh: Told) -> bool:
    """Whether this is what a fresh start gives, revisions and last known good apart."""
    verdicts = {path: (word, digest) for path, (word, _, digest) in told.files.items()}
    expected = {path: (word, digest) for path, (word, _, digest) in fresh.files.items()}
    kept = {path for path, (word, _) in verdicts.items() if word != "applied"}
    in_force = {
        policy_id: (path, digest)
        for policy_id, (path, _, digest) in told.in_force.items()
        if policy_id in fresh.in_force or path not in kept
    }
    return verdicts == expected and in_force == {
        policy_id: (path, digest) for policy_id, (path, _, digest) in fresh.in_force.items()
    }


@asynccontextmanager
async def converging(folder: Path, kind: WatcherKind) -> AsyncIterator[Story]:
    """An engine on ``folder`` as in :func:`watching`, that converges before it ends."""
    engine = PolicyApplicationEngine(folder, watcher=kind)
    everything = engine.subscribe()
    async with engine:
        yield Story(engine)
        fresh = await fresh_start(folder)
        await eventually(lambda: same_as_fresh(shown(engine.snapshot()), fresh))
        events = [event.record() for event in everything.drain()]
        assert folded(events) == shown(engine.snapshot())
