"""A history that tests fill: what an engine would have kept of these contents."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from policyconsole.history.location import history_path
from policyconsole.history.records import NewRevision, Revision
from policyconsole.history.store import HistoryStore
from policyconsole.reading import digest

FIRST = datetime(2026, 11, 23, 18, 0, 0, tzinfo=UTC)
"""When the first revision came into force; each later one a minute after the one before."""


def keep(
    store: HistoryStore, *contents: str, path: str = "a.toml", policy_id: str = "a-policy"
) -> None:
    """Keep contents as the revisions of a policy, the first as the next number there is."""
    for content in contents:
        known, _ = store.numbers().get(policy_id, (0, ""))
        time = FIRST + timedelta(minutes=known)
        raw = content.encode()
        store.record([NewRevision(policy_id, digest(raw), path, raw, time)], {policy_id: known})


def history_of(folder: Path, state: Path, *contents: str) -> None:
    """Keep contents as the revisions of ``a-policy`` in the history of a folder."""
    with HistoryStore.open(history_path(folder, state)) as store:
        keep(store, *contents)


def revision(
    content: str, number: int = 1, *, path: str = "a.toml", policy_id: str = "a-policy"
) -> Revision:
    """A revision as the history gives it."""
    raw = content.encode()
    return Revision(policy_id, number, digest(raw), path, raw, FIRST)
