"""Opening the file, starting the three threads, and ending both in order. Everything here blocks.

Order of the end: no more reads (a reader's snapshot holds checkpoints back), then the writer drains, then the sync
thread answers those who wait for the last commits; then a last checkpoint, so that a clean end leaves one file.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

from proxy.errors import StorageError
from proxy.storage import schema, writer
from proxy.storage.durability import Trust, WalSync, sync_directory
from proxy.storage.lock import InstanceLock
from proxy.storage.worker import Job, Worker, settle
from proxy.storage.writer import Work, Writer


def beside(path: Path, suffix: str) -> Path:
    """The file next to the state file whose name has ``suffix`` added."""
    return path.with_name(path.name + suffix)


class Engine:
    """An open state file and its threads.

    Raises:
        StateLockedError: another instance uses the file.
        StorageError: it cannot be used; whatever had been opened is closed again.
    """

    def __init__(self, path: Path, trust: Trust, idle_s: float) -> None:
        self._trust = trust
        lock = InstanceLock(beside(path, ".lock"))
        with contextlib.ExitStack() as closing:
            try:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                lock.acquire()
                closing.callback(lock.release)
                _make_private(path)
                self._conn = _connect(closing, path, "rw")
                _prepare(self._conn, path)
                self._reader = _connect(closing, path, "ro")
                self.wal_sync = WalSync(beside(path, "-wal"), trust)
                closing.callback(self.wal_sync.close)
                sync_directory(path.parent)
            except sqlite3.Error as exc:
                raise StorageError(f"{path}: {exc}") from exc
            except OSError as exc:
                raise StorageError(f"{exc.filename or path}: {exc.strerror}") from exc
            self._closing = closing.pop_all()
        self.writer = Writer(self._conn, beside(path, "-wal"), trust)
        self.writes: Worker[Work, Any] = Worker(
            "state-writer", self.writer.handle, idle=self.writer.rest, idle_s=idle_s
        )
        self.reads: Worker[Work, Any] = Worker("state-reader", self._read)
        self.syncs: Worker[None, None] = Worker("state-sync", self.wal_sync.handle)
        for worker in (self.writes, self.reads, self.syncs):
            worker.start()

    def stop(self) -> None:
        """Finish what is queued, end the threads, checkpoint, close the file and give up the lock."""
        with self._closing:
            self.reads.stop()
            self.writes.stop()
            self.syncs.stop()
            if self._trust.lost and sys.version_info >= (3, 12):
                # SQLite would checkpoint on the last close, from pages that may be lost; recovery checks checksums.
                self._conn.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
            self.writer.checkpoint("TRUNCATE")

    def _read(self, jobs: list[Job[Work, Any]]) -> None:
        """Handler of the reader thread: each piece of work in a snapshot of its own."""
        for job in jobs:
            if job.future.cancelled():
                continue
            try:
                self._reader.execute("BEGIN")
                job.value = job.work(self._reader)
            except Exception as exc:  # noqa: BLE001  # handed to the one who asked
                job.error = exc
            finally:
                if self._reader.in_transaction:
                    self._reader.execute("ROLLBACK")
        settle(jobs)


def _make_private(path: Path) -> None:
    """Create the file for its owner only, or make an existing one so.

    SQLite gives the ``-wal`` and ``-shm`` files the mode of the database, so this must come first. Closing the
    descriptor drops no lock, because no connection is open yet.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    for file in (path, beside(path, "-wal"), beside(path, "-shm")):
        # Another owner's file that we may write (a group's) is left as that owner made it.
        with contextlib.suppress(FileNotFoundError, PermissionError):
            file.chmod(0o600)


def _connect(closing: contextlib.ExitStack, path: Path, mode: str) -> sqlite3.Connection:
    """Open a connection in autocommit mode; it is handed over to one thread and used by that thread only."""
    uri = f"{path.as_uri()}?mode={mode}"
    conn = sqlite3.connect(uri, uri=True, timeout=5.0, isolation_level=None, check_same_thread=False)
    closing.callback(conn.close)
    return conn


def _prepare(conn: sqlite3.Connection, path: Path) -> None:
    """Settings and schema; see durability.py for ``synchronous`` and writer.py for ``wal_autocheckpoint``."""
    schema.check(conn, str(path))
    (mode,) = conn.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StorageError(f"{path}: this file system does not support SQLite's WAL mode (got {mode})")
    conn.execute("PRAGMA synchronous = NORMAL")
    conn.execute("PRAGMA foreign_keys = ON")
    conn.execute("PRAGMA wal_autocheckpoint = 0")
    conn.execute(f"PRAGMA journal_size_limit = {writer.WAL_BYTES}")
    schema.migrate(conn)
    # Reading opens the -wal file even where no migration had to be written.
    conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
