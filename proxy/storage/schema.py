"""The tables, and how an older state file becomes a newer one.

``PRAGMA user_version`` holds the number of migrations applied. A migration, once released, is never edited: append
another. ``PRAGMA application_id`` marks the file as ours, so that a state path pointed at some other program's
database (MLflow's own, say) is refused before anything is changed in it.

``records`` holds what the mirror schedules by, in small rows; the request and the answer sit in ``bodies``. SQLite
rewrites a whole row on every UPDATE, and a record is updated three times in its life, so a large body in the same row
would be written four times. It also keeps a scan of a million pending records from reading their bodies.

``record_counts`` is kept by triggers, because counting a million rows for every scrape of the metrics would not do.

Source: https://sqlite.org/pragma.html#pragma_user_version, #pragma_application_id
"""

from __future__ import annotations

import sqlite3

from proxy.core.writes import State
from proxy.errors import StorageError

APPLICATION_ID = 0x54475250  # "TGRP"

_COUNTED = ", ".join(f"('{state.value}', 0)" for state in State)

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE records (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            state TEXT NOT NULL,
            operation TEXT NOT NULL,
            side TEXT NOT NULL,
            lane TEXT NOT NULL,
            after TEXT NOT NULL,
            fence INTEGER NOT NULL,
            received_at REAL NOT NULL,
            answered_at REAL,
            status INTEGER NOT NULL DEFAULT 0,
            attempts INTEGER NOT NULL DEFAULT 0,
            created INTEGER NOT NULL DEFAULT 0,
            reason TEXT NOT NULL DEFAULT '',
            detail TEXT NOT NULL DEFAULT ''
        )""",
        "CREATE INDEX records_by_state ON records (state, seq)",
        """CREATE TABLE bodies (
            seq INTEGER PRIMARY KEY REFERENCES records (seq) ON DELETE CASCADE,
            request BLOB NOT NULL,
            answer BLOB NOT NULL DEFAULT x''
        )""",
        "CREATE TABLE record_counts (state TEXT PRIMARY KEY, total INTEGER NOT NULL) WITHOUT ROWID",
        f"INSERT INTO record_counts VALUES {_COUNTED}",  # noqa: S608  # the names of our own enum
        """CREATE TRIGGER records_appended AFTER INSERT ON records BEGIN
            UPDATE record_counts SET total = total + 1 WHERE state = new.state;
        END""",
        """CREATE TRIGGER records_moved AFTER UPDATE OF state ON records BEGIN
            UPDATE record_counts SET total = total - 1 WHERE state = old.state;
            UPDATE record_counts SET total = total + 1 WHERE state = new.state;
        END""",
        """CREATE TRIGGER records_pruned AFTER DELETE ON records BEGIN
            UPDATE record_counts SET total = total - 1 WHERE state = old.state;
        END""",
        """CREATE TABLE ids (
            kind TEXT NOT NULL, public TEXT NOT NULL, blue TEXT, green TEXT, PRIMARY KEY (kind, public)
        )""",
        "CREATE INDEX ids_by_blue ON ids (kind, blue)",
        "CREATE INDEX ids_by_green ON ids (kind, green)",
        # Only there to answer "does any id differ?" at once, however many entries there are that do not.
        "CREATE INDEX ids_blue_differs ON ids (kind) WHERE blue <> public",
        "CREATE INDEX ids_green_differs ON ids (kind) WHERE green <> public",
        "CREATE TABLE phase (only INTEGER PRIMARY KEY CHECK (only = 1), name TEXT NOT NULL)",
        "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        """CREATE TABLE audit (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            at REAL NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL
        )""",
    ),
)


def check(conn: sqlite3.Connection, path: str) -> None:
    """Make sure that the file is empty or ours, and not newer than this program; changes nothing.

    Raises:
        StorageError: it is another program's database, or has a schema from the future.
    """
    (application_id,) = conn.execute("PRAGMA application_id").fetchone()
    (version,) = conn.execute("PRAGMA user_version").fetchone()
    (tables,) = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application_id != APPLICATION_ID:
        raise StorageError(f"{path}: this is another program's SQLite database, not a Tightrope state file")
    if version > len(MIGRATIONS):
        raise StorageError(
            f"{path}: its schema version {version} is newer than {len(MIGRATIONS)}, the newest this program knows",
            hint="run the Tightrope version that wrote it, or a later one",
        )


def migrate(conn: sqlite3.Connection) -> None:
    """Apply the migrations that the file lacks, each with its version number in one transaction.

    The connection must be in autocommit mode.
    """
    (version,) = conn.execute("PRAGMA user_version").fetchone()
    for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
        conn.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements:
                conn.execute(statement)
            conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            conn.execute(f"PRAGMA user_version = {number}")
            conn.execute("COMMIT")
        except BaseException:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            raise
