"""kill -9, fsync for many at once, and the end of trust after a failed fsync."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from proxy.core.writes import State
from proxy.errors import JournalUnavailableError, StorageError
from proxy.storage.database import Database
from proxy.storage.durability import Trust, is_sync_failure
from proxy.storage.journal_store import SqliteJournalStore
from tests.fakes.intents import intent

APPEND_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from proxy.storage.database import Database
from proxy.storage.journal_store import SqliteJournalStore
from tests.fakes.intents import intent

async def client(journal):
    while True:
        seq = await journal.append(intent(), 1.0)
        await journal.durable(seq)
        print(seq, flush=True)

async def main():
    db = Database(Path(sys.argv[1]), sys.argv[2])
    await db.open()
    journal = SqliteJournalStore(db)
    await asyncio.gather(*(client(journal) for _ in range(16)))

asyncio.run(main())
"""


class CodedError(sqlite3.OperationalError):
    """An error with SQLite's extended code, as Python gives it since 3.11."""

    def __init__(self, code: int) -> None:
        super().__init__("disk I/O error")
        self.sqlite_errorcode = code


class Gate:
    """A stand-in for ``os.fdatasync`` that lets the test see each call begin and decides when it ends."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.go = threading.Semaphore(0)

    def __call__(self, file: int) -> None:
        self.begun.release()
        self.go.acquire()
        os.fsync(file)

    async def wait_begun(self) -> None:
        await asyncio.to_thread(self.begun.acquire)


@pytest.mark.parametrize("durability", ["process", "power"])
async def test_acknowledged_records_survive_kill_9(tmp_path: Path, durability: str):
    """Every position that the killed process had printed is there after a restart, in full, and RECEIVED."""
    path = tmp_path / "s.db"

    def run_and_kill() -> list[int]:
        with subprocess.Popen(
            [sys.executable, "-c", APPEND_FOR_EVER, str(path), durability],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        ) as child:
            assert child.stdout is not None
            lines = [child.stdout.readline() for _ in range(300)]
            child.send_signal(signal.SIGKILL)
            lines += child.stdout.readlines()
        return [int(line) for line in lines if line.endswith(b"\n")]

    acknowledged = await asyncio.to_thread(run_and_kill)
    assert len(acknowledged) >= 300
    async with Database(path) as db:
        stored = await SqliteJournalStore(db).listing([State.RECEIVED], limit=10**6)
    assert set(acknowledged) <= {record.seq for record in stored}
    assert {record.intent for record in stored} == {intent()}


async def test_one_fsync_serves_all_who_wait_and_only_those_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Who comes while an fsync runs waits for the next one; that one serves everybody."""
    async with Database(tmp_path / "s.db", "power") as db:
        gate = Gate()
        monkeypatch.setattr(os, "fdatasync", gate)
        first = asyncio.ensure_future(db.durable())
        await gate.wait_begun()
        late = [asyncio.ensure_future(db.durable()) for _ in range(20)]
        await asyncio.sleep(0)
        gate.go.release()
        await first
        await gate.wait_begun()
        assert not any(waiter.done() for waiter in late)
        gate.go.release()
        await asyncio.gather(*late)
        assert db.counters.syncs == 2


async def test_a_position_already_synced_needs_no_further_fsync(tmp_path: Path):
    """One fsync covers every record stored before it; the next record needs its own."""
    async with Database(tmp_path / "s.db", "power") as db:
        journal = SqliteJournalStore(db)
        seqs = [await journal.append(intent(), 1.0) for _ in range(5)]
        for seq in reversed(seqs):
            await journal.durable(seq)
        assert db.counters.syncs == 1
        await journal.durable(await journal.append(intent(), 1.0))
        assert db.counters.syncs == 2


async def test_durability_process_does_not_sync(tmp_path: Path):
    """``durable`` returns at once there; ``sync`` still syncs."""
    async with Database(tmp_path / "s.db", "process") as db:
        await db.durable()
        assert db.counters.syncs == 0
        await db.sync()
        assert db.counters.syncs == 1


async def test_after_a_failed_fsync_nothing_is_acknowledged_until_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Writes and waits fail from then on although the disk works again; reads go on; reopening recovers."""

    def broken(_: int) -> None:
        raise OSError(5, "Input/output error")

    path = tmp_path / "s.db"
    db = Database(path, "power")
    await db.open()
    journal = SqliteJournalStore(db)
    seq = await journal.append(intent(), 1.0)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", broken)
        with pytest.raises(StorageError, match=r"a sync to disk failed .*Input/output error"):
            await journal.durable(seq)
    assert "Input/output error" in db.failed
    with pytest.raises(StorageError, match="a sync to disk failed"):
        await journal.durable(seq)
    with pytest.raises(JournalUnavailableError, match="a sync to disk failed"):
        await journal.append(intent(), 1.0)
    with pytest.raises(StorageError, match="a sync to disk failed"):
        await journal.skip([seq], "operator")
    assert (await journal.counts())[State.RECEIVED] == 1
    await db.close()
    await db.open()
    assert db.failed == ""
    await journal.durable(await journal.append(intent(), 1.0))
    await db.close()


async def test_a_sync_that_fails_inside_sqlite_counts_as_well(tmp_path: Path):
    """SQLite's own error of a failed sync ends the trust, too."""

    def lose_transaction(conn: sqlite3.Connection) -> None:
        conn.execute("ROLLBACK")
        raise CodedError(1034)

    async with Database(tmp_path / "s.db") as db:
        with pytest.raises(StorageError, match="a sync to disk failed"):
            await db.write(lose_transaction)
        assert db.failed


def test_sync_failures_are_told_from_other_errors():
    """By the extended code; without one (Python 3.10) any I/O error of a checkpoint counts."""
    error = sqlite3.OperationalError("disk I/O error")
    assert is_sync_failure(error, while_checkpointing=True)
    assert not is_sync_failure(error, while_checkpointing=False)
    assert not is_sync_failure(sqlite3.OperationalError("database is locked"), while_checkpointing=True)
    assert not is_sync_failure(CodedError(778), while_checkpointing=True)  # SQLITE_IOERR_WRITE
    assert is_sync_failure(CodedError(1290), while_checkpointing=False)  # SQLITE_IOERR_DIR_FSYNC


def test_trust_remembers_the_first_cause():
    """Later failures follow from the first, which is the one to look into."""
    trust = Trust(Path("s.db"))
    trust.require()
    trust.lose(OSError(5, "first"))
    trust.lose(OSError(5, "second"))
    with pytest.raises(StorageError, match="first"):
        trust.require()
