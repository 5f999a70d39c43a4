"""The only thread that changes the file: group commit and checkpoints.

Everything queued is run in one transaction, each piece in a savepoint of its own, so that one that fails undoes only
itself. Then one COMMIT serves all, and only after it does anyone get an answer.

Checkpoints (copying the ``-wal`` file back into the database) are done here, after the answers are out, and not by
SQLite's own automatism, which would do them inside a COMMIT that clients wait for, and would swallow their errors.
Source: https://sqlite.org/wal.html#automatic_checkpoint
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from proxy.errors import StorageError
from proxy.storage.durability import Trust, is_sync_failure
from proxy.storage.worker import Job, settle

Work = Callable[[sqlite3.Connection], Any]

WAL_BYTES = 4 * 1024 * 1024
"""A ``-wal`` file that grows beyond this is checkpointed, and cut down to it when it starts over.

Writes wait while a checkpoint runs: about 10 ms at 4 MiB and 25 ms at 16 MiB on a virtual SSD, at the same throughput.
"""

TRANSACTIONS = 1000
"""So many transactions after a checkpoint comes the next, whatever the size."""


class Writer:
    """Handler of the writer thread. The counters may be read from anywhere."""

    def __init__(self, conn: sqlite3.Connection, wal: Path, trust: Trust) -> None:
        self._conn = conn
        self._wal = wal
        self._trust = trust
        self._uncheckpointed = 0
        self._wal_bytes_before = 0
        self.transactions = 0
        """Commits so far."""
        self.writes = 0
        """Pieces of work committed so far."""
        self.checkpoints = 0

    def handle(self, jobs: list[Job[Work, Any]]) -> None:
        """Run a batch in one transaction and answer everyone; then checkpoint when it is time."""
        try:
            self._trust.require()
            self._commit(jobs)
        except (sqlite3.Error, StorageError) as exc:
            if isinstance(exc, sqlite3.Error) and is_sync_failure(exc, while_checkpointing=False):
                self._trust.lose(exc)
            for job in jobs:
                job.error = exc
        settle(jobs)
        self._uncheckpointed += 1
        if self._uncheckpointed >= TRANSACTIONS or self._outgrown():
            self.checkpoint()

    def _commit(self, jobs: list[Job[Work, Any]]) -> None:
        execute = self._conn.execute
        execute("BEGIN IMMEDIATE")
        done = 0
        try:
            for job in jobs:
                if job.future.cancelled():
                    continue
                execute("SAVEPOINT piece")
                try:
                    job.value = job.work(self._conn)
                except Exception as exc:
                    if not self._conn.in_transaction:
                        raise  # a full disk makes SQLite undo the whole transaction, and our neighbours with it
                    execute("ROLLBACK TO piece")
                    job.error = exc
                else:
                    done += 1
                execute("RELEASE piece")
            execute("COMMIT")
        except BaseException:
            if self._conn.in_transaction:
                execute("ROLLBACK")
            raise
        self.transactions += 1
        self.writes += done

    def _outgrown(self) -> bool:
        """Whether the file is larger than allowed, and a good deal larger than the last checkpoint left it.

        A checkpoint does not shrink the file: SQLite starts again at its beginning, and overwriting is cheaper to sync
        than growing. So only growth says that it is full again. Where a long read keeps it from starting again, a
        checkpoint comes per quarter of the limit, rather than after every batch.
        """
        try:
            size = os.stat(self._wal).st_size  # noqa: PTH116  # once per batch, and twice as fast as Path.stat
        except OSError:
            return False
        self._wal_bytes_before = min(self._wal_bytes_before, size)  # cut down by journal_size_limit (engine.py)
        return size > WAL_BYTES and size >= self._wal_bytes_before + WAL_BYTES // 4

    def rest(self) -> None:
        """Nothing to do for a while: use it for a checkpoint, if there is anything to copy."""
        if self._uncheckpointed:
            self.checkpoint()

    def checkpoint(self, mode: str = "PASSIVE") -> None:
        """Copy what can be copied without waiting for readers; a failure leaves everything in the ``-wal`` file."""
        if self._trust.lost:
            return  # pages of the -wal file may be lost; copying them would spread the damage
        self._uncheckpointed = 0
        self.checkpoints += 1
        try:
            self._conn.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        except sqlite3.Error as exc:
            if is_sync_failure(exc, while_checkpointing=True):
                self._trust.lose(exc)
        with contextlib.suppress(OSError):
            self._wal_bytes_before = self._wal.stat().st_size
