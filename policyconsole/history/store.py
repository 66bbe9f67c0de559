"""HistoryStore: the revisions, refusals and tags of one folder's policies, in SQLite."""

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep
from typing import Self, TypeAlias

from policyconsole.events import Change
from policyconsole.history.database import (
    SCHEMA_VERSION,
    HistoryError,
    connect,
    in_words,
    transaction,
)
from policyconsole.history.records import (
    LARGEST_REFUSED,
    KeptPolicy,
    NewRevision,
    Reason,
    Recorded,
    RefusedContent,
    Retirement,
    Revision,
)
from policyconsole.reading import digest

__all__ = ["HistoryError", "HistoryStore"]

_Value: TypeAlias = str | bytes | int | None

_REVISION = (
    "r.policy_id, r.revision, r.digest, r.path, r.content, r.time, r.sections, r.changes,"
    " r.parent, r.confirmed, r.forced, (SELECT json_group_array(name) FROM tag"
    " WHERE tag.policy_id = r.policy_id AND tag.revision = r.revision)"
)
_NEWEST = "(SELECT MAX(revision) FROM revision WHERE policy_id = ?)"
_LAST_GOOD = (
    "SELECT policy_id, MAX(revision) AS revision FROM revision WHERE confirmed GROUP BY policy_id"
)

_HIGHEST = 2**63 - 1
"""The largest number that SQLite can hold."""

_STEP, _PAUSE = 100, 0.02
"""Rows that are deleted at once, which takes a millisecond or two, and the seconds that others have
before the next: who waits for a lock looks again after 1, 3, 8, 18 and 33 ms."""

_OLD_REVISIONS = (
    "SELECT r.number FROM (SELECT rowid AS number, policy_id, revision, time,"
    " ROW_NUMBER() OVER (PARTITION BY policy_id ORDER BY revision DESC) AS place,"
    " MAX(CASE WHEN confirmed THEN revision END) OVER (PARTITION BY policy_id) AS good"
    " FROM revision) r LEFT JOIN retired t USING (policy_id)"
    " WHERE ((place > :keep OR r.time < :before) AND r.revision < good OR t.time < :before)"
    " AND NOT EXISTS (SELECT 1 FROM tag"
    " WHERE tag.policy_id = r.policy_id AND tag.revision = r.revision)"
)
_OLD_REFUSALS = (
    "SELECT number FROM (SELECT number, time,"
    " ROW_NUMBER() OVER (PARTITION BY path ORDER BY number DESC) AS place FROM refusal)"
    " WHERE place > :keep OR time < :before"
)
_FORGETTING = (
    (_OLD_REVISIONS, "DELETE FROM revision WHERE rowid = ?"),
    (_OLD_REFUSALS, "DELETE FROM refusal WHERE number = ?"),
)
"""What to look for, and how to forget it."""


