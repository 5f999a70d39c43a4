"""The embedded state: one SQLite file, three threads, no blocking on the event loop.

    write(fn)   queued for the writer thread; group commit (writer.py)
    read(fn)    queued for the reader thread, which has a read-only connection; sees every commit that was answered
    durable()   queued for the sync thread; one fdatasync for everyone who waits (durability.py)

``fn`` gets the connection and runs on that thread: plain SQL, no await, no effect outside the database.

Do not put the file on a network file system: WAL needs shared memory (https://sqlite.org/wal.html).
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeVar, final

from proxy.errors import StorageError
from proxy.storage.durability import Trust
from proxy.storage.engine import Engine, beside
from proxy.storage.worker import Worker
from proxy.storage.writer import Work

T = TypeVar("T")
Durability = Literal["process", "power"]


@dataclass(frozen=True, slots=True)
class Counters:
    """What the threads have done since the start; ``writes / transactions`` is the mean batch."""

    writes: int
    transactions: int
    syncs: int
    checkpoints: int


@final
class Database:
    """One state file.

    Args:
        path: of the file; its directory is made (0700) when it is missing, the file is readable by its owner only.
        durability: what ``durable()`` waits for: ``process``, nothing, since a commit survives ``kill -9``; ``power``,
            an fdatasync.
        idle_checkpoint_s: rest after which the ``-wal`` file is copied back.
    """

    def __init__(self, path: Path, durability: Durability = "power", *, idle_checkpoint_s: float = 1.0) -> None:
        self.path = path.absolute()
        self.durability: Durability = durability
        self._idle_s = idle_checkpoint_s
        self._trust = Trust(self.path)
        self._engine: Engine | None = None

    @property
    def failed(self) -> str:
        """Why nothing is acknowledged any more until a restart; empty while all is well."""
        return self._trust.lost

    @property
    def counters(self) -> Counters:
        """What the threads have done since the start."""
        engine = self._running()
        writer = engine.writer
        return Counters(writer.writes, writer.transactions, engine.wal_sync.syncs, writer.checkpoints)

    async def open(self) -> None:
        """Take the lock, bring the schema up to date, start the threads.

        Raises:
            StateLockedError: another instance uses this file.
            StorageError: the file cannot be used; the message says why.
        """
        if self._engine is not None:
            raise StorageError(f"{self.path}: is open already")
        self._trust = Trust(self.path)
        self._engine = await asyncio.to_thread(Engine, self.path, self._trust, self._idle_s)

    async def close(self) -> None:
        """Finish what is queued, copy the ``-wal`` file back, give up the lock. Safe to repeat."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await asyncio.to_thread(engine.stop)

    async def __aenter__(self) -> Database:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` in a transaction (shared with its neighbours) and return its value once that is committed.

        Raises:
            StorageError: nothing of ``work`` was stored; whatever else ``work`` raises comes out unchanged, and then
                nothing of it was stored either.
        Cancellation: it may still be stored, unless it had not been begun.
        """
        self._trust.require()
        return await self._run(self._running().writes, work)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` on the read-only connection, in one consistent snapshot.

        Raises:
            StorageError: the file cannot be read.
        """
        return await self._run(self._running().reads, work)

    async def durable(self) -> None:
        """Return once every write answered so far survives what ``durability`` names.

        Raises:
            StorageError: nobody knows; nothing will be acknowledged until a restart.
        """
        if self.durability == "process":
            self._trust.require()
        else:
            await self.sync()

    async def sync(self) -> None:
        """Return once every write answered so far survives loss of power, whatever ``durability`` says.

        Raises:
            StorageError: as ``durable``.
        """
        self._trust.require()
        try:
            await self._running().syncs.do(None)
        except OSError as exc:
            raise StorageError(self._trust.lost) from exc

    def size_bytes(self) -> int:
        """Bytes on disk: database and ``-wal`` file. A stat or two; call it from ``read``."""
        total = 0
        for file in (self.path, beside(self.path, "-wal")):
            with contextlib.suppress(FileNotFoundError):
                total += file.stat().st_size
        return total

    def _running(self) -> Engine:
        if self._engine is None:
            raise StorageError(f"{self.path}: the state is closed")
        return self._engine

    async def _run(self, worker: Worker[Work, Any], work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            value: T = await worker.do(work)
        except sqlite3.Error as exc:
            self._trust.require()
            raise StorageError(f"{self.path}: {exc}") from exc
        except (UnicodeEncodeError, OverflowError) as exc:  # a lone surrogate, an integer beyond 64 bits
            raise StorageError(
                f"{self.path}: SQLite cannot hold this value: {exc}", hint="a malformed request"
            ) from exc
        return value
