"""When a commit survives loss of power, and what happens once the disk has lied.

*Why an fdatasync of the ``-wal`` file is enough.* In WAL mode with ``synchronous=NORMAL`` a commit appends frames with
checksums to the ``-wal`` file and does not sync. The frames are in the kernel's page cache by then, so they survive the
death of this process. They survive loss of power once an fdatasync that *started after* the commit has finished, and it
does not matter which descriptor of the file it went through. Frames that are no longer in the ``-wal`` file have been
checkpointed, and SQLite syncs the ``-wal`` file before it copies frames into the database, and the database before it
lets the ``-wal`` file be overwritten. After a crash SQLite replays frames up to the last commit whose checksums hold.
The ``-wal`` file stays the same file while any connection is open, and its directory entry is synced once at the start.

*fsync errors are final.* After a failed fsync the kernel may mark the lost pages clean, and the next fsync reports
success without having written them. So after the first failure nothing is acknowledged any more until a restart, which
reads back what is really there.

Sources: https://sqlite.org/wal.html ("Performance Considerations", "Checkpointing"),
https://sqlite.org/pragma.html#pragma_synchronous, https://sqlite.org/walformat.html,
https://www.usenix.org/conference/atc20/presentation/rebello ("Can Applications Recover from fsync Failures?").
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from proxy.errors import StorageError
from proxy.storage.worker import Job, settle

_SYNC_FAILURES = frozenset({1034, 1290})
"""SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC, https://sqlite.org/rescode.html; ``sqlite3`` names them since 3.11."""


class Trust:
    """Whether the disk can still be believed; once lost, lost until a restart."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lost = ""
        """Why nothing is acknowledged any more; empty while all is well."""

    def lose(self, cause: BaseException) -> None:
        """Remember the first cause."""
        if not self.lost:
            self.lost = f"{self.path}: a sync to disk failed ({cause}); nothing more is stored until a restart"

    def require(self) -> None:
        """Raise unless the disk can be believed.

        Raises:
            StorageError: it cannot.
        """
        if self.lost:
            raise StorageError(self.lost, hint="check the disk, then restart Tightrope")


def is_sync_failure(error: sqlite3.Error, *, while_checkpointing: bool) -> bool:
    """Whether SQLite failed to sync a file.

    Python 3.10 does not give the extended result code. There, any I/O error of a checkpoint (which is where SQLite
    syncs) counts, to be on the safe side.
    """
    code: object = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return while_checkpointing and "disk I/O error" in str(error)
    return code in _SYNC_FAILURES


def _sync_data(file: int) -> None:
    sync = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync; looked up late so that tests can break it
    sync(file)


def sync_directory(path: Path) -> None:
    """Make the names in a directory survive loss of power."""
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


class WalSync:
    """One fdatasync for everyone who waits; the handler of the sync thread.

    Opening the ``-wal`` file ourselves is safe for SQLite's locks: POSIX drops a process's locks on a file when *any*
    descriptor of that file is closed, but SQLite locks the database and the ``-shm`` file, never the ``-wal`` file
    (https://sqlite.org/wal.html#the_wal_index).
    """

    def __init__(self, path: Path, trust: Trust) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self._trust = trust
        self.syncs = 0
        """fdatasync calls so far."""

    def handle(self, waiters: list[Job[None, None]]) -> None:
        """Sync once for all of ``waiters``: their commits are older than this call."""
        try:
            self._trust.require()
            self.syncs += 1
            _sync_data(self._file)
        except (OSError, StorageError) as exc:
            if isinstance(exc, OSError):
                self._trust.lose(exc)
            for waiter in waiters:
                waiter.error = exc
        settle(waiters)

    def close(self) -> None:
        """Close our descriptor."""
        os.close(self._file)