class HistoryStore:
    """One connection to the history of a folder; for one thread at a time.

    Everything that it writes is one transaction: there as a whole when the call returns,
    also for other processes, whatever ends this one. Every method may raise
    :class:`HistoryError`.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def open(
        cls, path: str | os.PathLike[str], *, create: bool = True, busy_seconds: float = 5.0
    ) -> Self:
        """Open the database at ``path``, and make it unless ``create`` is False."""
        path = Path(path)
        return cls(path, connect(path, create=create, busy_seconds=busy_seconds))

    def close(self) -> None:
        """Close the connection; a second call does nothing."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def record(
        self, entries: Sequence[NewRevision], known: Mapping[str, int]
    ) -> dict[str, Recorded]:
        """Keep contents that are about to come into force, and give each policy's number.

        ``known`` is the newest revision of each policy that this process knows. What another
        process has kept since, or what a rollback has announced, is taken over: the
        smallest later revision with the digest. The newest revision's digest again is the newest
        revision. All else is a new one.
        """
        with in_words(self.path), transaction(self._connection):
            return {entry.policy_id: self._record(entry, known) for entry in entries}

    def _record(self, entry: NewRevision, known: Mapping[str, int]) -> Recorded:
        policy_id, seen = _stored(entry.policy_id), known.get(entry.policy_id, 0)
        self._connection.execute("DELETE FROM retired WHERE policy_id = ?", (policy_id,))
        later = self._connection.execute(
            "SELECT digest, revision, parent, confirmed, forced FROM revision"
            " WHERE policy_id = ? AND revision >= ? ORDER BY revision",
            (policy_id, seen),
        ).fetchall()
        same = (
            row for row in later if row[0] == entry.digest and (row[1] > seen or row is later[-1])
        )
        found = next(same, None)
        if found is None:
            number = (later[-1][1] if later else seen) + 1
            self._insert(entry, number, parent=None, confirmed=True, forced=False)
            return Recorded(number)
        _, number, parent, confirmed, forced = found
        if not confirmed:
            self._connection.execute(
                "UPDATE revision SET confirmed = 1, path = ?, time = ?, sections = ?, changes = ?"
                " WHERE policy_id = ? AND revision = ?",
                (
                    _stored(entry.path),
                    _microseconds(entry.time),
                    json.dumps(entry.sections),
                    _changes(entry.changes),
                    policy_id,
                    number,
                ),
            )
        if number <= seen:
            return Recorded(number)
        return Recorded(number, parent, bool(forced))

    def _insert(
        self,
        entry: NewRevision,
        number: int,
        *,
        parent: int | None,
        confirmed: bool,
        forced: bool,
    ) -> None:
        self._connection.execute(
            "INSERT INTO revision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                _stored(entry.policy_id),
                number,
                entry.digest,
                _stored(entry.path),
                entry.content,
                _microseconds(entry.time),
                json.dumps(entry.sections),
                _changes(entry.changes),
                parent,
                confirmed,
                forced,
            ),
        )

    def refuse(self, entries: Sequence[RefusedContent]) -> None:
        """Keep contents that did not come into force; what was refused last of a file, once."""
        with in_words(self.path), transaction(self._connection):
            for entry in entries:
                self._refuse(entry)

    def _refuse(self, entry: RefusedContent) -> None:
        path, diagnostics = _stored(entry.path), json.dumps(entry.diagnostics)
        newest = self._connection.execute(
            "SELECT digest, diagnostics, reason FROM refusal WHERE path = ?"
            " ORDER BY number DESC LIMIT 1",
            (path,),
        ).fetchone()
        if newest == (entry.digest, diagnostics, entry.reason.value):
            return
        self._connection.execute(
            "INSERT INTO refusal (path, policy_id, digest, time, content, diagnostics, reason)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                path,
                None if entry.policy_id is None else _stored(entry.policy_id),
                entry.digest,
                _microseconds(entry.time),
                entry.content if len(entry.content or b"") <= LARGEST_REFUSED else None,
                diagnostics,
                entry.reason.value,
            ),
        )

    def retire(self, entries: Sequence[Retirement]) -> None:
        """Note that policies are out of force because their files are gone."""
        with in_words(self.path), transaction(self._connection):
            self._connection.executemany(
                "INSERT OR REPLACE INTO retired VALUES (?, ?)",
                [(_stored(entry.policy_id), _microseconds(entry.time)) for entry in entries],
            )

    def announce(
        self,
        policy_id: str,
        content: bytes,
        path: str,
        parent: int,
        *,
        forced: bool = False,
        time: datetime | None = None,
    ) -> Revision:
        """Keep what a rollback to ``parent`` is about to write to ``path``, not yet confirmed."""
        entry = NewRevision(policy_id, digest(content), path, content, time or datetime.now(UTC))
        with in_words(self.path), transaction(self._connection):
            newest = self._connection.execute(
                f"SELECT {_NEWEST}", (_stored(policy_id),)
            ).fetchone()[0]
            number = (newest or 0) + 1
            self._insert(entry, number, parent=parent, confirmed=False, forced=forced)
        return Revision(
            policy_id,
            number,
            entry.digest,
            path,
            content,
            entry.time,
            parent=parent,
            confirmed=False,
            forced=forced,
        )

    def withdraw(self, policy_id: str, revision: int) -> None:
        """Forget what was announced and did not come; what is in force by now stays."""
        with in_words(self.path), transaction(self._connection):
            self._connection.execute(
                "DELETE FROM revision WHERE policy_id = ? AND revision = ? AND NOT confirmed",
                (_stored(policy_id), revision),
            )

    def forced(self, policy_id: str, digest: str) -> bool:
        """Whether a rollback that is not yet in force wants this content whatever the rules say."""
        return bool(
            self._rows(
                "SELECT 1 FROM revision WHERE policy_id = ? AND digest = ?"
                " AND forced AND NOT confirmed",
                (_stored(policy_id), digest),
            )
        )

    def latest(self) -> dict[str, Revision]:
        """Give the last known good of every policy that is not retired, by id."""
        rows = self._rows(
            f"SELECT {_REVISION} FROM revision r JOIN ({_LAST_GOOD}) USING (policy_id, revision)"  # noqa: S608 - ours
            " WHERE policy_id NOT IN (SELECT policy_id FROM retired)"
        )
        return {kept.policy_id: kept for kept in map(_revision, rows)}

    def numbers(self) -> dict[str, tuple[int, str]]:
        """Give revision and digest of the newest that was in force, of retired policies too."""
        rows = self._rows(
            f"SELECT policy_id, revision, digest FROM ({_LAST_GOOD}) JOIN revision"  # noqa: S608 - ours
            " USING (policy_id, revision)"
        )
        return {_text(policy_id): (int(number), str(known)) for policy_id, number, known in rows}

    def retired(self) -> set[str]:
        """Give the ids of the policies that are retired."""
        return {_text(row[0]) for row in self._rows("SELECT policy_id FROM retired")}

    def policies(self) -> list[KeptPolicy]:
        """List every policy, by id."""
        rows = self._rows(
            "SELECT r.policy_id, r.revision, r.path, t.policy_id IS NOT NULL, n.count"
            " FROM revision r JOIN (SELECT policy_id, MAX(revision) AS revision, COUNT(*) AS count"
            " FROM revision GROUP BY policy_id) n USING (policy_id, revision)"
            " LEFT JOIN retired t USING (policy_id)"
        )
        kept = [
            KeptPolicy(_text(policy_id), revision, _text(path), bool(retired), count)
            for policy_id, revision, path, retired, count in rows
        ]
        return sorted(kept, key=lambda policy: policy.policy_id)

    def revisions(self, policy_id: str, limit: int | None = None) -> list[Revision]:
        """List the revisions of a policy, the newest first, at most ``limit``."""
        rows = self._rows(
            f"SELECT {_REVISION} FROM revision r WHERE policy_id = ?"  # noqa: S608 - ours
            " ORDER BY revision DESC LIMIT ?",
            (_stored(policy_id), -1 if limit is None else limit),
        )
        return [_revision(row) for row in rows]

    def revision(self, policy_id: str, number: int) -> Revision | None:
        """Give one revision, None where it is not kept."""
        if not 0 < number <= _HIGHEST:
            return None
        rows = self._rows(
            f"SELECT {_REVISION} FROM revision r WHERE policy_id = ? AND revision = ?",  # noqa: S608 - ours
            (_stored(policy_id), number),
        )
        return _revision(rows[0]) if rows else None

    def refusals(
        self, policy_id: str | None = None, path: str | None = None, limit: int | None = None
    ) -> list[RefusedContent]:
        """List what was refused, the newest first: all, or of one policy or one file."""
        rows = self._rows(
            "SELECT path, policy_id, digest, time, content, diagnostics, reason FROM refusal"
            " WHERE (? OR policy_id = ?) AND (? OR path = ?) ORDER BY number DESC LIMIT ?",
            (
                policy_id is None,
                None if policy_id is None else _stored(policy_id),
                path is None,
                None if path is None else _stored(path),
                -1 if limit is None else limit,
            ),
        )
        return [
            RefusedContent(
                path=_text(where),
                policy_id=None if whose is None else _text(whose),
                digest=known,
                time=_moment(time),
                content=content,
                diagnostics=tuple(json.loads(diagnostics)),
                reason=Reason(reason),
            )
            for where, whose, known, time, content, diagnostics, reason in rows
        ]

    def fail(self, policy_id: str, revision: int, good: int, path: str) -> None:
        """Note that a revision has failed its probation, from the file at ``path``.

        Neither it nor what else came after ``good``, which is in force again, is a last
        known good any more.
        """
        with in_words(self.path), transaction(self._connection):
            self._connection.execute(
                "UPDATE revision SET confirmed = 0 WHERE policy_id = ? AND parent IS NULL"
                " AND revision > ? AND revision <= ?",
                (_stored(policy_id), good, revision),
            )
            self._connection.execute(
                "UPDATE revision SET path = ? WHERE policy_id = ? AND revision = ?",
                (_stored(path), _stored(policy_id), revision),
            )

    def failed(self) -> dict[str, str]:
        """Give the digest of each file's content that has failed its probation, by path.

        That is the newest revision of its policy: once a later one is in force, or it is
        itself, it is forgotten.
        """
        rows = self._rows(
            f"SELECT path, digest FROM revision r LEFT JOIN ({_LAST_GOOD}) good USING (policy_id)"  # noqa: S608 - ours
            " WHERE NOT confirmed AND parent IS NULL AND r.revision = (SELECT MAX(revision)"
            " FROM revision WHERE policy_id = r.policy_id AND parent IS NULL)"
            " AND r.revision > COALESCE(good.revision, 0)"
        )
        return {_text(path): str(digest) for path, digest in rows}

    def tag(self, policy_id: str, revision: int, name: str) -> None:
        """Give a revision a name; one that another revision of the policy has moves."""
        with in_words(self.path), transaction(self._connection):
            self._connection.execute(
                "INSERT OR REPLACE INTO tag VALUES (?, ?, ?)", (_stored(policy_id), name, revision)
            )

    def untag(self, policy_id: str, name: str) -> bool:
        """Take a name away; False where no revision of the policy has it."""
        with in_words(self.path), transaction(self._connection):
            done = self._connection.execute(
                "DELETE FROM tag WHERE policy_id = ? AND name = ?", (_stored(policy_id), name)
            )
            return done.rowcount > 0

    def tagged(self, policy_id: str, name: str) -> int | None:
        """Give the revision that has a name; None where none has it."""
        rows = self._rows(
            "SELECT revision FROM tag WHERE policy_id = ? AND name = ?", (_stored(policy_id), name)
        )
        return int(rows[0][0]) if rows else None

    def prune(self, keep_revisions: int, keep_days: int, now: datetime) -> int:
        """Forget what is beyond the newest ``keep_revisions`` of a policy, or older than ``keep_days``.

        The same goes for the refusals of a file. Tagged revisions stay, and so does what
        is or may come into force: from the newest confirmed revision of a policy on. Of a
        policy that was retired that long ago only what is tagged stays. Gives how many
        revisions and refusals went. Others can write meanwhile: what is to go is looked for
        first, and taken away in small steps.
        """
        bounds: dict[str, _Value] = {
            "keep": keep_revisions,
            "before": _microseconds(now - timedelta(days=keep_days)),
        }
        gone = 0
        for query, statement in _FORGETTING:
            with in_words(self.path):
                numbers = self._connection.execute(query, bounds).fetchall()
            for begin in range(0, len(numbers), _STEP):
                with in_words(self.path), transaction(self._connection):
                    gone += self._connection.executemany(
                        statement, numbers[begin : begin + _STEP]
                    ).rowcount
                sleep(_PAUSE)
        with in_words(self.path):
            self._connection.execute(
                "DELETE FROM retired WHERE policy_id NOT IN (SELECT policy_id FROM revision)"
            )
        return gone

    def extent(self) -> tuple[int, int]:
        """Give how far revisions and refusals go: another answer means that some were added."""
        rows = self._rows(
            "SELECT (SELECT MAX(rowid) FROM revision), (SELECT MAX(number) FROM refusal)"
        )
        revisions, refusals = rows[0]
        return revisions or 0, refusals or 0

    def tidy(self) -> None:
        """Move what was written from SQLite's log into the database, as far as nobody has to wait."""
        with in_words(self.path):
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        self.begin_log()

    def begin_log(self) -> None:
        """Write next to nothing to SQLite's log.

        The first to write to a new log, or to one that was moved as a whole, waits for the
        disk: that should not be who keeps a revision.
        """
        with in_words(self.path), transaction(self._connection):
            self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _rows(self, query: str, values: Iterable[_Value] = ()) -> list[tuple]:  # type: ignore[type-arg] # what SQLite gives
        with in_words(self.path):
            return self._connection.execute(query, tuple(values)).fetchall()


def _stored(text: str) -> str | bytes:
    """Give a text as SQLite can hold it: what is no Unicode (bytes of a file's name) as bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="surrogatepass")
    return text


def _text(stored: str | bytes) -> str:
    return stored if isinstance(stored, str) else stored.decode(errors="surrogatepass")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _changes(changes: Iterable[Change]) -> str:
    return json.dumps([change.record() for change in changes])


def _revision(row: tuple) -> Revision:  # type: ignore[type-arg] # what SQLite gives
    (policy_id, number, known, path, content, time, sections, changes, parent, confirmed) = row[:10]
    return Revision(
        policy_id=_text(policy_id),
        revision=number,
        digest=known,
        path=_text(path),
        content=content,
        time=_moment(time),
        sections=tuple(json.loads(sections)),
        changes=tuple(Change(**change) for change in json.loads(changes)),
        parent=parent,
        confirmed=bool(confirmed),
        forced=bool(row[10]),
        tags=tuple(sorted(json.loads(row[11]))),
    )
