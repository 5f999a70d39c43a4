"""One instance per state file.

SQLite would let two processes write in turns, and each would believe that the lanes, the hold and the phase in its
memory were the only ones. So the first thing an instance does is to take an exclusive ``flock`` on ``<state>.lock``.
The kernel gives the lock back when the process ends in any way, so a file left behind by a crash means nothing. The
file itself is never removed: removing it would let two processes lock two different files of the same name.

Source: flock(2). Locks belong to the open file description, so a second ``Database`` in the same process is refused
as well.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from proxy.errors import StateLockedError, StorageError


class InstanceLock:
    """An exclusive lock on a file that names its holder's process id."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the lock or fail at once.

        Raises:
            StateLockedError: another instance has it; the message names the file and the holder.
            StorageError: the lock file cannot be opened.
        """
        try:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            raise StorageError(f"{self.path}: cannot open the lock file: {exc.strerror}") from exc
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            holder = os.pread(file, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(file)
            raise StateLockedError(
                f"{self.path} is held by process {holder}: another Tightrope instance uses this state",
                hint="stop that instance, or give this one a state file of its own",
            ) from exc
        except OSError as exc:
            os.close(file)
            raise StorageError(f"{self.path}: the file system cannot lock files: {exc.strerror}") from exc
        self._file = file
        # The pid is for people only; a full disk must not keep an instance from starting to serve reads.
        with contextlib.suppress(OSError):
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode("ascii"), 0)

    def release(self) -> None:
        """Give the lock back; does nothing without it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
