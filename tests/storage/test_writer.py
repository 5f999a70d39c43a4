"""Checkpoints: when they come, and that the file stays bounded."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from proxy.storage import writer
from proxy.storage.database import Database
from proxy.storage.engine import beside


async def test_the_wal_file_stays_bounded_under_steady_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Ten times the limit in writes leaves a -wal file of hardly more than the limit and a quarter."""
    monkeypatch.setattr(writer, "WAL_BYTES", 500_000)
    path = tmp_path / "s.db"

    def add(conn: sqlite3.Connection) -> None:
        conn.execute("INSERT INTO facts SELECT count(*), hex(zeroblob(50000)) FROM facts")

    async with Database(path) as db:
        for _ in range(50):
            await db.write(add)
        await db.write(lambda _: None)
        assert db.counters.checkpoints >= 5
        assert beside(path, "-wal").stat().st_size < 900_000
        assert path.stat().st_size > 2_000_000


async def test_a_checkpoint_comes_after_many_small_transactions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Also where the file does not grow any more because it is being overwritten."""
    monkeypatch.setattr(writer, "TRANSACTIONS", 10)
    async with Database(tmp_path / "s.db") as db:
        for _ in range(21):
            await db.write(lambda conn: conn.execute("INSERT OR REPLACE INTO facts VALUES ('a', 'b')").rowcount)
        assert db.counters.checkpoints == 2


async def test_an_idle_writer_checkpoints_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """When writes pause, the -wal file is copied back; a state at rest is left in peace."""
    rested = threading.Event()
    calls: list[str] = []
    original = writer.Writer.checkpoint

    def watched(self: writer.Writer, mode: str = "PASSIVE") -> None:
        original(self, mode)
        calls.append(mode)
        rested.set()

    monkeypatch.setattr(writer.Writer, "checkpoint", watched)
    db = Database(tmp_path / "s.db", idle_checkpoint_s=0.01)
    await db.open()
    await db.write(lambda conn: conn.execute("INSERT INTO facts VALUES ('a', 'b')").rowcount)
    await db.read(lambda _: rested.wait())
    await db.close()
    assert calls == ["PASSIVE", "TRUNCATE"]
