"""The history's database: opened, its tables made, its failures put into words."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from policyconsole.escaping import printable

SCHEMA_VERSION = 1
"""Kept as ``user_version``: a database of a later one is left alone."""

_APPLICATION = 0x706F6C63

_SCHEMA = """
CREATE TABLE IF NOT EXISTS revision (
    policy_id NOT NULL,
    revision INTEGER NOT NULL,
    digest TEXT NOT NULL,
    path NOT NULL,
    content BLOB NOT NULL,
    time INTEGER NOT NULL,
    sections TEXT NOT NULL,
    changes TEXT NOT NULL,
    parent INTEGER,
    confirmed INTEGER NOT NULL,
    forced INTEGER NOT NULL,
    UNIQUE (policy_id, revision)
);
CREATE TABLE IF NOT EXISTS retired (policy_id PRIMARY KEY, time INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS refusal (
    number INTEGER PRIMARY KEY,
    path NOT NULL,
    policy_id,
    digest TEXT,
    time INTEGER NOT NULL,
    content BLOB,
    diagnostics TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS refusal_of_path ON refusal (path, number);
CREATE TABLE IF NOT EXISTS tag (
    policy_id NOT NULL,
    name TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (policy_id, name)
);
"""


class HistoryError(Exception):
    """The history cannot be used; the message says which file, why, and what to do."""


def connect(path: Path, *, create: bool, busy_seconds: float) -> sqlite3.Connection:
    """Open the database at ``path`` for writing, and make it where ``create`` says so.

    Waits at most ``busy_seconds`` for another process at each step. Raises
    :class:`HistoryError`.
    """
    with in_words(path):
        if create:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Its owner's alone from the first moment on; what SQLite puts beside it follows.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600))
        elif not path.exists():
            raise HistoryError(f"there is no history yet: {printable(str(path))} does not exist")
        connection = sqlite3.connect(
            path, timeout=busy_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.text_factory = lambda raw: raw.decode(errors="surrogatepass")
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        raise HistoryError(
            f"the history {printable(str(path))} was written by a later policy-console:"
            " use that one, or another --state-dir"
        )
    connection.execute("PRAGMA journal_mode = WAL")
    # A commit is in the log when it returns, which no SIGKILL undoes; only the loss of power may.
    connection.execute("PRAGMA synchronous = NORMAL")
    # Moving the log into the database waits for the disk: not at somebody's commit.
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    if version < SCHEMA_VERSION:
        with transaction(connection):
            for statement in _SCHEMA.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all that follows or nothing; nobody else writes meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Raise what goes wrong with the database as :class:`HistoryError`."""
    try:
        yield
    except sqlite3.Error as problem:
        raise HistoryError(_words(path, str(problem))) from problem
    except OSError as problem:
        raise HistoryError(_words(path, problem.strerror or str(problem))) from problem


_ADVICE = {
    "locked": "another process keeps it locked: end that, or use another --state-dir",
    "malformed": "it is damaged: move it away, and a new one is begun",
    "not a database": "something else has taken its place: move it away, and a new one is begun",
    "full": "the disk is full: make room",
    "readonly": "make it writable, or use another --state-dir",
}


def _words(path: Path, reason: str) -> str:
    advice = next((said for sign, said in _ADVICE.items() if sign in reason.lower()), None)
    advice = advice or "see to it, or use another --state-dir"
    return f"the history {printable(str(path))} cannot be used ({printable(reason)}): {advice}"
